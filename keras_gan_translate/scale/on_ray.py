"""Shards by Ray Data: tasks that read, and a pool of actors that translate.

Ray schedules, restarts what was killed and keeps the memory within bounds. A
row of its data is a whole shard, so that none is torn apart on the way.
"""

import dataclasses
import importlib
import json
import logging
import os
import re

from keras_gan_translate.scale.job import Worker
from keras_gan_translate.scale.places import INSTALL, Unread, place
from keras_gan_translate.scale.plan import File, Shard, Unit, read_unit
from keras_gan_translate.scale.shards import (
    RECORDS,
    TRIED,
    read_json,
    write_json,
    write_shard,
)
from keras_gan_translate.scale.sources import Picture

PROCESSORS = 4  # for each actor: few networks keep more of them busy
STARTS = 3  # Ray gives itself 30 seconds, too few on a busy machine
# So often a shard is begun anew where workers die; then it is the reason.
TRIES = 8
# Set for processes that need no model, and so do not wait for Keras.
READS = "KERAS_GAN_TRANSLATE_READS"
# What workers on other machines are told, if it is set here.
PASSED_ON = ("KERAS_BACKEND", "TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS")
# Every shard is a block of its own, which goes to whoever is free.
SETTINGS = {"target_max_block_size": 1, "enable_progress_bars": False}
# Else the first process on a GPU takes all of its memory, also the one that
# only looks which options there are.
GPUS_SHARED = {
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}


def share_gpus():
    """Leaves the memory of GPUs to the actors; before a model is opened."""
    for name, value in GPUS_SHARED.items():
        os.environ.setdefault(name, value)


def check_installed():
    """Raises an ImportError that says how to get Ray, unless it is there."""
    try:
        importlib.import_module("ray.data")
    except ImportError as error:
        raise ImportError(
            f"The engine 'ray' needs Ray Data: {INSTALL}."
        ) from error


def make_shards(units, job, where, done, actors, progress):
    """Makes the shards that are missing, in any order.

    Args:
        units: list of `Unit`.
        job: a dict of `job.describe`.
        where: path or URL of the shards.
        done: names of the records that are there.
        actors: number of processes that translate, or None.
        progress: a `Progress`.

    Raises:
        ValueError: the model cannot be opened, or a worker failed for good.
    """
    import ray

    out = place(where)
    for name in out.names(TRIED):  # by an earlier command, which was killed
        out.remove(f"{TRIED}/{name}")
    ours = not ray.is_initialized()
    if ours:
        _start(ray)
    context = ray.data.DataContext.get_current()
    kept = {name: getattr(context, name) for name in SETTINGS}
    try:
        for name, value in SETTINGS.items():
            setattr(context, name, value)
        rows = _pipeline(ray, units, job, where, done, actors).iter_rows()
        for row in rows:
            progress.add(json.loads(row["record"]), row["last"])
    except ray.exceptions.RayError as error:
        raise explained(error) from error
    finally:
        for name, value in kept.items():
            setattr(context, name, value)
        if ours:
            ray.shutdown()


