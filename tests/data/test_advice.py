import logging

import numpy as np
import pytest

from keras_gan_translate import data
from keras_gan_translate.data.advice import advice
from tests.data.folders import label_map, photo, write


def files(folder, count, pixels):
    for number in range(count):
        write(folder / f"{number}.png", pixels)
    return sorted(folder.iterdir())


def test_few_images(tmp_path):
    paths = files(tmp_path, 20, photo(size=(8, 8)))
    assert advice({"a": paths}, (8, 8)) == []
    (told,) = advice({"a": paths, "b": paths[:19]}, (8, 8))
    assert told.startswith("There are few images (19 of b): ")


def test_tiny_images(tmp_path):
    paths = files(tmp_path, 20, photo(size=(16, 20)))
    assert advice({"a": paths}, (32, 32)) == []
    for size in ((33, 33), (256, 128)):
        (told,) = advice({"a": paths, "b": paths}, size)
        assert f"20 x 16 pixels to {size[1]} x {size[0]}" in told
        assert "0.png' of" in told and "--image-size" in told


@pytest.mark.parametrize(
    ("classes", "scale", "told"),
    [(9, 20, True), (2, 255, False), (64, 4, False), (1, 0, False)],
)
def test_few_grays(tmp_path, classes, scale, told):
    pixels = label_map((64, 64), classes) * np.uint8(scale)
    found = advice({"a": files(tmp_path, 20, pixels)}, (64, 64))
    assert [f"{classes} colours or grays" in text for text in found] == (
        [True] if told else []
    )


def test_damaged_files_are_named_elsewhere(tmp_path):
    paths = files(tmp_path, 20, photo(size=(16, 16)))
    paths[0].write_bytes(b"")
    assert "1.png" in advice({"a": paths}, (64, 64))[0]
    paths[1:] = [paths[0]] * 19
    assert advice({"a": paths}, (64, 64)) == []


def test_training_tells_it_once(tmp_path, caplog):
    files(tmp_path / "A", 3, photo(size=(8, 8)))
    files(tmp_path / "B", 3, photo(size=(8, 8)))
    with caplog.at_level(logging.WARNING, "keras_gan_translate"):
        data.unpaired(tmp_path, image_size=8, augment=False)
        assert not caplog.messages
        data.unpaired(tmp_path, image_size=32, augment=())
    assert len(caplog.messages) == 2
    assert caplog.messages[0].startswith("There are few images (3 of a, 3 of b")
