"""Shards by Ray Data: tasks that read, and a pool of actors that translate.

Ray schedules, restarts what was killed and keeps the memory within bounds. A
row of its data is a whole shard, so that none is torn apart on the way.
"""

import importlib
import json
import logging
import os

from keras_gan_translate.scale.job import Worker
from keras_gan_translate.scale.places import INSTALL, Unread, place
from keras_gan_translate.scale.plan import Shard, read_unit
from keras_gan_translate.scale.shards import RECORDS, read_json, write_shard
from keras_gan_translate.scale.sources import Picture

PROCESSORS = 4  # for each actor: few networks keep more of them busy
TRIES = 8  # of a shard, by workers that die: then a picture is the reason
# What workers on other machines are told, if it is set here.
PASSED_ON = ("KERAS_BACKEND", "TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS")


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
        raise _explained(error) from error
    finally:
        for name, value in kept.items():
            setattr(context, name, value)
        if ours:
            ray.shutdown()


# Every shard is a block of its own, which goes to whoever is free.
SETTINGS = {"target_max_block_size": 1, "enable_progress_bars": False}


def _start(ray):
    """Finds the cluster of RAY_ADDRESS, or starts one on this machine."""
    # Nobody is told what runs here.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    ray.init(log_to_driver=False, logging_level=logging.ERROR)


def _pipeline(ray, units, job, where, done, actors):
    """The Ray data set of the records."""
    resources = ray.cluster_resources()
    processors = int(resources.get("CPU", 1))
    gpus = int(resources.get("GPU", 0))
    actors = actors or gpus or max(1, processors // PROCESSORS)
    threads = max(1, processors // actors)
    share = {
        "num_cpus": threads if threads > 1 else min(1, processors / actors)
    }
    if gpus:
        share = {"num_gpus": min(1, gpus / actors)}
    environment = {
        # TensorFlow would have every actor use all processors.
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "OMP_NUM_THREADS": str(threads),
    } | {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    given = ray.put(frozenset(done))
    waiting = ray.data.from_items(
        [{"unit": unit} for unit in units], override_num_blocks=len(units)
    )
    read = waiting.map_batches(
        _Read(job["shard_size"], job["column"], given),
        batch_size=1,
        num_cpus=0,  # they wait for disks, and have a word with every actor
        concurrency=2 * actors,
    )
    return read.map_batches(
        _Actor,
        fn_constructor_args=(job, where),
        batch_size=1,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=actors),
        max_task_retries=TRIES,
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

        (unit,) = batch["unit"]
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
            record = write_shard(out, shard, self._worker)
        return {"record": [json.dumps(record)], "last": [shard.last]}


def _explained(error):
    """An error of Ray's as one in words."""
    cause = error
    while cause is not None:
        if isinstance(cause, (ValueError, ImportError)) and not isinstance(
            cause, type(error)
        ):
            return type(cause)(str(cause))
        cause = getattr(cause, "cause", None) or cause.__cause__
    return ValueError(
        f"A worker of Ray failed: {error}. What is finished stays, and the "
        "same command goes on."
    )
