"""The shards of translations: written once, listed, and never half.

    shards/00001-0000042.tar    translations, under the names that `kgt
                                translate` gives them
    records/00001-0000042.json  that it is whole, and what was skipped
    plan-00001.json.gz          which files there were; one for each time that
                                new ones had come
    job.json                    what translates them
    manifest.json, skipped.csv  at the end: all shards; files of no use, why

A shard counts when its record is there, which is written after it. Made twice
it has the same bytes, so it does not matter who is first.
"""

import concurrent.futures
import csv
import hashlib
import io
import json
import tarfile
import time

from keras_gan_translate.scale.places import read_bytes
from keras_gan_translate.support.untrusted import MIB

SHARDS, RECORDS = "shards", "records"
TRIED = "tried"  # how often the workers of Ray have begun a shard
JOB, MANIFEST, SKIPPED = "job.json", "manifest.json", "skipped.csv"
MAX_JOB = 64 * MIB
AT_ONCE = 16  # a bucket answers slowly, and many at once


def write_shard(out, shard, translate):
    """Translates the pictures of a shard, and writes it and its record.

    Args:
        out: a `Folder` or a `Bucket`.
        shard: a `Shard`.
        translate: function of a `Picture`, to the bytes of its translation's
            file. What it raises of `ValueError` and `OSError` skips it.

    Returns:
        The record, a dict.
    """
    begun, images, skipped = time.monotonic(), 0, []
    name = f"{SHARDS}/{shard.name}.tar"
    with out.writing(name) as file:
        counted = _Counted(file)
        with tarfile.open(
            fileobj=counted, mode="w|", format=tarfile.PAX_FORMAT
        ) as archive:
            for picture in shard.pictures:
                reason = picture.reason
                if reason is None:
                    try:
                        content = translate(picture)
                    except (ValueError, OSError) as error:
                        reason = getattr(error, "reason", None) or str(error)
                if reason is not None:
                    skipped.append([picture.source, reason])
                    continue
                # No time and no owner: it has the same bytes whenever made.
                member = tarfile.TarInfo(picture.name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
                images += 1
    record = {
        "shard": name,
        "images": images,
        "skipped": skipped,
        "bytes": counted.bytes,
        "sha256": counted.digest.hexdigest(),
        "seconds": round(time.monotonic() - begun, 3),
    }
    write_json(out, f"{RECORDS}/{shard.record}.json", record)
    return record


def records_of(out):
    """Names of the records that are there, without a suffix: a set."""
    return {
        name.removesuffix(".json")
        for name in out.names(RECORDS)
        if name.endswith(".json")
    }


def write_manifest(out, job, names, facts):
    """Writes the list of all shards, and that of what was skipped.

    Args:
        out: a `Folder` or a `Bucket`.
        job: the dict of what translates.
        names: of the records.
        facts: dict of what else is to be told.

    Returns:
        The manifest, a dict.
    """
    files = [f"{RECORDS}/{name}.json" for name in sorted(names)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        records = list(pool.map(lambda name: read_json(out, name), files))
    skipped = [row for record in records for row in record["skipped"]]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "reason"])
    writer.writerows(sorted(skipped))
    with out.writing(SKIPPED) as file:
        # Names of Linux may be no text.
        file.write(text.getvalue().encode("utf-8", "backslashreplace"))
    told = ("shard", "images", "bytes", "sha256")
    manifest = {
        "job": job,
        "images": sum(record["images"] for record in records),
        "skipped": len(skipped),
        "seconds": round(sum(record["seconds"] for record in records), 3),
        **facts,
        "shards": [{key: record[key] for key in told} for record in records],
    }
    write_json(out, MANIFEST, manifest)
    return manifest


def read_json(out, name):
    """What a JSON file of a place holds."""
    return json.loads(read_bytes(out, name, MAX_JOB))


def write_json(out, name, value):
    """Writes a JSON file into a place."""
    with out.writing(name) as file:
        file.write(json.dumps(value, indent=1).encode("ascii") + b"\n")


def clear(out):
    """Removes what an earlier job has left: the job last, the records first.

    Broken off, it leaves a job of which less is done.
    """
    for folder in (RECORDS, SHARDS, TRIED):
        for name in out.names(folder):
            out.remove(f"{folder}/{name}")
    plans = [name for name in out.names() if name.startswith("plan-")]
    for name in (MANIFEST, SKIPPED, *plans, JOB):
        out.remove(name)


class _Counted:
    """A file that knows how many bytes it got, and their checksum."""

    def __init__(self, file):
        self._file, self.bytes = file, 0
        self.digest = hashlib.sha256()

    def write(self, content):
        self.bytes += len(content)
        self.digest.update(content)
        return self._file.write(content)
