"""DiscoGAN: relations between two domains, found without pairs."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.gan import GAN
from keras_gan_translate.networks.blocks import (
    convolution,
    initializers,
    normalize,
    transposed_convolution,
)


@keras.saving.register_keras_serializable("keras_gan_translate")
class DiscoGAN(GAN):
    """Unpaired translation that finds what two domains have in common.

    Two generators with a narrow middle translate A to B and B to A; an image
    must come back from there and back, which counts little at first and half
    of all later. They play for the discriminators' judgement and for the
    features that these see on average. The discriminators move in every third
    step, the generators in the other two.

    Reference:
        Kim, Cha, Kim, Lee, Kim, "Learning to Discover Cross-Domain Relations
        with Generative Adversarial Networks", 2017, arXiv:1703.05192.

    Recipe:
        Images of 64 pixels, batches of 200 (the authors' code: 64); Adam 2e-4
        (0.5, 0.999) with L2 of 1e-5 (the paper: 1e-4). The paper gives no
        number of steps. Cited: it shows pictures, and no number for them.
        Ours: not measured.

    Parameters of a generator:
        5,513,856

    Reproduces:
        Four steps of the authors' code, all 12 losses.

    Deviation: the recipe, the schedules and the losses' weights are those of
    the authors' code, about which the paper says little.

    Args:
        image_size: height and width of the training images, a multiple of 16;
            the trained generators take any multiple.
        filters: width of the networks' first layers.
        bottleneck: channels of the generators' middle, which then sees 64
            pixels at once and more; 100 in the authors' code. None for none.
        curriculum: steps after which the reconstruction counts half.
        loss_weights: replaces weights of the losses.

    Example:
        model = DiscoGAN()
        model.compile()
        model.fit(data.unpaired("bags2shoes", image_size=64, batch_size=64))
        shoe = model.translate(bag, direction="ab")
    """

    players = {
        "discriminator": ("discriminator_a", "discriminator_b"),  # D_A, D_B
        "generator": ("generator_ab", "generator_ba"),  # G_AB, G_BA
    }
    loss_weights = {
        "adversarial": 0.1,
        "features": 0.9,
        "reconstruction": 1.0,
        "discriminator_adversarial": 0.5,
    }
    translators = {
        "ab": Translator("generator_ab", takes=("a",), makes="b"),
        "ba": Translator("generator_ba", takes=("b",), makes="a"),
    }
    batch_size = 64
    size_step = 16
    augmentation = ()
    monitor = "reconstruction"

    def __init__(
        self,
        image_size=64,
        filters=64,
        bottleneck=None,
        curriculum=10_000,
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.curriculum = curriculum
        small = image_size is not None and image_size < 64
        if small and bottleneck:
            raise ValueError(
                "DiscoGAN's bottleneck sees 64 pixels at once: give an "
                "image_size of 64 or more, or bottleneck=None. Received: "
                f"image_size={image_size}, bottleneck={bottleneck}."
            )
        for name in self.players["generator"]:
            setattr(self, name, _generator(filters, bottleneck, name))
        for name in self.players["discriminator"]:
            # Deviation: one layer less below 64 pixels, where 4 do not fit.
            network = _discriminator(filters, 3 if small else 4, name)
            setattr(self, name, network)

    @property
    def size_multiple(self):
        return 16

    def default_optimizer(self, player, total_steps):
        return Adam(2e-4, beta_1=0.5, beta_2=0.999, l2=1e-5)

    def plays(self, player, step):
        discriminators = ops.equal(step % 3, 0)
        if player == "discriminator":
            return discriminators
        return ops.logical_not(discriminators)

    def loss_weight(self, player, name):
        weight = super().loss_weight(player, name)
        if player == "discriminator":
            return weight
        step = ops.convert_to_tensor(self.steps)
        rate = ops.where(step < self.curriculum, 0.01, 0.5)
        return weight * (rate if name == "reconstruction" else 1.0 - rate)

    def discriminator_loss(self, batch, training=True):
        fake_b = self.generator_ab(batch["a"], training=training)
        fake_a = self.generator_ba(batch["b"], training=training)

        def judge(discriminator, real, fake):  # equation 8
            real = discriminator(real, training=training)["logits"]
            fake = discriminator(fake, training=training)["logits"]
            return losses.binary_cross_entropy(
                real, real=True
            ) + losses.binary_cross_entropy(fake, real=False)

        return {
            "adversarial": {
                "a": judge(self.discriminator_a, batch["a"], fake_a),
                "b": judge(self.discriminator_b, batch["b"], fake_b),
            }
        }, {}

    def generator_loss(self, batch, training=True):
        a, b = batch["a"], batch["b"]
        fake_b = self.generator_ab(a, training=training)
        fake_a = self.generator_ba(b, training=training)
        back_a = self.generator_ba(fake_b, training=training)
        back_b = self.generator_ab(fake_a, training=training)

        def judge(discriminator, real, fake):
            real = discriminator(real, training=training)
            fake = discriminator(fake, training=training)
            features = sum(
                losses.l2(
                    ops.mean(real[name], axis=0), ops.mean(fake[name], axis=0)
                )
                for name in real
                if name.startswith("features")
            )
            return losses.non_saturating(fake["logits"]), features

        adversarial_a, features_a = judge(self.discriminator_a, a, fake_a)
        adversarial_b, features_b = judge(self.discriminator_b, b, fake_b)
        return {
            "adversarial": {"a": adversarial_a, "b": adversarial_b},
            "features": {"a": features_a, "b": features_b},
            "reconstruction": {  # equation 3, of images in [0, 1]
                "a": losses.l2(back_a, a) / 4,
                "b": losses.l2(back_b, b) / 4,
            },
        }, {"fake_a": fake_a, "fake_b": fake_b}


def _down(x, filters, name, normalization="batch"):
    x = convolution(
        x,
        filters,
        4,
        strides=2,
        use_bias=False,
        initializer="torch",
        name=f"{name}_conv",
    )
    x = normalize(x, normalization, f"{name}_norm")
    return keras.layers.LeakyReLU(0.2, name=f"{name}_relu")(x)


def _generator(filters=64, bottleneck=None, name="generator"):
    """From images (N, H, W, 3) in [-1, 1] to such; H a multiple of 16."""
    image = keras.Input((None, None, 3), name="input")
    x = keras.layers.Rescaling(0.5, 0.5, name="to_unit_range")(image)
    x = _down(x, filters, "down_1", None)
    for i in (2, 3, 4):
        x = _down(x, filters * 2 ** (i - 1), f"down_{i}")
    if bottleneck:
        channels = x.shape[-1]
        x = keras.layers.Conv2D(
            bottleneck,
            4,
            use_bias=False,
            data_format="channels_last",
            name="narrow_conv",
            **initializers("torch", 4 * 4 * channels),
        )(x)
        x = normalize(x, "batch", "narrow_norm")
        x = keras.layers.LeakyReLU(0.2, name="narrow_relu")(x)
        x = keras.layers.Conv2DTranspose(
            channels,
            4,
            use_bias=False,
            data_format="channels_last",
            name="widen_deconv",
            **initializers("torch", 4 * 4 * channels),
        )(x)
        x = normalize(x, "batch", "widen_norm")
        x = keras.layers.ReLU(name="widen_relu")(x)
    for i in (1, 2, 3, 4):
        x = transposed_convolution(
            x,
            filters * 2 ** (3 - i) if i < 4 else 3,
            4,
            use_bias=False,
            initializer="torch",
            name=f"up_{i}_deconv",
        )
        if i < 4:
            x = normalize(x, "batch", f"up_{i}_norm")
            x = keras.layers.ReLU(name=f"up_{i}_relu")(x)
    x = keras.layers.Activation("sigmoid", dtype="float32", name="sigmoid")(x)
    x = keras.layers.Rescaling(2.0, -1.0, dtype="float32", name="made")(x)
    return keras.Model(image, x, name=name)


def _discriminator(filters=64, num_layers=4, name="discriminator"):
    """From images to "logits" and "features_2" to those of the last layer."""
    image = keras.Input((None, None, 3), name="input")
    x = keras.layers.Rescaling(0.5, 0.5, name="to_unit_range")(image)
    outputs = {}
    for i in range(1, num_layers + 1):
        normalization = "batch" if i > 1 else None
        x = _down(x, filters * 2 ** (i - 1), f"layer_{i}", normalization)
        if i > 1:
            outputs[f"features_{i}"] = x
    outputs["logits"] = keras.layers.Conv2D(
        1,
        4,
        use_bias=False,
        data_format="channels_last",
        dtype="float32",
        name="logits",
        **initializers("torch", 4 * 4 * x.shape[-1]),
    )(x)
    return keras.Model(image, outputs, name=name)
