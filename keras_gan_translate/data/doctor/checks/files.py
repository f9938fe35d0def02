"""Whether the files can be read at all."""

import os
import pathlib

from keras_gan_translate.data.doctor.finding import Finding, check, many
from keras_gan_translate.data.images import list_images
from keras_gan_translate.support.messages import shorten

# Pictures to people, and to no reader here.
OTHERS = (
    *(".avif", ".jxl", ".jp2", ".psd", ".xcf", ".svg", ".tga", ".pgm", ".ppm"),
    *(".exr", ".hdr", ".raw", ".cr2", ".nef", ".arw", ".dng", ".ico", ".jfif"),
)
ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".7z", ".rar")


@check
def layout(material):
    """What the readers refuse, in their words."""
    if material.error:
        yield Finding(
            "layout",
            "trouble",
            f"Training would refuse this folder: {material.error}",
            1,
            advice="Nothing can be trained on it until this is repaired; the "
            "files were looked at all the same.",
        )


@check
def broken(material):
    """Files that no decoder takes."""
    wrong = [seen for seen in material.looks.values() if seen.reason]
    if wrong:
        yield Finding(
            "broken_files",
            "trouble",
            f"{len(wrong)} of {len(material.looks)} files cannot be read: "
            f"{shorten([f'{s.path.name} ({s.reason})' for s in wrong], 3)}.",
            len(wrong),
            tuple(seen.path for seen in wrong),
            {seen.path: seen.reason for seen in wrong},
            advice="Training passes over them, and over what belongs to them. "
            "Fetch them again, or set them aside.",
            command="aside",
        )


@check
def exif(material):
    """Damaged EXIF data, of which the reader warns."""
    if material.damaged:
        yield Finding(
            "damaged_exif",
            "note",
            f"{many(len(material.damaged), 'file')} with damaged EXIF data, so "
            "that nobody knows whether the picture is upright.",
            len(material.damaged),
            advice="Look at them: " + shorten(material.damaged, 3),
        )


@check
def left_out(material):
    """What the reader leaves out, and folders that it does not open."""
    if material.quick:
        return  # training warns of the same in a moment
    if material.warnings:
        yield Finding(
            "left_out",
            "watch",
            " ".join(material.warnings),
            len(material.warnings),
            advice="What has no partner is not trained on. Give partners the "
            "same name, or set the rest aside.",
        )
    folders = all(path.is_dir() for path in material.source)
    if material.error or material.only or not folders:
        return
    used = {path.parent for path in material.files}
    there = {
        path.parent: path
        for folder in material.source
        for path in list_images(folder)
    }
    idle = sorted(folder for folder in there if folder not in used)
    if material.kind.name == "semantic":
        idle = []  # Cityscapes has more of each photo than is read
    if idle:
        yield Finding(
            "idle_folders",
            "watch",
            f"{many(len(idle), 'folder')} of images not read: "
            f"{shorten(idle, 5)}.",
            len(idle),
            tuple(idle),
            advice="The layout that was recognised has no place for them. If "
            "they belong to it, name them as it says; `--kind` reads the "
            "folder in another way.",
        )


@check
def other_formats(material):
    """Pictures in formats that are not read, and archives."""
    if material.quick:
        return
    found = {}
    for folder in material.source:
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if name[0] != "."]
            for name in names:
                suffix = os.path.splitext(name)[1].lower()
                if suffix in OTHERS + ARCHIVES:
                    path = pathlib.Path(parent, name)
                    found.setdefault(suffix, []).append(path)
    if found:
        files = sorted(path for paths in found.values() for path in paths)
        counts = [f"{len(paths)} {suffix}" for suffix, paths in found.items()]
        yield Finding(
            "other_formats",
            "watch",
            f"{many(len(files), 'file')} of formats that are not read: "
            f"{shorten(sorted(counts))}.",
            len(files),
            tuple(files),
            advice="They are passed over without a word. Convert them to PNG "
            "or JPEG (`magick mogrify -format png FILES`), unpack archives.",
        )


@check
def animated(material):
    """Files of several frames."""
    files = [s.path for s in material.seen() if s.header.animated]
    if files:
        yield Finding(
            "animated",
            "note",
            f"{many(len(files), 'file')} of several frames, of which the first "
            f"is read: {shorten([path.name for path in files], 3)}.",
            len(files),
            tuple(files),
        )
