"""SPADE (GauGAN): label maps to images, in a style of one's choice."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam, LinearDecay
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Code, Image, Instances, LabelMap
from keras_gan_translate.fields.label_map import CITYSCAPES
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import InstanceEdges, NearestUpsampling2D
from keras_gan_translate.losses.perceptual import (
    SYNTHESIS_LAYERS,
    VGGFeatures,
    synthesis_loss,
)
from keras_gan_translate.networks import features_of, multiscale_discriminator
from keras_gan_translate.networks.blocks import (
    convolution,
    initializers,
    normalize,
)
from keras_gan_translate.support.messages import check_choice

ENCODER_SIZE = 256  # pixels a side that the encoder sees of any image


@keras.saving.register_keras_serializable("keras_gan_translate")
class SPADE(GAN):
    """Label maps to images, in a drawn style or that of another picture.

    Every normalization of the generator scales and shifts by what it reads
    off the label map, pixel by pixel, which a usual one would wash out
    (GauGAN). An encoder makes it a variational autoencoder: a picture's code
    is its style. Discriminators at two sizes judge by the hinge loss, and the
    generator shall match their features of the real image. It moves first.

    Reference:
        Park, Liu, Wang, Zhu, "Semantic Image Synthesis with
        Spatially-Adaptive Normalization", 2019, arXiv:1903.07291.

    Recipe:
        ADE20K's 20,210 images at 256 pixels; batch 32; Adam (0, 0.9), 1e-4
        for the generator, 4e-4 for the discriminators; 200 epochs, the rate
        constant for the first half, then linear to zero. Cited: mean IoU of
        38.5 and FID 33.9. Ours on it: not measured.

    Parameters of a generator:
        97,480,899 for 184 planes without a style

    Reproduces:
        Three training steps, all 6 losses.

    Args:
        image_size: height and width of the training images, a multiple of
            `2**num_ups`. With a style the model makes images of this size
            only.
        classes: names of the label map's classes, in the order of their
            numbers; Cityscapes' by default.
        palette: the classes' colours, an (r, g, b) in 0..255 each; hues if
            None.
        filters: width of the generator's last layers, and of the other
            networks' first ones.
        hidden_filters: width of what reads the label map in a normalization.
        num_ups: how often the generator doubles its size: 5, or as in the
            authors' "more" 6, "most" 7.
        style_size: components of the style; 0 for a generator without, which
            the paper's tables are about and published weights are of.
        instances: whether there are instance maps.
        num_layers: halving layers of the discriminators; the authors' code
            counts one more.
        num_scales: number of discriminators.
        vgg_weights: of `perceptual.VGGFeatures`.
        loss_weights: replaces weights of the losses; a "perceptual" weight of
            0 leaves VGG out.

    Example:
        model = SPADE(image_size=256, classes=["sky", "tree", "house"])
        model.compile()
        model.fit(data.semantic("streets", batch_size=32), epochs=200)
        photo = model.translate(label_map, instances=instances, style=3)
        photo = model.translate(
            label_map, instances=instances, style="sunset.jpg"
        )
    """

    players = {
        "generator": ("generator",),
        "discriminator": ("discriminator",),
    }
    loss_weights = {
        "adversarial": 1.0,
        "feature_matching": 10.0,
        "perceptual": 10.0,
        "divergence": 0.05,
    }
    translators = {
        "ab": Translator(
            "composed",
            takes=("label_map", "instances", "style"),
            makes="image",
            parts=("generator",),
        )
    }
    drawn = {"style": Code(size=256, encoder="encoder")}
    task = "label maps to images"
    data = "semantic"
    batch_size = 32
    total_steps = 200 * 20_210 // 32  # epochs x images of ADE20K / batch

    def __init__(
        self,
        image_size=256,
        classes=tuple(CITYSCAPES),
        palette=None,
        filters=64,
        hidden_filters=128,
        num_ups=5,
        style_size=256,
        instances=True,
        num_layers=3,
        num_scales=2,
        vgg_weights="imagenet",
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        check_choice("num_ups", num_ups, (5, 6, 7))
        self.num_ups = num_ups
        if image_size % self.size_multiple:
            raise ValueError(
                f"SPADE(num_ups={num_ups}) makes images of a multiple of "
                f"{self.size_multiple} pixels. Received: "
                f"image_size={image_size}."
            )
        label_map = LabelMap(
            classes=tuple(classes), palette=tuple(map(tuple, palette or ()))
        )
        self.batch = {"label_map": label_map}
        if instances:
            self.batch["instances"] = Instances()
        takes = tuple(self.batch)
        self.batch["image"] = Image()
        channels = len(classes) + bool(instances)

        self.style_size = style_size
        self.drawn = {}
        self.players = dict(type(self).players)
        if style_size:
            self.drawn = {"style": Code(size=style_size, encoder="encoder")}
            takes += ("style",)
            self.style_distribution = style_encoder(filters, style_size)
            self.encoder = keras.Model(
                self.style_distribution.input,
                self.style_distribution.output["mean"],
                name="encoder",
            )
            self.players["generator"] = ("generator", "style_distribution")
            self.noise = keras.random.SeedGenerator()
        self.generator = spade_generator(
            channels,
            filters,
            hidden_filters,
            num_ups,
            style_size,
            image_size if style_size else None,
        )
        self.edges = InstanceEdges(name="edges")
        self.composed = self._composed(takes)
        self.translators = {
            "ab": Translator("composed", takes, "image", ("generator",))
        }
        self.num_layers = num_layers
        self.discriminator = multiscale_discriminator(
            channels + 3,
            filters,
            num_layers,
            num_scales,
            spectral=True,
            initializer="xavier",
        )
        self.features = None
        if self.loss_weights["perceptual"]:
            self.features = VGGFeatures(
                "vgg19", tuple(SYNTHESIS_LAYERS), vgg_weights
            )

    @property
    def size_multiple(self):
        return 2**self.num_ups

    @property
    def fixed_size(self):
        return self.image_size if self.style_size else None

    @property
    def monitor(self):
        return "perceptual" if self.features else "feature_matching"

    def default_optimizer(self, player, total_steps):
        rate = {"generator": 1e-4, "discriminator": 4e-4}[player]
        # Deviation: the rate falls every step, the authors' every epoch.
        return Adam(LinearDecay(rate, total_steps), beta_1=0.0, beta_2=0.9)

    def prepare(self):
        if self.features:
            self.features.load()

    def generator_loss(self, batch, training=True):
        image = batch["image"]
        fake, of_fake, of_real, terms = self._play(batch, training)
        matching = losses.feature_matching(
            features_of(of_real), features_of(of_fake)
        )
        terms |= {
            "adversarial": _mean(
                losses.hinge_generator(scale[-1]) for scale in of_fake
            ),
            # The mean over the sizes of the sum over the layers.
            "feature_matching": (self.num_layers + 1) * matching,
        }
        if self.features:
            terms["perceptual"] = synthesis_loss(self.features, fake, image)
        return terms, {}

    def discriminator_loss(self, batch, training=True):
        # The generator, which has just moved, makes them anew.
        _, of_fake, of_real, _ = self._play(batch, training)
        return {
            "adversarial": {
                "fake": _mean(
                    losses.hinge(scale[-1], real=False) for scale in of_fake
                ),
                "real": _mean(
                    losses.hinge(scale[-1], real=True) for scale in of_real
                ),
            }
        }, {}

    def draw_noise(self, shape):
        """What a style differs by from the mean of its picture's."""
        return keras.random.normal(shape, seed=self.noise)

    def _play(self, batch, training):
        """(fakes, features of fakes and of real images, generator's terms)."""
        condition = self._condition(batch)
        inputs, terms = condition, {}
        if self.style_size:
            style = self.style_distribution(batch["image"], training=training)
            mean, log_variance = style["mean"], style["log_variance"]
            noise = self.draw_noise(ops.shape(mean))
            inputs = [condition, mean + ops.exp(0.5 * log_variance) * noise]
            # Added up over the images, as in the authors' code.
            terms["divergence"] = -0.5 * ops.sum(
                1.0 + log_variance - ops.square(mean) - ops.exp(log_variance)
            )
        fake = self.generator(inputs, training=training)
        # In one batch: one power iteration of the spectral norms.
        images = ops.concatenate([fake, batch["image"]], axis=0)
        conditions = ops.concatenate([condition, condition], axis=0)
        judged = self.discriminator(
            ops.concatenate([conditions, images], axis=-1), training=training
        )
        halves = [[ops.split(x, 2, axis=0) for x in scale] for scale in judged]
        of_fake, of_real = (
            [[half[i] for half in scale] for scale in halves] for i in (0, 1)
        )
        return fake, of_fake, of_real, terms

    def _condition(self, batch):
        if "instances" not in self.batch:
            return batch["label_map"]
        edges = self.edges(batch["instances"])
        return ops.concatenate([batch["label_map"], edges], axis=-1)

    def _composed(self, takes):
        """The generator with its condition, which translates."""
        side = self.fixed_size
        classes = len(self.batch["label_map"].classes)
        inputs = {
            "label_map": keras.Input((side, side, classes), name="label_map"),
            "instances": keras.Input(
                (side, side, 1), dtype="int32", name="instances"
            ),
            "style": keras.Input((self.style_size,), name="style"),
        }
        condition = inputs["label_map"]
        if "instances" in takes:
            edges = self.edges(inputs["instances"])
            condition = keras.layers.Concatenate(name="condition")(
                [condition, edges]
            )
        if "style" in takes:
            condition = [condition, inputs["style"]]
        inputs = [inputs[name] for name in takes]
        return keras.Model(
            inputs if len(inputs) > 1 else inputs[0],
            self.generator(condition),
            name="translator",
        )


