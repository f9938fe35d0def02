import importlib
import itertools
import json

import click
import keras
import pytest

from keras_gan_translate.cli import demo_training, telling
from keras_gan_translate.runs.run import Run
from tests.cli.conftest import forbid_sockets, run_cli

MODULE = importlib.import_module("keras_gan_translate.cli.demo")
TINY = {"data": "drawn:8", "filters": 4, "num_blocks": 1}


def words(text):
    return " ".join(text.split())


def test_demo(tmp_path, monkeypatch):
    forbid_sockets(monkeypatch)
    # Where there is no terminal, as here, lines say how far it is.
    monkeypatch.setattr(telling, "LINES_EVERY", 0.0)
    folder = tmp_path / "demo"
    result = run_cli("demo --fast --out", folder)
    assert result.exit_code == 0, result.output
    said = words(result.output)
    assert "A step takes" in said and "Step 4 of 4: cycle" in said
    assert "seconds left" in said and "--fast is a test" in said
    for command in ("kgt translate", "kgt train", "index.html #"):
        assert command in said
    files = {path.name for path in folder.iterdir()}
    assert {
        "config.yaml",
        "index.html",
        "results.csv",
        "before_after.png",
        "demo.json",
    } <= files
    report = json.loads((folder / "demo.json").read_text())
    assert report["steps"] == 4 and report["image_size"] == 32
    assert set(report["psnr"]) == {
        "doing nothing",
        "the mean toon",
        "untrained",
        "trained",
    }
    assert report["clear"] == (report["margin"] >= MODULE.CLEAR_MARGIN)
    assert f"{report['psnr']['trained']:.2f} dB" in said
    exports = report["exports"]
    if keras.backend.backend() == "tensorflow":
        artefacts = ("ugatit-faces", "ugatit-faces-float32.tflite")
        for name in artefacts:
            assert "at most" in exports[f"export/{name}"]
            assert (folder / "export" / name).exists()
    else:
        assert "KERAS_BACKEND=tensorflow" in exports["export"]

    # Again: nothing is trained, and all is said once more.
    monkeypatch.setattr(MODULE, "export", lambda run, images: {})
    monkeypatch.setattr(MODULE, "train_run", None)
    result = run_cli("demo --fast --out", folder)
    assert result.exit_code == 0, result.output
    assert "All 4 steps are done." in result.output
    again = json.loads((folder / "demo.json").read_text())
    assert again["psnr"] == report["psnr"]


@pytest.mark.parametrize(
    ("asked", "seconds", "size"),
    [("", 3.0, 32), ("--image-size 36", 3.0, 36), ("", 0.1, 40)],
)
def test_a_slow_machine(tmp_path, monkeypatch, asked, seconds, size):
    def stopped(run, *args, **kwargs):
        raise click.exceptions.Exit(130)

    recipe = MODULE.RECIPE | TINY | {"image_size": 40}
    for name, value in {
        "RECIPE": recipe,
        "NUM_HELD_OUT": 2,
        "train_run": stopped,
    }.items():
        monkeypatch.setattr(MODULE, name, value)
    monkeypatch.setattr(demo_training, "time_steps", lambda *_: seconds)
    result = run_cli("demo", asked, "--out", tmp_path / "demo")
    assert result.exit_code == 130, result.output
    said = words(result.output)
    minutes = {3.0: "2.2 hours", 0.1: "4.3 minutes"}[seconds]
    assert f"about {minutes}." in said
    assert ("faces of 32 pixels instead" in said) == (size == 32)
    config = Run(tmp_path / "demo").config
    assert config["image_size"] == size
    assert config["epochs"] * config["steps_per_epoch"] == MODULE.STEPS


def test_lines_without_a_terminal(monkeypatch, capsys):
    clock = itertools.count(0.0, 10.0)
    monkeypatch.setattr(telling, "monotonic", lambda: next(clock))
    logs = {"generator_cycle": 0.5, "generator_adversarial": 1.0}
    with telling.Telling({"epochs": 2, "steps_per_epoch": 20}) as told:
        for epoch in range(2):
            told.begin_epoch(epoch, {})
            for batch in range(20):
                told.end_step(batch, logs)
            told.end_epoch(epoch, {"score_ab_psnr": 14.25})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "Step 3 of 40: cycle 0.500, adversarial 1.00; 6.2 minutes left"
    )
    assert lines[-1] == (
        "Step 39 of 40: 14.2 dB, cycle 0.500, adversarial 1.00; 10 seconds left"
    )
    assert len(lines) == 13  # one in 30 seconds


@pytest.mark.parametrize(
    ("margin", "fast", "told"),
    [
        (1.5, False, "11.5 dB, 1.5 dB more than the best that knows nothing"),
        (0.5, False, "NOT clearly better than what knows nothing"),
        (0.5, True, "--fast is a test of that and shows nothing else"),
    ],
)
def test_the_verdict_is_honest(capsys, margin, fast, told):
    report = {
        "psnr": {"the mean toon": 10.0, "trained": 10.0 + margin},
        "margin": margin,
        "clear": margin >= MODULE.CLEAR_MARGIN,
        "steps": 5,
        "seconds": 1.0,
    }
    MODULE.print_verdict(report, "kgt demo --steps 20", fast)
    said = words(capsys.readouterr().out)
    assert told in said and "5 steps in 1 seconds" in said
    assert ("kgt demo --steps 20" in said) == (not fast)
