"""One function opens whatever holds a trained model."""

import shutil

import numpy as np
import pytest

import keras_gan_translate as kgt
from keras_gan_translate.engine import state_file
from keras_gan_translate.engine.state import take_state
from keras_gan_translate.runs.run import Run, create_model
from tests.checkpoints.published import published

CONFIG = {"model": "cyclegan", "image_size": 32, "filters": 4, "num_blocks": 1}
CONFIG |= {"discriminator_filters": 4, "seed": 0, "epochs": 1}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    run = Run.create(tmp_path_factory.mktemp("runs") / "zebra", CONFIG)
    for which in ("best", "last"):
        model = create_model(CONFIG)
        for name in model.translator_networks:
            path = run.folder / which / f"{name}.keras"
            path.parent.mkdir(exist_ok=True)
            getattr(model, name).save(path)
    model.compile(total_steps=1)
    state = take_state(model), {"epoch": 1, "step": 0, "order": 0, "slots": []}
    state_file.write(run.folder / "last.weights.h5", *state)
    vars(run)["judges"] = model.discriminator_b.get_weights()
    return run


def translated(model):
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), "uint8")
    return model.translate(image)


def test_a_run_folder(run):
    best, last = (translated(kgt.load(run.folder, w)) for w in ("best", "last"))
    np.testing.assert_array_equal(best, translated(run.model("best")))
    assert not np.array_equal(best, last)


def test_who_learns_from_a_run_is_judged_by_what_has_learned(run, tmp_path):
    small = {"image_size": 32, "filters": 4, "num_blocks": 1}
    student = kgt.Distilled(kgt.load(run.folder), **small)
    found = student.discriminator.get_weights()
    assert len(found) == len(run.judges)
    for ours, theirs in zip(found, run.judges):
        np.testing.assert_array_equal(ours, theirs)
    # Without its training state nothing of the sort is known: a new one.
    shutil.copytree(run.folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "last.weights.h5").unlink()
    teacher = kgt.load(tmp_path)
    student = kgt.Distilled(teacher, discriminator_filters=2, **small)
    assert student.discriminator.weights[0].shape[-1] == 2
    # And whoever trains on a loaded model has its discriminators as they are.
    model = kgt.load(run.folder)
    assert model.load_rest is not None
    model.compile(run_eagerly=True)
    model.fit({n: np.zeros((1, 32, 32, 3), "float32") for n in "ab"}, verbose=0)
    assert model.load_rest is None


def test_a_keras_file(tmp_path):
    model = create_model(CONFIG)
    model.compile()
    model.save(tmp_path / "model.keras")
    loaded = kgt.load(str(tmp_path / "model.keras"))
    assert isinstance(loaded, kgt.CycleGAN) and loaded.compiled
    np.testing.assert_array_equal(translated(loaded), translated(model))


def test_published_weights():
    generator = create_model(CONFIG).generator_ab
    weights = {"netG_A": published(generator)}
    loaded = kgt.load(weights)
    expected = kgt.checkpoints.recognise(weights).load()
    np.testing.assert_array_equal(translated(loaded), translated(expected))


def test_anything_else_is_answered_in_words(run, tmp_path):
    def error(source):
        with pytest.raises((ValueError, OSError)) as caught:
            kgt.load(source)
        return str(caught.value)

    near = run.folder.with_name("zebras")
    assert "Did you mean 'zebra'" in error(near)
    network = run.folder / "best" / "generator_ab.keras"
    assert "load the run folder" in error(network)
    (tmp_path / "broken.keras").write_bytes(b"no zip")
    assert "no intact Keras file" in error(tmp_path / "broken.keras")
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "model.tflite").write_bytes(b"")
    assert "kgt translate --model" in error(tmp_path / "export")
    (tmp_path / "notes.txt").write_text("no weights")
    assert "notes.txt" in error(tmp_path / "notes.txt")
    (tmp_path / "empty").mkdir()
    assert "empty" in error(tmp_path / "empty")
