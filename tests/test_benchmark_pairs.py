"""The script that measures where one answer is right."""

import dataclasses
import pathlib
import sys

import numpy as np
import pytest

from keras_gan_translate.data import write_image

EXAMPLES = pathlib.Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def script():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLES)
        import benchmark_pairs

        yield benchmark_pairs
    for name in ("benchmark_pairs", "benchmark_data", "timed_training"):
        sys.modules.pop(name, None)


def measured(script, tmp_path, monkeypatch, name, recipes, **changes):
    """The table of a tiny measurement."""
    monkeypatch.setattr(script, "SEGMENTER_STEPS", 2)
    monkeypatch.setattr(script, "SEGMENTER_BATCH", 2)
    tiny = dataclasses.replace(script.DATA[name], image_size=32, **changes)
    monkeypatch.setitem(script.DATA, name, tiny)
    monkeypatch.setitem(script.RECIPES, name, recipes)
    arguments = type("Arguments", (), {"minutes": 1e-6})
    arguments.folder, arguments.out = tmp_path, tmp_path / "out"
    for model in ("judge", *recipes):
        script.run_one(arguments, name, model)
    folder = arguments.out / name
    script.report(folder, name)
    assert (folder / "grid.png").exists()
    return (folder / "table.md").read_text()


def test_label_maps(script, tmp_path, monkeypatch):
    recipe = script.Recipe({"filters": 2, "num_blocks": 1} | script.NO_VGG, 1)
    table = measured(
        script,
        tmp_path,
        monkeypatch,
        "scenes",
        {"pix2pixhd": recipe},
        source="drawn:scenes:3",
    )
    assert "3 for training, 3 held out" in table
    rows = [line.split(" | ")[0] for line in table.splitlines()[-5:]]
    assert rows == [
        "|---|--:|--:|--:|",
        "| mean image",
        "| neighbour",
        "| pix2pixhd",
        "| the truth",
    ]
    assert table.rstrip().endswith("% |")  # the segmenter's labels


def test_holes_and_stages(script, tmp_path, monkeypatch):
    pytest.importorskip("skimage")
    for i in range(10):
        image = np.full((32, 32, 3), 20 * i, "uint8")
        write_image(tmp_path / "portraits_gray" / f"{i}.png", image)
    arguments = script.EDGECONNECT.arguments | {"filters": 2, "num_blocks": 1}
    table = measured(
        script,
        tmp_path,
        monkeypatch,
        "portraits",
        {
            "edgeconnect": dataclasses.replace(
                script.EDGECONNECT, arguments=arguments
            )
        },
    )
    assert "9 for training, 1 held out" in table
    assert "| 8 | " in table and " | 2 | " in table  # a step of each stage
    scores = dict(
        line.strip("| ").split(" | ", 1)
        for line in table.splitlines()
        if line.count(" | ") == 2
    )
    # The picture is of one color.
    assert float(scores["mean color"].split(" | ")[0]) == 60
    assert float(scores["biharmonic"].split(" | ")[0]) == 60
    assert float(scores["mean image"].split(" | ")[0]) < 15


def test_the_hole_alone_counts(script):
    truth = np.zeros((1, 4, 4, 3), "uint8")
    mask = np.zeros((1, 4, 4, 1), "uint8")
    mask[0, 0, 0] = 255
    made = truth + np.uint8(9)
    made[0, 0, 0] = 255
    assert script.psnr_inside(made, truth, mask) == pytest.approx(0)
    assert script.psnr_inside(truth, truth, mask) == pytest.approx(60)


def test_the_nearest_neighbour(script):
    data = script.DATA["camvid"]
    maps = np.arange(3, dtype="uint8")[:, None, None, None]
    maps = np.broadcast_to(maps, (3, 4, 4, 1))
    near = np.array(maps[[2, 0]])
    near[:, 0] = 1
    found = script.neighbours(data, {"label_map": maps}, {"label_map": near})
    assert found.tolist() == [2, 0]
    # What is missing does not count.
    images = np.stack([np.full((4, 4, 3), v, "uint8") for v in (0, 100, 200)])
    mask = np.zeros((1, 4, 4, 1), "uint8")
    mask[:, 1:] = 255
    holed = images[1:2].copy()
    holed[:, 1:] = 200
    found = script.neighbours(
        script.DATA["faces"], {"image": images}, {"image": holed, "mask": mask}
    )
    assert found.tolist() == [1]
