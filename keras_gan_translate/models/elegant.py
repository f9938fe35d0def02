"""ELEGANT: an attribute of one face, exchanged with that of another."""

import keras
import numpy as np
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Attributes, Exemplar, Image, Label
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import AppendVector, ChannelUnitNormalization
from keras_gan_translate.networks.blocks import (
    convolution,
    initializers,
    transposed_convolution,
)

LAYERS = 5  # of the encoder and the decoder; the discriminators have 4


@keras.saving.register_keras_serializable("keras_gan_translate")
class ELEGANT(GAN):
    """Transfer of attributes from an exemplar, by exchange of latent parts.

    Every attribute has channels of its own in the code of an image. Two
    images exchange those of an attribute that one has and the other has not:
    this smile, these glasses. A decoder sees the new code and the old one,
    and makes what is to be added to the image. Discriminators at full and at
    half size, which are told the attributes, move first.

    Reference:
        Xiao, Hong, Ma, "ELEGANT: Exchanging Latent Encodings with GAN for
        Transferring Multiple Face Attributes", 2018, arXiv:1803.10562.

    Recipe:
        CelebA, faces of 256 pixels, aligned by landmarks; batch of 16 pairs;
        Adam 2e-4 (0.5, 0.999) with L2 of 1e-5, the rate times 0.97 every
        3,000 steps; 200,000 steps, each for all attributes by turns. The
        paper compares by FIDs of its own protocol. Ours on it: not measured.

    Parameters of a generator:
        10,180,373

    Reproduces:
        Three training steps of the authors' code, all 7 losses.

    Args:
        image_size: height and width of the training images, which the
            discriminators are built for; the trained networks take any
            multiple of 32.
        filters: width of the networks' first layers.
        attributes: the names of the attributes.
        loss_weights: replaces weights of the losses.

    Example:
        model = ELEGANT(attributes=("Smiling", "Eyeglasses"))
        model.compile()
        model.fit(data.attribute_pairs("celeba", batch_size=16), epochs=20)
        smiling = model.translate(photo, exemplar=other, attribute="Smiling")
    """

    players = {
        "discriminator": ("discriminator", "discriminator_half"),  # D_1, D_2
        "generator": ("encoder", "decoder"),  # Enc, Dec
    }
    loss_weights = {
        "discriminator_adversarial": 0.25,
        "discriminator_half_adversarial": 0.125,
        "generator_adversarial": 1.0,
        "generator_half_adversarial": 0.5,
        "reconstruction": 5.0,
    }
    translators = {
        "ab": Translator(
            "composed",
            takes=("a", "b", "attribute"),
            makes="a",
            parts=("encoder", "decoder"),
        )
    }
    task = "attribute transfer"
    data = "attribute_pairs"
    total_steps = 200_000
    batch_size = 16
    size_step = 32
    augmentation = ()
    monitor = "reconstruction"

    def __init__(
        self,
        image_size=256,
        filters=64,
        attributes=("Eyeglasses", "Smiling"),
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        if image_size is None:
            raise ValueError(
                "ELEGANT's discriminators see whole images and are built for "
                "their size: give image_size=256, or another. Received: "
                "image_size=None."
            )
        names = tuple(attributes)
        count = len(names)
        channels = _widths(filters)[-1]
        if not 0 < count <= channels:
            raise ValueError(
                "Every attribute has channels of its own among the "
                f"{channels} of the code: 1 to {channels} attributes are "
                f"expected. Received: {count}."
            )
        # Deviation: every pair has an attribute of its own, all of them by
        # turns; the authors take one for all pairs of a step.
        self.batch = {
            "a": Image(),
            "b": Exemplar(),
            "attributes_a": Attributes(names=names),
            "attributes_b": Attributes(names=names),
            "attribute": Label(classes=names, option="attribute"),
        }
        self.encoder = code_encoder(filters)
        self.decoder = residual_decoder(filters)
        self.exchange = ExchangeChannels(name="exchange")
        for name, halve in (("", False), ("_half", True)):
            name = f"discriminator{name}"
            network = labelled_discriminator(
                image_size, filters, count, halve, name
            )
            setattr(self, name, network)
        a, b = (keras.Input((None, None, 3), name=name) for name in "ab")
        attribute = keras.Input((count,), name="attribute")
        *skips, code = self.encoder(a)
        other = self.encoder(b)[-1]
        code_c = self.exchange([code, other, attribute])
        self.composed = keras.Model(
            [a, b, attribute],
            _add(a, self.decoder([code_c, code, *skips])),
            name="translator",
        )

    @property
    def size_multiple(self):
        return 2**LAYERS

    def default_optimizer(self, player, total_steps):
        rate = keras.optimizers.schedules.ExponentialDecay(
            2e-4, max(total_steps * 3 // 200, 1), 0.97, staircase=True
        )
        return Adam(rate, beta_1=0.5, beta_2=0.999, l2=1e-5)

    def discriminator_loss(self, batch, training=True):
        both = self._exchange(batch, training)
        terms = {}
        for name, judge in self._judges():
            real = judge([both["images"], both["labels"]], training=training)
            made = judge([both["edited"], both["targets"]], training=training)
            terms[name] = {
                f"{kind}_{one}": losses.binary_cross_entropy(part, real=truth)
                for kind, logits, truth in (
                    ("real", real, True),
                    ("made", made, False),
                )
                for one, part in _apart(logits)
            }
        return terms, {}

    def generator_loss(self, batch, training=True):
        both = self._exchange(batch, training)
        code, skips = both["code"], both["skips"]
        same = _add(
            both["images"],
            self.decoder([code, code, *skips], training=training),
        )
        terms = {
            "reconstruction": {
                one: losses.l2(part, batch[one]) for one, part in _apart(same)
            }
        }
        for name, judge in self._judges():
            logits = judge([both["edited"], both["targets"]], training=training)
            terms[name] = {
                one: losses.binary_cross_entropy(part, real=True)
                for one, part in _apart(logits)
            }
        fake_a, fake_b = (part for _, part in _apart(both["edited"]))
        return terms, {"fake_a": fake_a, "fake_b": fake_b}

    def _judges(self):
        return (
            ("adversarial", self.discriminator),
            ("half_adversarial", self.discriminator_half),
        )

    def _exchange(self, batch, training):
        """What the networks make of both images of the pairs.

        Returns:
            Dict of tensors with the first images' before the second ones'.
        """

        def both(name):
            return ops.concatenate([batch[f"{name}a"], batch[f"{name}b"]])

        def crossed(x):
            return ops.concatenate([part for _, part in _apart(x)][::-1])

        images, labels = both(""), both("attributes_")
        exchanged = ops.concatenate([batch["attribute"]] * 2)
        *skips, code = self.encoder(images, training=training)
        mixed = self.exchange([code, crossed(code), exchanged])
        residual = self.decoder([mixed, code, *skips], training=training)
        return {
            "images": images,
            "labels": labels,
            "code": code,
            "skips": skips,
            "edited": _add(images, residual),
            "targets": labels + exchanged * (crossed(labels) - labels),
        }


def _apart(x):
    """The part of the first images, and that of the second ones, by name."""
    return zip("ab", ops.split(x, 2, axis=0))


def _add(image, residual):
    return ops.clip(image + residual, -1.0, 1.0)


@keras.saving.register_keras_serializable("keras_gan_translate")
class ExchangeChannels(keras.layers.Layer):
    """Takes some attributes' channels of a code from another (section 3.2).

    Called with `[code, other, attributes]`: codes (N, H, W, C), and 1 for
    every attribute to take from the other, else 0, (N, attributes). Each has
    as many channels as the others, but for rounding.
    """

    def call(self, inputs):
        code, other, attributes = inputs
        channels, count = code.shape[-1], attributes.shape[-1]
        borders = np.rint(channels / count * np.arange(count + 1))
        places = np.arange(channels)
        owners = (borders[:-1, None] <= places) & (places < borders[1:, None])
        taken = ops.matmul(
            ops.cast(attributes, "float32"), owners.astype("float32")
        )
        taken = ops.cast(taken, code.dtype)[:, None, None, :]
        return code * (1.0 - taken) + other * taken

    def compute_output_shape(self, input_shape):
        return input_shape[0]


def code_encoder(filters=64, name="encoder"):
    """Enc: five convolutions that halve the size.

    Args:
        filters: width of the first layer.
        name: name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, 3) in [-1, 1], H and W multiples
        of 32, to a list of features: four for skip connections, finest first,
        and the code (N, H / 32, W / 32, 8 * filters).
    """
    image = x = keras.Input((None, None, 3), name="input")
    features = []
    for i, width in enumerate(_widths(filters), 1):
        x = _layer(x, width, f"layer_{i}")
        features.append(x)
    return keras.Model(image, features, name=name)


def residual_decoder(filters=64, name="decoder"):
    """Dec: five transposed convolutions that double the size.

    Args:
        filters: width of the finest features.
        name: name of the model.

    Returns:
        A `keras.Model` from the code that an image shall have, its own, and
        its four features for skip connections, in one list, to what is to be
        added to the image, float32 (N, H, W, 3) in [-2, 2].
    """
    *skips, channels = _widths(filters)
    wanted = keras.Input((None, None, channels), name="wanted")
    own = keras.Input((None, None, channels), name="own")
    inputs = [
        keras.Input((None, None, width), name=f"skip_{i}")
        for i, width in enumerate(skips, 1)
    ]
    x = keras.layers.Concatenate(name="codes")([wanted, own])
    for i, skip in reversed(list(enumerate(inputs, 1))):
        x = transposed_convolution(
            x, skip.shape[-1], name=f"up_{i}_deconv", initializer="torch"
        )
        x = ChannelUnitNormalization(name=f"up_{i}_norm")(x)
        x = keras.layers.ReLU(name=f"up_{i}_relu")(x)
        x = keras.layers.Add(name=f"up_{i}_skip")([x, skip])
    x = transposed_convolution(x, 3, name="head_deconv", initializer="torch")
    x = keras.layers.Activation("tanh", dtype="float32", name="tanh")(x)
    return keras.Model([wanted, own, *inputs], 2.0 * x, name=name)


def labelled_discriminator(
    image_size, filters=64, num_attributes=2, halve=False, name="discriminator"
):
    """D_1, or D_2, which sees images at half size.

    Args:
        image_size: height and width of the images that it gets.
        filters: width of the first layer.
        num_attributes: number of attributes that it is told.
        halve: whether it halves the images first.
        name: name of the model.

    Returns:
        A `keras.Model` from [images (N, image_size, image_size, 3), labels
        (N, num_attributes)] to float32 logits (N, 1).
    """
    image = keras.Input((image_size, image_size, 3), name="input")
    labels = keras.Input((num_attributes,), name="labels")
    x = image
    if halve:
        x = keras.layers.AveragePooling2D(
            2, data_format="channels_last", name="halve"
        )(x)
    x = AppendVector(name="append_labels")([x, labels])
    for i, width in enumerate(_widths(filters)[:-1], 1):
        x = _layer(x, width, f"layer_{i}")
    x = keras.layers.Flatten(name="flatten")(x)
    x = keras.layers.Dense(
        1, dtype="float32", name="logits", **initializers("torch", x.shape[-1])
    )(x)
    return keras.Model([image, labels], x, name=name)


def _widths(filters):
    return [filters * multiplier for multiplier in (1, 2, 4, 8, 8)]


def _layer(x, filters, name):
    x = convolution(
        x, filters, 3, strides=2, name=f"{name}_conv", initializer="torch"
    )
    x = ChannelUnitNormalization(name=f"{name}_norm")(x)
    return keras.layers.LeakyReLU(0.2, name=f"{name}_relu")(x)
