"""The run folder: what training writes; it is itself the model."""

import csv
import hashlib
import importlib.metadata
import inspect
import io
import json
import logging
import os
import pathlib
import platform
import sys
import time

import keras
import yaml

from keras_gan_translate import zoo
from keras_gan_translate.data import read_image
from keras_gan_translate.data.kinds import is_aligned
from keras_gan_translate.presets.weights import (
    keep_directions,
    load_translators,
)
from keras_gan_translate.runs.diagnosis import diagnose, direction_titles
from keras_gan_translate.runs.folders import (
    CONFIG,
    check_new_run,
    check_run_folder,
)
from keras_gan_translate.support.files import write_text
from keras_gan_translate.support.notebook import Shown
from keras_gan_translate.support.untrusted import (
    explained,
    read_bytes,
    read_json,
    read_yaml,
)
from keras_gan_translate.support.version import __version__, git_commit

ENVIRONMENT, SKIPPED = "environment.json", "skipped.csv"
# What may change from one command to the next on the same run.
FREE = (
    "epochs",
    "total_steps",
    "jit_compile",
    "evaluate_every",
    "evaluate_features",
)

logger = logging.getLogger("keras_gan_translate")


class Run:
    """A run folder, which anybody can read.

    It holds:

        config.yaml        the model, its arguments, the data, the training
        environment.json   versions, machine and command line, of each start
        data.json          how many files were trained on, and which
        results.csv        losses by epoch; results.png shows them
        data.png           what the network really saw
        skipped.csv        the files that were no use, and why, if any
        samples/           the same images, translated after every epoch
        last/ best/        the translators as Keras files
        last.weights.h5    everything that training needs to go on
        previous.weights.h5  the one before, should the last be damaged
        index.html         all of it on one page

    Args:
        folder: an existing run folder.

    Raises:
        ValueError: there is no such folder, or it is no run folder.

    Example:
        model = Run("runs/ugatit-selfie2anime").model()
        anime = model.translate(selfie)
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        check_run_folder(self.folder)
        self.config = self._read_config()

    @classmethod
    def create(cls, folder, config, beside=()):
        """Makes a run folder, or opens the run that has the same config.

        Args:
            folder: is made if absent.
            config: flat dict of plain values: `model`, the arguments of the
                model, the data and the training.
            beside: names of files that a new folder may hold already.

        Returns:
            A `Run`.

        Raises:
            ValueError: the folder holds something else, or a run whose
                config differs in what matters for its result.
        """
        folder = pathlib.Path(folder)
        path = folder / CONFIG
        if path.exists():
            run = cls(folder)
            _say_edits(run)
            different = run.differences(config)
            if different:
                raise ValueError(_different(folder, different))
        else:
            check_new_run(folder, beside)
        write_text(path, yaml.safe_dump(config, sort_keys=False))
        _add_start(folder / ENVIRONMENT, config)
        return cls(folder)

    def differences(self, config):
        """What differs between the run's config and another.

        Options that only one of them knows are passed over, so that runs of
        other versions stay readable; so are those that may change when
        training goes on (`FREE`).

        Returns:
            Dict from name to (value of the run, value of `config`).
        """
        return {
            name: (self.config[name], value)
            for name, value in config.items()
            if name not in FREE
            and name in self.config
            and self.config[name] != value
        }

    def model(self, which="best"):
        """The model with its trained translators.

        Built from the config; of the files only weights are read, so that a
        run folder from somebody else cannot run code.

        Args:
            which: "best", by the monitored loss, or "last".

        Returns:
            A `GAN`, not compiled; its discriminators are untrained.

        Raises:
            ValueError: nothing trained is there yet, or it does not fit.
        """
        if which not in ("best", "last"):
            raise ValueError(f'`which` is "best" or "last", not {which!r}.')
        folder = self.folder / which
        if not any(folder.glob("*.keras")):
            raise ValueError(
                f"'{self.folder}' has no trained model in {which}/ yet: it is "
                "written at the end of every epoch. Train it on: "
                "`kgt train` with the command in "
                "environment.json."
            )

        def create():
            model = create_model(self.config)
            # Imported runs may have one of the directions only.
            keep_directions(model, self.config.get("directions"))
            return model

        return load_translators(create, folder, self.folder / CONFIG)

    @property
    def results(self):
        """The rows of results.csv: dicts of floats, `epoch` among them."""
        path = self.folder / "results.csv"
        if not path.exists():
            return []
        with explained(path, "table of losses"):
            text = read_bytes(path).decode("utf-8")
            rows = csv.DictReader(io.StringIO(text, newline=""))
            return [
                {name: float(value) for name, value in row.items() if value}
                for row in rows
            ]

    def diagnose(self):
        """What results.csv tells: list of `diagnosis.Light`, trouble first."""
        try:
            model_class = zoo.find_model(self.config["model"])
            titles = direction_titles(model_class)
            aligned = is_aligned(model_class.data_of(self.config))
        except ValueError:  # of another version
            titles, aligned = {}, False
        return diagnose(self.results, titles, aligned)

    def shown(self):
        """The newest samples and what they tell, for a notebook: `Shown`."""
        results, config = self.results, self.config
        total = f" of {config['epochs']}" if "epochs" in config else ""
        lines = [
            f"{self.folder}: {config['model']}, {len(results)}{total} epochs"
        ]
        lines += [(x.level, x.title, x.text) for x in self.diagnose()]
        samples = sorted((self.folder / "samples").glob("epoch_*.png"))
        picture = read_image(samples[-1]) if samples else None
        return Shown(picture, *lines)

    def _repr_html_(self):
        return self.shown()._repr_html_()

    def add_results(self, epoch, logs):
        """Adds an epoch's row to results.csv.

        Rows of this epoch and later ones, of training that was interrupted
        before it was saved, are dropped.

        Args:
            epoch: number of finished epochs, from 1.
            logs: dict of floats.
        """
        rows = [row for row in self.results if row["epoch"] < epoch]
        rows.append({"epoch": epoch} | {k: float(v) for k, v in logs.items()})
        names = dict.fromkeys(name for row in rows for name in row)
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(row | {"epoch": int(row["epoch"])})
        write_text(self.folder / "results.csv", text.getvalue())

    def note_data(self, summary, files):
        """Keeps which data are trained on; says if they are others now.

        Args:
            summary: what was found, in a sentence.
            files: list of the paths, sorted; empty if they are none.
        """
        names = "\n".join(files).encode()
        now = {
            "summary": summary,
            "files": len(files),
            "sha256": hashlib.sha256(names).hexdigest(),
        }
        path = self.folder / "data.json"
        then = read_kept(path)
        if then and (then.get("sha256"), then.get("files")) != (
            now["sha256"],
            now["files"],
        ):
            logger.warning(
                "The data have changed since this run trained last: %s files "
                "then (%s), %s now (%s). What follows is in another order.",
                then.get("files"),
                then.get("summary"),
                now["files"],
                summary,
            )
        write_text(path, json.dumps(now, indent=2) + "\n")

    def note_skipped(self, skipped):
        """Writes which files are not trained on into skipped.csv.

        Args:
            skipped: dict from the path to the reason; of none there is no
                file.
        """
        path = self.folder / SKIPPED
        if not skipped:
            path.unlink(missing_ok=True)
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["path", "reason"])
        writer.writerows(sorted((str(p), why) for p, why in skipped.items()))
        write_text(path, text.getvalue())

    def _read_config(self):
        path = self.folder / CONFIG
        try:
            config = read_yaml(path)
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error}") from error
        if not isinstance(config, dict) or "model" not in config:
            raise ValueError(
                f"{path} names no model; a line such as `model: ugatit` is "
                "expected."
            )
        return config


def create_model(config, **given):
    """The model that a config describes, untrained and not compiled.

    Args:
        config: as `Run.config`; what is no argument of the model is not used.
        **given: the model's `given_networks`, which only training needs: a
            config has no more than their names, or where they lay.

    Returns:
        A `GAN`.

    Raises:
        ValueError: the model is unknown, or refuses an argument.
    """
    model_class = zoo.find_model(config["model"])
    known = inspect.signature(model_class).parameters
    known = set(known) - set(model_class.given_networks)
    arguments = {k: v for k, v in config.items() if k in known}
    return model_class(**arguments | given)


def read_kept(path):
    """What a JSON file of the run holds; an empty dict if it is no more."""
    try:
        kept = read_json(path)
        if not isinstance(kept, dict):
            raise ValueError(f"it holds a {type(kept).__name__}")
        return kept
    except FileNotFoundError:
        return {}
    except ValueError as error:
        logger.warning("%s cannot be read and is left out: %s", path, error)
        return {}


def _add_start(path, config):
    """Writes down a start of the run; the first stays as it is."""
    start = describe_environment() | {"config": config}
    known = read_kept(path)
    if known:
        known["later"] = [*known.get("later", []), start]
    write_text(path, json.dumps(known or start, indent=2) + "\n")


def _say_edits(run):
    """Says what was changed in config.yaml by hand since the last start."""
    first = read_kept(run.folder / ENVIRONMENT)
    written = [first, *first.get("later", [])][-1].get("config")
    if written is None:  # of another version
        return
    names = dict.fromkeys([*written, *run.config])
    edits = [
        f"{name} from {written.get(name)!r} to {run.config.get(name)!r}"
        for name in names
        if written.get(name) != run.config.get(name)
    ]
    if edits:
        logger.warning(
            "%s was edited since the run was started last: %s.",
            run.folder / CONFIG,
            "; ".join(edits),
        )


def describe_environment():
    """Versions, machine and command line, as a dict for JSON."""
    backend = keras.backend.backend()
    return {
        "keras_gan_translate": __version__,
        "git_commit": git_commit(),
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": backend,
        backend: importlib.metadata.version(backend),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "command": sys.argv,
        "started": time.strftime("%Y-%m-%d %H:%M:%S %z"),
    }


def _different(folder, different):
    lines = [
        f"{name}: was {was!r}, now {now!r}"
        for name, (was, now) in different.items()
    ]
    return (
        f"'{folder}' was trained otherwise. {'; '.join(lines)}. Repeat the "
        "first command to go on with that run, or choose another folder with "
        "--out."
    )
