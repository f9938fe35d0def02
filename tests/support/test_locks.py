import json
import os
import subprocess
import sys
import time

import pytest

from keras_gan_translate.support import locks

pytestmark = pytest.mark.skipif(locks.fcntl is None, reason="no flock here")

HOLD = """
import sys
sys.argv[0] = "kgt"  # which keeps the package from importing Keras
from keras_gan_translate.support import locks
locks.acquire(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that has the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_the_second_is_refused_at_once_by_name(other, tmp_path):
    for refuse in (locks.look, locks.acquire):
        for _ in range(25):
            begun = time.monotonic()
            with pytest.raises(locks.Locked) as error:
                refuse(tmp_path)
            assert time.monotonic() - begun < 2.0
    said = str(error.value)
    assert f"process {other.pid} on " in said and "since 2" in said
    assert str(tmp_path) in said and "--out" in said
    assert [path.name for path in tmp_path.iterdir()] == [locks.NAME]


def test_a_lock_of_the_dead_is_taken_over_and_said(other, tmp_path):
    other.kill()
    other.wait()
    locks.look(tmp_path)
    said = locks.acquire(tmp_path)
    assert f"process {other.pid} on " in said and "is gone" in said
    owner = json.loads((tmp_path / locks.NAME).read_text())
    assert owner["process"] == os.getpid()
    locks.release(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_process_may_have_it_twice(tmp_path):
    assert locks.acquire(tmp_path / "run") is None
    assert locks.acquire(tmp_path / "run") is None
    locks.look(tmp_path / "run")
    locks.release(tmp_path / "run")
    assert (tmp_path / "run" / locks.NAME).exists()
    locks.release(tmp_path / "run")
    locks.release(tmp_path / "run")  # once more is harmless
    assert list((tmp_path / "run").iterdir()) == []


def test_looking_makes_nothing(tmp_path):
    locks.look(tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []


def test_kgt_train_is_refused_before_keras_is_there(other, tmp_path):
    script = (
        "import sys; sys.argv[0] = 'kgt'\n"
        "from keras_gan_translate.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print('keras' in sys.modules)"
    )
    words = f"train pix2pix drawn:4 --epochs 1 --out {tmp_path}".split()
    for out in (words, [*words[:-2], f"--out={tmp_path}"]):
        result = subprocess.run(
            [sys.executable, "-c", script, *out],
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert result.returncode == 1 and result.stdout == "False\n"
        assert f"trained by process {other.pid}" in " ".join(
            result.stderr.split()
        )
    assert [path.name for path in tmp_path.iterdir()] == [locks.NAME]
