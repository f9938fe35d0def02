import csv
import json
import shutil

import numpy as np
import pytest

from keras_gan_translate.data import synthetic_faces, write_image
from keras_gan_translate.data.drawn.face_styles import FACE_STYLES
from keras_gan_translate.engine import state_file
from keras_gan_translate.runs.run import Run
from tests.cli.conftest import TRAIN, error_of, run_cli
from tests.toys import Domains


@pytest.fixture
def copied(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "faces")


def test_the_run_folder_has_everything(trained):
    files = {
        str(path.relative_to(trained))
        for path in trained.rglob("*")
        if path.is_file()
    }
    assert files == {
        "config.yaml",
        "environment.json",
        "results.csv",
        "results.png",
        "data.json",
        "data.png",
        "index.html",
        "last.weights.h5",
        "previous.weights.h5",
        "samples/epoch_0000.png",
        "samples/epoch_0001.png",
        "last/generator.keras",
        "best/generator.keras",
        "best/best.json",
    }
    config = Run(trained).config
    assert list(config)[:2] == ["model", "data"]
    assert config["model"] == "pix2pix" and config["image_size"] == 32
    assert config["num_blocks"] == 9  # defaults are written, too
    best = json.loads((trained / "best" / "best.json").read_text())
    assert best["monitor"] == "val_generator_l1"
    (row,) = Run(trained).results
    assert row["epoch"] == 1 and row["seconds"] > 0 and "variety_ab" in row


def test_the_same_command_goes_on(copied):
    first = (copied / "results.csv").read_text()
    result = run_cli(TRAIN.replace("--epochs 1", "--epochs 2"), "--out", copied)
    assert result.exit_code == 0, result.output
    assert "Going on after epoch 1" in result.output
    path = str(copied.resolve())
    lines = result.stdout.splitlines()
    assert lines[0] == lines[-1] == f"Run folder: {path}"
    assert (copied / "results.csv").read_text().startswith(first)
    assert [row["epoch"] for row in Run(copied).results] == [1, 2]
    assert (copied / "samples" / "epoch_0002.png").exists()


def test_a_finished_run_says_so(trained):
    before = (trained / "results.csv").read_bytes()
    result = run_cli(TRAIN, "--out", trained)
    assert result.exit_code == 0, result.output
    assert "All 1 epochs are done" in result.output
    assert "--epochs 2" in result.output
    assert (trained / "results.csv").read_bytes() == before


def test_losses_that_are_no_numbers_stop_it(tmp_path):
    out = tmp_path / "run"
    result = run_cli(TRAIN, "--loss-weight l1=1e38 --out", out)
    error = error_of(result)
    assert result.exit_code == 1
    assert "Epoch 1, step 1: the gradient of 'generator'" in error
    assert "3 other orders did not help. Try smaller steps" in error
    assert "The batch: a and b number" in error
    diagnosis = (out / "diagnosis.txt").read_text()
    assert diagnosis.count("Going back to the last checkpoint") == 3
    assert not (out / "last").exists()
    with state_file.opened(out / "last.weights.h5") as (facts, index, read):
        assert facts["epoch"] == facts["step"] == 0
        for number in range(len(index)):
            assert np.isfinite(read(number)).all()


def test_another_run_s_weights(trained, tmp_path):
    pre = shutil.copytree(trained, tmp_path / "pre")
    command = f"{TRAIN} --weights {pre} --out {tmp_path / 'fine'}"
    result = run_cli(command)
    assert result.exit_code == 0, result.output
    assert f"Starting from {pre}." in " ".join(result.stdout.split())
    assert Run(tmp_path / "fine").config["weights"] == str(pre)
    # A run that goes on does not need them any more.
    shutil.rmtree(pre)
    result = run_cli(command.replace("--epochs 1", "--epochs 2"))
    assert result.exit_code == 0, result.output
    assert "Going on after epoch 1" in result.output


def test_another_run_s_weights_must_fit(trained, tmp_path):
    out = tmp_path / "run"
    command = TRAIN.replace("--filters 4", "--filters 6")
    error = error_of(run_cli(command, "--weights", trained, "--out", out))
    assert "do not fit this Pix2Pix" in error
    assert "filters 4 there, 6 here" in error
    assert not out.exists()


