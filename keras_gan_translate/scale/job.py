"""What translates every picture: one that every process opens alike."""

import hashlib
import json
import os
import pathlib

from keras_gan_translate.data.images import (
    MAX_PIXELS,
    Held,
    encode_image,
    limit_pixels,
)
from keras_gan_translate.runs import translators
from keras_gan_translate.runs.folders import find_model
from keras_gan_translate.support.messages import check_format, shorten

# What may differ where a job goes on: where the same model lies, and what it
# is called.
FREE = ("model", "weights", "trust")


def open_translator(job):
    """The translator of a job, which is still the one that it began with.

    Args:
        job: a dict of `describe`.

    Raises:
        ValueError: its weights are others.
    """
    limit_pixels(job["max_pixels"])
    found = checksum(job)
    if found != job["sha256"]:
        raise ValueError(
            f"The weights of '{job['weights'] or job['model']}' have changed "
            "since the job began: translations would be of two models. "
            "Choose another --out, and a model that is not trained meanwhile."
        )
    if job["weights"]:
        from keras_gan_translate.checkpoints import recognise
        from keras_gan_translate.export.artefacts import ModelArtefact

        model = recognise(job["weights"], job["model"]).load()
        return ModelArtefact(model, job["direction"], job["weights"])
    translator = translators.open_translator(
        job["model"],
        job["artefact"],
        job["direction"],
        job["which"],
        job["trust"],
    )
    if job["image_size"] or job["tile"]:
        translator.works_at = None
    return translator


def describe(model, *, weights=None, artefact=False, **how):
    """A job as a dict of what JSON knows.

    Args:
        model: as of `kgt translate`: a run, a preset, a file; with `weights`
            the name of a model of the zoo, or None.
        weights: published weights.
        artefact: whether `model` is an exported or saved model.
        **how: the other arguments of `translate_shards`.
    """
    if weights is None:
        model = os.fspath(model)
        if os.path.exists(model):
            model = os.path.abspath(model)
    else:
        weights = os.path.abspath(weights)
    job = {"model": model, "weights": weights, "artefact": artefact}
    job |= {"max_pixels": how.pop("max_pixels", None) or MAX_PIXELS}
    job |= {"format": 1, **how}
    try:
        job = json.loads(json.dumps(job))
    except TypeError as error:
        raise ValueError(
            "Options of a job are texts and numbers, which go to other "
            f"processes: a path instead of an array. {error}."
        ) from error
    return job | {"sha256": checksum(job)}


def check_same(job, known, out):
    """Raises a ValueError where a job is another than that of a folder.

    Args:
        job: dict of `describe`.
        known: that of the folder.
        out: the folder, for people.
    """
    check_format(f"The job in '{out}'", known.get("format"), job["format"])
    other = [
        key
        for key in {**job, **known}
        if key not in FREE and job.get(key) != known.get(key)
    ]
    if other:
        what = shorten(
            [
                "the weights"
                if key == "sha256"
                else f"{key} {known.get(key)!r} (now {job.get(key)!r})"
                for key in sorted(other)
            ]
        )
        raise ValueError(
            f"'{out}' holds shards of another job: {what}. Choose another "
            "folder with --out, or --force to begin anew."
        )


def checksum(job):
    """SHA-256 of the files that a job's weights lie in."""
    from keras_gan_translate.runs.opened import open_model

    if job["weights"] or job["artefact"]:
        path = pathlib.Path(job["weights"] or job["model"])
        inside = path.rglob("*") if path.is_dir() else [path]
        files = sorted(file for file in inside if file.is_file())
    else:
        path = find_model(job["model"])
        files = open_model(path).files(job["which"])
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode("utf-8", "surrogateescape") + b"\0")
        with open(file, "rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()


class Worker:
    """Translates pictures to the files that `kgt translate` writes.

    Args:
        job: a dict of `describe`.
        translator: of the job, if it is open; `open_translator` opens it.
    """

    def __init__(self, job, translator=None):
        self.job = job
        self.translator = translator or open_translator(job)

    def __call__(self, picture):
        """The bytes of a translation's file.

        Args:
            picture: a `Picture` with content.

        Raises:
            ValueError: it cannot be read or translated.
        """
        job = self.job
        # The size of a tile is an argument of models alone.
        arguments = {"tile": job["tile"]} if job["tile"] else {}
        _, translated, _, _ = translators.translate_file(
            self.translator,
            Held(picture.key or picture.file, picture.content),
            job["options"],
            job["image_size"],
            job["faces"],
            **arguments,
        )
        return encode_image(translated, picture.name)
