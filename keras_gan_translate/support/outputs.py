"""What commands may write: nothing that is there, and not through links."""

import itertools
import os
import pathlib

# Formats that keep what was translated; the others become PNG.
KEPT_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
# And those that keep every pixel as it is.
LOSSLESS = (".png", ".bmp", ".tif", ".tiff")


def image_name(name, kept=KEPT_SUFFIXES):
    """The name of a translation: that of its image, or with .png.

    Args:
        name: a `pathlib` path of the image.
        kept: suffixes that stay.
    """
    return name if name.suffix.lower() in kept else name.with_suffix(".png")


def numbered(name):
    """Yields a `pathlib` path, then NAME-2, NAME-3 and so on without end."""
    yield name
    for number in itertools.count(2):
        yield name.with_stem(f"{name.stem}-{number}")


def check_outputs(paths, out, force=False):
    """Refuses files that are there already, and links that lead out.

    Args:
        paths: the files to write, below `out`.
        out: folder that the user has named; itself it may be a link.
        force: files that are there are replaced. A link is, too, and never
            what it leads to.

    Raises:
        ValueError: one is there, or lies behind a link out of `out`; nothing
            has been written then.
    """
    inside = os.path.realpath(out)
    there = []
    for path in map(pathlib.Path, paths):
        parent = os.path.realpath(path.parent)
        if os.path.commonpath([inside, parent]) != inside:
            raise ValueError(
                f"'{path}' lies outside of '{out}', behind a link: nothing was "
                "written. Remove the link, or name that folder with --out."
            )
        if path.is_dir() and not path.is_symlink():
            raise ValueError(f"'{path}' is a folder: choose another --out.")
        if os.path.lexists(path):
            there.append(path)
    if there and not force:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise ValueError(
            f"'{there[0]}'{more} exists: nothing was written. Choose another "
            "place with --out, or replace what is there with --force."
        )