def _start(ray):
    """Finds the cluster of RAY_ADDRESS, or starts one on this machine."""
    # Nobody is told what runs here.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # What is of interest comes back as an error, in words.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    for left in reversed(range(STARTS)):
        try:
            ray.init(
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
            return
        except Exception as error:  # Ray's own class for it is this one
            ray.shutdown()
            if "timed out" not in str(error):
                raise
            if not left:
                raise ValueError(
                    f"Ray did not start: {error} Try again when the machine "
                    "has less to do."
                ) from error


def _pipeline(ray, units, job, where, done, actors):
    """The Ray data set of the records."""
    resources = ray.cluster_resources()
    processors = int(resources.get("CPU", 1))
    gpus = int(resources.get("GPU", 0))
    actors = actors or gpus or max(1, processors // PROCESSORS)
    threads = max(1, processors // actors)
    # Ray knows parts of one processor, and whole ones.
    share = {"num_cpus": min(threads, processors / actors)}
    if gpus:
        share = {"num_gpus": min(1, gpus / actors)}
    environment = {
        # TensorFlow would have every actor use all processors.
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "OMP_NUM_THREADS": str(threads),
        **GPUS_SHARED,
    } | {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    given = ray.put(frozenset(done))
    rows = [{"unit": json.dumps(dataclasses.astuple(unit))} for unit in units]
    waiting = ray.data.from_items(rows, override_num_blocks=len(rows))
    read = waiting.map_batches(
        _Read(job["shard_size"], job["column"], given),
        batch_size=1,
        compute=ray.data.TaskPoolStrategy(size=actors),
        num_cpus=0,  # they wait for disks, and all processors translate
        runtime_env={"env_vars": {READS: "1"}},
    )
    return read.map_batches(
        _Actor,
        fn_constructor_args=(job, where),
        batch_size=1,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=actors),
        runtime_env={"env_vars": environment},
        **share,
    )


class _Read:
    """Reads a unit: rows of what the shards hold.

    Args:
        most: number of pictures in a shard.
        column: as of `read_pictures`.
        done: a reference to the names of the records that are there.
    """

    def __init__(self, most, column, done):
        self._how, self._done = (most, column), done

    def __call__(self, batch):
        import pyarrow as pa
        import ray

        (text,) = batch["unit"]
        name, files, packed = json.loads(str(text))
        unit = Unit(name, tuple(File(*file) for file in files), packed)
        kind = pa.list_(pa.large_binary())
        for shard in read_unit(unit, *self._how, ray.get(self._done)):
            # Names need not be text, and JSON says them all the same.
            facts = [[p.name, p.file, p.key, p.reason] for p in shard.pictures]
            contents = [picture.content for picture in shard.pictures]
            yield pa.table(
                {
                    "name": [shard.name],
                    "record": [shard.record],
                    "last": [shard.last],
                    "facts": [json.dumps(facts)],
                    "contents": pa.array([contents], kind),
                }
            )


class _Actor:
    """Translates and writes shards, one after the other.

    Args:
        job: a dict of `job.describe`.
        where: path or URL of the shards.
    """

    def __init__(self, job, where):
        self._worker, self._where = Worker(job), where

    def __call__(self, table):
        (row,) = table.drop_columns(["contents"]).to_pylist()
        contents = table.column("contents")[0].values
        pictures = [
            Picture(name, file, key, content.as_py(), reason)
            for (name, file, key, reason), content in zip(
                json.loads(row["facts"]), contents, strict=True
            )
        ]
        shard = Shard(row["name"], row["record"], row["last"], pictures)
        out = place(self._where)
        try:  # perhaps made by one who died before he said so
            record = read_json(out, f"{RECORDS}/{shard.record}.json")
        except Unread:
            tried = count_try(out, shard)
            record = write_shard(out, shard, self._worker)
            out.remove(tried)
        return {"record": [json.dumps(record)], "last": [shard.last]}


def count_try(out, shard):
    """Counts how often a shard was begun; the name of the file that says so.

    Ray begins it anew when a worker dies, without end, also where it dies of
    a picture.
    """
    name = f"{TRIED}/{shard.name}.json"
    try:
        count = read_json(out, name) + 1
    except Unread:
        count = 1
    if count > TRIES:
        raise ValueError(
            f"{TRIES} workers have died of shard {shard.name}, whose pictures "
            f"are {shard.pictures[0].source} to {shard.pictures[-1].source}. "
            "One of them takes too much memory, or harms its decoder: remove "
            "it, or allow less with --max-pixels."
        )
    write_json(out, name, count)
    return name


def explained(error):
    """An error of Ray's as one in words: those of ours, which it quotes."""
    told = re.findall(r"^(?:ValueError|ImportError): (.+)", str(error), re.M)
    words = told[-1] if told else f"A worker of Ray failed: {error}"
    return ValueError(
        f"{words.rstrip('.')}. What is finished stays, and the same command "
        "goes on."
    )
