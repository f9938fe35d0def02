import fnmatch
import html.parser
import importlib.resources
import json
import math
import pathlib
import tomllib

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import write_image
from keras_gan_translate.runs import report
from keras_gan_translate.runs.run import Run
from keras_gan_translate.support.pictures import GAP, MIN_CELL


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.tags, self.data, self.inside = [], "", False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = ("id", "data") in attrs

    def handle_data(self, data):
        if self.inside:
            self.data += data


@pytest.fixture
def run(tmp_path):
    config = {"model": "ugatit", "data": "</script><b>&amp;", "epochs": 3}
    run = Run.create(tmp_path / "run", config)
    random = np.random.default_rng(0)
    for epoch in range(4):
        image = random.integers(0, 255, (50, 60, 3), "uint8")
        name = f"epoch_{epoch:04d}.png"
        write_image(run.folder / "samples" / name, image)
    for epoch in (1, 2, 3):
        run.add_results(
            epoch,
            {
                "discriminator_adversarial": 4.0 / epoch,
                "generator_cycle": 1.0 if epoch < 3 else math.nan,
                "val_generator_cycle": 2.0,
                "variety_ab": 0.5,
                "seconds": 3.5,
            },
        )
    return run


def test_page_holds_everything(run):
    report.write_page(run.folder)
    page = json.loads(Page(run.folder / "index.html").data)
    assert page["title"] == "run"
    assert page["config"]["data"] == "</script><b>&amp;"
    assert [s["epoch"] for s in page["samples"]] == [0, 1, 2, 3]
    assert page["results"][2]["generator_cycle"] is None
    assert page["groups"] == {
        "discriminator": ["discriminator_adversarial"],
        "generator": ["generator_cycle"],
        "samples": ["variety_ab"],
    }
    assert page["lights"][0]["title"] == "Losses are not numbers"
    assert page["samples"][0]["image"].startswith("data:image/jpeg;base64,")


def test_page_asks_nobody(run):
    report.write_page(run.folder)
    page = Page(run.folder / "index.html")
    for tag, attributes in page.tags:
        assert not {"src", "href", "srcset"} & set(attributes), tag
    policies = [a["content"] for _, a in page.tags if a.get("http-equiv")]
    assert "default-src 'none'" in policies[0]
    text = (run.folder / "index.html").read_text()
    text = text.replace("http://www.w3.org/2000/svg", "")  # a name
    assert "http:" not in text and "https:" not in text


def test_too_many_pictures_are_thinned_evenly(run, monkeypatch):
    size = len(report.embed_picture(run.folder / "samples" / "epoch_0003.png"))
    monkeypatch.setattr(report, "MAX_EMBEDDED", 2.5 * size)
    report.write_page(run.folder)
    page = json.loads(Page(run.folder / "index.html").data)
    assert [s["epoch"] for s in page["samples"]] == [0, 3]
    assert page["num_samples"] == 4


def test_page_of_a_run_that_has_just_begun(tmp_path):
    run = Run.create(tmp_path, {"model": "ugatit"})
    report.write_page(run.folder)
    report.write_results_plot(run.folder)
    page = json.loads(Page(run.folder / "index.html").data)
    assert page["samples"] == page["lights"] == [] and page["data"] is None
    assert not (run.folder / "results.png").exists()


def test_page_is_packaged():
    name = "page.html"
    assert (
        importlib.resources.files("keras_gan_translate.runs") / name
    ).is_file()
    project = pathlib.Path(__file__).parents[2] / "pyproject.toml"
    setuptools = tomllib.loads(project.read_text())["tool"]["setuptools"]
    patterns = setuptools["package-data"]["keras_gan_translate.runs"]
    assert any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def test_results_plot(run):
    report.write_results_plot(run.folder)
    with Image.open(run.folder / "results.png") as image:
        assert image.width > 1000  # two panels
        assert len(image.convert("RGB").getcolors(10**6)) > 50


def test_data_picture(tmp_path):
    values = np.linspace(-1, 1, 6, dtype="float32")[:, None, None, None]
    batches = [
        {
            "a": values[i : i + 2] * np.ones((2, 8, 8, 3)),
            "b": np.zeros((2, 8, 8, 3)),
        }
        for i in (0, 2, 4)
    ]
    report.write_data_picture(iter(batches), tmp_path / "data.png")
    picture = np.array(Image.open(tmp_path / "data.png"))
    assert picture.shape[1] == 4 * (MIN_CELL + GAP) + GAP  # A, B, A, B
    seen = set(np.unique(picture[:, 10]))
    assert {0, 51, 102, 153} <= seen  # the first four of A


def test_data_picture_of_uint8_tuples(tmp_path):
    image = np.full((4, 8, 8, 3), 7, "uint8")
    report.write_data_picture([(image, image)], tmp_path / "data.png")
    assert 7 in np.array(Image.open(tmp_path / "data.png"))


def test_data_picture_of_three_sets_and_two_sizes(tmp_path):
    sides = {"a": 24, "b": 96, "smooth": 96}
    batch = {
        key: np.full((5, side, side, 3), i, "uint8")
        for i, (key, side) in enumerate(sides.items())
    }
    report.write_data_picture([batch], tmp_path / "data.png")
    picture = np.array(Image.open(tmp_path / "data.png"))
    assert picture.shape[1] == 6 * (96 + GAP) + GAP  # twice A, B, smooth
    middles = picture[100, GAP + 48 :: 96 + GAP, 0]
    assert middles.tolist() == [0, 1, 2, 0, 1, 2]


def test_no_data_no_picture(tmp_path):
    with pytest.raises(ValueError, match="empty"):
        report.write_data_picture([], tmp_path / "data.png")
