"""`translate`: images and videos, with a run or an artefact."""

import itertools
import os
import pathlib

import click

from keras_gan_translate.cli.clip import translate_clip
from keras_gan_translate.cli.console import console, print_json, progress

SHEET = "grid.png"
GRID_CELL = 256  # pixels
GRID_IMAGES = 32  # in a contact sheet, at most
GRID_ROWS = 8
# Formats that keep what was translated; the others become PNG.
KEPT_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


@click.command()
@click.argument("paths", nargs=-1, metavar="[RUN] INPUT...")
@click.option(
    "--model",
    metavar="FILE",
    help="An exported or saved model instead of RUN: .tflite, .onnx, .keras "
    "or a SavedModel folder. With --weights the name of a model of the zoo.",
)
@click.option(
    "--weights",
    metavar="SOURCE",
    help="Published weights instead of RUN, as `import` takes them: .pth, "
    ".npz, .safetensors, a TensorFlow checkpoint, a folder.",
)
@click.option(
    "--out",
    default="out",
    show_default=True,
    help="Folder for the translations; names are kept.",
)
@click.option(
    "--direction", help="Of a model that has several.  [default: its first]"
)
@click.option(
    "--which",
    type=click.Choice(["best", "last"]),
    default="best",
    show_default=True,
    help="Which of the run's checkpoints.",
)
@click.option(
    "--image-size",
    type=click.IntRange(min=1),
    help="First resize the shorter side to this.  [default: as it is]",
)
@click.option(
    "--tile",
    type=click.IntRange(min=16),
    metavar="PIXELS",
    help="For images larger than memory allows: work on a square of this "
    "side at once, e.g. 512. The result is the same, without seams.",
)
@click.option("--grid", is_flag=True, help="Also write before beside after.")
@click.option("--attention", is_flag=True, help="Also write heatmaps.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def translate(
    paths,
    model,
    weights,
    out,
    direction,
    which,
    image_size,
    tile,
    grid,
    attention,
    as_json,
):
    """Translate images and videos with a trained run or an exported model.

    RUN is a run folder that `train` wrote; with --model or --weights there is
    none. INPUT are images, folders of images, or video files, which keep
    their sound and frame rate. Any image size will do. Inputs are never
    overwritten. A file that cannot be read is reported and skipped; the exit
    code is then 1.
    """
    from keras_gan_translate import data
    from keras_gan_translate.inference.video import is_video_name
    from keras_gan_translate.support.pictures import overlay_heatmap

    run, inputs = None, paths
    if not (model or weights):
        run, inputs = paths[:1], paths[1:]
    if not inputs:
        missing = "RUN" if run == () else "INPUT..."
        raise click.UsageError(f"Missing argument '{missing}'.")
    if weights:
        translator = _import_translator(weights, model, direction)
    else:
        translator = open_translator(
            model or run[0], bool(model), direction, which
        )
    if attention and not translator.has_attention:
        raise ValueError(
            f"The model of '{translator.path}' has no attention: leave out "
            "--attention."
        )
    if tile and not translator.can_tile:
        raise ValueError(
            f"'{translator.path}' cannot work on parts of an image: only run "
            "folders and .keras files can, of models that take any image "
            "size. Leave out --tile."
        )
    jobs = plan_outputs(inputs, out, attention)
    if attention and (tile or any(is_video_name(j["input"]) for j in jobs)):
        raise ValueError(
            "Heatmaps are made of whole images: leave out --attention for "
            "videos and with --tile."
        )
    sheet = pathlib.Path(out, SHEET).resolve()
    pairs = []
    bar, task = progress("Translating", len(jobs))

    def note(text):
        bar.update(task, note=text)

    options = {}
    if tile:
        options = {
            "tile": tile,
            "on_strip": lambda *strip: note("strip {} of {}".format(*strip)),
        }

    def translate_frame(frame):
        frame = _shrink(frame, image_size)
        return translate_image(translator, frame, **options)[0]

    with bar:
        for job in jobs:
            try:
                if is_video_name(job["input"]):
                    translate_clip(job, translate_frame, note)
                    continue
                image = _shrink(data.read_image(job["input"]), image_size)
                translated, heatmap = translate_image(
                    translator, image, attention, **options
                )
                data.write_image(job["output"], translated)
                if attention:
                    overlay = overlay_heatmap(image, heatmap)
                    data.write_image(job["attention"], overlay)
                if grid and len(pairs) < GRID_IMAGES:
                    pairs.append([_cell(image), _cell(translated)])
            except (ValueError, OSError) as error:
                job["error"] = str(error)
                bar.console.print(
                    str(error), style="red", markup=False, soft_wrap=True
                )
            finally:
                bar.advance(task)
    if pairs:
        data.write_image(sheet, draw_pairs(pairs))
        jobs.append({"grid": str(sheet)})
    failed = [job for job in jobs if "error" in job]
    if as_json:
        print_json(jobs)
    else:
        for job in jobs:
            for kind in ("output", "attention", "grid"):
                if kind in job and "error" not in job:
                    click.echo(job[kind])
    if failed:
        console(stderr=True).print(
            f"{len(failed)} files could not be translated.", style="red"
        )
        raise click.exceptions.Exit(1)


