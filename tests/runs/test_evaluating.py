"""What `kgt evaluate` reads of each kind of data, and asks of its models."""

import numpy as np
import pytest

from keras_gan_translate.data import write_image
from keras_gan_translate.data.kinds import find_kind
from keras_gan_translate.metrics.questions import ask
from keras_gan_translate.runs.configs import complete
from keras_gan_translate.runs.evaluating import read_examples
from keras_gan_translate.runs.training import build_model
from keras_gan_translate.zoo import find_model

SIZES = {"scgan": 64}
# Model, data, arguments; names of the questions, and what each has.
CASES = {
    "cyclegan": (
        {"data": "drawn:3", "num_blocks": 1},
        {"ab", "ba"},
        {"source", "real"},
    ),
    "stargan": (
        {"data": "drawn:faces:photo,toon,line:3", "num_blocks": 1},
        {"photo", "toon", "line"},
        {"source", "real"},
    ),
    "munit": (
        {"data": "drawn:3", "num_blocks": 1},
        {"ab", "ba"},
        {"source", "real", "samples"},
    ),
    "pix2pix": ({"data": "drawn:3"}, {"ab"}, {"source", "real", "truth"}),
    "srgan": (
        {"data": "drawn:3", "num_blocks": 1, "vgg_weights": None},
        {"ab"},
        {"source", "real", "truth"},
    ),
    "deepfillv2": ({"data": "drawn:3"}, {"ab"}, {"real", "truth"}),
    "relgan": (
        {"data": "drawn:40", "attributes": ["Smiling"], "num_blocks": 1},
        {"+Smiling"},
        {"source", "real"},
    ),
    "scgan": ({"data": "drawn:3"}, {"ab"}, {"source", "real", "truth"}),
    "cogan": ({"data": "drawn:3"}, {"a", "b"}, {"real"}),
}


@pytest.mark.parametrize("name", CASES)
def test_each_kind(name):
    arguments, names, known = CASES[name]
    config = {
        "model": name,
        "image_size": SIZES.get(name, 32),
        "filters": 4,
        "seed": 0,
    }
    config |= {"how": "cover"} | arguments
    config = complete(config, find_model(name))
    model = build_model(config)
    examples, split, warning = read_examples(model, config, count=100)
    assert (split, warning) == ("test", "")
    assert set(examples) == set(model.batch)
    asked = list(ask(model, examples, find_kind(model.data).aligned))
    assert {question.name for question in asked} == names
    for question in asked:
        told = {
            key
            for key in ("source", "real", "truth", "samples")
            if getattr(question, key) is not None
        }
        assert told == known
        assert question.fake.dtype == "uint8"
        if "truth" in known:
            assert question.fake.shape == question.truth.shape


def images(folder, count, seed):
    random = np.random.default_rng(seed)
    for i in range(count):
        image = random.integers(0, 256, (32, 32, 3), "uint8")
        write_image(folder / f"{i}.png", image)


def cyclegan(folder):
    config = {"model": "cyclegan", "data": str(folder), "image_size": 32}
    config |= {"filters": 2, "num_blocks": 1, "how": "cover"}
    config = complete(config, find_model("cyclegan"))
    return build_model(config | {"seed": 0}), config


def test_a_smaller_domain_is_not_counted_twice(tmp_path):
    for name, count in (("testA", 5), ("testB", 3), ("trainA", 1)):
        images(tmp_path / name, count, ord(name[-1]))
    images(tmp_path / "trainB", 1, 9)
    model, config = cyclegan(tmp_path)
    examples, split, _ = read_examples(model, config)
    assert split == "test"
    assert [len(examples[key]) for key in "ab"] == [5, 3]
    assert len(np.unique(examples["b"], axis=0)) == 3
    examples, _, _ = read_examples(model, config, count=2)
    assert [len(examples[key]) for key in "ab"] == [2, 2]


def test_images_of_the_training_are_told_of(tmp_path):
    for name in ("trainA", "trainB"):
        images(tmp_path / "own" / name, 2, ord(name[-1]))
        images(tmp_path / "other" / name, 2, 0)
    model, config = cyclegan(tmp_path / "own")
    _, split, warning = read_examples(model, config)
    assert split == "train" and "trained with" in warning
    _, split, warning = read_examples(model, config, tmp_path / "other")
    assert split == "train" and not warning
