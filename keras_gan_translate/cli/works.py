"""File by file: what `translate` writes for which input, and the writing."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re

from keras_gan_translate.cli import sheet
from keras_gan_translate.cli.clip import tell_flicker, translate_clip
from keras_gan_translate.cli.console import progress
from keras_gan_translate.support.outputs import (
    KEPT_SUFFIXES,
    LOSSLESS,
    image_name,
    numbered,
)


@dataclasses.dataclass(frozen=True)
class How:
    """What the user has said of all images and videos.

    Attributes:
        image_size: of the shorter side, in pixels; None leaves it.
        tile: side in pixels of the squares to work on; None for the whole.
        faces: whether the faces alone are translated.
        attention: whether heatmaps are written, too.
        smooth: whether what stands still in videos is averaged.
        flicker: whether it is measured.
    """

    image_size: int | None
    tile: int | None
    faces: bool
    attention: bool
    smooth: bool
    flicker: bool


@dataclasses.dataclass(frozen=True)
class Work:
    """One file to write, two with a heatmap.

    Attributes:
        title: the choice that is translated to, "" if there is one only.
        options: dict of the translator's options, by word.
        job: dict of absolute paths, see `plan_outputs`; what came of it is
            added.
    """

    title: str
    options: dict
    job: dict

    @property
    def is_video(self):
        from keras_gan_translate.inference.video import is_video_name

        return is_video_name(self.job["input"])

    @property
    def written(self):
        """Paths of the files."""
        kinds = ("output", "attention")
        return [self.job[kind] for kind in kinds if kind in self.job]


def plan_works(inputs, out, chosen, given, how):
    """All that is to be done, as a list of `Work`.

    Args:
        inputs: as of `plan_outputs`.
        out: folder of the outputs; each choice has a folder of its own in it.
        chosen: list of (title, options), a choice each.
        given: dict of the options that all of them share.
        how: a `How`.

    Raises:
        ValueError: as of `plan_outputs`.
    """
    kept = LOSSLESS if how.faces else KEPT_SUFFIXES
    works = []
    for title, options in chosen:
        folder = pathlib.Path(out, re.sub("[^A-Za-z0-9_.+-]+", "-", title))
        jobs = plan_outputs(inputs, folder, how.attention, kept)
        works += [Work(title, given | options, job) for job in jobs]
    return works


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
    written = {os.path.realpath(pathlib.Path(out, sheet.NAME))}
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


def translate_works(translator, works, how, on_image=None, quiet=False):
    """Does the works; what fails is said, noted in its job, and passed over.

    Args:
        translator: as of `translators.open_translator`.
        works: list of `Work`.
        how: a `How`.
        on_image: function of a `Work`, its image and what was made of it.
        quiet: whether flicker is measured without a word.
    """
    bar, task = progress("Translating", len(works))

    def note(text):
        bar.update(task, note=text)

    def say(text, **style):
        bar.console.print(text, markup=False, soft_wrap=True, **style)

    strips = {}
    if how.tile:
        strips = {
            "tile": how.tile,
            "on_strip": lambda *strip: note("strip {} of {}".format(*strip)),
        }
    with bar:
        for work in works:
            try:
                if work.is_video:
                    _translate_video(translator, work, how, note, strips)
                    if how.flicker and not quiet:
                        say(tell_flicker(work.job))
                    continue
                image, made = _translate_image(
                    translator, work, how, say, strips
                )
                if on_image:
                    on_image(work, image, made)
            except (ValueError, OSError) as error:
                work.job["error"] = str(error)
                say(str(error), style="red")
            finally:
                bar.advance(task)


def _translate_video(translator, work, how, note, strips):
    from keras_gan_translate.runs import translators

    options = translators.options_for(
        translator, work.options, work.job["input"], how.image_size
    )
    translate_clip(
        work.job,
        lambda frame: translators.shrink(frame, how.image_size),
        lambda frame: translators.translate_image(
            translator, frame, False, options, **strips
        )[0],
        note,
        how.smooth,
        how.flicker,
    )


def _translate_image(translator, work, how, say, strips):
    """Returns the image and what was made of it."""
    from keras_gan_translate import data
    from keras_gan_translate.runs import translators
    from keras_gan_translate.support.pictures import overlay_heatmap

    job = work.job
    image, made, heatmap, found = translators.translate_file(
        translator,
        job["input"],
        work.options,
        how.image_size,
        how.faces,
        how.attention,
        **strips,
    )
    if how.faces:
        job["faces"] = found
        if not found:
            say(
                f"No face was found in '{job['input']}': it is copied as it is."
            )
    data.write_image(job["output"], made)
    if how.attention:
        data.write_image(job["attention"], overlay_heatmap(image, heatmap))
    return image, made
