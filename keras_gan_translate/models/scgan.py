"""SCGAN: gray photos coloured, with an eye for what is looked at."""

import keras
from keras import ops

from keras_gan_translate import layers, losses
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image
from keras_gan_translate.gan import GAN
from keras_gan_translate.losses.perceptual import VGGFeatures, feature_loss
from keras_gan_translate.networks.blocks import convolution, normalize

MOST_HALVINGS = 8  # of 256 pixels, until one is left
VGG_LAYER = "block3_conv3:linear"
# Blocks of the global features: widths, the last of each with stride 2.
EXTRACTOR = ((1, 1), (2, 2), (4, 4, 4), (8, 8, 8), (8, 8, 8, 8))


@keras.saving.register_keras_serializable("keras_gan_translate")
class SCGAN(GAN):
    """Colorization that is guided by saliency.

    A U-Net sees a gray picture, joined by global features of another
    network, and makes colours; a branch of its decoder predicts where one
    looks, and the colours there count once more (attention loss). First
    without an adversary, then with a WGAN-GP critic and VGG's features. All
    kernels have spectral norms. The critic moves first. Saliency is seen in
    training alone; the predicted one is the translator's attention map.

    Reference:
        Zhao, Po, Cheung, Yu, Rehman, "SCGAN: Saliency Map-guided Colorization
        with Generative Adversarial Network", 2021, arXiv:2011.11377.

    Recipe:
        ImageNet at 256 pixels, saliency by a pretrained network; 40 epochs of
        "pretrain" and 40 of "adversarial"; Adam 2e-4, the critic's 1e-4 (0.5,
        0.999), halved every ten epochs. Deviation: gray is of equal lightness,
        the authors' is OpenCV's, of coded values. No figure is cited; ours on
        it: not measured.

    Parameters of a generator:
        58,755,200, 57,130,752 of them for colours

    Reproduces:
        Forward passes of the authors' code, and the losses of its first phase.

    Args:
        image_size: height and width of the training images, a multiple of
            256; of 128 or 64, the generator has one or two levels less.
        filters: width of the networks' first layers.
        saliency_filters: width of the branch that predicts saliency; 2 *
            `filters` if None.
        vgg_weights: of `perceptual.VGGFeatures`.
        loss_weights: replaces weights of the losses; without "perceptual" VGG
            is left out.
        seed: of the gradient penalty's places.

    Example:
        model = SCGAN(image_size=256)
        photos = data.colorization("photos", "saliency", batch_size=8)
        model.compile(stage="pretrain")
        model.fit(photos, epochs=40)
        model.compile(stage="adversarial")
        model.fit(photos, epochs=40)
        coloured = model.translate("grandfather.png")
    """

    players = {
        "discriminator": ("discriminator",),
        "generator": ("generator",),
    }
    loss_weights = {
        "l1": 1.0,
        "attention": 0.5,
        "adversarial": 0.05,
        "perceptual": 5.0,
        "discriminator_adversarial": 1.0,
        "penalty": 10.0,
    }
    translators = {
        "ab": Translator("generator", takes=("gray",), makes="image")
    }
    task = "colorization"
    data = "colorization"
    stages = ("pretrain", "adversarial")
    monitor = "l1"
    batch_size = 8
    total_steps = 40 * 1_281_167 // 8  # epochs x images of ImageNet
    smallest_size = 64
    size_step = 64

    def __init__(
        self,
        image_size=256,
        filters=64,
        saliency_filters=None,
        vgg_weights="imagenet",
        loss_weights=None,
        seed=0,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.batch = {
            "gray": Image(channels=1),
            "image": Image(),
            "saliency": Image(channels=1),
        }
        # As often as it can be halved.
        halvings = (image_size & -image_size).bit_length() - 1
        self.halvings = min(halvings, MOST_HALVINGS)
        self.random = keras.random.SeedGenerator(seed)
        self.generator = scgan_generator(
            filters, saliency_filters, self.halvings
        )
        self.discriminator = scgan_discriminator(filters)
        self.features = None
        if self.loss_weights["perceptual"]:
            self.features = VGGFeatures("vgg16", VGG_LAYER, vgg_weights)

    @property
    def size_multiple(self):
        return 2**self.halvings

    def default_optimizer(self, player, total_steps):
        rate = 2e-4 if player == "generator" else 1e-4
        quarter = max(1, total_steps // 4)  # ten of forty epochs
        halved = keras.optimizers.schedules.PiecewiseConstantDecay(
            [quarter, 2 * quarter, 3 * quarter],
            [rate, rate / 2, rate / 4, rate / 8],
        )
        return keras.optimizers.Adam(halved, 0.5, 0.999, epsilon=1e-8)

    def prepare(self):
        if self.features and self.stage == "adversarial":
            self.features.load()

    def update(self, batch):
        if self.stage == "pretrain":
            return self.play("generator", batch)
        return super().update(batch)

    def discriminator_loss(self, batch, training=True):
        gray, image = batch["gray"], batch["image"]
        fake = self.generator(gray, training=training)["image"]
        place = keras.random.uniform(
            (ops.shape(gray)[0], 1, 1, 1), seed=self.random
        )
        return {
            "adversarial": {
                "real": losses.wasserstein(
                    self._judge(gray, image, training), real=True
                ),
                "fake": losses.wasserstein(
                    self._judge(gray, fake, training), real=False
                ),
            },
            # Deviation: by the running moments; the authors' critic mixes the
            # batch's images, so that its gradient is not of one.
            "penalty": losses.gradient_penalty(
                lambda x: self._judge(gray, x, False), image, fake, place
            ),
        }, {}

    def generator_loss(self, batch, training=True):
        gray, image = batch["gray"], batch["image"]
        made = self.generator(gray, training=training)
        fake = made["image"]
        true_saliency = (batch["saliency"] + 1.0) / 2.0
        terms = {
            "l1": losses.l1(fake, image),
            "attention": attention_loss(
                fake, made["attention"], image, true_saliency
            ),
        }
        if self.stage == "adversarial":
            judged = self._judge(gray, fake, training)
            terms["adversarial"] = losses.wasserstein(judged, real=True)
            if self.features:
                # The authors' VGG sees images in [-1, 1] as they are.
                distance = feature_loss(
                    self.features(fake), self.features(image), "l1"
                )
                terms["perceptual"] = distance / 127.5
        return terms, {}

    def _judge(self, gray, image, training):
        return self.discriminator(
            ops.concatenate([gray, image], axis=-1), training=training
        )


def attention_loss(fake, fake_saliency, real, real_saliency):
    """How far colours are off where one looks, and where one would.

    As in the authors' code: each image is weighed by its own saliency.

    Args:
        fake: images (N, H, W, 3) in [-1, 1].
        fake_saliency: (N, H, W, 1) in [0, 1], predicted with them.
        real: the true images.
        real_saliency: theirs.
    """
    return losses.l1(fake * fake_saliency, real * real_saliency)


def scgan_generator(
    filters=64, saliency_filters=None, halvings=8, name="generator"
):
    """The colorization network, its extractor and its saliency branch.

    Args:
        filters: width of the first layer.
        saliency_filters: width of the saliency branch; 2 * `filters` if None.
        halvings: how often the image is halved, 6 or more; the paper's 8 are
            for 256 pixels.
        name: name of the model.

    Returns:
        A `keras.Model` from gray images (N, H, W, 1) in [-1, 1], H and W
        divisible by `2**halvings`, to a dict of "image", float32 (N, H, W, 3)
        in [-1, 1], and "attention", the saliency, float32 (N, H, W, 1) in
        [0, 1].
    """
    gray = keras.Input((None, None, 1), name="gray")
    c, last = filters, halvings + 1
    features = gray
    for i, widths in enumerate(EXTRACTOR, 1):
        for j, width in enumerate(widths, 1):
            ends = j == len(widths)
            features = _block(
                features,
                "pool5" if i == 5 and ends else f"conv{i}_{j}",
                width * c,
                strides=2 if ends else 1,
                norm=(i, j) != (1, 1),
            )
    x, downs = gray, {}
    for i in range(1, last + 1):
        if i == 7:  # where both are as small
            x = keras.layers.Concatenate(name="global")([x, features])
        x = downs[i] = _block(
            x,
            f"down{i}",
            min(2 ** (i - 1), 8) * c,
            size=7 if i == 1 else 3,
            strides=1 if i == 1 else 2,
            norm=1 < i < last,
        )
    ups = {}
    for i in range(1, last):
        if i > 1:
            x = keras.layers.Concatenate(name=f"skip{i}")(
                [downs[last + 1 - i], x]
            )
        width = min(2 ** (halvings - i), 8) * c
        x = ups[i] = _up(x, f"up{i}", width)
    x = keras.layers.Concatenate(name=f"skip{last}")([downs[1], x])
    image = _last(x, f"up{last}", 3, "tanh", "image")

    s = saliency_filters or 2 * filters
    coarse, middle, fine = (ups[halvings - i] for i in (3, 2, 1))
    x = keras.layers.Concatenate(name="saliency")(
        [
            _up(_up(coarse, "conv11", s), "conv12", s),
            _up(middle, "conv2", s),
            _block(fine, "conv3", s),
        ]
    )
    x = _up(x, "conv4", s)
    saliency = _last(x, "final", 1, "sigmoid", "attention")
    return keras.Model(gray, {"image": image, "attention": saliency}, name=name)


def _block(x, name, width, size=3, strides=1, norm=True, border=None):
    """A convolution with a spectral norm, batch norm and leaky ReLU."""
    x = convolution(
        x,
        width,
        size,
        strides=strides,
        border=border,
        padding="reflect",
        use_bias=False,
        spectral=True,
        name=f"{name}_conv",
    )
    if norm:
        x = normalize(x, "batch", f"{name}_norm")
    return keras.layers.LeakyReLU(0.2, name=f"{name}_relu")(x)


def _up(x, name, width):
    x = layers.NearestUpsampling2D(name=f"{name}_double")(x)
    return _block(x, name, width)


def _last(x, name, width, activation, output):
    x = convolution(
        x,
        width,
        3,
        padding="reflect",
        use_bias=False,
        spectral=True,
        name=f"{name}_conv",
    )
    return keras.layers.Activation(activation, dtype="float32", name=output)(x)


def scgan_discriminator(filters=64, name="discriminator"):
    """The critic of patches.

    Args:
        filters: width of the first layer.
        name: name of the model.

    Returns:
        A `keras.Model` from a gray image and its colours (N, H, W, 4) to
        float32 logits (N, H / 8 - 2, W / 8 - 2, 1).
    """
    x = image = keras.Input((None, None, 4), name="input")
    x = _block(x, "block1", filters, size=7, norm=False)
    for i, width in enumerate((2, 4, 8), 2):
        x = _block(x, f"block{i}", width * filters, strides=2)
    x = _block(x, "final1", 8 * filters, size=4, border=1)
    x = convolution(
        x,
        1,
        4,
        border=1,
        padding="reflect",
        use_bias=False,
        spectral=True,
        dtype="float32",
        name="final2_conv",
    )
    return keras.Model(image, x, name=name)
