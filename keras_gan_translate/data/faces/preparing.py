"""Faces for training, out of photos as people have them."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
import os
import pathlib
import re
from collections.abc import Callable

from keras_gan_translate.data.faces import networks
from keras_gan_translate.data.faces.aligning import align_face
from keras_gan_translate.data.faces.finding import find_faces
from keras_gan_translate.data.images import (
    gather_images,
    read_image,
    resize_image,
    write_image,
)
from keras_gan_translate.support.files import write_text
from keras_gan_translate.support.outputs import check_outputs
from keras_gan_translate.support.pictures import draw_grid
from keras_gan_translate.support.types import Path

SHEET_COLUMNS, SHEET_FACES, SHEET_CELL = 12, 144, 112  # the last in pixels
# Faces are looked for down to a quarter of what is written, to be named.
LEAST_FACE = 16  # pixels, and no smaller ones


@dataclasses.dataclass
class PreparedFaces:
    """What `prepare_faces` has done.

    Attributes:
        photos: how many there were.
        faces: list of the files written.
        skipped: list of (photo, why it, or a face in it, was left out).
        unreadable: how many of the photos could not be read.
        sheet: the contact sheet, None without faces.
        skipped_list: the table of what was skipped.
    """

    photos: int
    faces: list[pathlib.Path]
    skipped: list[tuple[pathlib.Path, str]]
    unreadable: int
    sheet: pathlib.Path | None
    skipped_list: pathlib.Path


def prepare_faces(
    photos: Path | list[Path],
    out: Path,
    image_size: int = 256,
    largest: bool = False,
    smallest: float | None = None,
    force: bool = False,
    on_photo: Callable[[int, int], None] | None = None,
) -> PreparedFaces:
    """Finds, aligns and cuts out the faces of photos, as PNG files.

    A photo's largest face has its name, further ones `-2`, `-3` and so on;
    subfolders stay. Beside the folder, so that it holds faces only, a contact
    sheet `NAME-sheet.png` and a table `NAME-skipped.csv` are written.

    Args:
        photos: paths of images and of folders of images; or one.
        out: folder of the faces.
        image_size: height and width of each in pixels.
        largest: whether only the largest face of each photo is wanted.
        smallest: pixels in the photo that the side of a crop has at least,
            see `align_face`; half of `image_size` if None. Smaller faces are
            skipped and named, the smallest of all are not seen.
        force: whether files that are there are replaced.
        on_photo: function of the number of photos done and of all.

    Returns:
        `PreparedFaces`.

    Raises:
        ValueError: there are no images; a file exists and `force` is False,
            or `out` holds the photos themselves: nothing is written then.
        ImportError: the extra `faces` is not installed; says so.
    """
    if isinstance(photos, (str, os.PathLike)):
        photos = [photos]
    networks.check_installed()
    smallest = smallest or image_size / 2
    found = gather_images(photos)
    # As an absolute path, because "." has no name.
    out = pathlib.Path(os.path.abspath(out))
    jobs = _plan(found, out)
    skipped_list = out.with_name(f"{out.name}-skipped.csv")
    sheet = out.with_name(f"{out.name}-sheet.png")
    _check(jobs, out, force)
    check_outputs([skipped_list, sheet], out.parent, force)
    done = PreparedFaces(len(jobs), [], [], 0, None, skipped_list)
    taken = {path for _, path in jobs}
    for number, (photo, path) in enumerate(jobs, 1):
        try:
            image = read_image(photo)
        except ValueError as error:
            done.unreadable += 1
            done.skipped.append((photo, getattr(error, "reason", str(error))))
        else:
            faces, reasons = _chosen(image, largest, smallest)
            done.skipped += [(photo, reason) for reason in reasons]
            for i, face in enumerate(faces):
                place = path if i == 0 else _free(path, taken)
                taken.add(place)
                write_image(place, align_face(image, face, image_size))
                done.faces.append(place)
        if on_photo is not None:
            on_photo(number, len(jobs))
    table = io.StringIO()
    csv.writer(table).writerows([("file", "reason"), *done.skipped])
    write_text(skipped_list, table.getvalue())
    if done.faces:
        write_image(sheet, _sheet(done.faces, out))
        done.sheet = sheet
    return done


def _plan(found, out):
    """(photo, the file of its largest face) for each photo."""
    taken, jobs = set(), []
    for photo, name in found:
        path = out / name.with_suffix(".png")
        # Of another folder, or another format, it may have the same name.
        jobs.append((photo, _free(path, taken) if path in taken else path))
        taken.add(jobs[-1][1])
    return jobs


def _free(path, taken):
    """The path with the first number from 2 on that is not taken."""
    numbers = itertools.count(2)
    paths = (path.with_stem(f"{path.stem}-{number}") for number in numbers)
    return next(path for path in paths if path not in taken)


def _check(jobs, out, force):
    """Refuses to replace faces, by whatever number, and the photos."""
    inside = os.path.realpath(out)
    for photo, _ in jobs:
        photo = os.path.realpath(photo)
        if os.path.commonpath([inside, photo]) == inside:
            raise ValueError(
                f"'{photo}' lies in '{out}', to which the faces go: nothing "
                "was written. Choose another folder with --out."
            )
    # Of more faces than one it is not known yet how many there will be.
    stems = {path.with_suffix("") for _, path in jobs}
    there = [
        path
        for path in out.rglob("*.png")
        if path.with_name(re.sub(r"(?<=.)-\d+$", "", path.stem)) in stems
    ]
    check_outputs([*(path for _, path in jobs), *there], out, force)


def _chosen(image, largest, smallest):
    """(the faces of a photo that are wanted, why others are not)."""
    least = max(LEAST_FACE, smallest / 4)
    faces = find_faces(image, least)
    if not faces:
        return [], ["no face was found"]
    if largest:
        faces = faces[:1]
    large = [face for face in faces if face.side >= smallest]
    reasons = [
        f"a face at {face.middle[0]:.0f}, {face.middle[1]:.0f}: its crop has "
        f"{face.side:.0f} pixels, and {smallest:.0f} are the least"
        for face in faces[len(large) :]
    ]
    return large, reasons


def _sheet(paths, out):
    """A contact sheet of faces, or of as many of them from first to last."""
    count = min(len(paths), SHEET_FACES)
    chosen = [paths[i * len(paths) // count] for i in range(count)]
    cells = [resize_image(read_image(path), SHEET_CELL) for path in chosen]
    names = [str(path.relative_to(out).with_suffix("")) for path in chosen]
    across = min(count, SHEET_COLUMNS)
    return draw_grid(
        [("", cells[i::across], names[i::across]) for i in range(across)]
    )
