"""SC-FEGAN: faces edited by a mask, a sketch and strokes of colour."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image, Mask, Sketch, Strokes
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import DilatedConv2D, ResponseNormalization
from keras_gan_translate.losses.perceptual import VGGFeatures, gram_matrix
from keras_gan_translate.networks import complete, spectral_patch_discriminator

# Their poolings are those of the perceptual and the style losses.
VGG_LAYERS = ("block1_conv2", "block2_conv2", "block3_conv3")


@keras.saving.register_keras_serializable("keras_gan_translate")
class SCFEGAN(GAN):
    """Holes filled as a sketch and strokes of colour say.

    A U-Net of gated convolutions sees the picture with its hole, and inside
    the hole the lines, the strokes and noise; its filling is judged by a
    discriminator with spectral norms (SN-PatchGAN), which sees the user's
    hints, too, and whose gradient is penalized inside the hole. VGG's features
    and their Gram matrices shall match, of the filling and of the completed
    image. The discriminator moves first.

    Reference:
        Jo, Park, "SC-FEGAN: Face Editing Generative Adversarial Network with
        User's Sketch and Color", 2019, arXiv:1902.06838.

    Recipe:
        29,000 faces of CelebA-HQ at 512 pixels, free-form holes; batch 8. The
        authors published no training code: what the paper leaves open is ours,
        the optimizer (DeepFill v2's) and the weight of holes (6, as of partial
        convolutions, whose other weights the paper has). No cited figure; ours
        on it: not measured.

    Parameters of a generator:
        92,884,113

    Reproduces:
        Forward pass of the authors' code; losses by the paper.

    Args:
        image_size: height and width of the training images, a multiple of 128.
        filters: width of the generator's first layer.
        discriminator_filters: width of the discriminator's first layer.
        vgg_weights: of `perceptual.VGGFeatures`.
        loss_weights: replaces weights of the losses; without "perceptual" and
            "style" VGG is left out.
        seed: of the noise, and of the penalty's places.

    Example:
        model = SCFEGAN(image_size=256)
        model.compile()
        model.fit(data.sketch("faces", batch_size=8), epochs=100)
        edited = model.translate(photo, mask=hole, sketch=lines)
    """

    players = {
        "discriminator": ("discriminator",),
        "generator": ("generator",),
    }
    loss_weights = {
        "hole": 6.0,  # alpha, not told
        "valid": 1.0,
        "perceptual": 0.05,  # sigma
        "adversarial": 0.001,  # beta
        "style": 120.0,  # gamma
        "total_variation": 0.1,  # upsilon
        "discriminator_adversarial": 1.0,
        "penalty": 10.0,  # theta
        "drift": 0.001,  # epsilon
    }
    translators = {
        "ab": Translator(
            "composed",
            takes=("image", "mask", "sketch", "strokes"),
            makes="image",
            parts=("generator",),
        )
    }
    task = "face editing"
    data = "sketch"
    monitor = "hole"
    batch_size = 8
    smallest_size = 128
    size_step = 128

    def __init__(
        self,
        image_size=512,
        filters=64,
        discriminator_filters=64,
        vgg_weights="imagenet",
        loss_weights=None,
        seed=0,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.batch = {
            "image": Image(),
            "mask": Mask(),
            "sketch": Sketch(),
            "strokes": Strokes(),
        }
        self.random = keras.random.SeedGenerator(seed)
        self.generator = scfegan_generator(filters)
        self.discriminator = spectral_patch_discriminator(
            discriminator_filters, 3, channels=8
        )
        self.features = None
        if self.loss_weights["perceptual"] or self.loss_weights["style"]:
            self.features = VGGFeatures("vgg16", VGG_LAYERS, vgg_weights)
        inputs = [
            keras.Input((None, None, field.shape()[-1]), name=name)
            for name, field in self.batch.items()
        ]
        image, mask, *hints = inputs
        lines, strokes = _inside(mask, *hints)
        # Deviation: no noise, so that a picture is translated to one.
        still = ops.zeros_like(mask)
        filling = self.generator([image, lines, strokes, mask, still])
        self.composed = keras.Model(
            inputs, complete(image, mask, filling), name="translator"
        )

    @property
    def size_multiple(self):
        return 128

    def default_optimizer(self, player, total_steps):
        return keras.optimizers.Adam(1e-4, 0.5, 0.999, epsilon=1e-8)

    def prepare(self):
        if self.features:
            self.features.load()

    def discriminator_loss(self, batch, training=True):
        image, mask = batch["image"], batch["mask"]
        hints = self._hints(batch)
        completed = complete(image, mask, self._fill(batch, training))
        real, fake = self._judge(image, completed, hints, training)
        place = keras.random.uniform(
            (ops.shape(image)[0], 1, 1, 1), seed=self.random
        )
        return {
            # Without the hinge, and without the paper's constants.
            "adversarial": {
                "real": losses.wasserstein(real, real=True),
                "fake": losses.wasserstein(fake, real=False),
            },
            "penalty": losses.gradient_penalty(
                lambda x: self.discriminator(
                    ops.concatenate([x, *hints], axis=-1)
                ),
                image,
                completed,
                place,
                mask,
            ),
            # Deviation: the paper has it among the generator's losses, which
            # it does not depend on.
            "drift": ops.mean(ops.square(real)),
        }, {}

    def generator_loss(self, batch, training=True):
        image, mask = batch["image"], batch["mask"]
        filling = self._fill(batch, training)
        completed = complete(image, mask, filling)
        _, fake = self._judge(image, completed, self._hints(batch), training)
        terms = {
            "hole": losses.l1(mask * filling, mask * image),
            "valid": losses.l1((1 - mask) * filling, (1 - mask) * image),
            "adversarial": losses.wasserstein(fake, real=True),
            "total_variation": _total_variation(completed, mask),
        }
        if self.features:
            real = self._features(image)
            fakes = {
                "filling": self._features(filling),
                "completed": self._features(completed),
            }
            terms["perceptual"] = {
                name: _distance(features, real)
                for name, features in fakes.items()
            }
            terms["style"] = {
                name: _distance(features, real, gram_matrix)
                for name, features in fakes.items()
            }
        return terms, {}

    def _hints(self, batch):
        """What the discriminator sees beside an image."""
        mask = batch["mask"]
        return *_inside(mask, batch["sketch"], batch["strokes"]), mask

    def _fill(self, batch, training):
        lines, strokes, mask = self._hints(batch)
        noise = mask * keras.random.normal(ops.shape(mask), seed=self.random)
        return self.generator(
            [batch["image"], lines, strokes, mask, noise], training=training
        )

    def _judge(self, image, completed, hints, training):
        """(logits of the image, logits of the completed one)."""
        both = ops.concatenate([image, completed], axis=0)
        hints = [ops.concatenate([hint, hint], axis=0) for hint in hints]
        # In one batch: one power iteration of the spectral norms.
        judged = self.discriminator(
            ops.concatenate([both, *hints], axis=-1), training=training
        )
        return ops.split(judged, 2, axis=0)

    def _features(self, images):
        return [
            # To the size of PyTorch's VGG, whose pixels have a deviation of 1.
            ops.max_pool(feature / 58.0, 2, 2, data_format="channels_last")
            for feature in self.features(images).values()
        ]


def _inside(mask, sketch, strokes):
    """The user's hints in the hole: lines are 1.0, no stroke is -1.0."""
    return (1.0 - sketch) / 2.0 * mask, strokes * mask


