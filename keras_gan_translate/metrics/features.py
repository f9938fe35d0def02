"""What networks see in images: the features that distances are made of."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import ops

from keras_gan_translate.backend.frozen_graph import read_frozen_graph
from keras_gan_translate.losses.perceptual import VGGFeatures
from keras_gan_translate.metrics.resize import resize_antialiased
from keras_gan_translate.support.messages import near_matches
from keras_gan_translate.support.untrusted import explained, read_bytes

BATCH = 16  # images at once
INCEPTION_SIZE = 299  # pixels
MAX_GRAPH = 2**29  # bytes
VGG_LAYER = "block5_conv3"  # the last one; its places are averaged: 512
# Of random weights: deeper, all images look alike; 256 numbers.
RANDOM_LAYER = "block3_conv3"
KNOWN = ("random", "vgg16", "inception-2015")


class Features:
    """Turns images into vectors, under a name that says what they are.

    Args:
        network: function from float32 (N, size, size, 3) in 0..255 to (N, D)
            or (N, h, w, D), of which places are averaged.
        name: stands beside every number that is made of them.
        size: height and width in pixels that images are resized to.
        trained: whether the network has learned. Distances of features that
            have not are never called FID or KID.
    """

    def __init__(
        self, network: Callable, name: str, size: int, trained: bool = True
    ):
        self.network, self.name = network, name
        self.size, self.trained = size, trained

    @property
    def resize(self):
        """What becomes of the images first, in words."""
        return f"antialiased bicubic to {self.size} pixels, not rounded"

    def title(self, metric):
        """A metric's name with that of the features.

        "FID" is that of the Inception network of 2015 alone.
        """
        if metric == "FID" and self.name != "inception-2015":
            metric = "Frechet distance"
        if metric == "KID" and not self.trained:
            metric = "kernel distance"
        return f"{metric} ({self.name})"

    def __call__(self, images: Sequence) -> np.ndarray:
        """Features of images.

        Args:
            images: uint8 array (N, H, W, 3), or a list of uint8 images
                (H, W, 3) of any sizes.

        Returns:
            float64 array (N, D).

        Raises:
            ValueError: they are none, or others.
        """
        for image in images:
            if image.dtype != "uint8" or image.shape[2:] != (3,):
                raise ValueError(
                    "Features are those of uint8 images (H, W, 3). Received: "
                    f"{image.dtype} {image.shape}."
                )
        made = []
        for first in range(0, len(images), BATCH):
            batch = resize_antialiased(images[first : first + BATCH], self.size)
            # Filled up, so that a network is traced for one size only.
            missing = min(BATCH, len(images)) - len(batch)
            batch = np.pad(batch, [(0, missing), (0, 0), (0, 0), (0, 0)])
            x = np.asarray(self.network(batch), "float64")
            x = x[: len(x) - missing]
            made.append(x.mean((1, 2)) if x.ndim == 4 else x)
        return np.concatenate(made)


def open_features(words: str | Features, size: int | None = None) -> Features:
    """Features by name, with the path of their weights.

    Args:
        words: "random", a VGG16 of random weights, for comparing like with
            like where nothing can be downloaded; "vgg16", whose ImageNet
            weights Keras downloads, or "vgg16=FILE.h5"; "inception-2015=
            FILE.pb", the graph that FID was defined by; "NAME=FILE.keras", a
            network of one's own that takes images in [-1, 1].
        size: images are resized to so many pixels; the network's own if None.

    Returns:
        `Features`.

    Raises:
        ValueError: another name, or a file that holds no such network.
        FileNotFoundError: there is no such file.
    """
    if isinstance(words, Features):
        return words
    name, _, path = os.fspath(words).partition("=")
    if path and not pathlib.Path(path).exists():
        raise FileNotFoundError(f"There is no file '{path}' of {name}.")
    if name == "random":
        return _random(size)
    if name == "vgg16":
        return vgg_features(path or "imagenet", size)
    if name == "inception-2015" and path:
        return Features(_inception(path), name, INCEPTION_SIZE)
    if path:
        return _own(name, path, size)
    raise ValueError(
        f"Unknown features {words!r}.{near_matches(name, KNOWN)} There are "
        "random, vgg16, vgg16=FILE.h5, inception-2015=FILE.pb, and "
        "NAME=FILE.keras of a network of your own."
    )


def vgg_features(weights: str = "imagenet", size: int | None = None):
    """`Features` of VGG16, the mean of its last convolutions, 512 numbers."""
    vgg = VGGFeatures("vgg16", VGG_LAYER, weights)
    vgg.load()
    return Features(_averaged(vgg, VGG_LAYER), "vgg16", size or 224)


def _random(size):
    """Random features, the same in every process.

    Reference: Naeem et al., 2020, arXiv:2002.09797, section 4: where
    ImageNet says little of the images, random ones are as good. Deviation: of
    an earlier layer.
    """
    vgg = VGGFeatures("vgg16", RANDOM_LAYER, None)
    random = np.random.RandomState(0)  # its streams are frozen (NEP 19)
    size_of_values = 64  # of pixels less ImageNet's mean, about; 1 afterwards
    for variable in vgg.vgg.weights:
        shape = tuple(variable.shape)
        if len(shape) == 4:  # He: the size of features stays
            spread = np.sqrt(2 / np.prod(shape[:3])) / size_of_values
            variable.assign(random.normal(scale=spread, size=shape))
            size_of_values = 1
    network = _averaged(vgg, RANDOM_LAYER)
    return Features(network, "random vgg16", size or 64, trained=False)


def _averaged(vgg, layer):
    def network(images):
        x = ops.convert_to_tensor(images) / 127.5 - 1.0
        return ops.convert_to_numpy(ops.mean(vgg(x)[layer], axis=(1, 2)))

    return network


def _own(name, path, size):
    model = keras.saving.load_model(path, compile=False)
    shape = model.input_shape
    if not isinstance(shape, tuple) or len(shape) != 4 or shape[-1] != 3:
        raise ValueError(
            f"'{path}' is to take images (batch, height, width, 3); it takes "
            f"{shape}."
        )
    if size is None and shape[1] is None:
        raise ValueError(
            f"'{path}' takes images of any size: say which, feature_size=..."
        )

    def network(images):
        return ops.convert_to_numpy(model(images / 127.5 - 1.0, training=False))

    return Features(network, name, shape[1] or size)


def _inception(path):
    """pool3 of a frozen graph, the file that FID was published with.

    Not checked against published activations: the file is not to be had here.
    """
    # Behind its own resize, images have their size already.
    with explained(path, "Inception graph of 2015"):
        content = read_bytes(path, MAX_GRAPH)
        return read_frozen_graph(content, start="ExpandDims", end="pool_3")
