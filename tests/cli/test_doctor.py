import json

import pytest
from PIL import Image

from keras_gan_translate.cli.glance import glance
from keras_gan_translate.models import CycleGAN
from keras_gan_translate.runs import training
from tests.cli.conftest import error_of, run_cli
from tests.data.test_doctor import picture, save


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Few pictures of two domains, one of them broken."""
    monkeypatch.chdir(tmp_path)
    for i in range(6):
        save(tmp_path / "toons" / "trainA" / f"{i}.png", picture(i))
        flat = picture(10 + i, style="flat")
        save(tmp_path / "toons" / "trainB" / f"b{i}.png", flat)
    (tmp_path / "toons" / "trainA" / "3.png").write_bytes(b"")
    return tmp_path


def test_words_a_page_and_an_exit_code(folder):
    result = run_cli("doctor toons")
    assert result.exit_code == 1
    assert "train: unpaired: trainA 6 images, trainB 6 images" in result.stdout
    assert "trouble: broken_files" in result.stdout
    assert "1 of 12 files cannot be read: 3.png" in result.stdout
    assert "kgt doctor toons --files broken_files" in result.stdout
    assert result.stdout.rstrip().endswith("doctor.html")
    assert "kgt doctor" in (folder / "doctor.html").read_text()
    # Its own page it writes anew, and no other file.
    assert run_cli("doctor toons").exit_code == 1
    (folder / "mine.html").write_text("<p>mine</p>")
    error = error_of(run_cli("doctor toons --out mine.html"))
    assert "is no page of `kgt doctor`" in error
    assert (folder / "mine.html").read_text() == "<p>mine</p>"


def test_files_for_scripts(folder):
    result = run_cli("doctor toons --files broken_files")
    assert result.exit_code == 0
    assert result.stdout == "toons/trainA/3.png\n"
    assert not (folder / "doctor.html").exists()
    error = error_of(run_cli("doctor toons --files broken"))
    assert "Did you mean 'broken_files'" in error


def test_json_and_strict(folder):
    (folder / "toons" / "trainA" / "3.png").unlink()
    result = run_cli("doctor toons/trainA toons/trainB --json")
    assert result.exit_code == 0  # few images are to be watched only
    told = json.loads(result.stdout)
    assert told["worst"] == "watch" and told["kind"] == "unpaired"
    assert not (folder / "doctor.html").exists()
    strict = run_cli("doctor toons --json --strict")
    assert strict.exit_code == 1


def test_options_of_the_kind(folder):
    result = run_cli("doctor toons --domains B A --kind unpaired --json")
    rows = json.loads(result.stdout)["facts"]
    assert [row["usable"] for row in rows] == [6, 5]
    assert "--domains is" not in result.output


def test_what_an_epoch_costs(folder, monkeypatch):
    """The model's kind and size are taken; steps are counted on real data."""
    asked = {}

    def plan(config, model, training_data):
        asked.update(config)
        return {
            "seconds_per_step": 2.0,
            "steps_per_epoch": training_data.steps,
            "peak_memory": 3e9,
            "checkpoint": 1e6,
        }

    monkeypatch.setattr(training, "plan", plan)
    monkeypatch.setattr(training, "compile_model", lambda *args: None)
    monkeypatch.setattr(
        training,
        "build_model",
        lambda config: CycleGAN(image_size=32, filters=2, num_blocks=1),
    )
    result = run_cli("doctor toons --model cyclegan --image-size 32 --json")
    assert result.stdout, result.output
    assert result.exit_code == 1  # one file is broken
    told = json.loads(result.stdout)
    assert told["kind"] == "unpaired"
    assert told["costs"]["seconds_per_epoch"] == 12.0  # one is broken
    assert "6 steps of 2 s" in told["costs"]["words"]["an epoch"]
    assert asked["image_size"] == 32 and asked["batch_size"] == 1


def lines_of(capsys, **config):
    config = {"data_a": None, "data_b": None, "image_size": 32} | config
    glance(config, CycleGAN, {})
    return capsys.readouterr().out.splitlines()


def test_the_glance_before_a_training(folder, capsys):
    """Five lines at most, none for what training says itself."""
    lines = lines_of(capsys, data=str(folder / "toons"))
    assert len(lines) <= 5
    assert lines[0].startswith("trouble: 1 of 12 files cannot be read")
    assert lines[-1].endswith("says what to do.")
    assert lines_of(capsys, data="drawn:faces") == []
    assert lines_of(capsys, data=str(folder / "nowhere")) == []
    for path in (folder / "toons" / "trainA").iterdir():
        Image.new("RGB", (20, 90), "red").save(path)
    save(folder / "toons" / "testA" / "1.png", picture(1))
    save(folder / "toons" / "testB" / "1.png", picture(12, style="flat"))
    assert len(lines_of(capsys, data=str(folder / "toons"))) == 5