def open_translator(path, is_artefact=False, direction=None, which="best"):
    """What translates: one object for runs and for exported models.

    Args:
        path: a run folder, or an artefact as in `open_artefact`.
        is_artefact: which of the two.
        direction: None for the model's first.
        which: which checkpoint of a run.

    Returns:
        An `Artefact`: it has `translate(image)`, `image_size`, and, if
        `has_attention`, `attention(image)`.

    Raises:
        ValueError: it cannot be read, or does not translate that way.
    """
    from keras_gan_translate.export.artefacts import (
        ModelArtefact,
        open_artefact,
    )
    from keras_gan_translate.runs.run import Run  # knows all models of the zoo

    if is_artefact:
        return open_artefact(path, direction=direction)
    return ModelArtefact(Run(path).model(which), direction, path)


def _import_translator(weights, model, direction):
    """What translates with published weights; says what it recognised."""
    from keras_gan_translate.checkpoints import recognise
    from keras_gan_translate.export.artefacts import ModelArtefact

    found = recognise(weights, model)
    console(stderr=True).print(
        f"Recognised {found}", markup=False, soft_wrap=True
    )
    return ModelArtefact(found.load(), direction, weights)


def translate_image(translator, image, attention=False, **options):
    """Translates an image of any size, also where the model takes one only.

    Args:
        translator: what `open_translator` returns.
        image: uint8 array (H, W, 3).
        attention: whether the heatmap is wanted.
        **options: of its `translate`.

    Returns:
        (translation, uint8 (H * scale, W * scale, 3); heatmap, float32
        (H, W, 1) in [0, 1], or None)
    """
    from keras_gan_translate import data

    height, width = image.shape[:2]
    size = translator.image_size
    if size:  # there and back; stretched, so that nothing is cut off
        image = data.resize_image(image, size, "stretch")
    translated = translator.translate(image, **options)
    heatmap = translator.attention(image) if attention else None
    if size:
        scale = translated.shape[0] // size[0]
        translated = data.resize_image(
            translated, (height * scale, width * scale), "stretch"
        )
    if size and attention:
        heatmap = _stretch_heatmap(heatmap, (height, width))
    return translated, heatmap


def plan_outputs(inputs, out, attention=False):
    """Which files are written for which.

    Args:
        inputs: paths of images, videos and folders of images.
        out: folder of the outputs.
        attention: whether heatmaps are written beside them.

    Returns:
        List of dicts of absolute paths: `input`, `output` and, with
        `attention`, `attention`. No file is in it twice.

    Raises:
        ValueError: there is no image, or a file written would be an input.
    """
    from keras_gan_translate import data
    from keras_gan_translate.inference import video

    found = []  # (path, path below `out`)
    for path in map(pathlib.Path, inputs):
        if path.is_dir():
            found += [(p, p.relative_to(path)) for p in data.list_images(path)]
        else:
            found.append((path, pathlib.Path(path.name)))
    if not found:
        raise ValueError(f"There are no images in {', '.join(inputs)}.")
    sources = {os.path.realpath(path) for path, _ in found}
    written = {os.path.realpath(pathlib.Path(out, SHEET))}
    jobs = []
    for path, name in found:
        if video.is_video_name(name):
            name = video.output_name(name)
        elif name.suffix.lower() not in KEPT_SUFFIXES:
            name = name.with_suffix(".png")
        for number in itertools.count(1):
            # Images of other folders or formats may have the same name.
            stem = name.stem if number == 1 else f"{name.stem}-{number}"
            output = pathlib.Path(out, name.with_stem(stem)).resolve()
            job = {"output": str(output)}
            if attention:
                beside = output.with_name(f"{stem}.attention.png")
                job["attention"] = str(beside)
            if not written.intersection(job.values()):
                break
        written.update(job.values())
        jobs.append({"input": os.path.realpath(path)} | job)
    overwritten = sorted(sources & written)
    if overwritten:
        raise ValueError(
            f"'{overwritten[0]}' is an input and would be overwritten. Choose "
            "another folder with --out."
        )
    return jobs


def draw_pairs(pairs):
    """A contact sheet: columns of images beside their translations.

    Args:
        pairs: list of [before, after], uint8 arrays of one shape.

    Returns:
        uint8 array (H, W, 3).
    """
    from keras_gan_translate.support.pictures import draw_grid

    return draw_grid(
        [
            (title, [pair[side] for pair in pairs[first : first + GRID_ROWS]])
            for first in range(0, len(pairs), GRID_ROWS)
            for side, title in enumerate(("before", "after"))
        ]
    )


def _stretch_heatmap(heatmap, size):
    import numpy as np
    from PIL import Image

    pixels = Image.fromarray(heatmap[..., 0])
    return np.asarray(pixels.resize(size[::-1]))[..., None].clip(0, 1)


def _shrink(image, shorter):
    """The image with its shorter side resized to a number of pixels."""
    from keras_gan_translate import data

    if shorter is None:
        return image
    scale = shorter / min(image.shape[:2])
    size = [max(1, round(side * scale)) for side in image.shape[:2]]
    return data.resize_image(image, size, "stretch")


def _cell(image):
    from keras_gan_translate import data

    return data.resize_image(image, GRID_CELL, "letterbox")