def test_the_first_stage_of_super_resolution(tmp_path):
    result = run_cli(
        "train srgan synthetic:4 --image-size 32 --filters 4 --num-blocks 1",
        "--scale 2 --stage pretrain --epochs 1 --batch-size 2 --out",
        tmp_path / "pre",
    )
    assert result.exit_code == 0, result.output
    assert "4 photos; reduced 2 times" in result.output
    model = Run(tmp_path / "pre").model()
    assert model.translate(np.zeros((9, 7, 3), "uint8")).shape == (18, 14, 3)


def test_another_model_is_refused(trained):
    result = run_cli(TRAIN, "--num-blocks 5 --out", trained)
    assert "num_blocks: was 9, now 5" in error_of(result)
    assert Run(trained).config["num_blocks"] == 9


def test_the_default_folder(tmp_path, monkeypatch, trained):
    from keras_gan_translate.cli.starting import _default_folder

    monkeypatch.chdir(tmp_path)
    config = Run(trained).config
    first = _default_folder(config)
    assert str(first) == "runs/pix2pix-synthetic-6"
    Run.create(first, config)
    assert _default_folder(config | {"epochs": 9}) == first
    other = _default_folder(config | {"filters": 8})
    assert str(other) == "runs/pix2pix-synthetic-6-2"


def test_plan_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    costs = json.loads(run_cli(TRAIN, "--plan --json").stdout)
    assert list(tmp_path.iterdir()) == []
    assert costs["steps_per_epoch"] == 3 and costs["epochs"] == 1
    expected = costs["seconds_per_step"] * 3 / 3600
    assert costs["hours"] == pytest.approx(expected)
    assert 0 < costs["translator"] < costs["checkpoint"]


