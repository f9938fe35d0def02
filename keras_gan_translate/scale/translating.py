"""Folders and buckets of images to shards of translations."""

import pathlib

from keras_gan_translate.data.images import limited_pixels
from keras_gan_translate.scale import shards
from keras_gan_translate.scale.job import Worker, check_same, describe
from keras_gan_translate.scale.places import Folder, is_url, place
from keras_gan_translate.scale.plan import (
    add_names,
    find_files,
    is_done,
    read_plans,
    read_unit,
    units_of,
    write_plan,
)
from keras_gan_translate.support import locks
from keras_gan_translate.support.messages import check_choice
from keras_gan_translate.support.outputs import KEPT_SUFFIXES, LOSSLESS

SHARD_SIZE = 256


def translate_shards(
    model,
    inputs,
    out,
    *,
    engine="ray",
    artefact=False,
    weights=None,
    direction=None,
    which="best",
    trust=False,
    options=None,
    image_size=None,
    tile=None,
    faces=False,
    max_pixels=None,
    column=None,
    shard_size=SHARD_SIZE,
    actors=None,
    force=False,
    translator=None,
    on_progress=None,
):
    """Translates images by the million into tars, and goes on after a crash.

    Every picture becomes the file that `kgt translate` would write, byte for
    byte on processors of one kind, whoever translates it and when. The same
    call goes on where a killed one was, and takes in what new files there
    are. Files that are of no use are listed in skipped.csv with the reason.

    Args:
        model: a run folder, a preset's name or folder, or an export; as of
            `kgt translate`. Every machine must find it there.
        inputs: paths and URLs of folders, images, and .tar (WebDataset),
            .parquet and .tfrecord files of images.
        out: folder or bucket of the shards.
        engine: "ray": actors of Ray Data, on the cluster of RAY_ADDRESS or
            on this machine; "here": one picture after the other, in this
            process.
        artefact: whether `model` is an exported or saved model.
        weights: published weights; `model` is then the name of a model of
            the zoo, or None.
        direction: one of the model's; None for its first.
        which: "best" or "last", of a run.
        trust: whether a SavedModel may do more than compute.
        options: dict of what else the model takes, as texts and numbers.
        image_size: pixels that the shorter side is brought to first.
        tile: pixels of the square that is worked on at once.
        faces: whether only the faces are translated.
        max_pixels: pictures of more are skipped.
        column: of a table, or a feature of records, that holds the images;
            None for the first that can.
        shard_size: number of pictures in a shard, at most.
        actors: number of processes that translate; None for one for each
            GPU, or for every fourth processor.
        force: whether an earlier job in `out` is thrown away.
        translator: what the model was opened as, if it was; for "here".
        on_progress: function of (shards that are done, shards, pictures that
            are done); of files of many pictures each counts as one shard.

    Returns:
        The manifest, a dict: `images`, `skipped` and `shards`, which are
        what manifest.json says.

    Raises:
        ValueError: there are no images, the model is none, or `out` holds
            another job.
        ImportError: Ray is missing; says how to get it.

    Example:
        >>> translate_shards("drawn_toon", ["s3://photos/"], "s3://toons/")
    """
    check_choice("engine", engine, tuple(ENGINES))
    if shard_size < 1:
        raise ValueError(
            f"A shard has at least 1 picture. Received: {shard_size}."
        )
    if engine == "ray":
        from keras_gan_translate.scale import on_ray

        on_ray.check_installed()
        on_ray.share_gpus()
    job = describe(
        model,
        weights=weights,
        artefact=artefact,
        direction=direction,
        which=which,
        trust=trust,
        options=options or {},
        image_size=image_size,
        tile=tile,
        faces=faces,
        max_pixels=max_pixels,
        column=column,
        shard_size=shard_size,
    )
    there = place(out)
    _check_apart(inputs, there)
    if isinstance(there, Folder):
        locks.acquire(there.path, "is being filled")
    try:
        _begin(there, job, force)
        units, files = _planned(there, inputs, job)
        done = shards.records_of(there)
        waiting = [unit for unit in units if not is_done(unit, done)]
        progress = Progress(units, waiting, on_progress)
        if waiting:
            ENGINES[engine](
                waiting, job, there.where, done, actors, translator, progress
            )
        done = shards.records_of(there)
        missing = [unit.name for unit in units if not is_done(unit, done)]
        if missing:
            raise ValueError(
                f"{len(missing)} of {len(units)} shards are missing in "
                f"'{out}'; the same command makes them."
            )
        return shards.write_manifest(there, job, done, {"files": files})
    finally:
        if isinstance(there, Folder):
            locks.release(there.path)


class Progress:
    """Counts what is done.

    Args:
        units: all.
        waiting: those that are not done.
        tell: function of (units done, units, pictures done), or None.
    """

    def __init__(self, units, waiting, tell):
        self._all, self._done = len(units), len(units) - len(waiting)
        self._pictures, self._tell = 0, tell
        self._told()

    def add(self, record, last):
        """Counts a shard's record; `last` if its unit is done with it."""
        self._pictures += record["images"] + len(record["skipped"])
        self._done += last
        self._told()

    def _told(self):
        if self._tell:
            self._tell(self._done, self._all, self._pictures)


def _here(units, job, where, done, actors, translator, progress):
    """Makes what is missing in this process."""
    out = place(where)
    with limited_pixels(job["max_pixels"]):
        worker = Worker(job, translator)
        for unit in units:
            for shard in read_unit(
                unit, job["shard_size"], job["column"], done
            ):
                record = shards.write_shard(out, shard, worker)
                progress.add(record, shard.last)


def _on_ray(units, job, where, done, actors, translator, progress):
    from keras_gan_translate.scale.on_ray import make_shards

    make_shards(units, job, where, done, actors, progress)


ENGINES = {"ray": _on_ray, "here": _here}


def _begin(there, job, force):
    """Begins a job, or finds that the one that was begun is the same."""
    if force:
        shards.clear(there)
    known = None
    if shards.JOB in there.names():
        known = shards.read_json(there, shards.JOB)
        check_same(job, known, there.where)
    elif there.names(shards.SHARDS) or there.names(shards.RECORDS):
        raise ValueError(
            f"'{there.where}' holds shards of which nothing is known: choose "
            "another folder with --out, or --force to replace them."
        )
    else:
        shards.write_json(there, shards.JOB, job)


def _planned(there, inputs, job):
    """(the units of all plans, how many files they have)."""
    plans = read_plans(there)
    before = [file for files in plans.values() for file in files]
    kept = LOSSLESS if job["faces"] else KEPT_SUFFIXES
    new = add_names(find_files(inputs), kept, before)
    if new:
        number = max(plans, default=0) + 1
        write_plan(there, number, new)
        plans[number] = new
    units = [
        unit
        for number, files in sorted(plans.items())
        for unit in units_of(number, files, job["shard_size"])
    ]
    return units, len(before) + len(new)


def _check_apart(inputs, there):
    """Refuses to write where is read: shards would be read as inputs."""
    for where in inputs:
        source = place(where).where
        inside = (
            pathlib.PurePosixPath(there.where).is_relative_to(source)
            if is_url(source)
            else isinstance(there, Folder)
            and there.path.resolve().is_relative_to(
                pathlib.Path(source).resolve()
            )
        )
        if inside:
            raise ValueError(
                f"'{there.where}' lies in '{where}', whose images are read: "
                "the shards would be, too. Choose another folder with --out."
            )
