"""The words of errors: nearest names, short lists, folders that are not."""

import difflib
import pathlib
import shlex


def check_folder(folder):
    """Returns the folder as a path, or raises a ValueError that helps."""
    folder = pathlib.Path(folder)
    if folder.is_dir():
        return folder
    if folder.exists():
        raise ValueError(f"'{folder}' is a file; a folder is expected.")
    parent, name = folder.parent, folder.name
    while not parent.is_dir() and parent != parent.parent:
        parent, name = parent.parent, parent.name
    there = sorted(
        child.name
        for child in parent.iterdir()
        if child.is_dir() and child.name[0] != "."
    )
    raise ValueError(
        f"There is no folder '{folder}'.{near_matches(name, there)} "
        f"Folders in '{parent}': {shorten(there)}."
    )


def check_choice(name, value, choices):
    """Raises a ValueError with the nearest choice unless value is one."""
    if value not in choices:
        words = [choice for choice in choices if choice is not None]
        raise ValueError(
            f"Unknown {name}={value!r}.{near_matches(str(value), words)} "
            f"Choose one of {', '.join(map(repr, choices))}."
        )


def check_format(what, found, known):
    """Raises a ValueError if a later version of this library wrote it.

    Args:
        what: it is, as the sentence begins.
        found: number of its format.
        known: number of the last format that is known.
    """
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise ValueError(f"{what} is of format {found!r}, which is no number.")
    if found > known:
        raise ValueError(
            f"{what} is of format {found}; this version of "
            f"keras_gan_translate reads up to {known}. Update it: "
            "pip install --upgrade keras-gan-translate."
        )


def near_matches(name, names):
    """' Did you mean ...?' with the nearest names, or an empty string."""
    # Case is what people mistype most: compare without.
    lower = {str(other).lower(): other for other in names}
    near = difflib.get_close_matches(name.lower(), lower, n=3)
    if not near:
        return ""
    return f" Did you mean {' or '.join(repr(lower[n]) for n in near)}?"


def flag(name, values):
    """An option as the command line takes it, and as Python does.

    Args:
        name: of the option, such as "domains".
        values: its words.
    """
    words = shlex.join(map(str, values))
    return f"--{name} {words} (in Python {name}={list(values)})"


def unknown_model(name, known):
    """The words for a model's name that is none of those that are known."""
    return (
        f"There is no model {name!r}. Models: {', '.join(known)}."
        + near_matches(str(name).lower(), known)
    )


def shorten(names, limit=10):
    """The first names of a list, separated by commas, and how many more."""
    names = [str(name) for name in names]
    if not names:
        return "none"
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
