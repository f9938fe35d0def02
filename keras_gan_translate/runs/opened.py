"""Trained models that are asked the same things, whatever holds them."""

import hashlib
import pathlib

from keras_gan_translate.export.keras_file import load_keras_file
from keras_gan_translate.gan import GAN
from keras_gan_translate.presets.folders import name_of, read_metadata
from keras_gan_translate.runs.folders import find_model, is_run
from keras_gan_translate.runs.run import Run, read_kept

CACHE = pathlib.Path("~", ".cache", "keras-gan-translate", "presets")
# Of a preset's metadata, what the card of its export tells too.
TOLD = ("data", "licence", "command", "results", "precision")


def open_model(source):
    """What holds a trained model, opened.

    Args:
        source: as of `runs.folders.find_model`.

    Returns:
        An `Opened`.

    Raises:
        ValueError: there is no such model.
        ImportError: the hub is asked for without huggingface_hub.
    """
    path = find_model(source)
    if path.suffix == ".keras" and path.is_file():
        return OpenedFile(path)
    return OpenedRun(path) if is_run(path) else OpenedPreset(path)


class Opened:
    """A whole model in a `.keras` file, in a run folder, or a preset.

    Attributes:
        path: of the file or folder.
        name: what it is called.
        home: the folder for what is made of it on the way, `web` for one.
        config: dict of the run's config; empty where there is none.
        works_at: pixels of the shorter side at which it translates best,
            whatever the image; None where nobody said.

    Args:
        path: of the file or folder.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.name, self.home = self.path.resolve().name, self.path
        self.config, self.works_at = {}, None

    def model(self, which="best"):
        """The `GAN`, with trained weights.

        Args:
            which: "best" or "last", of a run.

        Raises:
            ValueError: it cannot be read, or holds one model only.
        """
        if which != "best":
            raise ValueError(
                f"'{self.path}' holds one model, not checkpoints of a run: "
                f"leave out --which. Received: {which!r}."
            )
        return self._load()

    def training(self, which="best"):
        """What is known of the training, for the card; None if nothing."""
        return None

    def files(self, which="best"):
        """The files that its weights lie in."""
        return sorted(self.path.glob("*.keras"))


class OpenedFile(Opened):
    """A `.keras` file of a whole model."""

    def __init__(self, path):
        super().__init__(path)
        self.name, self.home = path.stem, path.resolve().parent

    def _load(self):
        model = load_keras_file(self.path)
        if not isinstance(model, GAN):
            raise ValueError(
                f"'{self.path}' holds the network '{model.name}', and not the "
                "model that it belongs to. Take the run folder that it is in, "
                "or a file that `model.save` wrote."
            )
        return model

    def files(self, which="best"):
        return [self.path]


class OpenedRun(Opened):
    """A run folder."""

    def __init__(self, path):
        super().__init__(path)
        self.run = Run(path)
        self.config = self.run.config

    def model(self, which="best"):
        return self.run.model(which)

    def training(self, which="best"):
        training = {
            "config": self.config,
            "environment": read_kept(self.path / "environment.json"),
            "results": self.run.results,
        }
        best = read_kept(self.path / "best" / "best.json")
        if which == "best" and "epoch" in best:
            training["epoch"] = best["epoch"]
        return training

    def files(self, which="best"):
        return sorted((self.path / which).glob("*.keras"))


class OpenedPreset(Opened):
    """A preset, in whose folder nothing is written."""

    def __init__(self, path):
        super().__init__(path)
        self.name = name_of(path)
        self.works_at = read_metadata(path).get("image_size")
        # Others may be called the same.
        place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]
        self.home = CACHE.expanduser() / f"{self.name}-{place}"

    def _load(self):
        return GAN.from_preset(self.path)

    def training(self, which="best"):
        metadata = read_metadata(self.path)
        known = {k: metadata[k] for k in TOLD if k in metadata}
        version = metadata.get("keras_gan_translate_version")
        return {
            "config": {"preset": self.name} | known,
            "environment": {
                "git_commit": metadata.get("git_commit"),
                "keras_gan_translate": version,
                "keras": metadata.get("keras_version"),
            },
        }
