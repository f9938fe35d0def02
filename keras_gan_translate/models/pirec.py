"""PI-REC: images of sparse edges and a few flat colours."""

import dataclasses

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image, Sketch
from keras_gan_translate.gan import GAN
from keras_gan_translate.losses.perceptual import (
    VGGFeatures,
    feature_loss,
    gram_matrix,
)
from keras_gan_translate.networks import dilated_trunk, edge_discriminator
from keras_gan_translate.networks.blocks import convolution

VGG_LAYERS = tuple(f"block{i}_conv1" for i in range(1, 6))  # relu1_1 ... 5_1
MOST_MASKED = 0.7  # of the pixels, when the generator imitates
DROPPED = 0.08  # of the edges' pixels, so that sketches may have gaps


@keras.saving.register_keras_serializable("keras_gan_translate")
class PIREC(GAN):
    """Pictures of lines and a colour domain, as a painter makes them.

    In three phases: the generator learns to imitate, from lines and some
    pixels of the picture itself; then to make it, from lines and the colours
    of a blurred picture; a second network of the same kind refines what the
    first has made, which then stands still. The discriminator moves first.

    Reference:
        You, You, Li, Chen, "PI-REC: Progressive Image Reconstruction Network
        With Edge and Color Domain", 2019, arXiv:1903.10146.

    Recipe:
        CelebA, edges2shoes or getchu at 128 pixels; edges by Canny, colours by
        medians and k-means. The authors' training code is not published: the
        losses are the paper's, their weights, Adam and its rate are those of
        EdgeConnect, whose networks these are. Cited: nothing that could be
        compared. Ours on it: not measured.

    Parameters of a generator:
        10,545,219

    Reproduces:
        Forward pass of the authors' code; losses by the paper.

    Args:
        image_size: height and width of the training images, a multiple of 4.
        filters: width of the networks' first layers.
        num_blocks: residual blocks of the generators.
        refine: whether there is the refiner, and it is what is trained: start
            it with the weights of a generator, as `kgt train --weights` does.
        vgg_weights: of `perceptual.VGGFeatures`.
        loss_weights: replaces weights of the losses; weights of 0 for
            "perceptual" and "style" leave VGG out.
        seed: of what is left out of the inputs.

    Example:
        model = PIREC(image_size=128)
        for stage in model.stages:  # imitation, generation
            model.compile(stage=stage)
            model.fit(data.sketch("faces", parts=["sketch", "colours"]))
        picture = model.translate(drawing, colours=flat)
    """

    players = {
        "discriminator": ("discriminator",),
        "generator": ("generator",),
    }
    loss_weights = {
        "l1": 1.0,
        "adversarial": 0.1,
        "feature_matching": 1.0,
        "perceptual": 0.1,
        "style": 250.0,
        "discriminator_adversarial": 0.5,
    }
    translators = {
        "ab": Translator(
            "composed",
            takes=("sketch", "colours"),
            makes="image",
            parts=("generator",),
        )
    }
    task = "drawing to image"
    data = "sketch"
    stages = ("imitation", "generation")
    monitor = "l1"
    batch_size = 8

    def __init__(
        self,
        image_size=128,
        filters=64,
        num_blocks=8,
        refine=False,
        vgg_weights="imagenet",
        loss_weights=None,
        seed=0,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.batch = {
            "sketch": Sketch(option=None),
            "colours": Image(option="colours"),
            "image": Image(),
        }
        self.random = keras.random.SeedGenerator(seed)
        self.generator = pirec_generator(filters, num_blocks)
        self.discriminator = edge_discriminator(
            4, filters, name="discriminator"
        )
        sketch = keras.Input((None, None, 1), name="sketch")
        colours = keras.Input((None, None, 3), name="colours")
        made = self.generator([colours, _lines(sketch)])
        self.refiner = None
        if refine:
            self.stages = ("refinement",)
            self.stage = "refinement"
            self.players = self.players | {"generator": ("refiner",)}
            translator = dataclasses.replace(
                self.translators["ab"], parts=("generator", "refiner")
            )
            self.translators = {"ab": translator}
            self.refiner = pirec_generator(filters, num_blocks, "refiner")
            made = self.refiner([made, _lines(sketch)])
        self.composed = keras.Model([sketch, colours], made, name="translator")
        self.features = None
        if self.loss_weights["perceptual"] or self.loss_weights["style"]:
            self.features = VGGFeatures("vgg19", VGG_LAYERS, vgg_weights)

    def default_optimizer(self, player, total_steps):
        rate = 1e-5 if player == "discriminator" else 1e-4
        return Adam(rate, beta_1=0.0, beta_2=0.9)

    def prepare(self):
        if self.features:
            self.features.load()

    def discriminator_loss(self, batch, training=True):
        fake, lines = self._make(batch, training)
        real = self._judge(batch["image"], lines, training)
        made = self._judge(fake, lines, training)
        return {
            "adversarial": {
                "real": losses.binary_cross_entropy(real[-1], real=True),
                "fake": losses.binary_cross_entropy(made[-1], real=False),
            }
        }, {}

    def generator_loss(self, batch, training=True):
        image = batch["image"]
        fake, lines = self._make(batch, training)
        real = self._judge(image, lines, training)
        made = self._judge(fake, lines, training)
        terms = {
            "l1": losses.l1(fake, image) / 2.0,  # of images in [0, 1]
            "adversarial": losses.non_saturating(made[-1]),
            "feature_matching": losses.feature_matching(real[:-1], made[:-1]),
        }
        if self.features:
            fakes, reals = self.features(fake), self.features(image)
            # To the scale of images in [0, 1], as EdgeConnect's.
            terms["perceptual"] = feature_loss(fakes, reals, "l1") / 255.0
            styles = (
                {name: gram_matrix(x) for name, x in features.items()}
                for features in (fakes, reals)
            )
            terms["style"] = feature_loss(*styles, "l1") / 255.0**2
        return terms, {}

    def _make(self, batch, training):
        """(the image of a phase, the lines that it was made of)."""
        lines, colours = _lines(batch["sketch"]), batch["colours"]
        if training:
            lines = lines * self._kept(lines, DROPPED)
        if self.stage == "imitation":
            count = ops.shape(lines)[0]
            share = MOST_MASKED * keras.random.uniform(
                (count, 1, 1, 1), seed=self.random
            )
            # What is masked is black.
            kept = self._kept(lines, share)
            colours = (batch["image"] + 1.0) * kept - 1.0
        if self.refiner is None:
            return self.generator([colours, lines], training=training), lines
        first = self.generator([colours, lines], training=False)
        return self.refiner([first, lines], training=training), lines

    def _kept(self, like, share):
        """1.0 at pixels, but 0.0 at a share of them, by chance."""
        chance = keras.random.uniform(ops.shape(like), seed=self.random)
        return ops.cast(chance >= share, "float32")

    def _judge(self, image, lines, training):
        """Features of all layers, the last of which are logits."""
        image = (image + 1.0) / 2.0
        return self.discriminator(
            ops.concatenate([image, lines], axis=-1), training=training
        )


def _lines(sketch):
    """1.0 on the lines of a sketch, which is -1 there and 1 beside them."""
    return (1.0 - sketch) / 2.0


def pirec_generator(filters=64, num_blocks=8, name="generator"):
    """The generator, and the refiner (section 3).

    Args:
        filters: width of the first layer.
        num_blocks: residual blocks.
        name: name of the model.

    Returns:
        A `keras.Model` from [colours (N, H, W, 3) in [-1, 1], lines (N, H, W,
        1), 1.0 on a line], H and W divisible by 4, to float32 images in
        [-1, 1].
    """
    colours = keras.Input((None, None, 3), name="colours")
    lines = keras.Input((None, None, 1), name="lines")
    x = keras.layers.Concatenate(name="concat")([(colours + 1.0) / 2.0, lines])
    x = dilated_trunk(x, filters, num_blocks, bilinear=True)
    x = convolution(x, 3, 7, padding="reflect", name="head_conv")
    x = keras.layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model([colours, lines], x, name=name)
