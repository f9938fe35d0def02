"""`benchmark`: seconds per step and image, and the share of the peak."""

import click

from keras_gan_translate.cli.console import (
    console,
    format_bytes,
    print_json,
)
from keras_gan_translate.cli.model_options import (
    PRECISIONS,
    ModelCommand,
    arguments,
)

ANY_SIZE = 256  # pixels, for models that train on any size


@click.command(cls=ModelCommand)
@click.argument("model", metavar="MODEL")
@click.option(
    "--image-size",
    type=click.IntRange(min=1),
    help="Height and width in pixels.  [default: the model's]",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    help="Of a training step.  [default: the paper's]",
)
@click.option("--steps", type=click.IntRange(min=1), default=3)
@click.option("--precision", type=click.Choice(PRECISIONS), default="float32")
@click.option("--json", "as_json", is_flag=True, help="JSON.")
def benchmark(model, image_size, batch_size, steps, precision, as_json, **rest):
    """Time training steps and translations of MODEL on this machine.

    The backend is the environment's: KERAS_BACKEND=tensorflow or jax. Beside
    the seconds stand the operations counted from the graph, as a share of
    this machine's own matrix-product peak, measured in the same run.

    `benchmark MODEL --help` also lists the options of that model.
    """
    import keras

    from keras_gan_translate import zoo
    from keras_gan_translate.runs.benchmark import benchmark as run

    if not as_json:
        console(stderr=True).print("Compiling; this may take a minute ...")
    keras.config.set_dtype_policy(precision)
    if "vgg_weights" in rest:
        rest["vgg_weights"] = None  # random ones take the same time
    defaults = arguments(zoo.find_model(model))
    image_size = image_size or defaults.get("image_size") or ANY_SIZE
    gan = zoo.create_model(model, image_size=image_size, **rest)
    batch_size = batch_size or gan.batch_size
    gan.compile()
    figures = {
        "model": model,
        "backend": keras.backend.backend(),
        "precision": precision,
        "image_size": image_size,
        "batch_size": batch_size,
        **run(gan, batch_size, image_size, steps),
    }
    if as_json:
        print_json(figures)
        return
    say = console()
    for name, title in (("training", "step"), ("translation", "image")):
        rates = figures[name]
        say.print(
            f"{name.capitalize():12} {rates['seconds']:.3g} s per {title}, "
            f"{rates['images_per_second']:.3g} images/s, "
            f"{rates['gflop']:.4g} GFLOP, [bold]{rates['share']:.0%}[/bold] "
            "of the peak"
        )
    say.print(f"Peak         {figures['peak_gflops']:.4g} GFLOP/s")
    say.print(f"Compiling    {figures['compile_seconds']:.3g} s")
    say.print(f"Peak memory  {format_bytes(figures['peak_memory'])}")
