import json
import shutil

import numpy as np
import pytest

from keras_gan_translate.data import synthetic_faces, write_image
from keras_gan_translate.runs.evaluating import FILE
from tests.cli.conftest import TRAIN, error_of, run_cli


@pytest.fixture
def folders(tmp_path):
    """Folders of photos, toons, and toons a little darker."""
    photos, toons = synthetic_faces(12, 32)
    for name, images in (
        ("photos", photos),
        ("toons", toons),
        ("made", toons // 10 * 9),
    ):
        for i, image in enumerate(images):
            write_image(tmp_path / name / f"{i:03d}.png", image)
    return tmp_path


def scores_of(result):
    assert result.exit_code == 0, result.output
    (question,) = json.loads(result.stdout)["questions"]
    return {score["name"]: score for score in question["scores"]}


def test_a_run_on_what_was_held_out(trained, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    result = run_cli("evaluate", run, "--json --feature-size 32")
    told = scores_of(result)
    assert told["PSNR"]["low"] < told["PSNR"]["value"] < told["PSNR"]["high"]
    assert told["PSNR"]["nothing"] > 5
    assert {"SSIM", "Frechet distance (random vgg16)"} <= set(told)
    assert not any("FID" in name or "KID" in name for name in told)
    kept = json.loads((run / FILE).read_text())
    protocol = kept["protocol"]
    assert (protocol["split"], protocol["warning"]) == ("test", "")
    assert protocol["features"] == "random vgg16"
    assert "antialiased bicubic to 32 pixels" in protocol["resize"]
    assert kept["questions"][0]["made"] == kept["questions"][0]["real"] == 6
    # The same again is the same.
    again = scores_of(run_cli("evaluate", run, "--json --feature-size 32"))
    assert again == told


def test_people_read_a_table(trained, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    result = run_cli("evaluate", run, "--features none --split train")
    assert result.exit_code == 0, result.output
    assert "PSNR" in result.stdout and "doing nothing" in result.stdout
    words = " ".join(result.stdout.split())
    assert "that the model was trained with" in words
    assert "split train" in words


def test_other_data(trained, folders, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    pairs = folders / "pairs" / "train"
    for i, (photo, toon) in enumerate(zip(*synthetic_faces(3, 32))):
        write_image(pairs / f"{i}.png", np.concatenate([photo, toon], 1))
    words = "--features none --count 2 --json"
    result = run_cli("evaluate", run, pairs.parent, words)
    told = scores_of(result)
    assert set(told) == {"PSNR", "SSIM"}
    found = json.loads((run / FILE).read_text())
    assert found["protocol"]["data"] == str(pairs.parent)
    assert found["questions"][0]["made"] == 2


def test_folders_alone(folders):
    words = ["evaluate", "--real", folders / "toons", "--fake"]
    small = "--json --feature-size 32"
    near = scores_of(run_cli(*words, folders / "made", small))
    far = scores_of(run_cli(*words, folders / "photos", small))
    for name in ("Frechet distance (random vgg16)", "PSNR"):
        better, worse = near[name]["value"], far[name]["value"]
        assert better > worse if name == "PSNR" else better < worse
    source = ["--source", folders / "photos"]
    told = scores_of(run_cli(*words, folders / "made", *source, small))
    assert told["PSNR"]["nothing"] == pytest.approx(far["PSNR"]["value"])
    assert "style accuracy (random vgg16)" in told


def test_sizes_may_differ(folders):
    (large,) = synthetic_faces(2, 48, styles=("toon",))
    for i, image in enumerate(large):
        write_image(folders / "made" / f"{i:03d}.png", image)
    told = scores_of(
        run_cli(
            "evaluate --json --feature-size 32",
            *("--real", folders / "toons", "--fake", folders / "made"),
        )
    )
    assert "PSNR" not in told  # of other sizes nothing is the truth
    assert told["precision (random vgg16)"]["value"] > 0


def test_flicker_of_frames(folders):
    still = np.full((32, 32, 3), 90, "uint8")
    for i in range(4):
        write_image(folders / "clip" / f"{i}.png", still)
        write_image(folders / "out" / f"{i}.png", still + 10 * (i % 2))
    told = scores_of(
        run_cli(
            "evaluate --json --frames --features none",
            *("--real", folders / "clip", "--fake", folders / "out"),
        )
    )
    flicker = told["flicker"]
    assert (flicker["value"], flicker["nothing"]) == (10, 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "RUN folder, or --real FOLDER and --fake FOLDER"),
        ("--real toons", "RUN folder, or --real FOLDER and --fake FOLDER"),
        ("run --frames", "go with --real, --fake"),
        ("--real toons --fake nowhere", "no folder 'nowhere'"),
        ("--real toons --fake made --features vgg61", "Did you mean 'vgg16'"),
        (
            "--real toons --fake made --source few --features none",
            "lacks the sources of 000",
        ),
    ],
)
def test_errors_name_what_came(folders, monkeypatch, words, message):
    monkeypatch.chdir(folders)
    write_image("few/x.png", np.zeros((8, 8, 3), "uint8"))
    assert message in error_of(run_cli("evaluate", words))


def test_scores_of_a_training(tmp_path):
    from keras_gan_translate.runs.run import Run

    words = TRAIN.replace("--epochs 1", "--epochs 2 --evaluate-every 2")
    result = run_cli(words, "--evaluate-features none --out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    rows = Run(tmp_path / "run").results
    assert [row["score_ab_psnr"] > 0 for row in rows] == [True, True]
    words = "--which last --features none --json"
    told = scores_of(run_cli("evaluate", tmp_path / "run", words))
    assert told["PSNR"]["value"] == pytest.approx(rows[-1]["score_ab_psnr"])
    assert '"score_ab_psnr"' in (tmp_path / "run" / "index.html").read_text()
