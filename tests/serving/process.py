"""The stand-in server as a process of its own."""

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@dataclasses.dataclass
class Server:
    process: subprocess.Popen
    pid: int
    grpc: int  # ports on localhost
    rest: int
    warmed_up: int  # answered warm-up requests

    def is_alive(self):
        return self.process.poll() is None

    def memory(self):
        """Resident memory in bytes."""
        try:
            text = pathlib.Path(f"/proc/{self.pid}/statm").read_text()
        except FileNotFoundError:
            pytest.skip("resident memory is read from /proc, which is absent")
        return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def running_server(base_path, name="tiny", options=(), core=None):
    """Within it a server is up, and has a version ready.

    Args:
        base_path: folder of the versions.
        name: of the model.
        options: further ones of `tests.serving.server`.
        core: number of the only one that it may use; None for all.
    """

    def pin():
        os.sched_setaffinity(0, {core})

    process = subprocess.Popen(
        [sys.executable, "-m", "tests.serving.server"]
        + [str(base_path), "--name", name, *map(str, options)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ
        | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
        # Before TensorFlow counts them and makes its threads.
        preexec_fn=None if core is None else pin,
    )
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"No server: exit code {process.wait()}.")
        yield Server(process, **json.loads(line))
    finally:
        process.terminate()
        process.wait(30)
