"""Context Encoder: filling holes by what stands around them."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image, Mask
from keras_gan_translate.gan import GAN
from keras_gan_translate.networks import (
    complete,
    dcgan_autoencoder,
    dcgan_discriminator,
)
from keras_gan_translate.networks.blocks import convolution
from keras_gan_translate.support.messages import check_choice

# What stands in a hole: the mean of ImageNet's images, as in the PyTorch port.
MEAN = (2 * 117 / 255 - 1, 2 * 104 / 255 - 1, 2 * 123 / 255 - 1)


@keras.saving.register_keras_serializable("keras_gan_translate")
class ContextEncoder(GAN):
    """Inpainting by an encoder, a narrow middle, and a decoder.

    The middle connects every position to every other, so that all of the
    image is seen. A squared error makes the filling fit its surroundings,
    more so in a band where it overlaps what is known; a discriminator makes
    it sharp. The discriminator moves first.

    Reference:
        Pathak, Krahenbuhl, Donahue, Darrell, Efros, "Context Encoders:
        Feature Learning by Inpainting", 2016, arXiv:1604.07379.

    Recipe:
        Paris StreetView or ImageNet at 128 pixels; batch 64; Adam 2e-4 (0.5,
        0.999); 100,000 steps. Cited, the middle half of held-out Paris
        StreetView: L1 of 9.37 %, L2 of 1.96 %, PSNR 18.58 dB. Ours on it: not
        measured.

    Parameters of a generator:
        71,124,544 for the middle half

    Reproduces:
        Three training steps, all 6 losses.

    Args:
        image_size: height and width of the training images, a power of two.
        filters: width of the networks' first layers.
        region: "any", where the decoder makes the whole image, of which the
            hole is taken; or "centre", where it makes the middle half, and
            holes lie within it.
        bottleneck: "convolution", the authors' code, or "channelwise", the
            paper's fully connected layer for each channel by itself.
        bottleneck_filters: width of the middle, if "convolution".
        overlap: width of the band in pixels, for "any"; of "centre" it is
            what is known of the middle half.
        loss_weights: replaces weights of the losses.

    Example:
        model = ContextEncoder(image_size=128)
        model.compile()
        model.fit(data.masked("photos", batch_size=64), epochs=100)
        whole = model.translate(photo, mask=hole)
    """

    players = {
        "discriminator": ("discriminator",),  # D
        "generator": ("generator",),  # F
    }
    loss_weights = {  # equation 3
        "l2": 0.999,
        "adversarial": 0.001,
        "discriminator_adversarial": 1.0,
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
    monitor = "l2"
    batch_size = 64

    def __init__(
        self,
        image_size=128,
        filters=64,
        region="any",
        bottleneck="convolution",
        bottleneck_filters=4000,
        overlap=4,
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        check_choice("region", region, ("any", "centre"))
        check_choice("bottleneck", bottleneck, ("convolution", "channelwise"))
        if image_size & (image_size - 1):
            raise ValueError(
                "ContextEncoder halves its images down to 4 pixels: their "
                f"image_size is a power of two. Received: {image_size}."
            )
        self.region, self.bottleneck = region, bottleneck
        self.overlap = overlap
        self.batch = {"image": Image(), "mask": Mask()}
        centre = region == "centre"
        self.generator = context_encoder(
            image_size,
            filters,
            bottleneck_filters if bottleneck == "convolution" else None,
            image_size // 2 if centre else image_size,
        )
        self.mean_colour = MeanColour(name="mean_colour")
        self.composed = self._composed()
        self.discriminator = dcgan_discriminator(
            image_size // 2 if centre else image_size, filters
        )

    @property
    def size_multiple(self):
        return self.image_size

    @property
    def fixed_size(self):
        if self.region == "any" and self.bottleneck == "convolution":
            return None
        return self.image_size

    def default_optimizer(self, player, total_steps):
        return Adam(2e-4, beta_1=0.5, beta_2=0.999)

    def discriminator_loss(self, batch, training=True):
        filling = self._filling(batch, training)
        real = self.discriminator(self._crop(batch["image"]), training=training)
        fake = self.discriminator(
            self._judged(batch, filling), training=training
        )
        return {  # equation 2
            "adversarial": {
                "real": losses.binary_cross_entropy(real, real=True),
                "fake": losses.binary_cross_entropy(fake, real=False),
            }
        }, {}

    def generator_loss(self, batch, training=True):
        filling = self._filling(batch, training)
        judged = self.discriminator(
            self._judged(batch, filling), training=training
        )
        image, hole = self._crop(batch["image"]), self._crop(batch["mask"])
        if self.region == "centre":
            region = ops.ones_like(hole)
        else:
            region = ops.max_pool(
                hole,
                2 * self.overlap + 1,
                1,
                "same",
                data_format="channels_last",
            )
        # Equation 1, ten times as much where the image is known.
        weight = hole + 10.0 * (region - hole)
        error = ops.sum(weight * ops.square(filling - image), axis=-1)
        pixels = ops.maximum(ops.sum(region), 1.0)
        return {
            "l2": ops.sum(error) / (3.0 * pixels),
            "adversarial": losses.non_saturating(judged),
        }, {}

    def _filling(self, batch, training):
        holed = self.mean_colour([batch["image"], batch["mask"]])
        return self.generator(holed, training=training)

    def _judged(self, batch, filling):
        """What the discriminator sees: the middle, or the completed image."""
        if self.region == "centre":
            return filling
        return complete(batch["image"], batch["mask"], filling)

    def _crop(self, maps):
        if self.region == "any":
            return maps
        quarter = self.image_size // 4
        return maps[:, quarter:-quarter, quarter:-quarter]

    def _composed(self):
        side = self.fixed_size
        image = keras.Input((side, side, 3), name="image")
        mask = keras.Input((side, side, 1), name="mask")
        filling = self.generator(self.mean_colour([image, mask]))
        if self.region == "centre":
            filling = keras.layers.ZeroPadding2D(
                side // 4, data_format="channels_last", dtype="float32"
            )(filling)
        return keras.Model(
            [image, mask], complete(image, mask, filling), name="translator"
        )


def context_encoder(
    image_size=128,
    filters=64,
    bottleneck_filters=4000,
    output_size=64,
    name="generator",
):
    """The generator of figure 9.

    Args:
        image_size: height and width of the images, a power of two.
        filters: width of the first and the last layers.
        bottleneck_filters: width of the middle; None for a fully connected
            layer for each channel by itself.
        output_size: height and width of what it makes.
        name: name of the model.

    Returns:
        As `dcgan_autoencoder`.
    """
    halvings = image_size.bit_length() - 3  # down to 4 pixels
    widths = [filters * min(2 ** max(i - 1, 0), 8) for i in range(halvings)]
    middle = bottleneck_filters or _channelwise
    return dcgan_autoencoder(widths, middle, output_size, name)


def _channelwise(x):
    """All positions of each channel, then all channels of each position."""
    y = ChannelwiseDense(name="middle_dense")(x)
    return convolution(y, x.shape[-1], 1, use_bias=False, name="middle_conv")


@keras.saving.register_keras_serializable("keras_gan_translate")
class MeanColour(keras.layers.Layer):
    """Fills the hole of [image, mask] with a constant colour."""

    def call(self, inputs):
        image, mask = inputs
        colour = ops.convert_to_tensor(MEAN, image.dtype)
        return image * (1.0 - mask) + colour * mask

    def compute_output_shape(self, input_shape):
        return input_shape[0]


@keras.saving.register_keras_serializable("keras_gan_translate")
class ChannelwiseDense(keras.layers.Layer):
    """Connects all positions of a channel, no channel to another (3.1)."""

    def build(self, input_shape):
        _, height, width, channels = input_shape
        positions = height * width
        self.kernel = self.add_weight(
            (positions, positions, channels),
            keras.initializers.RandomNormal(stddev=0.02),
            name="kernel",
        )

    def call(self, inputs):
        _, height, width, channels = inputs.shape
        x = ops.reshape(inputs, (-1, height * width, channels))
        x = ops.einsum("npc,pqc->nqc", x, self.kernel)
        return ops.reshape(x, (-1, height, width, channels))

    def compute_output_shape(self, input_shape):
        return input_shape
