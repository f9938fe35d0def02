"""Opens whatever holds a trained model."""

from __future__ import annotations

import functools
import hashlib
import logging
import pathlib
from collections.abc import Mapping

from keras_gan_translate.callbacks import Resume
from keras_gan_translate.checkpoints import recognise
from keras_gan_translate.gan import GAN
from keras_gan_translate.presets.folders import is_known
from keras_gan_translate.runs import training
from keras_gan_translate.runs.run import CONFIG, Run
from keras_gan_translate.support.types import Path

EXPORTS = (".tflite", ".onnx", ".pb")

logger = logging.getLogger("keras_gan_translate")


def load(
    source: Path | Mapping,
    which: str = "best",
    model: str | None = None,
    part: str | None = None,
) -> GAN:
    """A trained model, from wherever it lies.

    Args:
        source: a run folder that `train` or `import` wrote; a preset, as
            `GAN.from_preset` takes it: a folder, a name, "hf://USER/MODEL";
            a `.keras` file that `model.save` wrote; or published weights, as
            `checkpoints.recognise` takes them: a file, a TensorFlow
            checkpoint, a project's folder, or a dict of tensors by name.
        which: which checkpoint of a run, "best" or "last".
        model: of published weights, the zoo's name of the model, where they
            do not tell.
        part: of published weights, which network of the source; all if None.

    Returns:
        A `GAN` that translates. What only training has, such as
        discriminators, is not read before a `Distilled` asks for it.

    Raises:
        ValueError: it is none of these, or damaged; says what was found.
        ImportError: a file is read without the library that reads it.

    Example:
        model = kgt.load("runs/ugatit-selfie2anime")
        anime = model.translate("selfie.jpg")
    """
    if isinstance(source, Mapping):
        return _translating(recognise(source, model, part).load())
    path = pathlib.Path(source)
    if not (path / CONFIG).exists() and is_known(source):
        return _translating(GAN.from_preset(source))
    # A TensorFlow checkpoint is named by what its files have in common.
    is_checkpoint = pathlib.Path(f"{path}.index").exists()
    if (path / CONFIG).exists() or not (path.exists() or is_checkpoint):
        run = Run(path)  # which says what is there instead
        return _translating(run.model(which), run)
    if path.suffix.lower() == ".keras":
        return _load_keras(path)
    _refuse_exports(path)
    return _translating(recognise(path, model, part).load())


def load_teacher(
    source: Path | Mapping, which: str = "best"
) -> tuple[GAN, str]:
    """A trained model to learn from, and what tells it from others.

    Args:
        source: as of `load`.
        which: as of `load`.

    Returns:
        (a `GAN`; the SHA-256 of the translators' weights)

    Raises:
        ValueError: as of `load`.
    """
    model = load(source, which)
    digest = hashlib.sha256()
    for name in model.translator_networks:
        for array in getattr(model, name).get_weights():
            digest.update(array.tobytes())
    return model, digest.hexdigest()


def _translating(model, run=None):
    """A model of whose networks those alone are trained that translate."""
    networks = {name for names in model.players.values() for name in names}
    others = networks - set(model.translator_networks)
    model.load_rest = functools.partial(_load_rest, model, run, others)
    return model


def _load_rest(model, run, names):
    """Gives a run's model what only its training state holds.

    Returns:
        Those of the names that it does not hold.
    """
    found = None
    try:
        if run and names:
            found = Resume.find(run.folder)
        if found is None:
            return names
        whole = training.build_model(run.config)
        training.compile_model(run.config, whole, steps=1)
        Resume.restore(whole, found)
    except (ValueError, KeyError) as error:  # of another version
        logger.warning(
            "The discriminators of '%s' are not used: %s", run.folder, error
        )
        return names
    for name in names:
        getattr(model, name).set_weights(getattr(whole, name).get_weights())
    return set()


def _load_keras(path):
    from keras_gan_translate.export.keras_file import load_keras_file

    model = load_keras_file(path)
    if not isinstance(model, GAN):
        raise ValueError(
            f"'{path}' holds one network, {model.name!r}, and no model that "
            "knows how to use it: load the run folder it lies in, or read it "
            "with `keras.saving.load_model`."
        )
    return model


def _refuse_exports(path):
    files = [path, *path.glob("*"), *path.glob("*/*")]
    found = [file for file in files if file.suffix.lower() in EXPORTS]
    if found:
        raise ValueError(
            f"'{found[0]}' was exported, and is no model that can be trained "
            "on: open it with `export.artefacts.open_artefact`, or translate "
            f"with `kgt translate --model {path} IMAGE`."
        )
