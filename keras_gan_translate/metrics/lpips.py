"""LPIPS: the distance of two images as people would judge it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from keras import ops

from keras_gan_translate.support.messages import check_choice

# Of torchvision's networks: number of a convolution in `features`, its stride
# and padding; after which of them features are taken; maximum pooling (size,
# stride) before which.
NETWORKS = {
    "vgg": {
        "convolutions": {
            n: (1, 1) for n in (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
        },
        "taken": (2, 7, 14, 21, 28),  # relu1_2, 2_2, 3_3, 4_3, 5_3
        "pools": dict.fromkeys((5, 10, 17, 24), (2, 2)),
    },
    "alex": {
        "convolutions": {
            0: (4, 2),
            3: (1, 2),
            6: (1, 1),
            8: (1, 1),
            10: (1, 1),
        },
        "taken": (0, 3, 6, 8, 10),
        "pools": dict.fromkeys((3, 6), (3, 2)),
    },
}
SHIFT = np.array([-0.030, -0.088, -0.188], "float32")
SCALE = np.array([0.458, 0.448, 0.450], "float32")
EPSILON = 1e-10
BATCH = 8  # pairs at once


class LPIPS:
    """Learned perceptual distance of images, version 0.1.

    Features of a network trained on ImageNet are scaled to length one at
    every place; their squared differences are added with learned weights, the
    heads, and averaged over the places.

    Both are given as arrays, under the names they have in PyTorch:
    `checkpoints.read_source` reads their files. The trunk is torchvision's
    (the weights of `keras.applications` are others, and give another number).

    Reference: Zhang, Isola, Efros, Shechtman, Wang, "The Unreasonable
    Effectiveness of Deep Features as a Perceptual Metric", 2018,
    arXiv:1801.03924.

    Args:
        network: "vgg" or "alex".
        heads: dict with `lin0.model.1.weight` (1, C, 1, 1) and so on.
        trunk: dict with `features.0.weight` (C, 3, k, k), `features.0.bias`
            and so on.

    Raises:
        ValueError: an array is missing or has another shape.

    Example:
        distance = LPIPS("alex", read_source("alex.pth"), read_source(trunk))
        distance(images, others).mean()
    """

    def __init__(self, network: str, heads: Mapping, trunk: Mapping):
        check_choice("network", network, tuple(NETWORKS))
        self.network = network
        self.layers = NETWORKS[network]
        self.kernels, self.heads, channels = {}, [], 3
        for number in self.layers["convolutions"]:
            name = f"features.{number}"
            kernel = _array(trunk, f"{name}.weight", (None, channels))
            channels = len(kernel)
            bias = _array(trunk, f"{name}.bias", (channels,))
            # (C_out, C_in, h, w) to Keras' (h, w, C_in, C_out)
            self.kernels[number] = kernel.transpose(2, 3, 1, 0), bias
            if number in self.layers["taken"]:
                name = f"lin{len(self.heads)}.model.1.weight"
                head = _array(heads, name, (1, channels))
                self.heads.append(head.reshape(-1))

    @property
    def name(self):
        """What stands beside the number."""
        return f"LPIPS ({self.network})"

    def __call__(self, images: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Distances of images, pair by pair.

        Args:
            images: uint8 array (N, H, W, 3), compared at this size.
            others: uint8 array of the same shape.

        Returns:
            float64 array (N,); lower is more alike.

        Raises:
            ValueError: the shapes differ, or are smaller than the network
                takes.
        """
        images, others = np.asarray(images), np.asarray(others)
        if images.shape != others.shape or images.ndim != 4:
            raise ValueError(
                "Expected two arrays (N, H, W, 3). Received shapes: "
                f"{images.shape} and {others.shape}."
            )
        if min(images.shape[1:3]) < 32:
            raise ValueError(
                "LPIPS needs images of 32 pixels or more. Received: "
                f"{images.shape[1]} by {images.shape[2]}."
            )
        distances = []
        for first in range(0, len(images), BATCH):
            part = slice(first, first + BATCH)
            pair = [self.features(x[part]) for x in (images, others)]
            distances.append(sum(map(head_distance, *pair, self.heads)))
        return np.concatenate(distances)

    def features(self, images):
        """The features of uint8 images that the heads read, a list."""
        x = (images.astype("float32") / 127.5 - 1 - SHIFT) / SCALE
        taken = []
        for number, (stride, pad) in self.layers["convolutions"].items():
            if number in self.layers["pools"]:
                size, step = self.layers["pools"][number]
                x = ops.max_pool(x, size, step, "valid", "channels_last")
            kernel, bias = self.kernels[number]
            x = ops.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
            x = ops.conv(x, kernel, stride, "valid", "channels_last")
            x = ops.relu(x + bias)
            if number in self.layers["taken"]:
                taken.append(ops.convert_to_numpy(x))
        return taken


def head_distance(features, others, weights):
    """Distance of two images as one layer and its head see it.

    Args:
        features: float array (N, H, W, C).
        others: of the same shape.
        weights: (C,).

    Returns:
        float64 array (N,).
    """
    unit = []
    for x in (features, others):
        x = np.asarray(x, "float64")
        length = np.sqrt(np.sum(x**2, -1, keepdims=True))
        unit.append(x / (length + EPSILON))
    return (np.square(unit[0] - unit[1]) @ weights).mean((1, 2))


def _array(source, name, shape):
    """An array of a mapping, float32, whose first sides are as expected."""
    if name not in source:
        raise ValueError(
            f"The weights of LPIPS have no {name}; they have "
            f"{', '.join(list(source)[:4])}..."
        )
    array = np.asarray(source[name], "float32")
    for side, expected in zip(array.shape, shape):
        if expected not in (None, side):
            raise ValueError(
                f"{name} has the shape {array.shape}, expected {shape}..."
            )
    return array
