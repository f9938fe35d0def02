import os
import re
import subprocess
import sys

import click
import pytest

from keras_gan_translate.cli import main
from keras_gan_translate.cli.quiet import without_chatter
from keras_gan_translate.support.version import __version__
from tests.cli.conftest import error_of, run_cli


def python(code, *args):
    return subprocess.run(
        [sys.executable, *code, *args],
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_names_every_verb(flag):
    result = run_cli(flag)
    assert result.exit_code == 0
    for verb in ("models", "info", "train", "translate", "demo"):
        assert re.search(rf"^  {verb} ", result.output, re.MULTILINE)
        assert run_cli(verb, flag).exit_code == 0


def test_python_m():
    result = python(["-m", "keras_gan_translate"], "--help")
    assert result.returncode == 0
    assert result.stdout.startswith("Usage: kgt ")


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv[0] = 'bin/kgt'; "  # as its script starts it
        "from keras_gan_translate.cli import main; "
        "main([{verb!r}, '--help'], standalone_mode=False); "
        "print({names} & set(sys.modules))"
    )
    heavy = {"keras", "tensorflow", "jax", "rich"}
    # The help of `train` tells the options of the kinds of data.
    for verb, names in (
        ("translate", heavy | {"PIL", "numpy"}),
        ("train", heavy),
    ):
        result = python(["-c", code.format(verb=verb, names=names)])
        assert result.stdout.splitlines()[-1] == "set()", result.stderr


def test_importing_opens_no_socket():
    code = (
        "import pytest\n"
        "from tests.cli.conftest import forbid_sockets\n"
        "forbid_sockets(pytest.MonkeyPatch())\n"
        "import keras_gan_translate.runs.training\n"
    )
    result = python(["-c", code])
    assert result.returncode == 0, result.stderr


def test_examples_in_help_keep_their_lines():
    for words in ("--help", "export --help"):
        output = run_cli(words).output
        assert r"\b" not in output and "keras-gan-translate" not in output
    assert "\n      kgt translate runs/anime" in run_cli("--help").output


def test_the_log_of_tensorflow_is_not_shown(monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    result = python(["-m", "keras_gan_translate"], "models", "--json")
    assert result.returncode == 0 and result.stdout.startswith("[")
    assert result.stderr == ""


def test_what_is_no_chatter_of_an_import_is_shown(capfd):
    with pytest.raises(ImportError), without_chatter():
        os.write(2, b"I0000 00:00:17.1 12 port.cc:153] oneDNN is on.\n")
        os.write(2, b"E0000 00:00:17.1 12 cuda.cc:1] no memory\nbroken\n")
        raise ImportError
    assert capfd.readouterr().err == (
        "E0000 00:00:17.1 12 cuda.cc:1] no memory\nbroken\n"
    )


def test_version():
    assert __version__ in run_cli("--version").output


def test_a_mistyped_verb_is_answered_without_tensorflow():
    code = (
        "import sys; sys.argv[0] = 'bin/kgt'; "
        "from keras_gan_translate.cli import main\n"
        "try: main(['trian'])\n"
        "finally: print({'keras', 'tensorflow', 'jax'} & set(sys.modules))"
    )
    result = python(["-c", code])
    assert result.returncode == 2 and result.stdout == "set()\n"
    assert "Did you mean 'train'?" in result.stderr


def test_typos():
    assert "Did you mean 'train'?" in error_of(run_cli("trian"))
    assert "Did you mean '--epochs'?" in error_of(
        run_cli("train pix2pix faces --epoch 3")
    )
    assert run_cli("trian").exit_code == 2


def test_errors_are_one_line_without_traceback(tmp_path):
    result = run_cli("translate", tmp_path / "nope", "x.png")
    assert result.exit_code == 1
    assert error_of(result).startswith("Error: There is no folder")


def test_debug_shows_the_traceback(tmp_path):
    result = run_cli("--debug translate", tmp_path / "nope", "x.png")
    assert isinstance(result.exception, ValueError)


def test_what_nobody_expects_says_how_to_see_more(monkeypatch):
    @click.command("break")
    def broken():
        raise KeyError("x")

    monkeypatch.setitem(main.commands, "break", broken)
    assert "KeyError: 'x' (Run it again" in error_of(run_cli("break"))
