"""What the verbs that serve a page share: `web`, `paint` and `edit`."""

import functools
import pathlib
import re

import click

from keras_gan_translate.cli.console import console
from keras_gan_translate.runs.folders import find_model, is_run

PRECISIONS = ("float32", "float16", "dynamic_int8")
OPTIONS = (
    click.argument("model", metavar="RUN|FILE"),
    click.option(
        "--direction", help="Of a run that has several.  [default: its first]"
    ),
    click.option(
        "--which",
        type=click.Choice(["best", "last"]),
        help="Which of the run's checkpoints.  [default: best]",
    ),
    click.option(
        "--image-size",
        type=click.IntRange(min=1),
        help="Height and width in pixels.  [default: the run's]",
    ),
    click.option(
        "--precision",
        type=click.Choice(PRECISIONS),
        help="Smaller ones load faster.  [default: float32]",
    ),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=8000,
        show_default=True,
        help="0 takes one that is free.",
    ),
    click.option(
        "--lan", is_flag=True, help="For your phone too; prints a QR code."
    ),
    click.option(
        "--litert-js",
        metavar="FOLDER",
        help="Where npm has put LiteRT.js.  [default: beside the page, or "
        "~/.cache/keras-gan-translate]",
    ),
)


def page_options(command):
    """Gives a click command the argument and the options of a page."""
    return functools.reduce(lambda made, add: add(made), OPTIONS[::-1], command)


def serve_page(model, port, lan, litert_js, page=None, check=None, **options):
    """Serves a page with a translator until Ctrl+C.

    Args:
        model: a run folder, a preset or a `.keras` file, which is exported
            once; or a .tflite file, or the folder that one was exported to.
        port: number of the port; 0 for one that is free.
        lan: whether other machines in the network may come; prints a QR code.
        litert_js: folder of LiteRT.js, or None.
        page: which page, of `web.server`; None for that of photos.
        check: function of a translator's fields and its name that refuses
            those that the page has no use for, or None.
        **options: of `export_for_web`; None where not given.

    Raises:
        ValueError: the model is none of these, or the page cannot serve it.
    """
    path = _exported(model)
    if path is None:
        source = find_model(model)
    from keras_gan_translate.web import server as web

    if lan:
        draw_code = _code_drawer()
        host, address = "", web.lan_address()
    else:
        host = address = "127.0.0.1"
    litert = web.find_litert(litert_js)  # before the work of an export
    given = {name: value for name, value in options.items() if value}
    if path is None:
        if "which" in given and not is_run(source):
            raise click.UsageError(
                f"--which: of a run, while '{model}' holds one model."
            )
        path = export_for_web(source, check=check, **given)
    elif given:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise click.UsageError(
            f"{names}: of a run, while '{path}' is exported already."
        )
    elif check is not None:
        spec = web.read_spec(path)
        check(spec.fields, spec.name)
    page = page or web.PHOTOS
    faces = _face_files() if page == web.PHOTOS else ()
    with web.PageServer(path, litert, host, port, page, faces) as server:
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


def _face_files():
    """What finds faces, for the page; or none, and how to get it is said."""
    from keras_gan_translate.data.faces import networks

    try:
        return networks.files()
    except ImportError:
        click.echo(
            "The page finds no faces: `pip install "
            "'keras-gan-translate[faces]'` brings what does."
        )
        return ()


def _exported(model):
    """The .tflite file that is meant, or None where there is none yet."""
    if model.endswith(".tflite"):
        return model
    # Of a folder that `export` wrote the most exact file comes first.
    found = sorted(
        pathlib.Path(model).glob("*.tflite"),
        key=lambda path: ("float32" not in path.name, path.name),
    )
    return str(found[0]) if found else None


def export_for_web(
    source,
    direction=None,
    which="best",
    image_size=None,
    precision="float32",
    check=None,
):
    """Exports a run for the browser, unless that was done already.

    The file takes and gives float32 images, which GPUs can do throughout. The
    networks that read styles off pictures are written beside it.

    Args:
        source: as of `runs.folders.find_model`.
        direction: None for the model's first.
        which: which checkpoint, "best" or "last".
        image_size: in pixels; None for the run's.
        precision: one of `PRECISIONS`.
        check: as of `serve_page`.

    Returns:
        Path of the .tflite file, in `web` in the run folder, beside the
        `.keras` file, or of a preset in the user's cache.

    Raises:
        ValueError: it is neither, or does not translate that way, or has no
            size of its own.
    """
    from keras_gan_translate.export import export_translator, litert
    from keras_gan_translate.export.network import translator_fields
    from keras_gan_translate.runs.opened import open_model
    from keras_gan_translate.web.server import ENCODER

    opened = open_model(source)
    model, name = opened.model(which), _export_name(opened.name)
    weights, how = opened.files(which), opened.config.get("how")
    kept_as = which if is_run(opened.path) else name
    direction = model.direction(direction)
    if check is not None:
        fields = translator_fields(model, direction).items()
        check({known_as: field for known_as, (_, field) in fields}, name)
    image_size = image_size or model.image_size_of(model.source(direction))
    if image_size is None:
        raise ValueError(
            f"The model of '{source}' takes any size, the page one only: give "
            "--image-size, such as 256."
        )
    folder = opened.home / "web" / f"{kept_as}-{direction}"
    path = folder / f"{name}-{precision}.tflite"
    if not _is_current(path, weights, image_size):
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
                resize=how or "cover",
                threads=(),
                on_step=lambda text: say.print(
                    text, markup=False, soft_wrap=True
                ),
            )
            for word, field in model.options(direction).items():
                if getattr(field, "encoder", None):
                    litert.write_encoder(
                        model,
                        field.encoder,
                        folder / ENCODER.format(word),
                        image_size,
                        precision,
                    )
    return path


def _is_current(path, weights, image_size):
    """Whether an export is of these weights, this size and this version."""
    from keras_gan_translate.export.metadata import read_metadata
    from keras_gan_translate.support.version import __version__, git_commit

    if not path.exists():
        return False
    trained = max(file.stat().st_mtime for file in weights)
    spec = read_metadata(path)
    made_with = (spec.version, spec.commit)
    return (
        path.stat().st_mtime > trained
        and spec.image_size == image_size
        and made_with == (__version__, git_commit())
    )


def _export_name(name):
    """A name in the letters that names of exports have."""
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
