"""U-GAT-IT: unpaired translation with attention and AdaLIN."""

import keras

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam, LinearDecay
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.gan import GAN
from keras_gan_translate.networks import (
    logits_of,
    patch_discriminator,
    resnet_generator,
)


@keras.saving.register_keras_serializable("keras_gan_translate")
class UGATIT(GAN):
    """Unpaired translation with attention and adaptive normalization.

    An auxiliary classifier (CAM) in every network shows it which regions
    tell the domains apart; the generators' decoder learns, with AdaLIN, how
    much of an image's own statistics to keep. A global and a local
    discriminator judge each domain. The discriminators move first; no replay
    pool.

    Reference:
        Kim, Kim, Kang, Lee, "U-GAT-IT: Unsupervised Generative Attentional
        Networks with Adaptive Layer-Instance Normalization for
        Image-to-Image Translation", 2020, arXiv:1907.10830.

    Recipe:
        Images resized to 286, cropped to 256, flipped; batch 1; Adam 1e-4
        (0.5, 0.999) with L2 of 1e-4; 1,000,000 steps, the rate constant for
        the first half, then linear to zero. Cited: selfie2anime KID x 100 of
        11.61 +- 0.57 (the mean over source and target). Ours on it: not
        measured; small runs are in docs/results.md.

    Parameters of a generator:
        10,589,888 light, 278,959,808 full

    Reproduces:
        Three training steps of the published PyTorch code, all 28 losses.

    Deviation: where the authors' TensorFlow code and the PyTorch port
    differ, this is the port, which is what published checkpoints hold:
    unbiased variances in AdaLIN, rho starting at 0.9 without smoothing, two
    CAM classifiers without bias, L2 on every variable, padding of one pixel
    on all sides before strided convolutions.

    Args:
        image_size: height and width of the training images. The full model
            (`light=False`) translates images of this size only, the light one
            any multiple of 4.
        filters: width of the networks' first layers.
        num_blocks: residual blocks before the attention, and after it.
        light: AdaLIN's parameters from pooled features: 10.6 million
            parameters a generator at any size. `light=False` is the paper's
            full model: 279 million at 256 pixels.
        shared_cam: the authors' variant of CAM: one classifier with bias for
            average- and maximum-pooled features instead of two without.
        smooth_rho: the authors' variant of AdaLIN: rho starts at 1.0 and is
            used less 0.1, clipped to [0, 1].
        loss_weights: replaces weights of the losses.

    Example:
        model = UGATIT(image_size=128)
        model.compile()
        model.fit(data.unpaired("selfie2anime", image_size=128), epochs=100)
        anime = model.translate(selfie, direction="ab")
        heatmap = model.attention(selfie, direction="ab")
    """

    players = {
        "discriminator": (
            "discriminator_a_global",  # D_s
            "discriminator_a_local",
            "discriminator_b_global",  # D_t
            "discriminator_b_local",
        ),
        "generator": ("generator_ab", "generator_ba"),  # G_s->t, G_t->s
    }
    loss_weights = {  # lambda_1 to lambda_4
        "adversarial": 1.0,
        "cycle": 10.0,
        "identity": 10.0,
        "cam": 1000.0,
    }
    maker = "generator"
    translators = {
        "ab": Translator("generator_ab", takes=("a",), makes="b"),
        "ba": Translator("generator_ba", takes=("b",), makes="a"),
    }
    total_steps = 1_000_000

    def __init__(
        self,
        image_size=256,
        filters=64,
        num_blocks=4,
        light=True,
        shared_cam=False,
        smooth_rho=False,
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.light = light
        for name in ("generator_ab", "generator_ba"):
            network = resnet_generator(
                filters,
                2 * num_blocks,
                "adalin",
                "cam",
                image_size=image_size,
                upsampling="nearest",
                downsampling_padding="reflect",
                use_bias=False,
                initializer="torch",
                light=light,
                shared_cam=shared_cam,
                smooth_rho=smooth_rho,
                name=name,
            )
            setattr(self, name, network)
        # The paper's 7 and 5 layers, of which 5 and 3 are strided.
        # Deviation: fewer below 128 pixels, where the paper's do not fit.
        most = image_size.bit_length() - 3
        for name in self.players["discriminator"]:
            network = patch_discriminator(
                filters,
                num_layers=min(5 if name.endswith("global") else 3, most),
                normalization="spectral",
                attention="cam",
                padding="reflect",
                max_multiplier=None,
                initializer="torch",
                shared_cam=shared_cam,
                name=name,
            )
            setattr(self, name, network)

    @property
    def fixed_size(self):
        return None if self.light else self.image_size

    def default_optimizer(self, player, total_steps):
        return Adam(
            LinearDecay(1e-4, total_steps), beta_1=0.5, beta_2=0.999, l2=1e-4
        )

    def made(self, batch, training):
        return {
            "to_b": self.generator_ab(batch["a"], training=training),
            "to_a": self.generator_ba(batch["b"], training=training),
        }

    def discriminator_loss(self, batch, training=True):
        terms = {}
        for domain in "ab":
            fake = batch[f"to_{domain}"]["image"]
            for scale in ("global", "local"):
                network = getattr(self, f"discriminator_{domain}_{scale}")
                real_logits = logits_of(
                    network(batch[domain], training=training)
                )
                fake_logits = logits_of(network(fake, training=training))
                for name in real_logits:  # equation 2, and 6 for CAM's
                    terms[f"{domain}_{scale}_{name}"] = losses.least_squares(
                        real_logits[name], real=True
                    ) + losses.least_squares(fake_logits[name], real=False)
        return {"adversarial": terms}, {}

    def generator_loss(self, batch, training=True):
        a, b = batch["a"], batch["b"]
        to_b, to_a = batch["to_b"], batch["to_a"]
        back_a = self.generator_ba(to_b["image"], training=training)
        back_b = self.generator_ab(to_a["image"], training=training)
        same_a = self.generator_ba(a, training=training)
        same_b = self.generator_ab(b, training=training)

        adversarial = {}
        for domain, fake in (("a", to_a["image"]), ("b", to_b["image"])):
            for scale in ("global", "local"):
                network = getattr(self, f"discriminator_{domain}_{scale}")
                judged = logits_of(network(fake, training=training))
                for name, logits in judged.items():
                    adversarial[f"{domain}_{scale}_{name}"] = (
                        losses.least_squares(logits, real=True)
                    )
        return {
            "adversarial": adversarial,
            "cycle": {  # equation 3
                "a": losses.l1(back_a["image"], a),
                "b": losses.l1(back_b["image"], b),
            },
            "identity": {  # equation 4
                "a": losses.l1(same_a["image"], a),
                "b": losses.l1(same_b["image"], b),
            },
            "cam": {  # equation 5
                "a": losses.cam(to_a["cam_logits"], same_a["cam_logits"]),
                "b": losses.cam(to_b["cam_logits"], same_b["cam_logits"]),
            },
        }, {}
