"""SRGAN: photo-realistic super-resolution."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import PixelShuffle2D, Reach
from keras_gan_translate.losses.perceptual import VGGFeatures, feature_loss
from keras_gan_translate.networks.blocks import (
    convolution,
    initializers,
    normalize,
)
from keras_gan_translate.support.messages import check_choice


@keras.saving.register_keras_serializable("keras_gan_translate")
class SRGAN(GAN):
    """Super-resolution by 2, 4 or 8, with details that look real.

    A residual network works at the low resolution and enlarges at its end.
    It learns in two stages: by the squared error of pixels, which blurs what
    it cannot know (SRResNet), then by the distance of VGG19's features and
    against a discriminator that tells photos from enlargements (SRGAN). The
    generator moves first; the discriminator judges the image of that pass.

    Reference:
        Ledig, Theis, Huszar, Caballero, Cunningham, Acosta, Aitken, Tejani,
        Totz, Wang, Shi, "Photo-Realistic Single Image Super-Resolution Using
        a Generative Adversarial Network", 2017, arXiv:1609.04802.

    Recipe:
        Crops of 96 pixels, reduced by an antialiased bicubic; batch 16; Adam
        1e-4 (0.9, 0.999); stage "pretrain": 1,000,000 steps; stage
        "adversarial": 100,000 steps, then 100,000 at 1e-5. Cited (luma,
        borders of 4 pixels cropped), PSNR and SSIM: SRResNet 32.05 dB and
        0.9019 on Set5, SRGAN 29.40 dB and 0.8472 on Set5, 26.02 dB and
        0.7397 on Set14. Ours on it: not measured; published weights as we
        measured them are in docs/weights.md.

    Parameters of a generator:
        1,547,350

    Reproduces:
        Five training steps of a port in both stages and three of another, all
        8 losses of each, with what they change in the paper's; real weights
        on Set5 and Set14.

    Deviation: the paper leaves the initialization open; here it is
    PyTorch's, as in the published ports.

    Args:
        image_size: height and width of the high-resolution crops, batch key
            "b"; those of "a" are `image_size // scale`. The trained generator
            takes any.
        filters: width of the networks' first layers.
        num_blocks: residual blocks of the generator.
        scale: output pixels per input pixel and side: 2, 4 or 8.
        use_bias: whether convolutions before a normalization have a bias.
        trunk_end: what follows the convolution after the blocks: "batch", a
            normalization, or "prelu".
        output: "linear", clipped to [-1, 1] except in training, or "tanh".
            The published 5-block variant (leftthomas/SRGAN) is `num_blocks=5,
            use_bias=True, output="tanh"`, before 2018 `trunk_end="prelu"`.
        vgg_weights: of `perceptual.VGGFeatures`: "imagenet" downloads them
            when the adversarial stage starts; a path; None for random ones.
        loss_weights: replaces weights of the losses. `{"pixel": 0.25}` keeps
            the pixels' squared error in the stage "adversarial", which holds
            the colours; the published ports do, 1 for images in [0, 1].

    Example:
        photos = data.super_resolution("photos", batch_size=16)
        model = SRGAN()
        model.compile(stage="pretrain")
        model.fit(photos, epochs=100)
        model.compile(stage="adversarial")
        model.fit(photos, epochs=20)
        large = model.translate(small)
    """

    players = {
        "generator": ("generator",),  # G
        "discriminator": ("discriminator",),  # D
    }
    loss_weights = {  # equation 3
        "content": 1.0,
        "adversarial": 1e-3,
        "discriminator_adversarial": 1.0,
        "pixel": 0.0,
    }
    translators = {"ab": Translator("generator", takes=("a",), makes="b")}
    task = "super-resolution"
    data = "super_resolution"
    stages = ("pretrain", "adversarial")
    monitor = "content"
    batch_size = 16

    def __init__(
        self,
        image_size=96,
        filters=64,
        num_blocks=16,
        scale=4,
        use_bias=False,
        trunk_end="batch",
        output="linear",
        vgg_weights="imagenet",
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        check_choice("scale", scale, (2, 4, 8))
        if image_size is None or image_size % scale:
            raise ValueError(
                f"SRGAN(scale={scale}) trains on crops whose image_size is a "
                f"multiple of {scale}, which its discriminator is built for. "
                f"Received: image_size={image_size}."
            )
        self.scale = scale
        self.batch = {"a": Image(reduction=scale), "b": Image()}
        self.generator = sr_resnet(
            filters, num_blocks, scale, use_bias, trunk_end, output
        )
        self.discriminator = vgg_discriminator(image_size, filters)
        # phi_5,4: the last convolution before the fifth pooling.
        self.features = VGGFeatures("vgg19", ["block5_conv4"], vgg_weights)

    @property
    def size_multiple(self):
        return 1

    @property
    def total_steps(self):
        return 1_000_000 if self.stage == "pretrain" else 200_000

    def default_optimizer(self, player, total_steps):
        rate = 1e-4
        if self.stage == "adversarial":
            rate = keras.optimizers.schedules.PiecewiseConstantDecay(
                [total_steps // 2], [1e-4, 1e-5]
            )
        return Adam(rate, beta_1=0.9, beta_2=0.999)

    def prepare(self):
        if self.stage == "adversarial":
            self.features.load()

    def update(self, batch):
        if self.stage == "pretrain":
            return self.play("generator", batch)
        return super().update(batch)

    def generator_loss(self, batch, training=True):
        b = batch["b"]
        fake_b = self.generator(batch["a"], training=training)
        if self.stage == "pretrain":  # equation 4
            return {"content": losses.l2(fake_b, b)}, {"fake_b": fake_b}
        # Equation 5, of features rescaled by 1 / 12.75 (section 3.2).
        content = feature_loss(self.features(fake_b), self.features(b))
        judged = self.discriminator(fake_b, training=training)
        terms = {
            "content": content / 12.75**2,
            "adversarial": losses.non_saturating(judged),  # equation 6
        }
        if self.loss_weights["pixel"]:
            terms["pixel"] = losses.l2(fake_b, b)
        return terms, {"fake_b": fake_b}

    def discriminator_loss(self, batch, training=True):
        real = self.discriminator(batch["b"], training=training)
        fake = self.discriminator(batch["fake_b"], training=training)
        return {  # equation 2
            "adversarial": {
                "real": losses.binary_cross_entropy(real, real=True),
                "fake": losses.binary_cross_entropy(fake, real=False),
            }
        }, {}


def sr_resnet(
    filters=64,
    num_blocks=16,
    scale=4,
    use_bias=False,
    trunk_end="batch",
    output="linear",
    name="generator",
):
    """The generator of figure 4, SRResNet; arguments as of `SRGAN`.

    Returns:
        A `keras.Model` from images (N, H, W, 3) in [-1, 1] to float32 images
        (N, scale * H, scale * W, 3) in [-1, 1].

    Raises:
        ValueError: If an option is unknown.
    """
    check_choice("trunk_end", trunk_end, ("batch", "prelu"))
    check_choice("output", output, ("linear", "tanh"))

    def conv(x, filters, kernel_size, name, use_bias=True, dtype=None):
        return convolution(
            x,
            filters,
            kernel_size,
            use_bias=use_bias,
            initializer="torch",
            dtype=dtype,
            name=name,
        )

    image = keras.Input((None, None, 3), name="input")
    x = keras.layers.Rescaling(0.5, 0.5, name="to_unit_range")(image)
    x = _prelu(conv(x, filters, 9, "stem_conv"), "stem_prelu")
    stem = x
    for i in range(1, num_blocks + 1):
        block = x
        x = conv(x, filters, 3, f"block_{i}_conv_1", use_bias)
        x = normalize(x, "batch", f"block_{i}_norm_1")
        x = _prelu(x, f"block_{i}_prelu")
        x = conv(x, filters, 3, f"block_{i}_conv_2", use_bias)
        x = normalize(x, "batch", f"block_{i}_norm_2")
        x = keras.layers.Add(name=f"block_{i}_add")([x, block])
    # Where no normalization follows, the convolution has a bias.
    batch = trunk_end == "batch"
    x = conv(x, filters, 3, "trunk_conv", use_bias or not batch)
    if batch:
        x = normalize(x, "batch", "trunk_norm")
    else:
        x = _prelu(x, "trunk_prelu")
    x = keras.layers.Add(name="trunk_add")([x, stem])
    for i in range(1, scale.bit_length()):
        x = conv(x, 4 * filters, 3, f"up_{i}_conv")
        x = PixelShuffle2D(2, name=f"up_{i}_shuffle")(x)
        x = _prelu(x, f"up_{i}_prelu")
    x = conv(x, 3, 9, "head_conv", dtype="float32")
    if output == "tanh":
        x = keras.layers.Activation("tanh", dtype="float32", name="image")(x)
    else:
        x = FromUnitRange(dtype="float32", name="image")(x)
    return keras.Model(image, x, name=name)


def vgg_discriminator(
    image_size=96, filters=64, units=1024, name="discriminator"
):
    """The discriminator of figure 4.

    Args:
        image_size: height and width of the images, 16 or more.
        filters: width of the first layer.
        units: width of the dense layer.
        name: name of the model.

    Returns:
        A `keras.Model` from images (N, image_size, image_size, 3) in [-1, 1]
        to float32 logits (N, 1).
    """
    image = keras.Input((image_size, image_size, 3), name="input")
    x = keras.layers.Rescaling(0.5, 0.5, name="to_unit_range")(image)
    for i in range(1, 9):
        x = convolution(
            x,
            filters * 2 ** ((i - 1) // 2),
            3,
            strides=2 - i % 2,
            use_bias=i == 1,
            initializer="torch",
            name=f"layer_{i}_conv",
        )
        if i > 1:
            x = normalize(x, "batch", f"layer_{i}_norm")
        x = keras.layers.LeakyReLU(0.2, name=f"layer_{i}_relu")(x)
    x = keras.layers.Flatten(data_format="channels_last", name="flatten")(x)
    x = keras.layers.Dense(
        units, name="dense", **initializers("torch", x.shape[-1])
    )(x)
    x = keras.layers.LeakyReLU(0.2, name="dense_relu")(x)
    x = keras.layers.Dense(
        1, dtype="float32", name="logits", **initializers("torch", units)
    )(x)
    return keras.Model(image, x, name=name)


def _prelu(x, name):
    """A leaky ReLU whose one slope is learned."""
    return keras.layers.PReLU(
        keras.initializers.Constant(0.25), shared_axes=[1, 2, 3], name=name
    )(x)


@keras.saving.register_keras_serializable("keras_gan_translate")
class FromUnitRange(keras.layers.Layer):
    """From [0, 1] to [-1, 1], clipped except in training.

    Pixels beyond white and black keep their gradient.
    """

    reach = Reach()

    def call(self, inputs, training=False):
        x = 2.0 * inputs - 1.0
        return x if training else ops.clip(x, -1.0, 1.0)

    def compute_output_shape(self, input_shape):
        return input_shape
