import json

import keras
import pytest

from keras_gan_translate.cli.demo import CLEAR_MARGIN, print_report
from tests.cli.conftest import forbid_sockets, run_cli


def test_demo(tmp_path, monkeypatch):
    forbid_sockets(monkeypatch)
    result = run_cli("demo --fast --minutes 0.01 --out", tmp_path / "demo")
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "demo" / "demo.json").read_text())
    files = {path.name for path in (tmp_path / "demo").iterdir()}
    assert {
        "before_after.png",
        "attention.png",
        "losses.png",
        "model.keras",
        "generator_ab.keras",
        "demo.json",
    } <= files
    assert set(report["psnr"]) == {
        "doing nothing",
        "mean image of the toons",
        "untrained",
        "trained",
    }
    assert report["clear"] == (report["margin"] >= CLEAR_MARGIN)
    exports = report["exports"]
    if keras.backend.backend() == "tensorflow":
        artefacts = ("ugatit-faces", "ugatit-faces-float32.tflite")
        for name in artefacts:
            assert "at most" in exports[f"export/{name}"]
            assert (tmp_path / "demo" / "export" / name).exists()
    else:
        assert "KERAS_BACKEND=tensorflow" in exports["export"]
    assert f"{report['psnr']['trained']:.2f} dB" in result.output


@pytest.mark.parametrize(
    ("margin", "words"),
    [(1.5, "beats all of them by 1.5 dB"), (0.5, "does not beat all")],
)
def test_the_verdict_is_honest(capsys, margin, words):
    print_report(
        {
            "psnr": {"untrained": 10.0, "trained": 10.0 + margin},
            "margin": margin,
            "clear": margin >= CLEAR_MARGIN,
            "steps": 5,
            "seconds": 1.0,
            "exports": {},
        },
        64,
    )
    assert words in " ".join(capsys.readouterr().out.split())
