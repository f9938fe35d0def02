"""pix2pix: paired translation with a conditional GAN."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam, LinearDecay
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image, Sketch
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import LabToRGB, RGBToLab
from keras_gan_translate.networks import (
    image_of,
    logits_of,
    patch_discriminator,
    pixel_discriminator,
    resnet_generator,
    unet_generator,
)
from keras_gan_translate.support.messages import check_choice

# patch in pixels -> halving layers of the discriminator (appendix 6.1.2)
PATCHES = {1: None, 16: 1, 70: 3, 286: 5}
# kind of data -> channels of the generator's input and output
CHANNELS = {"paired": (3, 3), "sketch": (1, 3), "colorization": (1, 2)}


@keras.saving.register_keras_serializable("keras_gan_translate")
class Pix2Pix(GAN):
    """Paired translation: a U-Net against a conditional PatchGAN.

    The generator turns A into B; the discriminator sees A beside B, real or
    generated, and judges patches of it; an L1 loss keeps the colours.
    Dropout is the generator's only noise. The discriminator moves first.
    Pairs that are made of photos alone: their edges, which become photos, and
    their lightness, to which colours are added.

    Reference:
        Isola, Zhu, Zhou, Efros, "Image-to-Image Translation with Conditional
        Adversarial Networks", 2017, arXiv:1611.07004.

    Recipe:
        Pairs resized to 286, cropped to 256, flipped; batch 1; Adam 2e-4
        (0.5, 0.999); 200 epochs of 400 pairs (facades), the rate constant
        for the first half, then linear to zero. Cited: facades FID 119.1
        (the authors' weights as measured by mmagic). Ours on it: not
        measured; a small run is in docs/results.md. The authors test with
        dropout and batch statistics: `translate(images, training=True)`.

    Parameters of a generator:
        54,413,955

    Reproduces:
        Three training steps, all 6 losses.

    Args:
        image_size: height and width of the training images; for the U-Net a
            power of two, halved until one pixel is left.
        filters: width of the networks' first layers.
        generator: "unet", or "resnet", which the options below need.
        normalization: "batch"; for "resnet" also "instance" or U-GAT-IT's
            "adalin".
        attention: None or, for "resnet", U-GAT-IT's "cam".
        num_blocks: residual blocks of a "resnet".
        patch_size: pixels a side that each logit of the discriminator sees:
            70, or the paper's 1 (colours alone), 16 or 286.
        kind: of the data: "paired"; "sketch", photos from the edges that are
            made of them; or "colorization": in CIELAB, L in and ab out.
        loss_weights: replaces weights of the losses.

    Example:
        model = Pix2Pix(image_size=256)
        model.compile()
        model.fit(data.paired("facades", direction="ba"), epochs=200)
        photo = model.translate(labels)

        model = Pix2Pix(kind="colorization")
        model.compile()
        model.fit(data.colorization("photos", batch_size=4), epochs=200)
        coloured = model.translate("grandfather.png")
    """

    players = {
        "discriminator": ("discriminator",),  # D
        "generator": ("generator",),  # G
    }
    loss_weights = {
        "adversarial": 1.0,
        "l1": 100.0,
        "cam": 1000.0,
        "discriminator_adversarial": 0.5,
    }
    translators = {"ab": Translator("generator", takes=("a",), makes="b")}
    data = "paired"
    kinds = tuple(CHANNELS)
    monitor = "l1"
    total_steps = 200 * 400  # epochs x pairs of facades

    def __init__(
        self,
        image_size=256,
        filters=64,
        generator="unet",
        normalization="batch",
        attention=None,
        num_blocks=9,
        patch_size=70,
        kind="paired",
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        check_choice("kind", kind, self.kinds)
        check_choice("generator", generator, ("unet", "resnet"))
        check_choice("patch_size", patch_size, tuple(PATCHES))
        if kind != "paired" and attention:
            raise ValueError(
                f"attention={attention!r} compares A with B, which have the "
                f'same channels in kind="paired". Received: kind={kind!r}.'
            )
        channels = dict(zip(("channels", "output_channels"), CHANNELS[kind]))
        if generator == "unet":
            if normalization != "batch" or attention:
                raise ValueError(
                    "The U-Net has batch normalization and no attention; "
                    f"normalization={normalization!r}, attention={attention!r}"
                    ' need generator="resnet".'
                )
            num_downs = image_size.bit_length() - 1
            if image_size != 2**num_downs:
                raise ValueError(
                    "The U-Net needs an image_size that is a power of two. "
                    f"Received: {image_size}. Take {2**num_downs} or "
                    f'{2 ** (num_downs + 1)}, or generator="resnet".'
                )
            self.generator = unet_generator(
                filters, num_downs, **channels, name="generator"
            )
        else:
            num_downs = 2
            self.generator = resnet_generator(
                filters,
                num_blocks,
                normalization,
                attention,
                **channels,
                name="generator",
            )
        self.num_downs = num_downs
        self.discriminator = _discriminator(
            patch_size, image_size, filters, attention, sum(CHANNELS[kind])
        )
        self.data = kind
        if kind == "sketch":
            self.batch = {"sketch": Sketch(option=None), "image": Image()}
            self.translators = {
                "ab": Translator("generator", takes=("sketch",), makes="image")
            }
        if kind == "colorization":
            self.batch = {"gray": Image(channels=1), "image": Image()}
            self.translators = {
                "ab": Translator(
                    "composed",
                    takes=("gray",),
                    makes="image",
                    parts=("generator",),
                )
            }
            gray = keras.Input((None, None, 1), name="gray")
            lightness = RGBToLab(name="lab")(gray)[..., :1]
            colours = self.generator(lightness)
            lab = ops.concatenate([lightness, colours], axis=-1)
            self.composed = keras.Model(
                gray, LabToRGB(name="image")(lab), name="translator"
            )

    @property
    def size_multiple(self):
        return 2**self.num_downs

    def default_optimizer(self, player, total_steps):
        # Deviation: the rate falls every step, the authors' every epoch.
        return Adam(LinearDecay(2e-4, total_steps), beta_1=0.5, beta_2=0.999)

    def discriminator_loss(self, batch, training=True):
        a, b = self._pair(batch)
        # Deviation: the authors judge the image that the generator's turn
        # differentiates; here that turn draws its dropout anew, and batch
        # normalization's running moments move twice per step.
        outputs = self.generator(a, training=training)
        fake = logits_of(self._judge(a, image_of(outputs), training))
        real = logits_of(self._judge(a, b, training))
        return {
            "adversarial": {
                kind: sum(
                    losses.binary_cross_entropy(logits, real=kind == "real")
                    for logits in judged.values()
                )
                for kind, judged in (("fake", fake), ("real", real))
            }
        }, {}

    def generator_loss(self, batch, training=True):
        a, b = self._pair(batch)
        outputs = self.generator(a, training=training)
        fake_b = image_of(outputs)
        judged = logits_of(self._judge(a, fake_b, training))
        terms = {
            "adversarial": sum(
                losses.binary_cross_entropy(logits, real=True)
                for logits in judged.values()
            ),
            "l1": losses.l1(fake_b, b),
        }
        if self.has_attention:  # U-GAT-IT, equation 5
            of_b = self.generator(b, training=training)
            terms["cam"] = losses.cam(outputs["cam_logits"], of_b["cam_logits"])
        return terms, {"fake_b": fake_b}

    def _pair(self, batch):
        """(what the generator takes, what it shall make)."""
        if self.data == "colorization":
            return ops.split(RGBToLab()(batch["image"]), [1], axis=-1)
        if self.data == "sketch":
            return batch["sketch"], batch["image"]
        return batch["a"], batch["b"]

    def _judge(self, a, b, training):
        return self.discriminator(
            ops.concatenate([a, b], axis=-1), training=training
        )


def _discriminator(patch_size, image_size, filters, attention, channels):
    num_layers = PATCHES[patch_size]
    if num_layers is None:
        if attention:
            raise ValueError(
                f"Single pixels have no attention={attention!r}: take a "
                "patch_size of 16, 70 or 286."
            )
        return pixel_discriminator(filters, "batch", channels=channels)
    least = 3 * 2**num_layers
    if image_size < least:
        raise ValueError(
            f"patch_size={patch_size} judges images of {least} pixels or "
            f"more. Received: image_size={image_size}. Take a smaller "
            "patch_size."
        )
    return patch_discriminator(
        filters,
        num_layers,
        normalization="batch",
        attention=attention,
        channels=channels,
    )