def _mean(values):
    values = list(values)
    return sum(values) / len(values)


def spade_generator(
    channels,
    filters=64,
    hidden_filters=128,
    num_ups=5,
    style_size=0,
    image_size=None,
    name="generator",
):
    """The generator of figures 4 and 12.

    Args:
        channels: of the condition, the one-hot label map and the edges.
        filters: width of the last layers.
        hidden_filters: width of what reads the condition.
        num_ups: how often the size is doubled: 5, 6 or 7.
        style_size: components of the style, 0 for none.
        image_size: height and width, which the style needs.
        name: name of the model.

    Returns:
        A `keras.Model` from conditions (N, H, W, channels), H and W divisible
        by `2**num_ups`, or from [conditions, styles (N, style_size)], to
        float32 images (N, H, W, 3) in [-1, 1].
    """
    condition = keras.Input((image_size, image_size, channels), name="input")
    # Of every size that the features go through; nearest, like the maps.
    maps = {
        factor: NearestDownsampling2D(factor, name=f"condition_{factor}")(
            condition
        )
        for factor in (2**i for i in range(1, num_ups + 1))
    } | {1: condition}
    width, factor = 16 * filters, 2**num_ups
    inputs = condition
    if style_size:
        style = keras.Input((style_size,), name="style")
        inputs = [condition, style]
        side = image_size // factor
        x = keras.layers.Dense(
            side * side * width, name="style_dense", **_xavier(style_size)
        )(style)
        x = keras.layers.Reshape((side, side, width), name="style_grid")(x)
    else:
        x = convolution(
            maps[factor], width, 3, initializer="xavier", name="first_conv"
        )
    stages = [("head_0", 16, False), ("middle_0", 16, True)]
    stages += [("middle_1", 16, num_ups > 5)]
    stages += [(f"up_{i}", 8 / 2**i, True) for i in range(4 + (num_ups > 6))]
    for stage, multiplier, doubles in stages:
        if doubles:
            factor //= 2
            x = NearestUpsampling2D(name=f"{stage}_double")(x)
        x = _block(
            x, maps[factor], int(filters * multiplier), hidden_filters, stage
        )
    x = keras.layers.LeakyReLU(0.2, name="last_relu")(x)
    x = convolution(x, 3, 3, initializer="xavier", name="last_conv")
    x = keras.layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(inputs, x, name=name)


