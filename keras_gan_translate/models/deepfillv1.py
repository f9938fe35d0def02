"""DeepFill v1: boxes filled with the help of what is elsewhere."""

import functools

import keras
import numpy as np
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image, Mask
from keras_gan_translate.gan import GAN
from keras_gan_translate.networks import (
    complete,
    completed_model,
    plain_generator,
)
from keras_gan_translate.networks.deepfill import plain_convolution


@keras.saving.register_keras_serializable("keras_gan_translate")
class DeepFillV1(GAN):
    """Inpainting of boxes, in two stages.

    A coarse network fills the hole; a fine one does it over, in one branch
    with patches that attention finds in what is known. Two critics, of the
    whole image and of a box around the hole, play WGAN-GP, whose penalty
    counts gradients in the hole only. Errors deep in the hole weigh less: much
    may be right there.

    Reference:
        Yu, Lin, Yang, Shen, Lu, Huang, "Generative Image Inpainting with
        Contextual Attention", 2018, arXiv:1801.07892.

    Recipe:
        Places2, CelebA-HQ or ImageNet at 256 pixels, `holes="box"`; batch 16;
        Adam 1e-4 (0.5, 0.9); five steps of the critics for each of the
        generator. Ours: not measured.

    Parameters of a generator:
        3,601,542

    Reproduces:
        Three training steps of the authors' code, all 5 losses.

    Args:
        image_size: height and width of the training images, a multiple of 8;
            the box around the hole has half of it.
        filters: width of the generator's first layers, a multiple of 2.
        critic_filters: width of the critics' first layers.
        port: whether to do as the PyTorch port of the authors' code, of which
            weights are published: with other pixels at the border and in the
            attention, and with a narrower critic of the box.
        loss_weights: replaces weights of the losses.
        seed: of the places at which the penalty is taken.

    Example:
        model = DeepFillV1(image_size=256)
        model.compile()
        model.fit(data.masked("photos", holes="box", batch_size=16), epochs=100)
        whole = model.translate(photo, mask=hole)
    """

    players = {
        "critic": ("critic_local", "critic_global"),
        "generator": ("generator",),
    }
    loss_weights = {
        "hole": 1.2,
        "known": 1.2,
        "generator_adversarial": 0.001,
        "penalty": 10.0,
    }
    translators = {
        "ab": Translator(
            "composed",
            takes=("image", "mask"),
            makes="image",
            parts=("generator",),
        )
    }
    task = "inpainting"
    data = "masked"
    monitor = "hole"
    batch_size = 16
    turns = {"critic": 5}
    size_step = 8

    def __init__(
        self,
        image_size=256,
        filters=32,
        critic_filters=64,
        port=False,
        loss_weights=None,
        seed=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        if image_size is None:
            raise ValueError(
                "DeepFillV1's critics judge whole images and are built for "
                "their size: give image_size=256, or another. Received: "
                "image_size=None."
            )
        if filters % 2:
            raise ValueError(
                "DeepFillV1 halves its filters at the end: they are a "
                f"multiple of 2. Received: {filters}."
            )
        self.batch = {"image": Image(), "mask": Mask()}
        self.generator = plain_generator(filters, port)
        self.composed = completed_model(self.generator)
        self.critic_local = critic(
            image_size // 2, critic_filters, 4 if port else 8, port
        )
        self.critic_global = critic(
            image_size, critic_filters, 4, port, "critic_global"
        )
        self.random = keras.random.SeedGenerator(seed)

    @property
    def size_multiple(self):
        return 8

    def default_optimizer(self, player, total_steps):
        # TensorFlow's Adam, as Keras has it.
        return keras.optimizers.Adam(1e-4, 0.5, 0.9, epsilon=1e-8)

    def draw_mix(self, batch):
        """Places between real and fake, U(0, 1), (N, 1, 1, 1)."""
        count = ops.shape(batch["image"])[0]
        return {
            name: keras.random.uniform((count, 1, 1, 1), seed=self.random)
            for name in ("local", "global")
        }

    def corner(self, batch):
        """Top and left (N,), int32, of the box around each hole.

        Deviation: it is put with its middle on the hole's; the authors draw
        the box first, and then the hole within it.
        """
        side, found = self.image_size // 2, []
        for axis in (2, 1):
            line = ops.max(batch["mask"], axis=(axis, 3))
            first = ops.argmax(line, axis=1)
            last = self.image_size - 1 - ops.argmax(ops.flip(line, 1), axis=1)
            middle = ops.cast(first + last + 1 - side, "int32") // 2
            found.append(ops.clip(middle, 0, self.image_size - side))
        return found

    def critic_loss(self, batch, training=True):
        image, mask = batch["image"], batch["mask"]
        stages = self.generator([image, mask], training=training)
        fake = complete(image, mask, stages["image"])
        mix, terms = self.draw_mix(batch), {"adversarial": {}, "penalty": {}}
        for name, (judge, crop) in self._views(batch, training).items():
            real, made = crop(image), crop(fake)
            terms["adversarial"][name] = losses.wasserstein(
                judge(made), real=False
            ) + losses.wasserstein(judge(real), real=True)
            terms["penalty"][name] = losses.gradient_penalty(
                judge, real, made, mix[name], crop(mask)
            )
        return terms, {}

    def generator_loss(self, batch, training=True):
        image, mask = batch["image"], batch["mask"]
        stages = self.generator([image, mask], training=training)
        fake = complete(image, mask, stages["image"])
        views = self._views(batch, training)
        _, crop = views["local"]
        discount = spatial_discount(self.image_size // 2)
        # Deviation: what of a hole lies outside of the box, which the authors'
        # never do, is known there: something shall teach how to fill it.
        known = 1.0 - mask * self._inside(batch)
        share = ops.maximum(ops.mean(known), 1e-6)
        terms = {"hole": {}, "known": {}, "adversarial": {}}
        for name, weight in (("coarse", 1.2), ("image", 1.0)):
            error = ops.abs(image - stages[name])
            terms["hole"][name] = weight * ops.mean(crop(error) * discount)
            terms["known"][name] = weight * ops.mean(error * known) / share
        for name, (judge, crop) in views.items():
            terms["adversarial"][name] = losses.wasserstein(
                judge(crop(fake)), real=True
            )
        return terms, {}

    def _views(self, batch, training):
        """What each critic sees: name -> (judge, function that crops)."""
        side = self.image_size // 2
        rows, columns = (
            start[:, None] + ops.arange(side) for start in self.corner(batch)
        )

        def crop(x):
            x = ops.take_along_axis(x, rows[:, :, None, None], axis=1)
            return ops.take_along_axis(x, columns[:, None, :, None], axis=2)

        return {
            "local": (
                functools.partial(self.critic_local, training=training),
                crop,
            ),
            "global": (
                functools.partial(self.critic_global, training=training),
                lambda x: x,
            ),
        }

    def _inside(self, batch):
        """1.0 in the box around the hole, (N, H, W, 1)."""
        places, side = ops.arange(self.image_size), self.image_size // 2
        rows, columns = (
            (places >= start[:, None]) & (places < start[:, None] + side)
            for start in self.corner(batch)
        )
        inside = rows[:, :, None, None] & columns[:, None, :, None]
        return ops.cast(inside, "float32")


def spatial_discount(size, gamma=0.9):
    """What errors in a box weigh: gamma to the distance from its side.

    Args:
        size: height and width of the box.
        gamma: weight of the second pixel from a side, when the first's is 1.

    Returns:
        float32 array (size, size, 1).

    Reference:
        Section 3.3, "spatially discounted reconstruction loss".
    """
    places = np.arange(size)
    # As in the authors' code: the first row is at a side, the last is not.
    line = gamma ** np.minimum(places, size - places)
    weights = np.maximum(line[:, None], line[None, :])
    return weights[..., None].astype("float32")


def critic(size, filters=64, widest=4, port=False, name="critic_local"):
    """One of the two critics of section 3.2.

    Args:
        size: height and width of the images.
        filters: width of the first layer.
        widest: how many times wider the last is.
        port: whether to do as the PyTorch port.
        name: name of the model.

    Returns:
        A `keras.Model` from images (N, size, size, 3) to float32 scores
        (N, 1).
    """
    image = keras.Input((size, size, 3), name="input")
    x = image
    for i, multiplier in enumerate((1, 2, 4, widest), 1):
        x = plain_convolution(x, multiplier * filters, 5, 2, port, f"conv{i}")
        x = keras.layers.LeakyReLU(0.2, name=f"conv{i}_act")(x)
    x = keras.layers.Flatten(data_format="channels_last", name="flatten")(x)
    x = keras.layers.Dense(1, dtype="float32", name="score")(x)
    return keras.Model(image, x, name=name)
