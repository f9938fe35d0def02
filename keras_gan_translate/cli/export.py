"""`export`: a trained translator for servers, phones and other programs."""

import itertools
import pathlib

import click

from keras_gan_translate.cli import common
from keras_gan_translate.cli.console import console, print_json
from keras_gan_translate.runs.folders import find_model

MAX_IMAGES = 108  # 8 to compare on, a hundred to calibrate int8 on
PRECISIONS = ("float32", "float16", "dynamic_int8", "int8")


def _split(ctx, param, value):
    return tuple(word.strip() for word in value.split(",") if word.strip())


def _parse_size(ctx, param, value):
    return int(value) if value and value.isdecimal() else value


@click.command()
@click.argument("model", metavar="RUN")
@click.option(
    "--to",
    "formats",
    default="saved_model,litert",
    show_default=True,
    callback=_split,
    help="Formats: saved_model, litert, onnx.",
)
@click.option(
    "--precision",
    "precisions",
    default="float32",
    show_default=True,
    callback=_split,
    help=f"Of LiteRT files, one for each: {', '.join(PRECISIONS)}.",
)
@click.option("--out", help="The folder.  [default: saved_models/RUN]")
@click.option("--direction", help="[default: the first]")
@common.which
@click.option(
    "--image-size",
    callback=_parse_size,
    metavar="PIXELS|any",
    help="Height and width for LiteRT and ONNX.  [default: the run's]",
)
@click.option(
    "--images",
    help="Images to compare on and to calibrate int8 on: a folder of those "
    "it will translate.  [default: the run's data]",
)
@click.option("--name", help="Of the export.  [default: the folder's]")
@click.option("--licence", help="Of the training data.")
@click.option("--mobile", is_flag=True, help="LiteRT for the GPUs of phones.")
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of images that LiteRT files take at once.",
)
@click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    metavar="COUNT",
    help="Of what a server translates at once, in the translation, at most. "
    "Memory grows with it.  [default: 4194304]",
)
@click.option(
    "--dtype",
    type=click.Choice(["uint8", "float32"]),
    default="uint8",
    show_default=True,
    help="Of images in and out: 0..255, or [-1, 1].",
)
@click.option(
    "--bound",
    "bounds",
    type=(click.Choice(PRECISIONS), float),
    multiple=True,
    metavar="PRECISION NUMBER",
    help="Replaces what a precision has to reach: float32 the largest "
    "difference of 255, the others the PSNR in dB.",
)
@click.option(
    "--check-gpu",
    is_flag=True,
    help="List what the GPU of a phone would not take.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def export(model, out, which, images, bounds, check_gpu, as_json, **options):
    r"""Export a translator, and prove that it is the model's.

    RUN is a run folder that `train` wrote, a preset by its name or folder, or
    a .keras file of a whole model.
    Every file is opened by its real runtime and compared with the model; if
    one is worse than its bound, nothing is written.

    \b
        saved_models/NAME/NAME      SavedModel, for TensorFlow Serving
        saved_models/NAME/*.tflite  LiteRT, for phones and browsers
        saved_models/NAME/card.md   what it is, how good, what for
    """
    source = find_model(model)  # before Keras is there
    from keras_gan_translate.export import export_translator
    from keras_gan_translate.export.parity import ParityError
    from keras_gan_translate.runs.opened import OpenedPreset, open_model

    opened = open_model(source)
    gan, training = opened.model(which), opened.training(which)
    config, known_as = opened.config, opened.name
    if isinstance(opened, OpenedPreset):
        # Both directions go to folders of their own, beside the preset's.
        known_as += f"-{gan.direction(options['direction'])}"
    out = pathlib.Path(out or pathlib.Path("saved_models", known_as))
    photos, origin = _find_images(gan, options["direction"], config, images)
    say = console(stderr=True)
    with say.status("Exporting"):
        try:
            rows = export_translator(
                gan,
                out,
                images=photos,
                origin=origin,
                resize=config.get("how") or "cover",
                bounds=dict(bounds),
                training=training,
                on_step=lambda text: say.print(
                    text, markup=False, soft_wrap=True
                ),
                **options,
            )
        except ParityError as error:
            say.print(_table(error.rows))
            raise
        findings = _check_gpu(out) if check_gpu else {}
    if as_json:
        print_json(
            {"folder": out.resolve(), "artefacts": rows}
            | ({"gpu": findings} if check_gpu else {})
        )
        return
    console().print(_table(rows))
    for name, found in findings.items():
        _print_findings(name, found)
    click.echo(out.resolve())


def _find_images(model, direction, config, folder):
    """(uint8 images or None, whose they are): a folder's, or the run's."""
    from keras_gan_translate import data
    from keras_gan_translate.inference.options import read_value
    from keras_gan_translate.runs import training

    source = model.source(direction)
    if folder:
        found = data.list_images(folder)
        if not found:
            raise ValueError(f"There are no images in '{folder}'.")
        step = -(-len(found) // MAX_IMAGES)  # from all parts of the folder
        field = model.field(source)
        images = [read_value(path, field) for path in found[::step]]
        return images, f"of the folder {pathlib.Path(folder).resolve().name}"
    if not (config.get("data") or config.get("data_a")):
        return None, ""
    try:
        opened = training.open_data(config | {"batch_size": 1}, model)
    except (ValueError, OSError, ImportError) as error:
        console(stderr=True).print(
            f"The run's data cannot be read, so drawn faces are compared: "
            f"{error}",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )
        return None, ""
    batches = itertools.islice(opened.validation or opened.dataset, MAX_IMAGES)
    images = [model.field(source).raw(batch[source])[0] for batch in batches]
    held_out = "held out from" if opened.validation else "of"
    return images, f"{held_out} the model's data"


def _check_gpu(folder):
    from dataclasses import asdict

    from keras_gan_translate.export.gpu_check import check_gpu

    return {
        path.name: [asdict(finding) for finding in check_gpu(path)]
        for path in sorted(folder.glob("*.tflite"))
    }


def _table(rows):
    from rich.table import Table

    from keras_gan_translate.export.parity import format_rows

    titles, lines = format_rows(rows)
    table = Table()
    for title in titles:
        first = title == titles[0]
        table.add_column(
            title, justify="left" if first else "right", overflow="fold"
        )
    for row, line in zip(rows, lines):
        table.add_row(*line, style=None if row["passed"] else "red")
    return table


def _print_findings(name, findings):
    say = console()
    if not findings:
        say.print(f"{name}: all of it runs on the GPU of a phone.")
    for finding in findings:
        say.print(
            f"{name}: {finding['count']} {finding['operator']} "
            f"{', '.join(finding['shapes'])}: {finding['reason']}",
            markup=False,
            soft_wrap=True,
        )
