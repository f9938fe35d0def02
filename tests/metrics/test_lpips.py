import numpy as np
import pytest

from keras_gan_translate.metrics import LPIPS
from keras_gan_translate.metrics.lpips import NETWORKS, head_distance
from tests.metrics.lpips_heads import read_heads
from tests.shared import shared

CHANNELS = {
    "vgg": (64, 64, 128, 128, 256, 256, 256, *[512] * 6),
    "alex": (64, 192, 384, 256, 256),
}
SIDES = {"vgg": (3,) * 13, "alex": (11, 5, 3, 3, 3)}


def heads_of(network):
    return read_heads(shared("weights", "lpips", f"{network}.pth"))


def random_trunk(network, thinner=1):
    """Weights of torchvision's names and shapes, in PyTorch's layout."""
    random = np.random.default_rng(0)
    arrays, before = {}, 3
    for number, channels, side in zip(
        NETWORKS[network]["convolutions"], CHANNELS[network], SIDES[network]
    ):
        channels //= thinner
        shape = (channels, before, side, side)
        spread = np.sqrt(2 / np.prod(shape[1:]))
        kernel = random.normal(scale=spread, size=shape)
        arrays[f"features.{number}.weight"] = kernel
        arrays[f"features.{number}.bias"] = random.normal(size=channels) / 10
        before = channels
    return arrays


def convolved(x, kernel, bias, stride, pad):
    """A convolution as PyTorch lays it out, (C, H, W), by NumPy alone."""
    x = np.pad(x, [(0, 0), (pad, pad), (pad, pad)])
    side = kernel.shape[-1]
    windows = np.lib.stride_tricks.sliding_window_view(x, (side, side), (1, 2))
    windows = windows[:, ::stride, ::stride]
    summed = np.einsum("chwij,ocij->ohw", windows, kernel)
    return np.maximum(summed + bias[:, None, None], 0)


def pooled(x, size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), (1, 2))
    return windows[:, ::stride, ::stride].max((-1, -2))


def test_alex_by_numpy_with_the_published_heads():
    heads, trunk = heads_of("alex"), random_trunk("alex")
    images = np.random.default_rng(1).integers(0, 256, (2, 2, 40, 48, 3))
    images = images.astype("uint8")
    measured = LPIPS("alex", heads, trunk)(*images)
    shift = np.array([-0.030, -0.088, -0.188])[:, None, None]
    scale = np.array([0.458, 0.448, 0.450])[:, None, None]
    for i in range(2):
        pair = [
            (x[i].transpose(2, 0, 1) / 127.5 - 1 - shift) / scale
            for x in images
        ]
        expected = 0.0
        for layer, (number, stride, pad) in enumerate(
            ((0, 4, 2), (3, 1, 2), (6, 1, 1), (8, 1, 1), (10, 1, 1))
        ):
            if number in (3, 6):
                pair = [pooled(x, 3, 2) for x in pair]
            weights = [
                trunk[f"features.{number}.{part}"]
                for part in ("weight", "bias")
            ]
            pair = [convolved(x, *weights, stride, pad) for x in pair]
            unit = [
                x / (np.sqrt((x**2).sum(0, keepdims=True)) + 1e-10)
                for x in pair
            ]
            head = heads[f"lin{layer}.model.1.weight"].reshape(-1, 1, 1)
            expected += (head * (unit[0] - unit[1]) ** 2).sum(0).mean()
        assert measured[i] == pytest.approx(expected, rel=1e-4)


def test_vgg_takes_features_before_each_pooling():
    distance = LPIPS("vgg", heads_of("vgg"), random_trunk("vgg"))
    images = np.zeros((1, 32, 48, 3), "uint8")
    shapes = [x.shape[1:] for x in distance.features(images)]
    assert shapes == [
        (32, 48, 64),
        (16, 24, 128),
        (8, 12, 256),
        (4, 6, 512),
        (2, 3, 512),
    ]
    assert distance.name == "LPIPS (vgg)"


def test_equal_images_have_no_distance():
    heads = heads_of("alex")
    distance = LPIPS("alex", heads, random_trunk("alex"))
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), "uint8")
    assert distance(images, images).tolist() == [0, 0, 0]
    near = np.clip(images.astype(int) + 8, 0, 255).astype("uint8")
    far = images[::-1, ::-1]
    assert (distance(images, near) < distance(images, far)).all()


def test_a_head_by_hand():
    features = np.array([[[[3.0, 4.0], [0.0, 0.0]]]])  # (1, 1, 2, 2)
    others = np.array([[[[0.0, 2.0], [5.0, 0.0]]]])
    # (0.6, 0.8) and (0, 1); nothing and (1, 0)
    expected = ((2 * 0.36 + 3 * 0.04) + 2 * 1) / 2
    weights = np.array([2.0, 3.0])
    assert head_distance(features, others, weights) == pytest.approx([expected])


def test_errors_name_what_came():
    heads = heads_of("alex")
    with pytest.raises(ValueError, match="vgg.*alex"):
        LPIPS("squeeze", heads, {})
    with pytest.raises(ValueError, match="no features.0.weight"):
        LPIPS("alex", heads, {"conv1": 0})
    with pytest.raises(ValueError, match=r"lin0.*\(1, 64, 1, 1\).*\(1, 32\)"):
        LPIPS("alex", heads, random_trunk("alex", thinner=2))
    distance = LPIPS("alex", heads, random_trunk("alex"))
    small = np.zeros((1, 16, 40, 3), "uint8")
    with pytest.raises(ValueError, match="32 pixels or more.*16 by 40"):
        distance(small, small)
