"""The script that compares methods: its data, its judge, its bookkeeping."""

import json
import pathlib
import sys

import numpy as np
import pytest

from keras_gan_translate.data import write_image

EXAMPLES = pathlib.Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def scripts():
    """(benchmark, benchmark_data, benchmark_scores)"""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLES)
        import benchmark
        import benchmark_data
        import benchmark_scores

        yield benchmark, benchmark_data, benchmark_scores
    for name in ("", "_data", "_scores"):
        sys.modules.pop(f"benchmark{name}")
    sys.modules.pop("timed_training")


@pytest.fixture
def tiny(scripts, monkeypatch):
    benchmark, data, scores = scripts
    monkeypatch.setattr(data, "NUM_FACES", 4)
    monkeypatch.setattr(data, "NUM_HELD_OUT", 3)
    monkeypatch.setattr(scores, "CLASSIFIER_STEPS", 2)
    monkeypatch.setattr(scores, "CLASSIFIER_BATCH", 4)
    return scripts


def test_variants_of_an_emoji_are_one_concept(scripts):
    concept = scripts[1].concept_of
    assert concept("man_running") == concept("woman_running")
    assert concept("health_worker") == concept("man_health_worker")
    assert concept("one_o_clock") == concept("nine_o_clock")
    assert concept("cat_face") != concept("dog_face")


def test_concepts_lie_on_one_side(scripts, tmp_path):
    data = scripts[1]
    names = [f"{who}_{what}" for who in ("man", "woman") for what in "abcdefgh"]
    rows = ["codepoints,name", *(f"{i:x},{n}" for i, n in enumerate(names))]
    (tmp_path / "index.csv").write_text("\n".join(rows))
    for style in data.STYLES["emoji"]:
        for i in range(len(names)):
            # The colour tells the concept.
            image = np.full((64, 64, 3), 10 * (i % 8), "uint8")
            write_image(tmp_path / style / f"{i:x}.png", image)
    train, test = data.read_emoji(tmp_path)
    seen = [set(np.unique(part)) for part in (train, test)]
    assert not seen[0] & seen[1] and all(seen)
    assert len(train) == len(test) == 4
    assert sum(len(part[0]) for part in (train, test)) == len(names)


def test_the_color_maps(scripts):
    scores = scripts[2]
    random = np.random.default_rng(0)
    a = random.integers(60, 160, (8, 64, 64, 3)).astype("uint8")
    b = (255 - a // 2).astype("uint8")
    b[..., 0] = 30 + a[..., 1] // 3
    moved = scores.statistics_map(a, b)(a).reshape(-1, 3).astype(float)
    colors = b.reshape(-1, 3).astype(float)
    np.testing.assert_allclose(moved.mean(0), colors.mean(0), atol=1)
    np.testing.assert_allclose(
        np.cov(moved.T), np.cov(colors.T), atol=0.05 * np.cov(colors.T).max()
    )
    # Affine in the colours: to a step of rounding, nothing is left over.
    best = scores.best_map(a[0], b[0])
    assert np.abs(best.astype(int) - b[0]).max() <= 1


def test_a_killed_training_goes_on(tiny, tmp_path, monkeypatch, capsys):
    benchmark, data, _ = tiny
    recipe = benchmark.Recipe({"filters": 2}, 2)
    monkeypatch.setitem(benchmark.RECIPES, "discogan", recipe)
    arguments = type("Arguments", (), {"out": tmp_path, "minutes": 1e-4})
    arguments.emoji = arguments.avatars = None
    benchmark.run_one(arguments, "faces", "classifier")
    benchmark.run_one(arguments, "faces", "discogan")
    folder = tmp_path / "faces"
    first = json.loads((folder / "discogan.json").read_text())
    assert set(first["results"]) == {"photo to toon", "toon to photo"}
    assert first["steps"] >= 1 and first["seconds"] > 6e-3
    # As if it had been killed before it was measured, and with more time.
    (folder / "discogan.json").unlink()
    arguments.minutes = 2 * first["seconds"] / 60
    benchmark.run_one(arguments, "faces", "discogan")
    assert "goes on after" in capsys.readouterr().out
    second = json.loads((folder / "discogan.json").read_text())
    assert second["steps"] > first["steps"]
    benchmark.report(folder, "faces")
    table = (folder / "table.md").read_text()
    assert "| doing nothing | " in table and "| discogan | " in table
    assert "toon to photo, 3 pictures" in table
    assert (folder / "grid.png").exists()
    # Both are finished: nothing is started.
    tasks = [("faces", "classifier"), ("faces", "discogan")]
    monkeypatch.setattr(sys.modules["timed_training"], "_start", None)
    assert sys.modules["timed_training"].run_all(tmp_path, tasks, 1) == []
    truth = data.load_data(folder / "data.npz")
    (task, *_) = data.tasks_of("faces", truth)
    assert task.pair == ("photo", "toon")
    assert (task.now.argmax(1) == 0).all() and (task.wanted[:, 1] == 1).all()


def test_one_attribute_changes_and_the_truth_is_drawn(tiny, tmp_path):
    data = tiny[1]
    made = data.make_data("attributes", tmp_path / "data.npz")
    tasks = list(data.tasks_of("attributes", made))
    names = data.ATTRIBUTES["attributes"]
    assert [task.name for task in tasks] == [f"change {n}" for n in names]
    for i, task in enumerate(tasks):
        changed = task.wanted != task.now
        assert changed[:, i].all() and changed.sum() == len(task.images)
        assert (task.truth != task.images).any((1, 2, 3)).all()
