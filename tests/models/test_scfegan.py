import keras

from keras_gan_translate import backend
from keras_gan_translate.models.scfegan import scfegan_generator
from tests.models.training import assert_close, count_parameters
from tests.shared import fixture

# Biases of the second transposed convolutions, which do nothing.
UNUSED = 3 * 512 + 256 + 128 + 64 + 3


def test_full_size_has_the_papers_number_of_parameters():
    assert count_parameters(scfegan_generator) + UNUSED == 92_886_100


def fill(network, arrays):
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2DTranspose):
            names = ("w", "biases1")
        elif isinstance(layer, keras.layers.Conv2D):
            names = ("kernel", "bias")
        else:
            continue
        layer.set_weights(
            [arrays[f"generator/{layer.name}/{name}"] for name in names]
        )


def test_generator_reproduces_the_reference():
    arrays, _ = fixture("scfegan_gen")
    network = scfegan_generator(4)
    fill(network, arrays)
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
