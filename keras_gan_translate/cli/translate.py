"""`translate`: images and videos, with a run or an artefact."""

import mimetypes
import os
import pathlib

import click

from keras_gan_translate.cli import common, sheet
from keras_gan_translate.cli.conflicts import (
    check_faces,
    check_model,
    check_videos,
)
from keras_gan_translate.cli.console import console, print_json
from keras_gan_translate.cli.shards import check_engine, fill_shards
from keras_gan_translate.cli.translator_options import TranslatorCommand
from keras_gan_translate.cli.works import How, plan_works, translate_works
from keras_gan_translate.presets.folders import (
    DEFAULT,
    HUB,
    find_preset,
    is_name,
    read_metadata,
)
from keras_gan_translate.runs.folders import is_model
from keras_gan_translate.support.outputs import check_outputs


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
@common.direction
@common.which
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
    from keras_gan_translate.runs import translators

    data.images.limit_pixels(max_pixels or data.images.MAX_PIXELS)
    context, named, inputs = click.get_current_context(), None, paths
    if not (model or weights):
        named, inputs = context.command.split(paths)
    if not inputs:
        raise click.UsageError("Missing argument 'INPUT...'.")
    translator = context.meta["translator"]
    if named:
        _tell_preset(named, named in paths, faces)
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
    check_model(translator, source, tile, attention)
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
    how = How(image_size, tile, faces, attention, smooth, flicker)
    works = plan_works(inputs, out, chosen, given, how)
    check_videos(any(work.is_video for work in works), how)
    grids = [pathlib.Path(out, sheet.NAME)] if grid else []
    written = [path for work in works for path in work.written]
    check_outputs([*written, *grids], out, force)
    pictures = sheet.Sheet([title or "after" for title, _ in chosen])

    def show(work, image, made):
        before = image if faces else source.draw(image)
        pictures.add(work.title or "after", work.job["input"], before, made)

    translate_works(translator, works, how, show if grid else None, as_json)
    jobs = [work.job for work in works]
    if pictures.rows:
        path = pathlib.Path(out).resolve() / sheet.NAME
        data.write_image(path, pictures.draw())
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


def _tell_preset(name, was_named, faces):
    """Says which preset translates where none is named, and what it is for."""
    if not was_named:
        hint = "" if faces else " --faces translates the faces alone."
        _say(
            f"No model is named, so the preset {name} translates (`kgt "
            f"models` lists others).{hint}"
        )
    if is_name(name):
        first = read_metadata(find_preset(name)).get("prepare")
        if first:
            _say(f"The weights {name} are for what `{first}` makes.")


def _say(text):
    console(stderr=True).print(text, markup=False, soft_wrap=True)


def _has_pictures(path):
    """Whether a path is of a picture or clip, or a folder with one in it."""
    if "://" in path and not path.startswith(HUB):
        return True  # a bucket, and no model lies there
    names = os.listdir(path) if os.path.isdir(path) else [path]
    kinds = (mimetypes.guess_type(name, strict=False)[0] for name in names)
    return any(kind and kind.startswith(("image/", "video/")) for kind in kinds)
