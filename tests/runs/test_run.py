import json
import math

import numpy as np
import pytest
import yaml

from keras_gan_translate.runs.run import Run, create_model, describe_environment
from tests.damage import damages

CONFIG = {
    "model": "pix2pix",
    "data": "/faces",
    "image_size": 32,
    "filters": 4,
    "epochs": 3,
    "loss_weights": {"l1": 50.0},
    "direction": None,
}


def save_networks(run, which="best"):
    """Saves a random translator as training does; returns its model."""
    model = create_model(run.config)
    (run.folder / which).mkdir()
    model.generator.save(run.folder / which / "generator.keras")
    return model


def test_create_writes_what_a_person_can_read(tmp_path):
    run = Run.create(tmp_path / "run", CONFIG)
    text = (tmp_path / "run" / "config.yaml").read_text()
    assert text.startswith("model: pix2pix\n") and "filters: 4" in text
    assert Run(tmp_path / "run").config == CONFIG == run.config
    environment = json.loads((run.folder / "environment.json").read_text())
    for name in ("python", "keras", "backend", "cores", "command"):
        assert environment[name]


def test_the_environment_names_the_backend():
    environment = describe_environment()
    assert environment[environment["backend"]]


@pytest.mark.parametrize("which", ["best", "last"])
def test_the_run_is_the_model(tmp_path, which):
    run = Run.create(tmp_path, CONFIG)
    trained = save_networks(run, which)
    image = np.random.default_rng(1).integers(0, 255, (1, 32, 32, 3), "uint8")
    model = Run(tmp_path).model(which)
    np.testing.assert_array_equal(
        model.translate(image), trained.translate(image)
    )
    assert model.loss_weights["l1"] == 50.0


def test_a_damaged_model_is_answered_in_words(tmp_path):
    run = Run.create(tmp_path, CONFIG)
    save_networks(run)
    path = tmp_path / "best" / "generator.keras"
    content = path.read_bytes()
    for _, changed in damages(content, 8):
        path.write_bytes(changed)
        with pytest.raises(ValueError, match="generator.keras'? is damaged"):
            run.model()


def test_options_of_other_versions_are_tolerated(tmp_path):
    run = Run.create(tmp_path, CONFIG | {"from_the_future": [1, 2]})
    save_networks(run)
    assert Run(tmp_path).model() is not None
    Run.create(tmp_path, CONFIG | {"of_today": 3})


def test_a_different_run_is_left_alone(tmp_path):
    Run.create(tmp_path, CONFIG)
    with pytest.raises(ValueError, match="filters: was 4, now 8.*--out"):
        Run.create(tmp_path, CONFIG | {"filters": 8})
    assert Run(tmp_path).config["filters"] == 4


def test_more_epochs_are_the_same_run(tmp_path):
    Run.create(tmp_path, CONFIG)
    assert Run.create(tmp_path, CONFIG | {"epochs": 9}).config["epochs"] == 9


def test_other_folders_are_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("important")
    with pytest.raises(ValueError, match="no run folder"):
        Run.create(tmp_path, CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_errors_help(tmp_path):
    Run.create(tmp_path / "anime", CONFIG)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="Did you mean 'anime'"):
        Run(tmp_path / "anme")
    with pytest.raises(ValueError, match="Run folders in .*: anime"):
        Run(tmp_path / "zzz")
    with pytest.raises(ValueError, match="no run folder.*config.yaml.*best/"):
        Run(tmp_path / "empty")
    with pytest.raises(ValueError, match="no trained model in best/"):
        Run(tmp_path / "anime").model()
    with pytest.raises(ValueError, match='"best" or "last"'):
        Run(tmp_path / "anime").model("first")


@pytest.mark.parametrize("different", [{"filters": 8}, {"num_blocks": 3}])
def test_weights_of_another_model_are_named(tmp_path, different):
    resnet = {"generator": "resnet", "num_blocks": 2}
    run = Run.create(tmp_path, CONFIG | resnet)
    save_networks(run)
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(CONFIG | resnet | different))
    with pytest.raises(ValueError, match="generator.keras.*config.yaml"):
        Run(tmp_path).model()


@pytest.mark.parametrize("text", ["a: [", "just words", "data: x"])
def test_a_broken_config_is_named(tmp_path, text):
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(ValueError, match="config.yaml"):
        Run(tmp_path)


def test_a_config_runs_no_code(tmp_path):
    mark = tmp_path / "ran"
    (tmp_path / "config.yaml").write_text(
        f"model: !!python/object/apply:os.mkdir ['{mark}']"
    )
    with pytest.raises(ValueError, match="config.yaml"):
        Run(tmp_path)
    assert not mark.exists()


def test_results(tmp_path):
    run = Run.create(tmp_path, CONFIG)
    assert run.results == []
    run.add_results(1, {"l1": 0.5})
    run.add_results(2, {"l1": math.inf, "val_l1": 0.25})
    assert run.results == [
        {"epoch": 1, "l1": 0.5},
        {"epoch": 2, "l1": math.inf, "val_l1": 0.25},
    ]
    run.add_results(2, {"l1": 0.125, "val_l1": 0.5})
    text = (tmp_path / "results.csv").read_text()
    assert text == "epoch,l1,val_l1\n1,0.5,\n2,0.125,0.5\n"


def test_the_first_start_stays_and_later_ones_are_added(tmp_path):
    for epochs in (3, 5, 7):
        Run.create(tmp_path, CONFIG | {"epochs": epochs})
    environment = json.loads((tmp_path / "environment.json").read_text())
    assert environment["config"]["epochs"] == 3
    assert [s["config"]["epochs"] for s in environment["later"]] == [5, 7]
    for start in environment["later"]:
        assert start["started"] >= environment["started"] and start["command"]


def test_a_config_edited_by_hand_is_said(tmp_path, caplog):
    Run.create(tmp_path, CONFIG)
    Run.create(tmp_path, CONFIG)
    assert "edited" not in caplog.text
    path = tmp_path / "config.yaml"
    path.write_text(path.read_text().replace("filters: 4", "filters: 8"))
    with pytest.raises(ValueError, match="filters: was 8, now 4"):
        Run.create(tmp_path, CONFIG)
    Run.create(tmp_path, CONFIG | {"filters": 8})
    said = "config.yaml was edited since the run was started last: filters from"
    assert caplog.text.count(f"{said} 4 to 8.") == 2


def test_other_files_than_before_are_said(tmp_path, caplog):
    run = Run.create(tmp_path, CONFIG)
    run.note_data("2 photos", ["a.png", "b.png"])
    run.note_data("2 photos", ["a.png", "b.png"])
    assert not caplog.text
    run.note_data("3 photos", ["a.png", "b.png", "c.png"])
    assert "2 files then (2 photos), 3 now (3 photos)" in caplog.text
    caplog.clear()
    run.note_data("3 photos", ["a.png", "b.png", "d.png"])  # another
    assert "The data have changed" in caplog.text
    (tmp_path / "data.json").write_text("{")
    run.note_data("3 photos", [])
    assert "data.json cannot be read" in caplog.text