def style_encoder(filters=64, style_size=256, name="style_distribution"):
    """The image encoder of figure 14.

    Args:
        filters: width of the first layer.
        style_size: components of the style.
        name: name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, 3) in [-1, 1] of any size to a
        dict of "mean" and "log_variance", float32 (N, style_size).
    """
    image = keras.Input((None, None, 3), name="input")
    x = keras.layers.Resizing(
        ENCODER_SIZE,
        ENCODER_SIZE,
        data_format="channels_last",
        dtype="float32",
        name="resize",
    )(image)
    for i, multiplier in enumerate((1, 2, 4, 8, 8, 8), 1):
        x = convolution(
            x,
            filters * multiplier,
            3,
            strides=2,
            use_bias=False,
            spectral=True,
            initializer="xavier",
            name=f"encoder_{i}_conv",
        )
        x = normalize(x, "instance", f"encoder_{i}_norm")
        x = keras.layers.LeakyReLU(0.2, name=f"encoder_{i}_relu")(x)
    x = keras.layers.Flatten(data_format="channels_last", name="flatten")(x)
    outputs = {
        part: keras.layers.Dense(
            style_size, dtype="float32", name=part, **_xavier(x.shape[-1])
        )(x)
        for part in ("mean", "log_variance")
    }
    return keras.Model(image, outputs, name=name)


