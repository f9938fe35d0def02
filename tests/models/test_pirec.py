import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import PIREC, backend
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.models.pirec import pirec_generator
from tests.models.training import (
    assert_close,
    channels_last,
    count_parameters,
    weights_of,
)
from tests.shared import fixture


def tiny(**arguments):
    arguments = {"filters": 4, "num_blocks": 1, "vgg_weights": None} | arguments
    return PIREC(image_size=32, **arguments)


def test_full_size_has_the_papers_number_of_parameters():
    assert count_parameters(pirec_generator) == 10_545_219


def test_generator_reproduces_the_reference():
    arrays, _ = fixture("pirec_gen")
    network = import_weights(pirec_generator(8), weights_of(arrays))
    colours, lines = (
        channels_last(arrays[f"__in__.{name}"]) for name in ("color", "edge")
    )
    made = backend.predict(network, [2 * colours - 1, lines])
    assert_close((made + 1) / 2, arrays["__out__.image"])


def test_published_weights_are_recognised():
    arrays, _ = fixture("pirec_gen")
    found = recognise(weights_of(arrays))
    assert found.model == "pirec"
    assert found.arguments == {"filters": 8, "num_blocks": 8}


@pytest.fixture
def batch():
    random = np.random.default_rng(0)
    image = random.uniform(-1, 1, (2, 32, 32, 3)).astype("float32")
    sketch = np.where(random.uniform(size=(2, 32, 32, 1)) < 0.5, -1.0, 1.0)
    return {
        "image": ops.convert_to_tensor(image),
        "colours": ops.zeros((2, 32, 32, 3)),
        "sketch": ops.convert_to_tensor(sketch, "float32"),
    }


def test_phases_see_what_the_paper_says(batch):
    model = tiny()
    given = []

    class Spy:
        def __call__(self, inputs, training):
            given[:] = [ops.convert_to_numpy(x) for x in inputs]
            return inputs[0]

    network = model.generator
    object.__setattr__(model, "generator", Spy())
    drawn = (1 - ops.convert_to_numpy(batch["sketch"])) / 2
    image = ops.convert_to_numpy(batch["image"])
    try:
        model.stage = "imitation"
        model._make(batch, True)
        colours, lines = given
        black = (colours == -1).all(axis=-1)
        assert (black | np.isclose(colours, image, atol=1e-6).all(-1)).all()
        assert 0 < black.mean() < 0.75
        # One pixel in twelve of the lines is lost, and none is added.
        assert (lines <= drawn).all()
        assert 0.85 < lines.sum() / drawn.sum() < 0.97
        model.stage = "generation"
        model._make(batch, False)
        colours, lines = given
        assert not colours.any()
        np.testing.assert_array_equal(lines, drawn)
    finally:
        object.__setattr__(model, "generator", network)


def test_the_refiner_learns_and_the_generator_stands_still(batch):
    keras.utils.set_random_seed(0)
    model = tiny(refine=True, loss_weights={"perceptual": 0.0, "style": 0.0})
    assert model.features is None and model.stages == ("refinement",)
    assert model.translator_networks == ("generator", "refiner")
    model.compile()
    before = model.generator.get_weights()
    refiner = model.refiner.get_weights()
    model.train_on_batch({k: ops.convert_to_numpy(v) for k, v in batch.items()})
    for one, other in zip(before, model.generator.get_weights()):
        np.testing.assert_array_equal(one, other)
    assert (refiner[0] != model.refiner.get_weights()[0]).any()
    first = model.generator([batch["colours"], (1 - batch["sketch"]) / 2])
    expected = model.refiner([first, (1 - batch["sketch"]) / 2])
    np.testing.assert_allclose(
        ops.convert_to_numpy(
            model.composed([batch["sketch"], batch["colours"]])
        ),
        ops.convert_to_numpy(expected),
        atol=1e-5,
    )


def test_colours_are_needed():
    drawing = np.full((32, 32), 255, "uint8")
    with pytest.raises(ValueError, match="Which `colours`"):
        tiny().translate(drawing)
