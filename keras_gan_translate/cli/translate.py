"""`translate`: images and videos, with a run or an artefact."""

import mimetypes
import os
import pathlib
import re

import click

from keras_gan_translate.cli.clip import tell_flicker, translate_clip
from keras_gan_translate.cli.console import console, print_json, progress
from keras_gan_translate.cli.shards import check_engine, fill_shards
from keras_gan_translate.cli.translator_options import TranslatorCommand
from keras_gan_translate.presets.folders import (
    DEFAULT,
    HUB,
    find_preset,
    is_name,
    read_metadata,
)
from keras_gan_translate.runs.folders import is_model
from keras_gan_translate.support.outputs import (
    KEPT_SUFFIXES,
    LOSSLESS,
    check_outputs,
    image_name,
    numbered,
)

SHEET = "grid.png"
GRID_CELL = 256  # pixels
GRID_IMAGES = 32  # in a contact sheet, at most
GRID_ROWS = 8


class TranslateCommand(TranslatorCommand):
    """Translates with a preset where no model is named."""

    def split(self, paths):
        if not paths or is_model(paths[0]) or not _has_pictures(paths[0]):
            return super().split(paths)
        return DEFAULT, paths


@click.command(cls=TranslateCommand)
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
    help="First resize the shorter side to this.  [default: as it is; of a "
    "preset its own, and back] With --faces, of the faces that are "
    "translated.  [default: the model's]",
)
@click.option(
    "--tile",
    type=click.IntRange(min=16),
    metavar="PIXELS",
    help="For images larger than memory allows: work on a square of this "
    "side at once, e.g. 512. The result is the same, without seams.",
)
@click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    metavar="COUNT",
    help="Pictures of more pixels are refused.  [default: 50 million]",
)
@click.option(
    "--trust",
    is_flag=True,
    help="Run a SavedModel that does more than compute. It may read, write "
    "and start anything: only of makers whom you know.",
)
@click.option(
    "--faces",
    is_flag=True,
    help="Translate the faces only, upright and cut out as `prepare faces` "
    "does, and put them back.",
)
@click.option(
    "--smooth",
    is_flag=True,
    help="Of videos: average what stands still over time, against flicker.",
)
@click.option(
    "--flicker",
    is_flag=True,
    help="Of videos: measure what changes along their motion and should not.",
)
@click.option("--grid", is_flag=True, help="Also write before beside after.")
@click.option("--attention", is_flag=True, help="Also write heatmaps.")
@click.option(
    "--engine",
    type=click.Choice(["ray"]),
    help="Translate by the million: with many processes, on this machine or a "
    "cluster, into tars in --out. INPUT and --out may be buckets, and INPUT "
    ".tar, .parquet and .tfrecord files of images. The same command goes on "
    "after a crash.",
)
@click.option(
    "--shard-size",
    type=click.IntRange(min=1),
    metavar="COUNT",
    help="With --engine: pictures in a tar.  [default: 256]",
)
@click.option(
    "--actors",
    type=click.IntRange(min=1),
    metavar="COUNT",
    help="With --engine: processes that translate.  [default: one for each "
    "GPU, or for every fourth processor]",
)
@click.option(
    "--column",
    metavar="NAME",
    help="With --engine: what holds the images in .parquet and .tfrecord.  "
    "[default: the first that can]",
)
@click.option("--force", is_flag=True, help="Replace files that exist already.")
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
    max_pixels,
    trust,
    faces,
    smooth,
    flicker,
    grid,
    attention,
    engine,
    shard_size,
    actors,
    column,
    force,
    as_json,
    **given,
):
    r"""Translate images and videos with a trained run or an exported model.

    RUN is a run folder that `train` wrote, or a preset: the name of one that
    comes with the library, as `kgt models` lists them, a folder, or
    hf://USER/MODEL, which is downloaded. Without RUN, --model and --weights
    the preset drawn_toon translates. INPUT are images, folders of images, or
    video files, which keep their sound and frame rate. Any image size will
    do; a preset works at its own and gives back the input's. Files that exist
    are never overwritten without --force, inputs not even then, and links out
    of --out are not followed. A file that cannot be read is reported and
    skipped; the exit code is then 1.

    What else the model takes are options, which `translate RUN --help` lists
    with their choices: a domain, a style, a mask. With --grid and without an
    option that has choices every choice is translated to, each in a folder
    of its own, and the grid has a column for each.

    With --faces the photo stays as it is but for its faces, pixel for pixel;
    so JPEG and WebP become PNG. A photo without faces is named, and copied.
    """
    from keras_gan_translate import data
    from keras_gan_translate.fields import columns
    from keras_gan_translate.inference.video import is_video_name
    from keras_gan_translate.metrics.optical_flow import check_installed
    from keras_gan_translate.runs import translators
    from keras_gan_translate.support.pictures import overlay_heatmap

    data.images.limit_pixels(max_pixels or data.images.MAX_PIXELS)
    context, named, inputs = click.get_current_context(), None, paths
    if not (model or weights):
        named, inputs = context.command.split(paths)
    if not inputs:
        raise click.UsageError("Missing argument 'INPUT...'.")
    translator = context.meta["translator"]
    if named and named not in paths:
        hint = "" if faces else " --faces translates the faces alone."
        console(stderr=True).print(
            f"No model is named, so the preset {named} translates "
            f"(`kgt models` lists others).{hint}",
            markup=False,
            soft_wrap=True,
        )
    if named and is_name(named):
        first = read_metadata(find_preset(named)).get("prepare")
        if first:
            console(stderr=True).print(
                f"The weights {named} are for what `{first}` makes.",
                markup=False,
                soft_wrap=True,
            )
    on_engine = {
        "shard_size": shard_size,
        "actors": actors,
        "column": column,
    }
    others = {"grid": grid, "attention": attention}
    others |= {"smooth": smooth, "flicker": flicker}
    check_engine(engine, on_engine, others)
    if image_size or tile:
        translator.works_at = None
    source = translators.source_of(translator)
    if source is None:
        raise ValueError(
            f"The model of '{translator.path}' makes images of no image: use "
            "`kgt generate`."
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
    given = {word: value for word, value in given.items() if value is not None}
    known = translators.options_of(translator)
    if faces:
        check_faces(source, known, given, tile, attention)
    chosen = columns(known, given) if grid else [("", {})]
    for word, field in known.items():
        if word not in given and word not in chosen[0][1]:
            if field.blank((1, 1)) is None:
                field.default()  # or an error that says what is needed
    if engine:
        fill_shards(
            model if weights else (model or named),
            inputs,
            out,
            as_json,
            engine=engine,
            artefact=bool(model and not weights),
            weights=weights,
            direction=direction,
            which=which,
            trust=trust,
            options=given,
            image_size=image_size,
            tile=tile,
            faces=faces,
            max_pixels=max_pixels,
            force=force,
            **on_engine,
        )
        return
    works = []  # (what is shown of it, options, job)
    for title, options in chosen:
        folder = pathlib.Path(out, re.sub("[^A-Za-z0-9_.+-]+", "-", title))
        kept = LOSSLESS if faces else KEPT_SUFFIXES
        jobs = plan_outputs(inputs, folder, attention, kept)
        works += [(title, given | options, job) for job in jobs]
    has_video = any(is_video_name(job["input"]) for _, _, job in works)
    if attention and (tile or has_video):
        raise ValueError(
            "Heatmaps are made of whole images: leave out --attention for "
            "videos and with --tile."
        )
    for flag, is_given in (("--smooth", smooth), ("--flicker", flicker)):
        if is_given and not has_video:
            raise ValueError(
                f"{flag} is of videos, and none is given: leave it out."
            )
    if flicker:
        check_installed()
    if faces and has_video:
        raise ValueError(
            "In videos faces are not found: leave out --faces, or the videos."
        )
    written = [
        job[kind]
        for _, _, job in works
        for kind in ("output", "attention")
        if kind in job
    ]
    check_outputs(
        [*written, *([pathlib.Path(out, SHEET)] if grid else [])], out, force
    )
    sheet = Sheet([title or "after" for title, _ in chosen])
    bar, task = progress("Translating", len(works))

    def note(text):
        bar.update(task, note=text)

    arguments = {}
    if tile:
        arguments = {
            "tile": tile,
            "on_strip": lambda *strip: note("strip {} of {}".format(*strip)),
        }

    def work(title, options, job):
        path = job["input"]
        if is_video_name(path):
            options = translators.options_for(
                translator, options, path, image_size
            )
            translate_clip(
                job,
                lambda frame: translators.shrink(frame, image_size),
                lambda frame: translators.translate_image(
                    translator, frame, False, options, **arguments
                )[0],
                note,
                smooth,
                flicker,
            )
            if flicker and not as_json:
                bar.console.print(
                    tell_flicker(job), markup=False, soft_wrap=True
                )
            return
        image, translated, heatmap, found = translators.translate_file(
            translator, path, options, image_size, faces, attention, **arguments
        )
        if faces:
            job["faces"] = found
            if not found:
                bar.console.print(
                    f"No face was found in '{path}': it is copied as it is.",
                    markup=False,
                    soft_wrap=True,
                )
        data.write_image(job["output"], translated)
        if attention:
            overlay = overlay_heatmap(image, heatmap)
            data.write_image(job["attention"], overlay)
        if grid:
            before = image if faces else source.draw(image)
            sheet.add(title or "after", path, before, translated)

    with bar:
        for title, options, job in works:
            try:
                work(title, options, job)
            except (ValueError, OSError) as error:
                job["error"] = str(error)
                bar.console.print(
                    str(error), style="red", markup=False, soft_wrap=True
                )
            finally:
                bar.advance(task)
    jobs = [job for _, _, job in works]
    if sheet.rows:
        path = pathlib.Path(out).resolve() / SHEET
        data.write_image(path, sheet.draw())
        jobs.append({"grid": str(path)})
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


class Sheet:
    """A contact sheet: each image beside what was made of it.

    Args:
        titles: of the translations of each image.
    """

    def __init__(self, titles):
        self.titles = titles
        self.rows = {}  # path -> {title: cell}

    def add(self, title, path, image, translated):
        """Adds a translation of an image, while there is room."""
        if path in self.rows or len(self.rows) < GRID_IMAGES:
            row = self.rows.setdefault(path, {})
            row["before"] = _cell(image)
            row[title] = _cell(translated)

    def draw(self):
        """Returns a uint8 array (H, W, 3)."""
        import numpy as np

        from keras_gan_translate.support.pictures import draw_grid

        rows = list(self.rows.values())
        none = np.full((GRID_CELL, GRID_CELL, 3), 255, "uint8")
        return draw_grid(
            [
                (title, [row.get(title, none) for row in some])
                for first in range(0, len(rows), GRID_ROWS)
                for some in [rows[first : first + GRID_ROWS]]
                for title in ("before", *self.titles)
            ]
        )


def _has_pictures(path):
    """Whether a path is of a picture or clip, or a folder with one in it."""
    if "://" in path and not path.startswith(HUB):
        return True  # a bucket, and no model lies there
    names = os.listdir(path) if os.path.isdir(path) else [path]
    kinds = (mimetypes.guess_type(name, strict=False)[0] for name in names)
    return any(kind and kind.startswith(("image/", "video/")) for kind in kinds)


def check_faces(source, known, given, tile, attention):
    """Refuses what does not go with --faces.

    Args:
        source: the `Field` that is translated.
        known: the translator's options: dict from the word to its `Field`.
        given: dict of what the user gave, by word.
        tile: whether --tile was given.
        attention: whether --attention was.

    Raises:
        ValueError: something does not go with it; or what finds faces is not
            installed.
    """
    from keras_gan_translate.data.faces import networks

    if source.reads != "image":
        raise ValueError(
            "This model translates no photos, and --faces are found in photos: "
            "leave it out."
        )
    for flag, is_given in (("--tile", tile), ("--attention", attention)):
        if is_given:
            raise ValueError(f"{flag} is of whole photos: not with --faces.")
    for word, value in given.items():
        if value is not None and word in known and known[word].per_pixel:
            raise ValueError(
                f"--{word.replace('_', '-')} lies upon the whole photo: not "
                "with --faces."
            )
    networks.check_installed()


def plan_outputs(inputs, out, attention=False, kept=KEPT_SUFFIXES):
    """Which files are written for which.

    Args:
        inputs: paths of images, videos and folders of images.
        out: folder of the outputs.
        attention: whether heatmaps are written beside them.
        kept: suffixes of images that are kept; others become PNG.

    Returns:
        List of dicts of absolute paths: `input`, `output` and, with
        `attention`, `attention`. No file is in it twice.

    Raises:
        ValueError: there is no image, or a file written would be an input.
    """
    from keras_gan_translate import data
    from keras_gan_translate.inference import video

    found = data.images.gather_images(inputs)
    sources = {os.path.realpath(path) for path, _ in found}
    written = {os.path.realpath(pathlib.Path(out, SHEET))}
    jobs = []
    for path, name in found:
        if video.is_video_name(name):
            name = video.output_name(name)
        else:
            name = image_name(name, kept)
        # Images of other folders or formats may have the same name.
        for one in numbered(name):
            # A link in it is seen by `check_outputs`, not followed here.
            output = pathlib.Path(out).resolve() / one
            job = {"output": str(output)}
            if attention:
                beside = output.with_name(f"{one.stem}.attention.png")
                job["attention"] = str(beside)
            if not written.intersection(job.values()):
                break
        written.update(job.values())
        jobs.append({"input": os.path.realpath(path)} | job)
    written |= {os.path.realpath(path) for path in written}
    overwritten = sorted(sources & written)
    if overwritten:
        raise ValueError(
            f"'{overwritten[0]}' is an input and would be overwritten. Choose "
            "another folder with --out."
        )
    return jobs


def _cell(image):
    from keras_gan_translate import data

    return data.resize_image(image, GRID_CELL, "letterbox")
