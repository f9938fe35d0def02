import json
import shutil

import pytest

from keras_gan_translate.runs.evaluating import FILE
from tests.cli.conftest import error_of, run_cli


@pytest.fixture
def runs(trained, tmp_path, monkeypatch):
    """Two evaluated runs, of which b does better, and one that is not."""
    monkeypatch.chdir(tmp_path)
    for name, psnr, loss in (("a", 10.0, 3.0), ("b", 12.5, 2.0)):
        shutil.copytree(trained, name)
        scores = [
            {"name": "PSNR", "value": psnr, "better": "higher"},
            {"name": "KID", "value": loss, "better": "lower"},
            {"name": "diversity", "value": 1.0, "better": ""},
        ]
        content = {
            "protocol": {"data": "faces", "split": "test"},
            "questions": [{"name": "ab", "scores": scores}],
        }
        (tmp_path / name / FILE).write_text(json.dumps(content))
    shutil.copytree(trained, "c")
    (tmp_path / "notes").mkdir()
    return tmp_path


def test_a_table_and_a_page(runs):
    result = run_cli("compare a b c notes --out side.html")
    assert result.exit_code == 0, result.output
    assert "ab: PSNR" in result.stdout and "12.5" in result.stdout
    assert "c was not evaluated: `kgt evaluate c`" in result.stdout
    assert result.stdout.rstrip().endswith("side.html")
    page = (runs / "side.html").read_text()
    assert page.count('<td class="best">12.5</td>') == 1
    assert page.count('<td class="best">2</td>') == 1
    assert page.count('class="best"') == 2  # a diversity is not better
    assert page.count("data:image/jpeg;base64") == 3
    assert "http" not in page


def test_json(runs):
    rows = json.loads(run_cli("compare a c --json").stdout)
    assert [row["run"] for row in rows] == ["a", "c"]
    assert rows[0]["scores"]["ab: KID"]["value"] == 3
    assert rows[1]["scores"] == {} and rows[1]["epochs"] == 1
    assert rows[0]["model"] == "pix2pix" and rows[0]["hours"] > 0


def test_other_protocols_are_told(runs):
    path = runs / "b" / FILE
    content = json.loads(path.read_text())
    content["protocol"]["split"] = "train"
    path.write_text(json.dumps(content))
    said = " ".join(run_cli("compare a b").stdout.split())
    assert "Not measured alike, split: test; train." in said


def test_no_run_at_all(runs):
    assert "no run folder among notes" in error_of(run_cli("compare notes"))