def test_avatars_by_their_styles(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = "train cyclegan avatars:open-peeps,lorelei --image-size 32"
    small = "--filters 2 --num-blocks 1 --batch-size 2 --plan"
    result = run_cli(command, small)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "A 240 images, B 240 images (open-peeps, lorelei)" in said
    assert "100 epochs of 120 steps" in said
    assert list(tmp_path.iterdir()) == []
    error = error_of(run_cli(command.replace("lorelei", "lorely"), small))
    assert "Did you mean 'lorelei'?" in error


@pytest.mark.filterwarnings("ignore:13 of 17 files cannot be used")
def test_two_folders_without_a_test_split(tmp_path):
    photos, toons = synthetic_faces(4, 40)
    for i in range(4):
        write_image(tmp_path / "photos" / f"{i}.png", photos[i])
        write_image(tmp_path / "toons" / f"{i}.png", toons[i])
    for i in range(12):  # more than an error shows
        write_image(tmp_path / "photos" / f"bad{i}.png", photos[0])
        (tmp_path / "toons" / f"bad{i}.png").write_bytes(b"no image")
    write_image(tmp_path / "photos" / "large.png", np.zeros((9, 999, 3), "u1"))
    write_image(tmp_path / "toons" / "large.png", toons[0])
    result = run_cli(
        "train pix2pix --image-size 32 --filters 4 --epochs 1",
        "--steps-per-epoch 1 --loss-weight l1=10 --direction ba",
        "--precision mixed_bfloat16 --ema-momentum 0.5 --seed 3",
        "--max-pixels 4000",
        f"--data-a {tmp_path / 'photos'} --data-b {tmp_path / 'toons'}",
        f"--out {tmp_path / 'run'}",
    )
    assert result.exit_code == 0, result.output
    run = Run(tmp_path / "run")
    # What is trained on is no validation data.
    assert not [name for name in run.results[0] if name.startswith("val_")]
    assert run.config["loss_weights"] == {"l1": 10.0}
    assert run.config["max_pixels"] == 4000
    assert "13 files cannot be used" in result.output
    with open(run.folder / "skipped.csv", encoding="utf-8") as file:
        skipped = {row["path"]: row["reason"] for row in csv.DictReader(file)}
    assert {path.rpartition("/")[2] for path in skipped} == {
        "large.png",
        *(f"bad{i}.png" for i in range(12)),
    }
    reason = skipped[str(tmp_path / "photos" / "large.png")]
    assert reason.startswith("its 999 x 9 pixels are more than 4000")
    assert run.config["data_a"] == str(tmp_path / "photos")
    assert run.model().loss_weights["l1"] == 10.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("pixpix faces", "Did you mean 'pix2pix'"),
        ("pix2pix synthetic:4 --filter 3", "Did you mean '--filters'?"),
        ("cyclegan synthetic:4 --light", "No such option '--light'"),
        ("pix2pix synthetic:4 --image-size 48", "power of two"),
        ("pix2pix synthetic:4 --image-size 32 --loss-weight l2=3", "'l1'"),
        ("pix2pix synthetic:4 --loss-weight l1", "NAME=VALUE"),
        ("pix2pix", "--data-a"),
        ("pix2pix faces --data-a x --data-b y", "once"),
        (
            "pix2pix /no/such/folder --image-size 32 --filters 4",
            "no folder '/no/such/folder'",
        ),
        (
            "pix2pix synthetic:4 --image-size 32 --filters 4 --stage pretrain",
            "trained in one stage",
        ),
        (
            "pix2pix synthetic:4 --image-size 32 --filters 4 --weights runs/x",
            "There is no folder",
        ),
        (
            "pix2pix synthetic:4 --image-size 32 --filters 4 "
            "--steps-per-epoch 5",
            "from 1 to the 4",
        ),
        (
            "cyclegan synthetic:4 --image-size 32 --filters 4 --direction ba",
            "is for paired data",
        ),
        (
            "pix2pix synthetic:4 --image-size 32 --filters 4 --holes centre",
            "is for masked, identities, sketch data. paired data are pairs",
        ),
        (
            "cyclegan --domains photo toon synthetic:4",
            "write --domains photo,toon synthetic:4",
        ),
        (
            "cyclegan drawn:4 --domains photo tool",
            "Did you mean 'toon'",
        ),
    ],
)
def test_errors(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in error_of(run_cli("train", arguments))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def domains_toy(monkeypatch):
    from keras_gan_translate import zoo
    from keras_gan_translate.cli import outlines

    for place in (zoo, outlines):
        monkeypatch.setattr(place, "find_model", lambda name: Domains)


@pytest.mark.parametrize(
    "words",
    ["--domains toon photo --seed 0", "--domains toon,photo", "--seed 0"],
)
def test_domains_by_words_or_commas(tmp_path, domains_toy, words):
    command = f"train domains drawn:2 {words} --image-size 16 --epochs 1 --out"
    result = run_cli(command, tmp_path / "run")
    assert result.exit_code == 0, result.output
    config = Run(tmp_path / "run").config
    chosen = ["toon", "photo"] if "toon" in words else list(FACE_STYLES)
    assert config["domains"] == chosen
    assert config["batch_size"] == 2  # the model's


def test_a_run_keeps_the_batch_size_that_was_its_default(tmp_path, domains_toy):
    command = "train domains drawn:2 --image-size 16 --epochs 1 --out"
    out = tmp_path / "run"
    result = run_cli(command.replace("--out", "--batch-size 4 --out"), out)
    assert result.exit_code == 0, result.output
    result = run_cli(command, out)
    assert result.exit_code == 0, result.output
    assert "All 1 epochs are done" in result.output
    assert Run(out).config["batch_size"] == 4


def test_help_lists_the_options_of_the_model_s_data(domains_toy):
    text = " ".join(run_cli("train domains --help").stdout.split())
    assert "--domains NAME... [domains data] The folders in DATA that" in text
    assert "DATA, domains: Images of two domains or more, a folder" in text
    assert "Or drawn: drawn:faces, drawn:avatars." in text
    assert "--direction" not in text and "--holes" not in text
    assert "[Domains]" not in text.split("--domains")[1].split("--")[0]


def test_the_kind_of_data_can_be_chosen_where_a_model_has_several():
    text = " ".join(run_cli("train pix2pix --help").stdout.split())
    assert "--direction" in text and "--sigma" not in text
    for given in ("--kind sketch", "--kind=sketch"):
        text = run_cli(f"train pix2pix {given} --help").stdout
        text = " ".join(text.split())
        assert "--sigma" in text and "--direction" not in text
        assert "DATA, sketch" in text
    error = error_of(run_cli("train pix2pix drawn:2 --kind skech"))
    assert "Did you mean 'sketch'" in error
    error = error_of(
        run_cli("train pix2pix drawn:2 --kind sketch --direction ba")
    )
    assert "is for paired data. sketch data are photos" in error


def test_help_lists_the_model_s_own_options():
    text = " ".join(run_cli("train ugatit --help").stdout.split())
    assert "--light / --no-light" in text
    assert "[UGATIT] width of the networks' first layers" in text
