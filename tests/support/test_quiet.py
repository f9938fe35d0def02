import os
import subprocess
import sys

import pytest

from keras_gan_translate.support.quiet import LEVEL, without_chatter

# What TensorFlow 2.21 writes when it is imported, and later.
TENSORFLOW = """
import os
for line in (
    "WARNING: All log messages before absl::InitializeLog() is called are",
    "I0000 00:00:1795800126.979205   23563 port.cc:153] oneDNN is on.",
    "W0000 00:00:1795800126.979206   23563 place.cc:17] registered already",
    "E0000 00:00:1795800126.979207   23563 cuda.cc:52] failed call to cuInit",
    "Illegal something",
):
    os.write(2, line.encode() + b"\\n")
"""
USE = """
import sys
sys.argv[0] = {program!r}
from keras_gan_translate.support.quiet import quieten_tensorflow
quieten_tensorflow({level!r})
quieten_tensorflow("0")  # the first counts
import importlib.util
assert importlib.util.find_spec("tensorflow")  # as libraries ask first
import tensorflow
import os
print(os.environ["TF_CPP_MIN_LOG_LEVEL"])
"""


@pytest.mark.parametrize(
    ("level", "of_user", "shown"),
    [
        ("3", None, "X"),
        ("1", None, "WEX"),
        ("3", "0", "AIWEX"),
        ("1", "2", "EX"),
        ("1", "often", "AIWEX"),
    ],
)
def test_what_is_shown_of_an_import(tmp_path, level, of_user, shown):
    (tmp_path / "tensorflow.py").write_text(TENSORFLOW)
    paths = [str(tmp_path), *filter(None, sys.path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    environment.pop(LEVEL, None)
    if of_user is not None:
        environment[LEVEL] = of_user
    result = subprocess.run(
        [sys.executable, "-c", USE.format(program="kgt", level=level)],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == (of_user or level)
    letters = {"WARN": "A", "I000": "I", "W000": "W", "E000": "E", "Ille": "X"}
    lines = result.stderr.splitlines()
    assert "".join(letters[line[:4]] for line in lines) == shown


def test_errors_before_an_exception_are_shown(capfd):
    with pytest.raises(ImportError), without_chatter("IWE"):
        os.write(2, b"I0000 00:00:17.1 12 port.cc:153] oneDNN is on.\n")
        os.write(2, b"E0000 00:00:17.1 12 cuda.cc:1] no memory\nbroken\n")
        raise ImportError
    assert capfd.readouterr().err == (
        "E0000 00:00:17.1 12 cuda.cc:1] no memory\nbroken\n"
    )


def test_a_program_without_standard_error(monkeypatch):
    def dup(descriptor):
        raise OSError

    monkeypatch.setattr(os, "dup", dup)
    with without_chatter("IWE"):
        pass
