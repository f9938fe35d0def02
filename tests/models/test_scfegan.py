import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import SCFEGAN, backend
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.models.scfegan import scfegan_generator
from tests.models.training import assert_close, count_parameters, weights_of
from tests.shared import fixture

# Biases of the second transposed convolutions, which do nothing.
UNUSED = 3 * 512 + 256 + 128 + 64 + 3


def test_full_size_has_the_papers_number_of_parameters():
    number = count_parameters(scfegan_generator)
    assert number == 92_884_113 and number + UNUSED == 92_886_100


def test_generator_reproduces_the_reference():
    arrays, _ = fixture("scfegan_gen")
    network = import_weights(scfegan_generator(4), weights_of(arrays))
    inputs = [
        arrays[f"__in__.{name}"]
        for name in ("image", "sketch", "color", "mask", "noise")
    ]
    gates = keras.Model(network.inputs, network.get_layer("gconv14_g").output)
    filling = backend.predict(network, inputs)
    image, mask = inputs[0], inputs[3]
    for output, name in (
        (filling, "generated"),
        (backend.predict(gates, inputs)[:, ::4, ::4], "gate_every4"),
        (
            (filling * mask + image * (1 - mask))[:, ::4, ::4],
            "completed_every4",
        ),
    ):
        # Channels are last in this one.
        expected = arrays[f"__out__.{name}"].transpose(0, 3, 1, 2)
        assert_close(output, expected)


def test_published_weights_are_recognised():
    arrays, _ = fixture("scfegan_gen")
    found = recognise(weights_of(arrays))
    assert (found.model, found.arguments) == ("scfegan", {"filters": 4})


def tiny(**arguments):
    keras.utils.set_random_seed(0)
    without_vgg = {"perceptual": 0.0, "style": 0.0}
    return SCFEGAN(
        image_size=128,
        filters=2,
        discriminator_filters=2,
        loss_weights=without_vgg,
        **arguments,
    )


def test_hints_count_in_the_hole_alone():
    model = tiny()
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (128, 128, 3), "uint8")
    mask = np.zeros((128, 128), "uint8")
    mask[30:70, 40:90] = 255
    hole = mask > 0
    plain = model.translate(image, mask=mask)
    np.testing.assert_array_equal(plain[~hole], image[~hole])
    # Neither white paper nor black strokes are hints.
    paper, none = np.full((128, 128), 255, "uint8"), np.zeros_like(image)
    for hints in ({"sketch": paper}, {"strokes": none}, {}):
        same = model.translate(image, mask=mask, **hints)
        np.testing.assert_array_equal(same, plain)
    sketch, strokes = paper.copy(), none.copy()
    sketch[10] = 0
    strokes[100:110, 20:50] = (200, 30, 30)
    beside = model.translate(image, mask=mask, sketch=sketch, strokes=strokes)
    np.testing.assert_array_equal(beside, plain)
    sketch[50], strokes[40:45, 50:60] = 0, (200, 30, 30)
    for hints in ({"sketch": sketch}, {"strokes": strokes}):
        drawn = model.translate(image, mask=mask, **hints)
        assert (drawn[hole] != plain[hole]).any()


def test_a_mask_is_needed():
    with pytest.raises(ValueError, match="`mask` is needed"):
        tiny().translate(np.zeros((128, 128, 3), "uint8"))


def test_losses_of_the_paper_by_hand():
    """A hole of a quarter, whose filling is off by a constant."""
    model = tiny()
    assert model.features is None
    image = np.zeros((1, 128, 128, 3), "float32")
    mask = np.zeros((1, 128, 128, 1), "float32")
    mask[:, :64, :64] = 1.0
    model._fill = lambda batch, training: ops.ones_like(batch["image"]) / 2
    model._judge = lambda *args: (ops.ones((1, 2)) * 3, ops.ones((1, 2)) * 4)
    batch = {
        "image": image,
        "mask": mask,
        "sketch": np.ones_like(mask),
        "strokes": -np.ones_like(image),
    }
    batch = {key: ops.convert_to_tensor(x) for key, x in batch.items()}
    terms, _ = model.generator_loss(batch)
    assert float(terms["hole"]) == pytest.approx(0.5 / 4)
    assert float(terms["valid"]) == pytest.approx(0.5 * 3 / 4)
    assert float(terms["adversarial"]) == -4
    # Its edge: 64 steps of one half, of 127 by 128 differences, twice.
    edge = 2 * 64 * 0.5 / (127 * 128)
    assert float(terms["total_variation"]) == pytest.approx(edge, rel=1e-5)
    terms, _ = model.discriminator_loss(batch)
    assert float(terms["adversarial"]["real"]) == -3
    assert float(terms["adversarial"]["fake"]) == 4
    assert float(terms["drift"]) == 9
