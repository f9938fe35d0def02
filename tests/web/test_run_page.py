"""The page of a run folder, opened from the disk as people do."""

import math

import numpy as np
import pytest

from keras_gan_translate.data import write_image
from keras_gan_translate.runs import report
from keras_gan_translate.runs.run import Run
from tests.web.browser import chromium

EPOCHS = 12
COLUMNS = "[...document.querySelectorAll('.column')].map(x => x.offsetHeight)"
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture
def run(tmp_path):
    config = {"model": "ugatit", "epochs": EPOCHS, "image_size": 64}
    run = Run.create(tmp_path / "run", config)
    random = np.random.default_rng(0)
    for epoch in (0, EPOCHS):
        picture = random.integers(0, 255, (400, 800, 3), "uint8")
        name = f"epoch_{epoch:04d}.png"
        write_image(run.folder / "samples" / name, picture)
    write_image(run.folder / "data.png", picture)
    for epoch in range(1, EPOCHS + 1):
        losses = {
            f"{prefix}{player}_{loss}": math.exp(-epoch / 9)
            for prefix in ("", "val_")
            for player in ("discriminator", "generator")
            for loss in ("adversarial", "cam")
        }
        measures = {
            f"{name}_{direction}": 1.0
            for name in ("variety", "detail", "contrast", "likeness")
            for direction in ("ab", "ba")
        }
        run.add_results(epoch, losses | measures | {"detail_ab": 0.125})
    report.write_page(run.folder)
    return run


def test_lights_show_their_numbers_and_columns_end_together(run, tmp_path):
    with chromium(tmp_path / "browser") as page:
        page.call(
            "Emulation.setDeviceMetricsOverride",
            width=1280,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        page.open((run.folder / "index.html").as_uri())
        lights = page.run("document.getElementById('lights').innerText")
        assert "Mush: A to B" in lights and "mush: below 0.3" in lights
        assert "detail_ab 0.125" in lights
        assert "No fault measured: B to A" in lights
        measured = page.run("document.getElementById('measured').innerText")
        assert "good: 0.33 to 2" in measured  # of variety
        assert "fine structure" in measured  # what detail is
        left, right = page.run(COLUMNS)
        assert abs(left - right) < 0.25 * max(left, right)
        assert page.run(OVERFLOW) <= 0
        # On a phone it is one column, in the order of what matters.
        page.phone()
        page.wait("matchMedia('(max-width: 1000px)').matches")
        order = page.run(
            "[...document.querySelectorAll('.column > *')]"
            ".sort((a, b) => a.getBoundingClientRect().top"
            " - b.getBoundingClientRect().top)"
            ".map(card => card.querySelector('h2').innerText)"
        )
        assert order == [
            "The same images, epoch after epoch",
            "Losses",
            "What the samples show",
            "What the network really sees",
            "Settings",
        ]
        assert page.run(OVERFLOW) <= 0
        assert not page.errors
