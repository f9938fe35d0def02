"""Perceptual losses: images compared by the features of a VGG network."""

from __future__ import annotations

import os
import pathlib

import h5py
import keras
from keras import ops

from keras_gan_translate.losses.reconstruction import l1, l2
from keras_gan_translate.support.messages import check_choice
from keras_gan_translate.support.types import Tensor
from keras_gan_translate.support.untrusted import (
    MIB,
    check_regular,
    check_weights,
    explained,
)

# network -> convolutions of its five blocks; a pooling follows each block
NETWORKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
FILTERS = (64, 128, 256, 512, 512)
# relu1_1 to relu5_1 with pix2pixHD's and GauGAN's weights
SYNTHESIS_LAYERS = {f"block{i}_conv1": 2.0 ** (i - 6) for i in range(1, 5)} | {
    "block5_conv1": 1.0
}
MAX_WEIGHTS = 1024 * MIB  # of a VGG19 with its dense layers: 548 MiB
MEAN = (103.939, 116.779, 123.68)  # of ImageNet: blue, green, red in 0..255


@keras.saving.register_keras_serializable("keras_gan_translate")
class VGGFeatures(keras.layers.Layer):
    """Features of images in a VGG network trained on ImageNet.

    The layer never trains. Random at construction, it is filled by `load()`,
    which a model calls in its `prepare()`; a model that only translates never
    needs the weights. Once filled it says so in a variable, which is saved
    with it: a loaded or resumed model does not look for the weights again.

    Reference:
        Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale
        Image Recognition", 2014, arXiv:1409.1556.

    Args:
        network: "vgg16" or "vgg19".
        layers: names of the convolutions as in `keras.applications`, such as
            "block4_conv4", which papers call relu4_4 (conv4_4); features are
            those after the ReLU, and before it for "block4_conv4:linear".
            Layers beyond the last one named are not built.
        weights: "imagenet" lets `keras.applications` download them into its
            cache when `load()` is called (58 MB for VGG16, 80 MB for VGG19);
            the path of an HDF5 file (.h5, .weights.h5) of
            `keras.applications.VGG16` or `VGG19`, with or without its top,
            is read and nothing downloaded; None leaves them random.
        dtype: policy of the convolutions, float32 whatever the model's.
            "mixed_bfloat16" rounds features to 8 bits.
        **kwargs: of `keras.layers.Layer`.

    Raises:
        ValueError: If the network or a layer is unknown.

    Example:
        >>> features = VGGFeatures("vgg19", ["block4_conv4"], weights=None)
        >>> features(images)["block4_conv4"].shape  # images (1, 64, 64, 3)
        (1, 8, 8, 512)
    """

    def __init__(
        self,
        network="vgg16",
        layers=("block2_conv2",),
        weights="imagenet",
        dtype="float32",
        **kwargs,
    ):
        # Images come in as they are: bfloat16 has no 256 levels.
        super().__init__(dtype=dtype, autocast=False, **kwargs)
        check_choice("network", network, tuple(NETWORKS))
        self.network = network
        layers = (layers,) if isinstance(layers, str) else layers
        self.feature_names = tuple(layers)
        self.source = weights and os.fspath(weights)
        self.vgg = self._build_network()
        self.loaded = self.add_weight(
            name="loaded", shape=(), dtype="bool", initializer="zeros"
        )
        self.trainable = False
        self.built = True

    def call(self, images):
        # Keras' weights are the VGG authors' own: BGR less ImageNet's mean.
        # Deviation: references in PyTorch use torchvision's weights, which
        # expect RGB divided by ImageNet's deviation too, and whose features
        # are smaller. Loss weights tuned for the one do not fit the other.
        x = ops.cast(images, "float32") * 127.5 + 127.5
        x = ops.flip(x, axis=-1) - ops.convert_to_tensor(MEAN, "float32")
        return {
            name: ops.cast(features, "float32")
            for name, features in self.vgg(x).items()
        }

    def load(self):
        """Fills the network with its weights, once; see `weights`.

        Raises:
            FileNotFoundError: If there is no file at the path.
            ConnectionError: If the weights cannot be downloaded.
            ValueError: If the file does not hold this network's weights; the
                layer is then as it was.
        """
        if self.source is None or ops.convert_to_numpy(self.loaded):
            return
        if self.source == "imagenet":
            arrays = _download(self.network)
        else:
            arrays = _read(self.source, self.network)
        for layer in self.vgg.layers:
            if layer.name in arrays:
                for variable, array in zip(layer.variables, arrays[layer.name]):
                    variable.assign(array)
        self.loaded.assign(True)

    def get_config(self):
        return {
            **super().get_config(),
            "network": self.network,
            "layers": list(self.feature_names),
            "weights": self.source,
        }

    def _build_network(self):
        names = _layer_names(self.network)
        wanted = [name.removesuffix(":linear") for name in self.feature_names]
        for name in wanted:
            check_choice(f"layer of {self.network}", name, names)
        last = max(map(names.index, wanted))
        image = keras.Input((None, None, 3))
        x, outputs = image, {}
        for name in names[: last + 1]:
            block = int(name[len("block")])
            if block > 1 and name.endswith("conv1"):
                x = keras.layers.MaxPooling2D(
                    2,
                    data_format="channels_last",
                    dtype=self.dtype_policy,
                    name=f"block{block - 1}_pool",
                )(x)
            linear = keras.layers.Conv2D(
                FILTERS[block - 1],
                3,
                padding="same",
                data_format="channels_last",
                # Random features keep their size through all layers.
                kernel_initializer="he_normal",
                dtype=self.dtype_policy,
                name=name,
            )(x)
            x = keras.layers.ReLU(dtype=self.dtype_policy, name=f"{name}_relu")(
                linear
            )
            outputs |= {f"{name}:linear": linear, name: x}
        return keras.Model(
            image,
            {name: outputs[name] for name in self.feature_names},
            name=self.network,
        )


