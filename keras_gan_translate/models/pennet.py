"""PEN-Net: holes filled from coarse features to fine ones."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image, Mask
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import (
    AlignedUpsampling2D,
    AttentionTransfer,
    resize_aligned,
)
from keras_gan_translate.networks import complete, completed_model
from keras_gan_translate.networks.blocks import convolution


@keras.saving.register_keras_serializable("keras_gan_translate")
class PENNet(GAN):
    """Inpainting by a pyramid of features, each filled by the help of the next.

    An encoder halves the image six times. From the coarsest features down,
    attention between the patches of one level fills the hole of the finer
    one before it; a decoder makes an image of every level, and all of them
    shall be right. A discriminator with spectral norms judges patches, by the
    hinge loss. It moves first.

    Reference:
        Zeng, Fu, Chao, Guo, "Learning Pyramid-Context Encoder Network for
        High-Quality Image Inpainting", 2019, arXiv:1904.07475.

    Recipe:
        Places2, CelebA-HQ, facades or textures at 256 pixels; batch 16; Adam
        1e-4 (0.5, 0.999), a tenth of it for the last third of 150,000 steps.
        The published code, which this is, is not that of the paper's numbers.
        Ours: not measured.

    Parameters of a generator:
        10,231,538

    Reproduces:
        Three training steps of the authors' code, all 8 losses.

    Args:
        image_size: height and width of the training images, a multiple of 64.
        filters: width of the generator's first layer, a multiple of 4.
        discriminator_filters: width of the discriminator's first layer.
        loss_weights: replaces weights of the losses.

    Example:
        model = PENNet(image_size=256)
        model.compile()
        model.fit(data.masked("photos", batch_size=16), epochs=100)
        whole = model.translate(photo, mask=hole)
    """

    players = {
        "discriminator": ("discriminator",),
        "generator": ("generator",),
    }
    loss_weights = {
        "generator_adversarial": 0.1,
        "discriminator_adversarial": 0.5,
        "hole": 6.0,
        "known": 1.0,
        "pyramid": 0.5,
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
    total_steps = 150_000
    batch_size = 16
    smallest_size = 64
    size_step = 64

    def __init__(
        self,
        image_size=256,
        filters=32,
        discriminator_filters=64,
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        if filters % 4:
            raise ValueError(
                "PENNet divides its features among four dilations: its "
                f"filters are a multiple of 4. Received: {filters}."
            )
        self.batch = {"image": Image(), "mask": Mask()}
        self.generator = pyramid_generator(filters)
        self.composed = completed_model(self.generator)
        self.discriminator = patch_judge(discriminator_filters)

    @property
    def size_multiple(self):
        return 64

    def default_optimizer(self, player, total_steps):
        rate = keras.optimizers.schedules.PiecewiseConstantDecay(
            [total_steps * 2 // 3], [1e-4, 1e-5]
        )
        return Adam(rate, beta_1=0.5, beta_2=0.999)

    def discriminator_loss(self, batch, training=True):
        image, mask = batch["image"], batch["mask"]
        made = self.generator([image, mask], training=training)
        fake = complete(image, mask, made["image"])
        real = self.discriminator(image, training=training)
        fake = self.discriminator(fake, training=training)
        return {
            "adversarial": {
                "real": losses.hinge(real, real=True),
                "fake": losses.hinge(fake, real=False),
            }
        }, {}

    def generator_loss(self, batch, training=True):
        image, mask = batch["image"], batch["mask"]
        made = self.generator([image, mask], training=training)
        fake = complete(image, mask, made["image"])
        judged = self.discriminator(fake, training=training)
        error = ops.abs(made["image"] - image)
        terms = {"adversarial": losses.hinge_generator(judged)}
        for name, weight in (("hole", mask), ("known", 1.0 - mask)):
            share = ops.maximum(ops.mean(weight), 1e-6)
            terms[name] = ops.mean(error * weight) / share
        _, height, width, _ = ops.shape(image)
        terms["pyramid"] = {  # equation 6
            f"level_{i}": losses.l1(
                made[f"level_{i}"],
                resize_aligned(image, height // 2**i, width // 2**i),
            )
            for i in range(1, 6)
        }
        return terms, {}


def pyramid_generator(filters=32, name="generator"):
    """The pyramid-context encoder and the decoder of figure 2.

    Args:
        filters: width of the first layer.
        name: name of the model.

    Returns:
        A `keras.Model` from [image (N, H, W, 3) in [-1, 1], mask (N, H, W, 1),
        1.0 where it is missing], H and W divisible by 64, to a dict of float32
        images in [-1, 1]: "image", which fills the hole, and "level_1" to
        "level_5", of H / 2 to H / 32 pixels.
    """
    image = keras.Input((None, None, 3), name="input")
    mask = keras.Input((None, None, 1), name="mask")
    widths = [filters * n for n in (1, 2, 4, 8, 16, 16)]
    x = keras.layers.Concatenate(name="holed")(
        [image * (1.0 - mask) + mask, mask]
    )
    levels = {}
    for i, width in enumerate(widths, 1):
        x = convolution(x, width, 3, strides=2, name=f"down_{i}_conv")
        last = i == len(widths)
        slope = 0.0 if last else 0.2
        x = keras.layers.LeakyReLU(slope, name=f"down_{i}_relu")(x)
        levels[i] = x
    for i in range(5, 0, -1):
        size = 1 if i == 5 else 3
        filled = AttentionTransfer(size, name=f"transfer_{i}")(
            (levels[i], levels[i + 1], mask)
        )
        levels[i] = filled if i == 5 else _dilated(filled, f"transfer_{i}")

    images, x = {}, levels[6]
    for i in range(5, 0, -1):
        x = AlignedUpsampling2D(name=f"up_{i}_double")(x)
        x = convolution(x, widths[i - 1], 3, name=f"up_{i}_conv")
        x = keras.layers.ReLU(name=f"up_{i}_relu")(x)
        x = keras.layers.Concatenate(name=f"up_{i}")([x, levels[i]])
        images[f"level_{i}"] = _image(x, 1, f"level_{i}")
    x = AlignedUpsampling2D(name="head_double")(x)
    x = convolution(x, filters, 3, name="head_conv")
    x = keras.layers.ReLU(name="head_relu")(x)
    images["image"] = _image(x, 3, "image")
    return keras.Model([image, mask], images, name=name)


def _dilated(x, name):
    """Four convolutions side by side, each of which sees farther."""
    parts = []
    for i, rate in enumerate((1, 2, 4, 8), 1):
        y = convolution(
            x,
            x.shape[-1] // 4,
            3,
            dilation_rate=rate,
            name=f"{name}_conv_{i}",
        )
        parts.append(keras.layers.ReLU(name=f"{name}_relu_{i}")(y))
    return keras.layers.Concatenate(name=f"{name}_parts")(parts)


def _image(x, size, name):
    x = convolution(x, 3, size, name=f"{name}_conv")
    return keras.layers.Activation("tanh", dtype="float32", name=name)(x)


def patch_judge(filters=64, name="discriminator"):
    """The discriminator of section 3.4, of images alone.

    Args:
        filters: width of the first layer.
        name: name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, 3) to a float32 map of logits,
        of about an eighth of the size.
    """
    x = image = keras.Input((None, None, 3), name="input")
    for i, multiplier in enumerate((1, 2, 4, 8), 1):
        x = convolution(
            x,
            multiplier * filters,
            5,
            strides=2 if i < 4 else 1,
            border=1,
            use_bias=False,
            spectral=True,
            name=f"layer_{i}_conv",
        )
        x = keras.layers.LeakyReLU(0.2, name=f"layer_{i}_relu")(x)
    x = convolution(x, 1, 5, border=1, dtype="float32", name="logits")
    return keras.Model(image, x, name=name)
