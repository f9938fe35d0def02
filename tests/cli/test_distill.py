import numpy as np
import pytest

from keras_gan_translate import backend
from keras_gan_translate.cli import starting
from keras_gan_translate.data import read_image
from keras_gan_translate.engine import state_file
from keras_gan_translate.loading import load_teacher
from keras_gan_translate.networks import image_of
from keras_gan_translate.runs import budgets
from keras_gan_translate.runs.budgets import Candidate
from keras_gan_translate.runs.run import Run
from tests.cli.conftest import error_of, run_cli

SMALL = "--width 4 --depth 1 --batch-size 2"


def test_a_run_teaches_a_student(trained, tmp_path):
    out = tmp_path / "student"
    command = ["distill", trained, "drawn:4", SMALL, "--steps 2 --out", out]
    result = run_cli(*command)
    assert result.exit_code == 0, result.output
    run = Run(out)
    assert run.config["teacher"] == str(trained)
    assert run.config["image_size"] == 32  # its teacher's
    assert run.config["filters"] == 4 and run.config["epochs"] == 1
    (row,) = run.results
    assert {"generator_features", "val_generator_reconstruction"} <= set(row)
    assert [path.name for path in (out / "best").glob("*.keras")] == [
        "generator.keras"
    ]
    with state_file.opened(out / "last.weights.h5") as (_, index, _):
        held = {entry["name"].split(" ", 1)[1] for entry in index}
    teacher, digest = load_teacher(trained)
    assert not held & {v.path for v in teacher.generator.variables}
    assert digest == run.config["teacher_sha256"]
    # Of what else it has, only the training state knows.
    assert teacher.load_rest() == set()
    with state_file.opened(trained / "last.weights.h5") as (_, index, read):
        names = [entry["name"].split(" ", 1)[1] for entry in index]
        (place,) = (
            i for i, name in enumerate(names) if name == "logits/kernel"
        )
        kernel = teacher.discriminator.get_layer("logits").kernel
        np.testing.assert_array_equal(read(place), kernel)
    # Whoever translates with it needs no teacher.
    picture = run.model().translate(np.zeros((20, 30, 3), "uint8"))
    assert picture.shape == (20, 30, 3)

    result = run_cli(*command, "--epochs 2")
    assert result.exit_code == 0, result.output
    assert "Going on after epoch 1" in result.output

    # Another teacher's pictures are not what it has learned from.
    path = trained / "best" / "generator.keras"
    kept = path.read_bytes()
    try:
        _change(path)
        error = error_of(run_cli(*command, "--epochs 3"))
        assert "teacher_sha256" in error and "was trained otherwise" in error
    finally:
        path.write_bytes(kept)


@pytest.fixture
def given(monkeypatch):
    """What is given to training, which is left out."""
    given = []
    monkeypatch.setattr(starting, "train_run", lambda *args: given.append(args))
    return given


def test_a_teacher_that_is_still_trained_is_followed(trained, tmp_path, given):
    command = ["distill", trained, "drawn:2", SMALL, "--steps 1 --online"]
    result = run_cli(*command, "--out", tmp_path / "student")
    assert result.exit_code == 0, result.output
    ((run, model, *_, (follow,)),) = given
    assert run.config["online"] and "teacher_sha256" not in run.config
    newest = Run(trained).model("last").generator.get_weights()
    model.teacher.set_weights([0 * values for values in newest])
    follow.set_model(model)
    follow.on_epoch_begin(0)
    for ours, theirs in zip(model.teacher.get_weights(), newest):
        np.testing.assert_array_equal(ours, theirs)
    command[1] = "drawn_toon"
    assert "no run folder" in error_of(run_cli(*command))
    command[1] = trained
    assert "one host" in error_of(run_cli(*command, "--hosts 2"))


def test_pictures_of_the_teacher_are_made_once(trained, tmp_path, given):
    out = tmp_path / "student"
    command = ["distill", trained, "drawn:4", SMALL, "--steps 4 --out", out]
    command += ["--remember 5"]
    result = run_cli(*command)
    assert result.exit_code == 0, result.output
    place = out / "remembered"
    names = [f"{number:06}.png" for number in range(5)]
    assert sorted(p.name for p in (place / "trainB").iterdir()) == names
    assert any((place / "testA").iterdir())
    photos, pictures = (
        np.stack([read_image(place / side / name) for name in names])
        for side in ("trainA", "trainB")
    )
    assert len(np.unique(photos, axis=0)) == 5  # each augmented anew
    ((run, model, found, *_),) = given
    assert run.config["data"] == "drawn:4" and run.config["remember"] == 5
    assert run.config["epochs"] == 2  # of two batches of pairs
    assert found.validation is not None
    taught = backend.predict(model.teacher, photos / np.float32(127.5) - 1)
    taught = np.rint(127.5 * image_of(taught) + 127.5).clip(0, 255)
    assert np.abs(pictures - taught).max() <= 1
    batch = next(iter(found.dataset))
    assert set(batch) == {"a", "b"}
    # Whoever was interrupted goes on with the same.
    times = {p: p.stat().st_mtime_ns for p in place.rglob("*.png")}
    lost = place / "trainB" / "000002.png"
    lost.unlink()
    assert run_cli(*command).exit_code == 0
    np.testing.assert_array_equal(read_image(lost), pictures[2])
    kept = {p for p in times if p.stat().st_mtime_ns == times[p]}
    assert len(kept) >= len(times) - 4  # of another batch
    for more in ("--online", "--plan"):
        assert "leave out one of them" in error_of(run_cli(*command, more))


def _change(path):
    """Other weights in a network's file."""
    import keras

    network = keras.saving.load_model(path)
    network.set_weights([x + 0.5 for x in network.get_weights()])
    network.save(path)


def test_a_budget_chooses_width_and_depth(trained, tmp_path, monkeypatch):
    def measure(config, filters, num_blocks, latency):
        assert config["model"] == "distilled" and not latency
        size = filters**2 * num_blocks * 1000
        return Candidate(filters, num_blocks, size, 10 * size, None)

    monkeypatch.setattr(budgets, "measure_student", measure)
    command = ["distill", trained, "drawn:4 --plan --out", tmp_path / "run"]
    result = run_cli(*command, "--budget 0.15MB")
    assert result.exit_code == 0, result.output
    assert "--width  8 --depth 2: 0.13 MB, 0.001 GMAC" in result.output
    assert "Chosen: --width 8 --depth 2" in result.output
    assert not (tmp_path / "run").exists()
    # A run that there is has had its choice.
    (tmp_path / "run").mkdir()
    kept = "model: distilled\nfilters: 4\nnum_blocks: 1\nbatch_size: 8\n"
    (tmp_path / "run" / "config.yaml").write_text(kept)
    result = run_cli(*command, "--budget 0.15MB")
    assert result.exit_code == 0, result.output
    assert "Chosen" not in result.output
    (tmp_path / "run" / "config.yaml").unlink()
    error = error_of(run_cli(*command, "--budget 1GB"))
    assert "A budget is a number and its unit" in error
    error = error_of(run_cli(*command, "--budget 1MB --depth 3"))
    assert "leave out --depth" in error
    error = error_of(run_cli(*command, "--budget 1kB"))
    assert "No student is within 1kB" in error


def test_help_tells_of_students_before_keras_is_there():
    result = run_cli("distill --help")
    assert result.exit_code == 0
    text = " ".join(result.output.split())
    for words in ("--width", "--depth", "--budget", "mobile_unet", "PHOTOS"):
        assert words in text
    assert "--data-a" not in text and "--teacher" not in text