def feature_loss(
    features: dict[str, Tensor],
    targets: dict[str, Tensor],
    distance: str = "l2",
    weights: dict[str, float] | None = None,
) -> Tensor:
    """Distance of two sets of features, added over the layers.

    Reference: Johnson et al., "Perceptual Losses for Real-Time Style Transfer
    and Super-Resolution", ECCV 2016, arXiv:1603.08155, equation 2.

    Args:
        features: dict of features (N, H, W, C) by layer, of `VGGFeatures`.
        targets: dict of features of the same shapes.
        distance: "l2", the mean squared difference, or "l1", the mean
            absolute one.
        weights: dict of the layers' weights, 1.0 where absent.

    Returns:
        float32 scalar.

    Raises:
        ValueError: If the layers differ, or the distance is unknown.
    """
    check_choice("distance", distance, ("l2", "l1"))
    measure = {"l2": l2, "l1": l1}[distance]
    return _over_layers(measure, features, targets, weights)


def style_loss(
    features: dict[str, Tensor],
    style_features: dict[str, Tensor],
    weights: dict[str, float] | None = None,
) -> Tensor:
    """Squared distance of Gram matrices, averaged, added over the layers.

    The style is one, however many images show it: their Gram matrices are
    averaged.

    Reference: Johnson et al., "Perceptual Losses for Real-Time Style Transfer
    and Super-Resolution", ECCV 2016, arXiv:1603.08155, equation 4.

    Args:
        features: dict of features (N, H, W, C) by layer, of `VGGFeatures`.
        style_features: dict of features (M, h, w, C) of images of the style,
            in any number and size.
        weights: dict of the layers' weights, 1.0 where absent.

    Returns:
        float32 scalar.

    Raises:
        ValueError: If the layers differ.
    """

    def measure(image, style):
        style = ops.mean(gram_matrix(style), axis=0, keepdims=True)
        return l2(gram_matrix(image), style)

    return _over_layers(measure, features, style_features, weights)


def synthesis_loss(features, fake, real):
    """How far an image of a label map is from the real one, as VGG19 sees it.

    Deviation: the authors' VGG sees images in [-1, 1] as they are, ours 0..255
    less ImageNet's mean, so that its features are larger; the loss is at the
    scale of images in [-1, 1].

    Reference: Wang et al., "High-Resolution Image Synthesis and Semantic
    Manipulation with Conditional GANs", CVPR 2018, arXiv:1711.11585, section
    4, with the layers' weights in the authors' code.

    Args:
        features: `VGGFeatures` of `SYNTHESIS_LAYERS`.
        fake: images (N, H, W, 3) in [-1, 1].
        real: images of the same shape.

    Returns:
        float32 scalar.
    """
    distance = feature_loss(
        features(fake), features(real), "l1", SYNTHESIS_LAYERS
    )
    return distance / 127.5