def _distance(features, targets, of=lambda x: x):
    return sum(losses.l1(of(x), of(y)) for x, y in zip(features, targets))


def _total_variation(images, mask):
    """Mean absolute difference of neighbours in the hole, and at its edge."""
    near = ops.max_pool(mask, 3, 1, "same", data_format="channels_last")
    down = ops.abs(images[:, 1:] - images[:, :-1]) * near[:, 1:] * near[:, :-1]
    right = ops.abs(images[:, :, 1:] - images[:, :, :-1])
    right = right * near[:, :, 1:] * near[:, :, :-1]
    return ops.mean(down) + ops.mean(right)


def scfegan_generator(filters=64, name="generator"):
    """The U-Net of figure 2, its layers named as the authors'.

    Args:
        filters: width of the first layer.
        name: name of the model.

    Returns:
        A `keras.Model` from [image (N, H, W, 3) in [-1, 1], lines (N, H, W,
        1), 1.0 on a line, strokes (N, H, W, 3), mask (N, H, W, 1), 1.0 where
        it is missing, noise (N, H, W, 1)], H and W divisible by 128, to
        float32 images in [-1, 1] that fill the hole.
    """
    channels = {"image": 3, "lines": 1, "strokes": 3, "mask": 1, "noise": 1}
    inputs = [
        keras.Input((None, None, count), name=part)
        for part, count in channels.items()
    ]
    image, lines, strokes, mask, noise = inputs
    x = keras.layers.Concatenate(name="concat")(
        [image * (1.0 - mask), lines, strokes, mask, noise]
    )
    c = filters
    levels = [x]
    for i, (width, size) in enumerate(
        [(c, 7), (2 * c, 5), (4 * c, 5), *4 * [(8 * c, 3)]], 1
    ):
        x = _gated(x, f"gconv{i}_ds", width, size, strides=2, normalize=i > 1)
        levels.append(x)
    for i, rate in enumerate((2, 4, 8, 16), 1):
        x = _gated(x, f"co_conv{i}_dlt", 8 * c, dilation_rate=rate)
    widths = (8 * c, 8 * c, 8 * c, 4 * c, 2 * c, c, 3)
    for i, width in enumerate(widths, 1):
        x = _doubled(x, f"deconv{i}", width)
        x = keras.layers.Concatenate(name=f"concat{i}")([levels[7 - i], x])
        last = i == 7
        x = _gated(
            x, f"gconv{i + 7}", width, normalize=not last, active=not last
        )
    image = keras.layers.Activation("tanh", dtype="float32", name="filling")(x)
    return keras.Model(inputs, image, name=name)


def _gated(x, name, width, size=3, normalize=True, active=True, **options):
    """A convolution, times the sigmoid of another: its gate."""
    options |= {"padding": "same", "data_format": "channels_last"}
    kind = DilatedConv2D if "dilation_rate" in options else keras.layers.Conv2D
    gate = kind(width, size, activation="sigmoid", name=f"{name}_g", **options)(
        x
    )
    x = kind(width, size, name=name, **options)(x)
    if normalize:
        x = ResponseNormalization(name=f"{name}_norm")(x)
    if active:
        x = keras.layers.LeakyReLU(0.2, name=f"{name}_relu")(x)
    return keras.layers.Multiply(name=f"{name}_gated")([x, gate])


def _doubled(x, name, width):
    """A transposed convolution that is its own gate.

    The authors meant a second one, whose result they do not use; so do their
    published weights.
    """
    x = keras.layers.Conv2DTranspose(
        width,
        5,
        strides=2,
        padding="same",
        data_format="channels_last",
        name=name,
    )(x)
    x = keras.layers.LeakyReLU(0.2, name=f"{name}_relu")(x)
    return keras.layers.Activation("silu", name=f"{name}_gated")(x)
