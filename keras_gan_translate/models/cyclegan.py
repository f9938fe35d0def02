"""CycleGAN: unpaired translation with cycle consistency."""

import keras

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam, LinearDecay
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import ImagePool
from keras_gan_translate.networks import (
    image_of,
    logits_of,
    patch_discriminator,
    resnet_generator,
)


@keras.saving.register_keras_serializable("keras_gan_translate")
class CycleGAN(GAN):
    """Unpaired translation between two domains with cycle consistency.

    Two generators translate A to B and B to A, two PatchGAN discriminators
    judge the results by least squares, and translating there and back must
    return the image. The generators move first; the discriminators judge the
    images of that same pass, half of them replaced by older ones of a pool.

    Reference:
        Zhu, Park, Isola, Efros, "Unpaired Image-to-Image Translation using
        Cycle-Consistent Adversarial Networks", 2017, arXiv:1703.10593.

    Recipe:
        Images resized to 286, cropped to 256, flipped; batch 1; Adam 2e-4
        (0.5, 0.999); 200 epochs of 1334 images (horse2zebra), the rate
        constant for the first half, then linear to zero. Cited: horse2zebra
        FID 62.1 (the authors' weights as measured by mmagic). Ours on
        it: not measured; small runs are in docs/results.md.

    Parameters of a generator:
        11,378,179

    Reproduces:
        Three training steps, all 9 losses.

    Args:
        image_size: height and width of the training images; the trained
            generators take any.
        filters: width of the networks' first layers.
        num_blocks: residual blocks of a generator: 9 at 256 pixels, 6 at 128.
        normalization: "instance", "batch" or U-GAT-IT's "adalin".
        attention: None or U-GAT-IT's "cam", for all networks.
        pool_size: images a replay pool holds; 0 turns it off.
        loss_weights: replaces weights of the losses.
        seed: of the replay pools' draws.

    Example:
        model = CycleGAN(image_size=128)
        model.compile()
        model.fit(data.unpaired("horse2zebra", image_size=128), epochs=200)
        zebra = model.translate(horse, direction="ab")
    """

    players = {
        "generator": ("generator_ab", "generator_ba"),  # G, F
        "discriminator": ("discriminator_a", "discriminator_b"),  # D_X, D_Y
    }
    loss_weights = {
        "adversarial": 1.0,
        "cycle": 10.0,
        "identity": 5.0,  # 0.5 of the cycle's
        "cam": 1000.0,
        "discriminator_adversarial": 0.5,
    }
    translators = {
        "ab": Translator("generator_ab", takes=("a",), makes="b"),
        "ba": Translator("generator_ba", takes=("b",), makes="a"),
    }
    total_steps = 200 * 1334  # epochs x images of horse2zebra

    def __init__(
        self,
        image_size=256,
        filters=64,
        num_blocks=9,
        normalization="instance",
        attention=None,
        pool_size=50,
        loss_weights=None,
        seed=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        for name in ("generator_ab", "generator_ba"):
            network = resnet_generator(
                filters,
                num_blocks,
                normalization,
                attention,
                name=name,
            )
            setattr(self, name, network)
        for name in ("discriminator_a", "discriminator_b"):
            setattr(
                self,
                name,
                patch_discriminator(filters, attention=attention, name=name),
            )
        shape = (image_size, image_size, 3)
        self.pool_a = ImagePool(pool_size, shape, seed=seed)
        self.pool_b = ImagePool(pool_size, shape, seed=seed)

    def default_optimizer(self, player, total_steps):
        # Deviation: the rate falls every step, the authors' every epoch.
        return Adam(LinearDecay(2e-4, total_steps), beta_1=0.5, beta_2=0.999)

    def generator_loss(self, batch, training=True):
        def translate(network, images):
            outputs = network(images, training=training)
            return image_of(outputs), outputs

        def fools(discriminator, images):
            return sum(
                losses.least_squares(logits, real=True)
                for logits in logits_of(
                    discriminator(images, training=training)
                ).values()
            )

        a, b = batch["a"], batch["b"]
        fake_b, from_a = translate(self.generator_ab, a)
        fake_a, from_b = translate(self.generator_ba, b)
        cycled_a, _ = translate(self.generator_ba, fake_b)
        cycled_b, _ = translate(self.generator_ab, fake_a)
        same_a, of_a = translate(self.generator_ba, a)
        same_b, of_b = translate(self.generator_ab, b)
        terms = {
            "adversarial": {
                "ab": fools(self.discriminator_b, fake_b),
                "ba": fools(self.discriminator_a, fake_a),
            },
            "cycle": {
                "a": losses.l1(cycled_a, a),
                "b": losses.l1(cycled_b, b),
            },
            "identity": {
                "a": losses.l1(same_a, a),
                "b": losses.l1(same_b, b),
            },
        }
        if self.has_attention:  # U-GAT-IT, equation 5
            terms["cam"] = {
                "ab": losses.cam(from_a["cam_logits"], of_b["cam_logits"]),
                "ba": losses.cam(from_b["cam_logits"], of_a["cam_logits"]),
            }
        return terms, {"fake_a": fake_a, "fake_b": fake_b}

    def discriminator_loss(self, batch, training=True):
        def judge(discriminator, real, fake):
            real = logits_of(discriminator(real, training=training))
            fake = logits_of(discriminator(fake, training=training))
            return sum(
                losses.least_squares(real[name], real=True)
                + losses.least_squares(fake[name], real=False)
                for name in real
            )

        fake_a = self.pool_a(batch["fake_a"], training=training)
        fake_b = self.pool_b(batch["fake_b"], training=training)
        return {
            "adversarial": {
                "a": judge(self.discriminator_a, batch["a"], fake_a),
                "b": judge(self.discriminator_b, batch["b"], fake_b),
            }
        }, {}
