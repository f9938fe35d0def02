"""Many images through `kgt translate --engine ray`, killed in the middle.

    python -m tests.long.ray_translate --images 20000 --report ray.json

Kills a worker with kill -9, then the whole command, repeats it, and looks for
what is lost, doubled or other than one picture at a time gives. Reports the
share of the processors that was busy and the memory over time. Linux only.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tarfile
import tempfile
import time

from keras_gan_translate.data import synthetic_faces, write_image
from keras_gan_translate.data.images import encode_image
from keras_gan_translate.runs.translators import (
    open_translator,
    translate_file,
)

BROKEN = b"no image"
SAMPLE = 20  # pictures that are compared with one at a time
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGESIZE")


def draw(folder, count, size, broken):
    """Writes pictures; names of all, and of those that are none."""
    names = [f"{i // 1000:03d}/{i:06d}.jpg" for i in range(count)]
    bad = set(random.Random(0).sample(names, broken))
    pictures, _ = synthetic_faces(min(count, 64), size)
    for i, name in enumerate(names):
        path = folder / name
        if name in bad:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(BROKEN)
        else:
            # Each another: one pixel says which it is.
            picture = pictures[i % len(pictures)].copy()
            picture[:8, :8] = [i % 256, i // 256 % 256, i // 65536]
            write_image(path, picture)
    return names, bad


def processes(root):
    """{pid: (what it is, processor seconds, bytes of its own)} of a tree."""
    parents, facts = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
            pages = [int(x) for x in (entry / "statm").read_text().split()]
        except (OSError, ValueError):
            continue
        pid = int(entry.name)
        parents[pid] = int(stat[1])
        seconds = (int(stat[11]) + int(stat[12])) / TICKS
        # Without what is shared: Ray's store would be counted many times.
        own = (pages[1] - pages[2]) * PAGE
        facts[pid] = command.decode(errors="replace"), seconds, own
    inside = {root}
    while more := {p for p, q in parents.items() if q in inside} - inside:
        inside |= more
    return {pid: facts[pid] for pid in inside if pid in facts}


def is_worker(command):
    return "ray::" in command and "_Actor" in command


class Watch:
    """One command, looked at while it runs.

    Args:
        words: of the command.
        out: folder of the shards.
        log: file of what it says.
    """

    def __init__(self, words, out, log):
        self.out, self.seconds, self.memory = out, {}, []
        self.begun, self.first = time.monotonic(), None
        self.process = subprocess.Popen(
            words, stdout=log, stderr=log, start_new_session=True
        )

    def records(self):
        folder = self.out / "records"
        return len(list(folder.glob("*.json"))) if folder.exists() else 0

    def look(self):
        """The processes that there are."""
        found = processes(self.process.pid)
        for pid, (_, seconds, _) in found.items():
            self.seconds[pid] = seconds
        now = time.monotonic() - self.begun
        self.memory.append((now, sum(own for *_, own in found.values())))
        if self.first is None and self.records():
            self.first = now, sum(self.seconds.values())
        return found

    def until(self, records):
        """Waits for so many records; whether the command still runs."""
        while self.process.poll() is None and self.records() < records:
            self.look()
            time.sleep(0.2)
        return self.process.poll() is None

    def busy(self):
        """Share of all processors since the first shard was there."""
        if self.first is None:
            return None
        wall = self.memory[-1][0] - self.first[0]
        used = sum(self.seconds.values()) - self.first[1]
        return used / wall / len(os.sched_getaffinity(0)) if wall else None


def gone(pids, patience=120):
    """Waits until processes have ended; those that have not."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        pids = [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
        if not pids:
            break
        time.sleep(1)
    return pids


def check(photos, out, names, bad, model):
    """What came of it, compared with what should."""
    manifest = json.loads((out / "manifest.json").read_text())
    counts, contents = collections.Counter(), {}
    sample = set(random.Random(1).sample(sorted(set(names) - bad), SAMPLE))
    for shard in manifest["shards"]:
        with tarfile.open(out / shard["shard"]) as archive:
            for member in archive:
                counts[member.name] += 1
                if member.name in sample:
                    contents[member.name] = archive.extractfile(member).read()
    surplus = {f"shards/{p.name}" for p in (out / "shards").iterdir()}
    surplus -= {shard["shard"] for shard in manifest["shards"]}
    translator = open_translator(model)
    other = 0
    for name in sample:
        translated = translate_file(translator, photos / name, {})[1]
        other += encode_image(translated, name) != contents.get(name)
    skipped = (out / "skipped.csv").read_text().splitlines()[1:]
    return {
        "lost": len(set(names) - bad - set(counts)),
        "doubled": sum(count > 1 for count in counts.values()),
        "unknown": len(set(counts) - set(names)),
        "broken listed": len(skipped),
        "broken": len(bad),
        "of a sample other than one at a time": other,
        "sample": len(sample),
        "shards that no manifest names": len(surplus),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=20000)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--broken", type=int, default=20)
    parser.add_argument("--model", default="drawn_toon")
    parser.add_argument("--shard-size", type=int, default=256)
    parser.add_argument("--actors", type=int)
    parser.add_argument("--report", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(options, pathlib.Path(folder))
    text = json.dumps(report, indent=1)
    print(text)
    if options.report:
        options.report.write_text(text + "\n")
    checked = report["checked"]
    bad = ("lost", "doubled", "unknown", "of a sample other than one at a time")
    if any(checked[key] for key in bad) or (
        checked["broken listed"] != checked["broken"]
    ):
        sys.exit(1)


def run(options, folder):
    photos, out = folder / "photos", folder / "out"
    names, bad = draw(photos, options.images, options.size, options.broken)
    words = [sys.executable, "-m", "keras_gan_translate", "translate"]
    words += [options.model, photos, "--engine", "ray", "--out", out]
    words += ["--shard-size", options.shard_size]
    if options.actors:
        words += ["--actors", options.actors]
    words = list(map(str, words))
    shards = -(-options.images // options.shard_size)
    report = {"images": options.images, "size": options.size, "runs": []}
    log = open(folder / "log.txt", "wb")

    def watched(kind):
        watch = Watch(words, out, log)
        if kind == "driver":
            # A worker first, whose work the others do again.
            if watch.until(shards // 4):
                found = watch.look()
                workers = [p for p, f in found.items() if is_worker(f[0])]
                report["workers killed"] = len(workers[:1])
                for pid in workers[:1]:
                    os.kill(pid, signal.SIGKILL)
            watch.until(max(shards // 2, watch.records() + 1))
            alive = list(watch.look())
            report["driver killed"] = watch.process.poll() is None
            watch.process.kill()
            watch.process.wait()
            report["processes left after the driver"] = len(gone(alive))
        else:
            watch.until(1 << 60)
        memory = [round(own / 2**20) for _, own in watch.memory]
        busy = watch.busy()
        report["runs"].append(
            {
                "exit": watch.process.returncode,
                "records": watch.records(),
                "seconds": round(watch.memory[-1][0], 1),
                "processors busy": busy and round(busy, 3),
                "MiB after a quarter": memory[len(memory) // 4],
                "MiB after a half": memory[len(memory) // 2],
                "MiB at most": max(memory),
            }
        )

    for kind in ("driver", "whole"):
        watched(kind)
    log.close()
    expected = 1 if options.broken else 0
    if report["runs"][-1]["exit"] != expected:
        print((folder / "log.txt").read_text(errors="replace")[-4000:])
        sys.exit(1)
    report["checked"] = check(photos, out, names, bad, options.model)
    return report


if __name__ == "__main__":
    main()