def gram_matrix(features: Tensor) -> Tensor:
    """How much each pair of channels fires together, wherever it does.

    Reference: Johnson et al., "Perceptual Losses for Real-Time Style Transfer
    and Super-Resolution", ECCV 2016, arXiv:1603.08155, equation 3.

    Args:
        features: (N, H, W, C).

    Returns:
        float32 (N, C, C), divided by C * H * W.
    """
    _, height, width, channels = ops.shape(features)
    x = ops.reshape(
        ops.cast(features, "float32"), (-1, height * width, channels)
    )
    gram = ops.matmul(ops.transpose(x, (0, 2, 1)), x)
    return gram / ops.cast(channels * height * width, "float32")


def _over_layers(measure, features, targets, weights):
    if features.keys() != targets.keys():
        raise ValueError(
            "Features of the same layers are compared. Received: "
            f"{', '.join(features)} and {', '.join(targets)}."
        )
    weights = weights or {}
    for name in weights:
        check_choice("layer", name, tuple(features))
    return sum(
        weights.get(name, 1.0) * measure(features[name], targets[name])
        for name in features
    )


def _layer_names(network):
    return tuple(
        f"block{block}_conv{i}"
        for block, count in enumerate(NETWORKS[network], 1)
        for i in range(1, count + 1)
    )


def _download(network):
    """Layer's name -> (kernel, bias), of all convolutions, from Keras."""
    build = {
        "vgg16": keras.applications.VGG16,
        "vgg19": keras.applications.VGG19,
    }[network]
    try:
        source = build(include_top=False, weights="imagenet")
    except Exception as error:  # Keras raises no narrower one
        raise ConnectionError(
            f"The ImageNet weights of {network} could not be downloaded "
            f"({error}). Without a connection give the path of a file: where "
            f"there is one, keras.applications.{network.upper()}("
            'include_top=False).save_weights("vgg.weights.h5") writes it.'
        ) from error
    return {
        name: [
            ops.convert_to_numpy(v) for v in source.get_layer(name).variables
        ]
        for name in _layer_names(network)
    }


def _read(path, network):
    """Layer's name -> (kernel, bias), of all convolutions, from HDF5."""
    names = _layer_names(network)
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {path} with weights of {network}. Give the "
            'path of one, or weights="imagenet" to download them.'
        )
    try:
        check_regular(path)
        check_weights(path, path, MAX_WEIGHTS)
        file = h5py.File(path, "r")
    except (OSError, RuntimeError, KeyError) as error:
        raise ValueError(
            f"{path} is no intact HDF5 file ({error}). Expected are the "
            f"weights of keras.applications.{network.upper()}, .h5 or "
            ".weights.h5; other frameworks' do not fit its normalization."
        ) from error
    with explained(path, "file of weights", keep=(ValueError,)), file:
        root = file.get("model_weights", file)  # a whole model of Keras 2
        if "layers" in root:  # Keras 3 counts the layers of a kind
            root = root["layers"]
            keys = ["conv2d", *(f"conv2d_{i}" for i in range(1, len(names)))]
            found = [key for key in root if key.startswith("conv2d")]
        else:
            keys = names
            found = [key for key in root if "_conv" in key]
        if set(found) != set(keys):
            raise ValueError(
                f"{path} does not hold the weights of {network}, which has "
                f"{len(names)} convolutions: it has {len(found)}."
            )
        arrays = {n: _kernel_and_bias(root[k]) for n, k in zip(names, keys)}
    channels = 3
    for name in names:
        filters = FILTERS[int(name[len("block")]) - 1]
        expected = [(3, 3, channels, filters), (filters,)]
        shapes = [array.shape for array in arrays[name]]
        if shapes != expected:
            raise ValueError(
                f"{path} does not hold the weights of {network}: {name} has "
                f"the shapes {shapes}, expected {expected}."
            )
        channels = filters
    return arrays


def _kernel_and_bias(group):
    arrays = []

    def visit(_, item):
        if isinstance(item, h5py.Dataset):
            arrays.append(item[()])

    group.visititems(visit)
    return sorted(arrays, key=lambda array: -array.ndim)
