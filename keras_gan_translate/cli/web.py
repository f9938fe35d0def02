"""`web`: photos translated on a page, in the browser here or on a phone."""

import pathlib
import re

import click

from keras_gan_translate.cli.console import console

PRECISIONS = ("float32", "float16", "dynamic_int8")


@click.command()
@click.argument("model", metavar="RUN|FILE.tflite")
@click.option(
    "--direction", help="Of a run that has several.  [default: its first]"
)
@click.option(
    "--which",
    type=click.Choice(["best", "last"]),
    help="Which of the run's checkpoints.  [default: best]",
)
@click.option(
    "--image-size",
    type=click.IntRange(min=1),
    help="Height and width in pixels.  [default: the run's]",
)
@click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    help="Smaller ones load faster.  [default: float32]",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 takes one that is free.",
)
@click.option(
    "--lan", is_flag=True, help="For your phone too; prints a QR code."
)
@click.option(
    "--litert-js",
    metavar="FOLDER",
    help="Where npm has put LiteRT.js.  [default: beside the page, or "
    "~/.cache/keras-gan-translate]",
)
def web(model, port, lan, litert_js, **options):
    """Translate photos on a page in the browser, here or on your phone.

    RUN is a run folder that `train` wrote; it is exported once, to RUN/web,
    and compared with the model. FILE.tflite is an export of one image size.
    Photos stay in the browser: it computes, and nothing is uploaded.

    With --lan the page is for your own phone, too, in the same network. It
    comes over http there: then browsers have no live camera, but open that
    of the phone, and compute without its graphics processor.
    """
    from keras_gan_translate.web import server as page

    if lan:
        draw_code = _code_drawer()
        host, address = "", page.lan_address()
    else:
        host = address = "127.0.0.1"
    litert = page.find_litert(litert_js)  # before the work of an export
    given = {name: value for name, value in options.items() if value}
    if model.endswith(".tflite"):
        if given:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
            raise click.UsageError(
                f"{names}: of a run, while '{model}' is exported already."
            )
    else:
        model = export_for_web(model, **given)
    with page.PageServer(model, litert, host, port) as server:
        url = f"http://{address}:{server.port}/"
        if lan:
            click.echo(draw_code(url))
            click.echo(
                "For phones in your network; whoever is in it can load the "
                "page and the model while this runs."
            )
        click.echo(f"{server.spec.name}: {url}")
        click.echo("Ctrl+C ends it.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo()


def export_for_web(
    source, direction=None, which="best", image_size=None, precision="float32"
):
    """Exports a run for the browser, unless that was done already.

    The file takes and gives float32 images, which GPUs can do throughout.

    Args:
        source: a run folder.
        direction: None for the model's first.
        which: which checkpoint, "best" or "last".
        image_size: in pixels; None for the run's.
        precision: one of `PRECISIONS`.

    Returns:
        Path of the .tflite file, below `source`/web.

    Raises:
        ValueError: it is no trained run, or does not translate that way, or
            has no size of its own.
    """
    from keras_gan_translate.export import export_translator
    from keras_gan_translate.runs.run import Run

    run = Run(source)
    model = run.model(which)
    direction = model.direction(direction)
    image_size = image_size or model.image_size_of(model.source(direction))
    if image_size is None:
        raise ValueError(
            f"The model of '{source}' takes any size, the page one only: give "
            "--image-size, such as 256."
        )
    name = _export_name(run.folder)
    folder = run.folder / "web" / f"{which}-{direction}"
    path = folder / f"{name}-{precision}.tflite"
    if not _is_current(path, run.folder / which, image_size):
        say = console(stderr=True)
        with say.status("Exporting"):
            export_translator(
                model,
                folder,
                direction,
                formats=("litert",),
                precisions=(precision,),
                image_size=image_size,
                name=name,
                dtype="float32",
                resize=run.config.get("how") or "cover",
                threads=(),
                on_step=lambda text: say.print(
                    text, markup=False, soft_wrap=True
                ),
            )
    return path


def _is_current(path, weights, image_size):
    """Whether an export is of these weights, this size and this version."""
    from keras_gan_translate.export.metadata import read_metadata
    from keras_gan_translate.support.version import __version__, git_commit

    if not path.exists():
        return False
    trained = max(file.stat().st_mtime for file in weights.glob("*.keras"))
    spec = read_metadata(path)
    made_with = (spec.version, spec.commit)
    return (
        path.stat().st_mtime > trained
        and spec.image_size == image_size
        and made_with == (__version__, git_commit())
    )


def _export_name(folder):
    """The folder's name, of the letters that names of exports have."""
    name = pathlib.Path(folder).resolve().name
    return re.sub("[^A-Za-z0-9_-]+", "-", name).strip("_-") or "translator"


def _code_drawer():
    """A function from a text to its QR code, for the terminal."""
    try:
        import segno
    except ImportError as error:
        raise ImportError(
            "The QR code of --lan needs segno: run `pip install "
            "'keras-gan-translate[web]'`."
        ) from error
    import io

    def draw(text):
        drawn = io.StringIO()
        segno.make(text, micro=False).terminal(drawn, compact=True)
        return drawn.getvalue()

    return draw
