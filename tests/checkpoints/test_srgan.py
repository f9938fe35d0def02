import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import SRGAN
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.srgan import recognise
from keras_gan_translate.models.srgan import sr_resnet, vgg_discriminator
from tests.shared import fixture, shared

# fixture: the arguments of SRGAN that its tensors tell
GENERATORS = {
    "srgan_lornatang_srresnet_x4": {
        "filters": 8,
        "num_blocks": 16,
        "scale": 4,
        "use_bias": False,
        "trunk_end": "batch",
        "output": "linear",
    },
    "srgan_leftthomas_gen_x4": {
        "filters": 64,
        "num_blocks": 5,
        "scale": 4,
        "use_bias": True,
        "trunk_end": "batch",
        "output": "tanh",
    },
    "srgan_leftthomas_real_x4": {
        "filters": 64,
        "num_blocks": 5,
        "scale": 4,
        "use_bias": True,
        "trunk_end": "prelu",
        "output": "tanh",
    },
}


def tensors(name):
    """Weights by name, and inputs and outputs channels last."""
    arrays, _ = fixture(name)
    weights = {key: array for key, array in arrays.items() if key[:2] != "__"}
    images = {
        key.split(".")[1]: array.transpose(0, 2, 3, 1)
        for key, array in arrays.items()
        if key[:2] == "__" and array.ndim == 4
    }
    return weights, images


def parity(image, expected):
    """Largest difference in [0, 1], in standard deviations of the truth."""
    image = ops.convert_to_numpy(image) / 2 + 0.5
    return np.abs(image - expected).max() / expected.std()


def generator(name):
    weights, images = tensors(name)
    network = import_weights(sr_resnet(**GENERATORS[name]), weights)
    return network, images["x"] * 2 - 1, images


@pytest.mark.parametrize("name", GENERATORS)
def test_generators_reproduce_the_reference(name):
    network, x, images = generator(name)
    assert parity(network(x), images["image"]) < 1e-4


def test_training_is_not_clipped():
    network, x, images = generator("srgan_lornatang_srresnet_x4")
    inside = keras.Model(network.input, network.get_layer("head_conv").output)
    image = inside(x) * 2 - 1
    assert parity(image, images["before_clamp"]) < 1e-4
    assert np.abs(network(x, training=True)).max() > 1
    assert np.abs(network(x)).max() == 1


def test_batch_statistics_reproduce_the_reference():
    network, x, images = generator("srgan_leftthomas_gen_x4")
    image = network(x, training=True)
    assert parity(image, images["train_image"]) < 1e-4


def test_discriminator_reproduces_the_reference():
    arrays, _ = fixture("srgan_lornatang_dis")
    weights, images = tensors("srgan_lornatang_dis")
    network = import_weights(vgg_discriminator(96, 8), weights)
    logits = network(images["x"] * 2 - 1)
    # One number has no deviation; features of it have: 1e-4 of its size.
    np.testing.assert_allclose(logits, arrays["__out__.out"], rtol=1e-4)


@pytest.mark.parametrize("name", GENERATORS)
def test_arguments_follow_from_the_tensors(name):
    weights, _ = tensors(name)
    shapes = {key: array.shape for key, array in weights.items()}
    assert recognise(shapes) == GENERATORS[name]
    assert recognise({"model.1.weight": (64, 3, 7, 7)}) is None


def test_published_file_enlarges_as_in_pytorch():
    torch = pytest.importorskip("torch")
    path = shared("weights", "srgan", "netG_epoch_4_100.pth")
    # Another snapshot of the training than the fixture's.
    options = GENERATORS["srgan_leftthomas_real_x4"]
    model = SRGAN(vgg_weights=None, **options)
    import_weights(model.generator, path)
    _, images = tensors("srgan_leftthomas_real_x4")
    x = images["x"]
    weights = torch.load(path, map_location="cpu", weights_only=True)
    expected = in_pytorch(weights, torch.tensor(x.transpose(0, 3, 1, 2)))
    expected = expected.numpy().transpose(0, 2, 3, 1)
    assert parity(model.translate(x * 2 - 1), expected) < 1e-4


def in_pytorch(weights, x):
    """The generator of 5 blocks, in PyTorch's functions."""
    from torch.nn import functional

    def conv(x, name):
        kernel = weights[f"{name}.weight"]
        return functional.conv2d(
            x, kernel, weights[f"{name}.bias"], padding=kernel.shape[-1] // 2
        )

    def norm(x, name):
        of = [
            weights[f"{name}.{part}"]
            for part in ("running_mean", "running_var", "weight", "bias")
        ]
        return functional.batch_norm(x, *of)

    def prelu(x, name):
        return functional.prelu(x, weights[f"{name}.weight"])

    stem = x = prelu(conv(x, "block1.0"), "block1.1")
    for i in range(2, 7):
        block = f"block{i}"
        y = norm(conv(x, f"{block}.conv1"), f"{block}.bn1")
        y = prelu(y, f"{block}.prelu")
        x = x + norm(conv(y, f"{block}.conv2"), f"{block}.bn2")
    x = stem + prelu(conv(x, "block7.0"), "block7.1")
    for i in range(2):
        x = functional.pixel_shuffle(conv(x, f"block8.{i}.conv"), 2)
        x = prelu(x, f"block8.{i}.prelu")
    return (conv(x, "block8.2").tanh() + 1) / 2
