"""Gives every reader 10,000 damaged files and prints what came out.

    python -m tests.long.fuzz [--count 10000] [READER ...]

Each reader works in a process of its own, which may die of what it reads:
that is told, too. Exit code 1 if a reader raised anything but a ValueError
with words, took over five seconds for a file, or died.
"""

import argparse
import importlib.util
import subprocess
import sys
import tempfile

from tests.fuzzing import NEEDS, READERS, fuzz

PART = 10_000  # mutants of a process


def main():
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", metavar="READER")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--here", action="store_true", help="no process")
    options = parser.parse_args()
    failed = False
    for name in options.readers or READERS:
        if importlib.util.find_spec(NEEDS.get(name, "numpy")) is None:
            print(f"{name}: not tried, without {NEEDS[name]}")
            continue
        if options.here:
            with tempfile.TemporaryDirectory() as folder:
                report = fuzz(name, folder, options.count, options.first)
            print(f"{name}: {report}", flush=True)
            for number, error in list(report.raw.items())[:5]:
                print(f"  mutant {number}: {error!r}"[:300])
            failed |= bool(report.raw or report.slow)
            continue
        for first in range(options.first, options.count, PART):
            count = min(PART, options.count - first)
            command = [sys.executable, "-m", "tests.long.fuzz", name, "--here"]
            command += ["--first", str(first), "--count", str(count)]
            code = subprocess.run(command).returncode
            if code < 0:
                print(f"{name}: the process died of signal {-code}")
            failed |= code != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
