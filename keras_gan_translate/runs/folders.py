"""Where a trained model lies: known before Keras is there."""

import pathlib

from keras_gan_translate.presets import folders as presets
from keras_gan_translate.support.messages import near_matches, shorten

CONFIG = "config.yaml"


def check_run_folder(folder):
    """Raises a ValueError unless a folder is a run's; says what is near."""
    if not is_run(folder) and presets.is_known(folder):
        raise ValueError(
            f"'{folder}' is a preset and no run folder: it holds no data and "
            "no training. `kgt info` tells of it, and `kgt evaluate --real "
            "FOLDER --fake FOLDER` measures what it has translated."
        )
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


def is_run(folder):
    """Whether a folder is a run's."""
    return (pathlib.Path(folder) / CONFIG).exists()


def is_model(source):
    """Whether `find_model` would find something, by its name alone."""
    return is_run(source) or presets.is_known(source)


def find_model(source):
    """Where the trained model lies that a user names.

    Args:
        source: a run folder; a preset: its folder, the name of one that comes
            with the library, or "hf://USER/MODEL", which is downloaded; or a
            `.keras` file. Of a run folder and a preset by the same name, the
            run folder.

    Returns:
        `pathlib.Path` of the folder or file; `runs.opened.open_model` opens
        it.

    Raises:
        ValueError: it is none of these; says what is near.
        ImportError: the hub is asked for without huggingface_hub.
    """
    path = pathlib.Path(source)
    if not is_run(source) and presets.is_known(source):
        return presets.find_preset(source)
    if path.suffix != ".keras":
        check_run_folder(path)
    elif not path.is_file():
        raise ValueError(f"There is no file '{path}'.")
    return path


def _no_such_folder(folder):
    siblings = []
    if folder.parent.is_dir():
        siblings = [p.name for p in folder.parent.iterdir() if p.is_dir()]
    runs = [n for n in siblings if is_run(folder.parent / n)]
    shipped = list(presets.shipped())
    near = near_matches(folder.name, [*siblings, *shipped])
    return (
        f"There is no folder '{folder}'.{near} Run folders in "
        f"'{folder.parent}': {shorten(sorted(runs))}. Presets: "
        f"{shorten(shipped)}."
    )