def _block(x, condition, filters, hidden_filters, name):
    """The residual block of figure 4."""
    middle = min(x.shape[-1], filters)

    def part(x, filters, index, size=3):
        x = _spade(x, condition, hidden_filters, f"{name}_norm_{index}")
        if size > 1:
            x = keras.layers.LeakyReLU(0.2, name=f"{name}_relu_{index}")(x)
        return convolution(
            x,
            filters,
            size,
            use_bias=size > 1,
            spectral=True,
            initializer="xavier",
            name=f"{name}_conv_{index}",
        )

    y = part(part(x, middle, "0"), filters, "1")
    if x.shape[-1] != filters:
        x = part(x, filters, "s", size=1)
    return keras.layers.Add(name=f"{name}_add")([x, y])


def _spade(x, condition, hidden_filters, name):
    """Spatially-adaptive normalization (equations 1 to 3)."""
    # Deviation: the statistics are of each device's images by itself.
    normalized = keras.layers.BatchNormalization(
        epsilon=1e-5, momentum=0.9, center=False, scale=False, name=name
    )(x)

    def conv(x, filters, part):
        return convolution(
            x, filters, 3, initializer="xavier", name=f"{name}_{part}"
        )

    shared = conv(condition, hidden_filters, "shared")
    shared = keras.layers.ReLU(name=f"{name}_relu")(shared)
    gamma, beta = (
        conv(shared, x.shape[-1], part) for part in ("gamma", "beta")
    )
    return Modulate(name=f"{name}_modulate")([normalized, gamma, beta])


def _xavier(fan_in):
    return initializers("xavier", fan_in)


@keras.saving.register_keras_serializable("keras_gan_translate")
class Modulate(keras.layers.Layer):
    """Scales by `1 + gamma` and shifts by beta, pixel by pixel."""

    def call(self, inputs):
        x, gamma, beta = inputs
        return x * (1.0 + gamma) + beta

    def compute_output_shape(self, input_shape):
        return input_shape[0]


@keras.saving.register_keras_serializable("keras_gan_translate")
class NearestDownsampling2D(keras.layers.Layer):
    """Every n-th pixel, from the first.

    Args:
        factor: n.
    """

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs):
        return inputs[:, :: self.factor, :: self.factor]

    def compute_output_shape(self, input_shape):
        batch, *sides, channels = input_shape
        sides = [
            None if side is None else -(-side // self.factor) for side in sides
        ]
        return (batch, *sides, channels)

    def get_config(self):
        return super().get_config() | {"factor": self.factor}
