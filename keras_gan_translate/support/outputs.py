"""What commands may write: nothing that is there, and not through links."""

import os
import pathlib


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
