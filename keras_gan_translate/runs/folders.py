"""Whether a folder is that of a run: known before Keras is there."""

import pathlib

from keras_gan_translate.support.messages import near_matches, shorten

CONFIG = "config.yaml"


def check_run_folder(folder):
    """Raises a ValueError unless a folder is a run's; says what is near."""
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        raise ValueError(_no_such_folder(folder))
    if not (folder / CONFIG).exists():
        there = sorted(path.name for path in folder.iterdir())
        raise ValueError(
            f"'{folder}' is no run folder: it has no {CONFIG}. `kgt train` "
            "writes run folders, with config.yaml, last/ and best/. This one "
            f"has: {shorten(there)}."
        )


def check_new_run(folder, beside=()):
    """Raises a ValueError where no new run can be: in a folder of others.

    Args:
        folder: that of the run to be, without a config yet.
        beside: names of files that may be there already.
    """
    folder = pathlib.Path(folder)
    if not folder.exists():
        return
    if not folder.is_dir() or any(
        p.name not in beside for p in folder.iterdir()
    ):
        raise ValueError(
            f"'{folder}' exists and is no run folder; nothing in it was "
            "touched. Choose another with --out."
        )


def check_model(path):
    """Raises a ValueError unless a path is a run folder or a .keras file."""
    path = pathlib.Path(path)
    if path.suffix != ".keras":
        check_run_folder(path)
    elif not path.is_file():
        raise ValueError(f"There is no file '{path}'.")


def _no_such_folder(folder):
    siblings = []
    if folder.parent.is_dir():
        siblings = [p.name for p in folder.parent.iterdir() if p.is_dir()]
    runs = [n for n in siblings if (folder.parent / n / CONFIG).exists()]
    return (
        f"There is no folder '{folder}'.{near_matches(folder.name, siblings)} "
        f"Run folders in '{folder.parent}': {shorten(sorted(runs))}."
    )
