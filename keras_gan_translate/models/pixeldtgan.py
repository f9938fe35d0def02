"""PixelDTGAN: pairs of which only the meaning is the same."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.gan import GAN
from keras_gan_translate.networks import dcgan_autoencoder, dcgan_discriminator


@keras.saving.register_keras_serializable("keras_gan_translate")
class PixelDTGAN(GAN):
    """Paired translation where no pixel has its counterpart.

    From a photo of somebody the picture of the clothes, say. An image passes
    through a code so small that its meaning alone is left. One discriminator
    tells real targets from made ones; the other, which sees the source, too,
    tells its own target from any other, real or made. They move first.

    Reference:
        Yoo, Kim, Park, Paek, Kweon, "Pixel-Level Domain Transfer", 2016,
        arXiv:1603.07442.

    Recipe:
        LookBook's 75,016 pairs at 64 pixels; batch 128; 2e-4; 25 epochs.
        Cited: no figure that others measure. Ours on it: not measured. Paper
        only: no published program runs and no weights are there to compare
        with; checked by its formulas and by learning.

    Parameters of a generator:
        13,974,080

    Reproduces:
        Paper only: its formulas; no reference runs.

    Deviation: Adam, as in DCGAN whose rate and momentum (0.5) the paper has,
    which by gradient descent would learn for days. Kernels of 4 pixels and
    the widths are those of the authors' published program.

    Args:
        image_size: height and width of the training images, a power of two.
        filters: width of the networks' first layers.
        code_size: components of the code; None for the authors' program,
            which has none in between.
        loss_weights: replaces weights of the losses.

    Example:
        model = PixelDTGAN(image_size=64)
        model.compile()
        model.fit(data.paired("lookbook", batch_size=128), epochs=25)
        clothes = model.translate(photo)
    """

    players = {
        "discriminator": (
            "discriminator",  # D_R, real or fake
            "domain_discriminator",  # D_A, associated or not
        ),
        "generator": ("generator",),  # C, the converter
    }
    loss_weights = {
        "discriminator_adversarial": 1 / 3,  # each of its three targets
        "discriminator_domain": 1 / 3,
        "generator_adversarial": 0.5,  # equation 6
        "generator_domain": 0.5,
    }
    translators = {"ab": Translator("generator", takes=("a",), makes="b")}
    data = "paired"
    monitor = None  # no loss says how good the images are
    batch_size = 128
    total_steps = 25 * 75_016 // 128  # epochs x pairs of LookBook / batch

    def __init__(
        self,
        image_size=64,
        filters=96,
        code_size=64,
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        halvings = image_size.bit_length() - 3  # down to 4 pixels
        if image_size != 4 * 2**halvings:
            raise ValueError(
                "PixelDTGAN halves its images down to 4 pixels: their "
                f"image_size is a power of two. Received: {image_size}."
            )
        widths = [filters * min(2**i, 8) for i in range(halvings)]
        self.generator = dcgan_autoencoder(widths, code_size)
        self.discriminator = dcgan_discriminator(image_size, filters)
        self.domain_discriminator = dcgan_discriminator(
            image_size, filters, channels=6, name="domain_discriminator"
        )

    @property
    def size_multiple(self):
        return self.image_size

    def default_optimizer(self, player, total_steps):
        return Adam(2e-4, beta_1=0.5, beta_2=0.999)

    def discriminator_loss(self, batch, training=True):
        a, b = batch["a"], batch["b"]
        targets = {
            "associated": b,
            "other": self.others(b),
            "fake": self.generator(a, training=training),
        }
        return {
            "adversarial": {  # equation 4: another's target is real, too
                name: losses.binary_cross_entropy(
                    self.discriminator(target, training=training),
                    real=name != "fake",
                )
                for name, target in targets.items()
            },
            "domain": {  # equation 5
                name: losses.binary_cross_entropy(
                    self._judge(a, target, training), real=name == "associated"
                )
                for name, target in targets.items()
            },
        }, {}

    def generator_loss(self, batch, training=True):
        a = batch["a"]
        fake_b = self.generator(a, training=training)
        judged = self.discriminator(fake_b, training=training)
        return {
            "adversarial": losses.non_saturating(judged),
            "domain": losses.non_saturating(self._judge(a, fake_b, training)),
        }, {"fake_b": fake_b}

    def others(self, b):
        """A target of another source for each: its neighbour in the batch."""
        return ops.roll(b, 1, axis=0)

    def _judge(self, a, target, training):
        return self.domain_discriminator(
            ops.concatenate([a, target], axis=-1), training=training
        )
