import re
import subprocess
import sys

import click
import pytest

from keras_gan_translate.cli import main
from keras_gan_translate.support.version import __version__
from tests.cli.conftest import error_of, run_cli
from tests.data.folders import photo, write


def python(code, *args, **options):
    return subprocess.run(
        [sys.executable, *code, *args],
        capture_output=True,
        text=True,
        timeout=120,
        **options,
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
    names = heavy | {"PIL", "numpy"}
    result = python(["-c", code.format(verb="translate", names=names)])
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
    result = python(["-m", "keras_gan_translate"], "info", "cogan", "--json")
    assert result.returncode == 0 and result.stdout.startswith("{")
    assert result.stderr == ""


def test_version():
    assert __version__ in run_cli("--version").output


# Keras alone takes seconds: none of these may wait for it.
ANSWERS = {
    "trian": "Did you mean 'train'?",
    "train cyclegna": "Did you mean 'cyclegan'?",
    "train pix2pix faces --imagesize 64": "Did you mean '--image-size'?",
    "train pix2pix faces --epoch 3": "Did you mean '--epochs'?",
    "train pix2pix faces --filters many": "'many' is not a valid integer",
    "train pix2pix faces": "There is no folder",
    "train pix2pix pairs": "nothing is paired",
    "train stargan pairs --no-exclusive": "No attributes data found",
    "train pix2pix drawn:2 --kind skech": "Did you mean 'sketch'",
    "train pix2pix drawn:2 --holes box": "is for masked, identities, sketch",
    "benchmark cyclegna": "Did you mean 'cyclegan'?",
    "info cyclegna": "Did you mean 'cyclegan'?",
    "info drawn_toon": "Drawn faces",
    "info runs/nope": "There is no folder 'runs/nope'",
    "translate pairs x.png": "'pairs' is no run folder",
    "translate drawn_ton none.png": "Did you mean 'drawn_toon'?",
    "translate none.png": "There is no file or folder 'none.png'",
    "translate hf://user none.png": "hf://USER/MODEL. Received",
    "translate made none.png": "There is no file or folder 'none.png'",
    "generate runs/nope": "There is no folder 'runs/nope'",
    "export runs/nope": "There is no folder 'runs/nope'",
    "evaluate drawn_toon": "is a preset and no run folder",
    "evaluate runs/nope": "There is no folder 'runs/nope'",
    "compare pairs": "There is no run folder among pairs",
    "web runs/nope": "There is no folder 'runs/nope'",
    "import pares": "Did you mean 'pairs'?",
    "import pairs --model cyclegna": "Did you mean 'cyclegan'?",
    "convert --from pares --out x.keras": "Did you mean 'pairs'?",
    "models": "then `kgt translate ink_avatar faces/`",
    "train --help": "--epochs",
    "train munit --help": "--style-size",
    "train pix2pix --kind sketch --help": "[sketch data]",
}
ASKING = """
import sys
sys.argv[0] = "bin/kgt"  # as its script starts it
import click.testing
from keras_gan_translate.cli import main
for words in {questions}:
    result = click.testing.CliRunner().invoke(main, words.split())
    print(words, "->", *result.output.split())
    imported = set(sys.modules) & {{"keras", "tensorflow", "jax", "torch"}}
    assert not imported, (words, imported)
"""


def test_what_is_mistyped_is_answered_without_keras(tmp_path):
    for name in ("trainA/1.png", "trainB/2.png"):
        write(tmp_path / "pairs" / name, photo())
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "config.yaml").write_text("model: pix2pix")
    result = python(
        ["-c", ASKING.format(questions=list(ANSWERS))], cwd=tmp_path
    )
    answers = dict(line.split(" -> ", 1) for line in result.stdout.splitlines())
    assert result.returncode == 0 and answers.keys() == ANSWERS.keys(), (
        result.stderr
    )
    for words, expected in ANSWERS.items():
        assert expected in answers[words], answers[words]
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
