"""RelGAN: faces that change by as much as one says."""

import keras
import numpy as np
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.draws import places_between
from keras_gan_translate.engine.optimizers import Adam, LinearDecay
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import AttributeChange, Attributes, Image
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import AppendVector
from keras_gan_translate.networks.blocks import (
    convolution,
    normalize,
    residual_block,
    transposed_convolution,
)


@keras.saving.register_keras_serializable("keras_gan_translate")
class RelGAN(GAN):
    """Changes attributes of an image by a chosen amount, the others stay.

    The generator is told the difference of attributes, not how the image is
    to be: what is not named has none. Of two images and a difference a
    matching-aware discriminator says whether they belong together; another
    head tells how far an image is from those that nothing or all of the
    difference makes, so that half of a smile looks as real as a whole one.

    Reference:
        Lin, Wu, Chen, Chang, Liao, "RelGAN: Multi-Domain Image-to-Image
        Translation via Relative Attributes", 2019, arXiv:1908.07269.

    Recipe:
        CelebA-HQ at 256 pixels, 17 attributes, flipped; batch 4; Adam 5e-5
        (0.5, 0.999), the rate linear to zero; 400,000 steps. Losses and their
        weights are those of the authors' PyTorch code. Ours: not measured.

    Parameters of a generator:
        8,471,977 for 17 attributes

    Reproduces:
        Forward passes of the authors' code, both networks.

    Args:
        image_size: height and width of the training images; the discriminator
            halves them six times, or as often as they allow.
        filters: width of the networks' first layers.
        num_blocks: residual blocks of the generator.
        attributes: their names, in the order of their places.
        loss_weights: replaces weights of the losses.
        seed: of the draws of amounts, and of the gradient penalty.

    Example:
        model = RelGAN(image_size=128, attributes=("Smiling", "Eyeglasses"))
        model.compile()
        model.fit({"image": images, "attributes": labels}, batch_size=4)
        half = model.translate(photo, attributes="+Smiling", strength=0.5)
    """

    players = {
        # D_Real and D_Interp; D_Match
        "discriminator": ("discriminator", "matcher"),
        "generator": ("generator",),  # G
    }
    loss_weights = {
        "adversarial": 1.0,
        "matching": 1.0,
        "interpolation": 1.0,
        "penalty": 150.0,
        "cycle": 10.0,
        "reconstruction": 10.0,
        "orthogonality": 1e-6,
    }
    translators = {
        "ab": Translator("generator", takes=("image", "change"), makes="image")
    }
    task = "attribute editing"
    data = "attributes"
    total_steps = 400_000
    batch_size = 4
    smallest_batch = 3  # an image, one to become like, and one that is neither
    augmentation = ("flip",)

    def __init__(
        self,
        image_size=256,
        filters=64,
        num_blocks=6,
        attributes=(
            "Bangs",
            "Black_Hair",
            "Blond_Hair",
            "Eyeglasses",
            "Smiling",
        ),
        loss_weights=None,
        seed=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        names = tuple(attributes)
        self.batch = {"image": Image(), "attributes": Attributes(names=names)}
        self.drawn = {"change": AttributeChange(names=names)}
        self.generator = _generator(filters, num_blocks, len(names))
        halvings = min(6, (image_size or 256).bit_length() - 1)
        widths = [filters * 2**i for i in range(halvings)]
        self.discriminator = _discriminator(widths, max(filters // 4, 1))
        self.matcher = _matcher(widths[-1], len(names))
        self.random = keras.random.SeedGenerator(seed)

    def default_optimizer(self, player, total_steps):
        return Adam(
            LinearDecay(5e-5, total_steps, start=0), beta_1=0.5, beta_2=0.999
        )

    def draw_amount(self, batch):
        """How much of the change is made, alpha, U(0, 1), (N, 1)."""
        count = ops.shape(batch["image"])[0]
        return keras.random.uniform((count, 1), seed=self.random)

    def draw_mix(self, batch):
        """Places between real and fake, U(0, 1), (N, 1, 1, 1)."""
        return places_between(batch["image"], self.random)

    def discriminator_loss(self, batch, training=True):
        # Three images each: a, and b and c from the batch's next places.
        # Deviation: the authors draw b and c from all the data.
        image, attributes = batch["image"], batch["attributes"]
        amount = self.draw_amount(batch)
        to_b, to_c = (_next(attributes, n) - attributes for n in (1, 2))
        fake = self._make(image, to_b, training)
        between = self._make(image, amount * to_b, training)
        # D_Interp's second example is the nearer end, G(x, 0) or G(x, v).
        start = self._make(image, 0.0 * to_b, training)
        is_near = ops.cast(amount < 0.5, "float32")[..., None, None]
        is_far = 1.0 - is_near  # (N, 1, 1, 1)
        a, made, partly, end = self._judge(
            training, image, fake, between, is_near * start + is_far * fake
        )
        b, c = ({k: _next(v, n) for k, v in a.items()} for n in (1, 2))
        right, wrong, faked = self._match(
            training,
            [(a, to_b, b)],
            [
                (c, to_b, b),
                (a, _next(attributes, 1) - _next(attributes, 2), b),
                (a, to_c, b),
                (a, to_b, c),
            ],
            [(a, to_b, made)],
        )
        return {
            "adversarial": {
                "real": losses.least_squares(b["logits"], real=True),
                "fake": losses.least_squares(made["logits"], real=False),
            },
            "matching": {
                "real": losses.least_squares(right, real=True),
                "wrong": 4.0 * losses.least_squares(wrong, real=False),
                "fake": losses.least_squares(faked, real=False),
            },
            "interpolation": losses.l2(
                partly["amount"], ops.minimum(amount, 1.0 - amount)
            )
            + losses.l2(end["amount"], 0.0),
            "penalty": losses.gradient_penalty(
                lambda x: self._judge(training, x)[0]["logits"],
                image,
                fake,
                self.draw_mix(batch),
            ),
        }, {"amount": amount}

    def generator_loss(self, batch, training=True):
        image, attributes = batch["image"], batch["attributes"]
        change = _next(attributes, 1) - attributes
        fake = self._make(image, change, training)
        back = self._make(fake, -change, training)
        same = self._make(image, 0.0 * change, training)
        between = self._make(image, batch["amount"] * change, training)
        a, made, partly = self._judge(training, image, fake, between)
        (matched,) = self._match(training, [(a, change, made)])
        return {
            "adversarial": losses.least_squares(made["logits"], real=True),
            "matching": losses.least_squares(matched, real=True),
            "interpolation": losses.l2(partly["amount"], 0.0),
            "cycle": losses.l1(back, image),
            "reconstruction": losses.l1(same, image),
            "orthogonality": _orthogonality(self.generator),
        }, {"fake": fake}

    def _make(self, image, change, training):
        return self.generator([image, change], training=training)

    def _judge(self, training, *images):
        """What the discriminator says of several batches, in one pass."""
        judged = self.discriminator(ops.concatenate(images), training=training)
        judged = {k: ops.split(v, len(images)) for k, v in judged.items()}
        return [
            {name: parts[i] for name, parts in judged.items()}
            for i in range(len(images))
        ]

    def _match(self, training, *groups):
        """The logits of groups of triples (source, change, target)."""
        triples = [triple for group in groups for triple in group]
        logits = self.matcher(
            [
                ops.concatenate([one["features"] for one, _, _ in triples]),
                ops.concatenate([other["features"] for _, _, other in triples]),
                ops.concatenate([change for _, change, _ in triples]),
            ],
            training=training,
        )
        parts = iter(ops.split(logits, len(triples)))
        return [
            ops.concatenate([next(parts) for _ in group]) for group in groups
        ]


def _next(values, places):
    """The values of the batch's images so many places on."""
    return ops.roll(values, -places, axis=0)


def _orthogonality(network):
    """Squared products of different channels, summed over kernels' taps.

    Section 3.6: kernels near orthogonal ones.
    """
    total = 0.0
    for variable in network.trainable_variables:
        if len(variable.shape) != 4:
            continue
        kernel = ops.cast(variable, "float32")  # (h, w, in, out)
        products = ops.matmul(kernel, ops.swapaxes(kernel, -1, -2))
        others = 1.0 - np.eye(variable.shape[-2], dtype="float32")
        total = total + ops.sum(ops.square(products * others))
    return total


def _generator(filters, num_blocks, num_attributes):
    """From images (N, H, W, 3) and changes (N, attributes) to images."""

    def finish(x, name):
        x = normalize(x, "switchable", f"{name}_norm")
        return keras.layers.ReLU(name=f"{name}_relu")(x)

    image = keras.Input((None, None, 3), name="image")
    change = keras.Input((num_attributes,), name="change")
    x = AppendVector(name="append_change")([image, change])
    x = convolution(x, filters, 7, initializer="torch", name="stem_conv")
    x = finish(x, "stem")
    for i in (1, 2):
        x = convolution(
            x,
            filters * 2**i,
            4,
            strides=2,
            initializer="torch",
            name=f"down_{i}_conv",
        )
        x = finish(x, f"down_{i}")
    for i in range(1, num_blocks + 1):
        x = residual_block(
            x,
            f"block_{i}",
            normalization="switchable",
            use_bias=True,
            initializer="torch",
            padding="zero",
        )
    for i in (1, 2):
        x = transposed_convolution(
            x,
            filters * 2 ** (2 - i),
            4,
            initializer="torch",
            name=f"up_{i}_deconv",
        )
        x = finish(x, f"up_{i}")
    x = convolution(x, 3, 7, initializer="torch", name="head_conv")
    x = keras.layers.Activation("tanh", dtype="float32", name="made")(x)
    return keras.Model([image, change], x, name="generator")


def _discriminator(widths, amount_filters):
    """From images to logits, the amount of a change, and features.

    Args:
        widths: of the layers that halve the image.
        amount_filters: channels of D_Interp, whose mean is the amount.
    """
    image = x = keras.Input((None, None, 3), name="input")
    for i, filters in enumerate(widths, 1):
        x = convolution(
            x,
            filters,
            4,
            strides=2,
            initializer="torch",
            name=f"layer_{i}_conv",
        )
        x = keras.layers.LeakyReLU(0.01, name=f"layer_{i}_relu")(x)
    heads = {"initializer": "torch", "dtype": "float32"}
    logits = convolution(x, 1, 1, name="logits", **heads)
    amount = convolution(x, amount_filters, 1, name="amount_conv", **heads)
    amount = keras.layers.GlobalAveragePooling2D(
        data_format="channels_last", dtype="float32", name="amount_pool"
    )(amount)
    amount = ops.mean(amount, axis=-1, keepdims=True)  # (N, 1)
    return keras.Model(
        image,
        {"logits": logits, "amount": amount, "features": x},
        name="discriminator",
    )


def _matcher(filters, num_attributes):
    """From features of source and target and a change to logits."""
    source = keras.Input((None, None, filters), name="source")
    target = keras.Input((None, None, filters), name="target")
    change = keras.Input((num_attributes,), name="change")
    x = keras.layers.Concatenate(name="both")([source, target])
    x = AppendVector(name="append_change")([x, change])
    x = convolution(x, filters, 1, initializer="torch", name="match_conv")
    x = keras.layers.LeakyReLU(0.01, name="match_relu")(x)
    x = convolution(
        x, 1, 1, initializer="torch", dtype="float32", name="match_logits"
    )
    return keras.Model([source, target, change], x, name="matcher")
