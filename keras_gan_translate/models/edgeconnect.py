"""EdgeConnect: lines first, colour next."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image, Mask
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import CannyEdges
from keras_gan_translate.losses.perceptual import (
    VGGFeatures,
    feature_loss,
    gram_matrix,
)
from keras_gan_translate.networks import complete
from keras_gan_translate.networks.edgeconnect import (
    edge_discriminator,
    edge_generator,
    inpainting_generator,
)

LUMINANCE = (0.2125, 0.7154, 0.0721)  # of red, green and blue
VGG_LAYERS = tuple(f"block{i}_conv1" for i in range(1, 6))  # relu1_1 ... 5_1


@keras.saving.register_keras_serializable("keras_gan_translate")
class EdgeConnect(GAN):
    """Inpainting that draws the missing edges, and then colours them in.

    An edge model continues Canny's edges of the known part into the hole; an
    inpainting model fills it by them. Each has a discriminator. Edges shall
    have the discriminator's features of true ones; images VGG's features, and
    the style, of the true ones. Both players of a model differentiate before
    either moves.

    Canny's edges are found within the network, by a layer that is equal to
    the scikit-image function that the authors call before it: so translators
    and exports take a picture and its hole, and nothing else.

    Reference:
        Nazeri, Ng, Joseph, Qureshi, Ebrahimi, "EdgeConnect: Generative Image
        Inpainting with Adversarial Edge Learning", 2019, arXiv:1901.00212.

    Recipe:
        Places2, CelebA or Paris StreetView at 256 pixels; batch 8; Adam 1e-4
        (0, 0.9), the discriminators' a tenth. In four stages: "edge"; "true",
        the inpainting model by true edges; "predicted", by the edge model's
        (1e-5); "joint", both (1e-6). Deviation: all rates are 1e-4 here, as
        in the authors' code, unless `compile` gets others. Ours: not measured.

    Parameters of a generator:
        10,761,089 of edges, 10,774,595 of images

    Reproduces:
        Three training steps of the authors' edge model, all 4 losses;
        scikit-image's Canny edges.

    Args:
        image_size: height and width of the training images, a multiple of 4.
        filters: width of the networks' first layers.
        num_blocks: residual blocks of each generator.
        sigma: of Canny's Gaussian, in pixels.
        vgg_weights: of `perceptual.VGGFeatures`.
        loss_weights: replaces weights of the losses; weights of 0 for
            "perceptual" and "style" leave VGG out.

    Example:
        model = EdgeConnect(image_size=256)
        for stage in model.stages:
            model.compile(stage=stage)
            model.fit(data.masked("photos", batch_size=8), epochs=100)
        whole = model.translate(photo, mask=hole)
    """

    players = {
        "judge": ("edge_discriminator",),  # D_1
        "drawer": ("edge_generator",),  # G_1
        "discriminator": ("discriminator",),  # D_2
        "generator": ("generator",),  # G_2
    }
    loss_weights = {
        "judge_adversarial": 0.5,
        "discriminator_adversarial": 0.5,
        "feature_matching": 10.0,
        "l1": 1.0,
        "generator_adversarial": 0.1,
        "perceptual": 0.1,
        "style": 250.0,
    }
    translators = {
        "ab": Translator(
            "composed",
            takes=("image", "mask"),
            makes="image",
            parts=("edge_generator", "generator"),
        )
    }
    task = "inpainting"
    data = "masked"
    stages = ("edge", "true", "predicted", "joint")
    batch_size = 8

    def __init__(
        self,
        image_size=256,
        filters=64,
        num_blocks=8,
        sigma=2.0,
        vgg_weights="imagenet",
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.batch = {"image": Image(), "mask": Mask()}
        self.canny = CannyEdges(sigma, dtype="float32", name="canny")
        self.edge_generator = edge_generator(filters, num_blocks)
        self.generator = inpainting_generator(filters, num_blocks)
        self.composed = self._composed()
        self.edge_discriminator = edge_discriminator(2, filters)
        self.discriminator = edge_discriminator(
            3, filters, name="discriminator"
        )
        self.features = None
        if self.loss_weights["perceptual"] or self.loss_weights["style"]:
            self.features = VGGFeatures("vgg19", VGG_LAYERS, vgg_weights)

    @property
    def size_multiple(self):
        return 4

    @property
    def monitor(self):
        return None if self.stage == "edge" else "l1"

    def default_optimizer(self, player, total_steps):
        rate = 1e-5 if player in ("judge", "discriminator") else 1e-4
        return Adam(rate, beta_1=0.0, beta_2=0.9)

    @property
    def _perceives(self):
        return self.features is not None and self.stage != "edge"

    def prepare(self):
        if self._perceives:
            self.features.load()

    def update(self, batch):
        logs, moves = {}, {}
        batch |= self.sketch(batch)
        if self.stage in ("edge", "joint"):
            found, shared, moves["judge"] = self.differentiate("judge", batch)
            batch |= shared
            logs |= found
            found, _, moves["drawer"] = self.differentiate("drawer", batch)
            logs |= found
        if self.stage != "edge":
            found, _, moves["discriminator"] = self.differentiate(
                "discriminator", batch
            )
            logs |= found
            players = ("generator", "drawer")
            if self.stage != "joint":
                players = players[:1]
            found, _, gradients = self.differentiate(players, batch)
            moves["generator"] = gradients[0]
            logs |= found
            if self.stage == "joint":
                # Edges shall also be such as help to fill the hole.
                # Deviation: the paper removes D_1 in this stage; the authors'
                # code does not, so that it may also be the only one.
                own = moves["drawer"]
                moves["drawer"] = [a + b for a, b in zip(own, gradients[1])]
        for player, gradients in moves.items():
            self.step(player, gradients)
        return logs

    def sketch(self, batch):
        """The gray images in [0, 1], and their edges, as in the batch.

        In training they are of whole images, as in the authors' code: next to
        a hole those of the known part alone are others.
        """
        gray = luminance(batch["image"])
        edges = self.canny((gray, ops.ones_like(gray)))
        return {"gray": gray, "edges": edges}

    def judge_loss(self, batch, training=True):
        batch = self._sketched(batch)
        fake = self.edge_generator(holed_sketch(batch), training=training)
        real = self._judge_edges(batch, batch["edges"], training)
        made = self._judge_edges(batch, fake, training)
        return {
            "adversarial": {  # equation 2
                "real": losses.binary_cross_entropy(real[-1], real=True),
                "fake": losses.binary_cross_entropy(made[-1], real=False),
            }
        }, {"edge_features": real}

    def drawer_loss(self, batch, training=True):
        batch = self._sketched(batch)
        # The judge's turn has made this step's power iteration.
        fake = self.edge_generator(holed_sketch(batch), training=False)
        made = self._judge_edges(batch, fake, training)
        real = batch["edge_features"]
        return {
            "adversarial": losses.non_saturating(made[-1]),
            # Equation 3 adds up the layers.
            "feature_matching": len(made) * losses.feature_matching(real, made),
        }, {}

    def discriminator_loss(self, batch, training=True):
        filling = self._filling(self._sketched(batch), training)
        real = self._judge(batch["image"], training)
        fake = self._judge(filling, training)
        return {
            "adversarial": {
                "real": losses.binary_cross_entropy(real, real=True),
                "fake": losses.binary_cross_entropy(fake, real=False),
            }
        }, {}

    def generator_loss(self, batch, training=True):
        image, mask = batch["image"], batch["mask"]
        filling = self._filling(self._sketched(batch), training)
        judged = self._judge(filling, training)
        missing = ops.maximum(ops.mean(mask), 1e-6)
        terms = {
            # Of images in [0, 1], and as if all were missing.
            "l1": losses.l1(filling, image) / (2.0 * missing),
            "adversarial": losses.non_saturating(judged),  # equation 7
        }
        if self._perceives:
            # Deviation: the authors' VGG sees images in [0, 1] as they are,
            # ours 0..255 less ImageNet's mean; losses are at their scale.
            terms["perceptual"] = (  # equation 8
                feature_loss(self.features(filling), self.features(image), "l1")
                / 255.0
            )
            # What is known is black here.
            styles = (
                {
                    name: gram_matrix(features)
                    for name, features in self.features(
                        (x + 1.0) * mask - 1.0
                    ).items()
                }
                for x in (filling, image)
            )
            terms["style"] = feature_loss(*styles, "l1") / 255.0**2
        return terms, {}

    def _sketched(self, batch):
        return batch if "edges" in batch else batch | self.sketch(batch)

    def _judge_edges(self, batch, edges, training):
        """Features of all layers, the last of which are logits."""
        pair = ops.concatenate([batch["gray"], edges], axis=-1)
        return self.edge_discriminator(pair, training=training)

    def _judge(self, images, training):
        """Logits of images, in [0, 1] there."""
        return self.discriminator((images + 1.0) / 2.0, training=training)[-1]

    def _filling(self, batch, training):
        edges, mask = batch["edges"], batch["mask"]
        if self.stage in ("predicted", "joint"):
            # No power iteration: it stands still, or the judge made one.
            drawn = self.edge_generator(holed_sketch(batch), training=False)
            edges = complete(edges, mask, drawn)
        return self.generator(
            holed_image(batch["image"], mask, edges), training=training
        )

    def _composed(self):
        image = keras.Input((None, None, 3), name="image")
        mask = keras.Input((None, None, 1), name="mask")
        gray, known = luminance(image), 1.0 - mask
        edges = self.canny((gray, known))
        sketch = {"gray": gray, "edges": edges, "mask": mask}
        drawn = self.edge_generator(holed_sketch(sketch))
        edges = complete(edges, mask, drawn)
        filling = self.generator(holed_image(image, mask, edges))
        return keras.Model(
            [image, mask], complete(image, mask, filling), name="translator"
        )


def luminance(image):
    """Gray (N, H, W, 1) in [0, 1] of images in [-1, 1]."""
    image = (ops.cast(image, "float32") + 1.0) / 2.0
    return sum(
        weight * image[..., i : i + 1] for i, weight in enumerate(LUMINANCE)
    )


def holed_sketch(batch):
    """What the edge model sees: white in the hole, no edge, and the hole."""
    mask = batch["mask"]
    known = 1.0 - mask
    return ops.concatenate(
        [batch["gray"] * known + mask, batch["edges"] * known, mask], axis=-1
    )


def holed_image(image, mask, edges):
    """What the inpainting model sees: white in the hole, and all edges."""
    image = (image + 1.0) / 2.0
    return ops.concatenate([image * (1.0 - mask) + mask, edges], axis=-1)
