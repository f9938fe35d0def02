"""STGAN: attributes of a face changed, the rest of it kept."""

import dataclasses

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.draws import places_between, shuffled
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import AttributeChange, Attributes, Image
from keras_gan_translate.gan import GAN
from keras_gan_translate.networks.selective import (
    attribute_discriminator,
    feature_decoder,
    feature_encoder,
    selective_transfer,
)

ATTRIBUTES = (  # of CelebA, in the paper's order
    "Bald",
    "Bangs",
    "Black_Hair",
    "Blond_Hair",
    "Brown_Hair",
    "Bushy_Eyebrows",
    "Eyeglasses",
    "Male",
    "Mouth_Slightly_Open",
    "Mustache",
    "No_Beard",
    "Pale_Skin",
    "Young",
)


@keras.saving.register_keras_serializable("keras_gan_translate")
class STGAN(GAN):
    """Editing of attributes by their differences, with selective transfer.

    The networks are told what is to change: 1 for an attribute to gain, -1
    for one to lose, 0 for one to keep. Between encoder and decoder selective
    transfer units, gated recurrent units that run from the deepest features
    to the finest, pass on what the change leaves as it is. A Wasserstein
    critic with a gradient penalty, which also tells attributes, plays in
    every step, the generator in every fifth; nothing to change must return
    the image.

    Reference:
        Liu, Ding, Xia, Liu, Ding, Zuo, Wen, "STGAN: A Unified Selective
        Transfer Network for Arbitrary Image Attribute Editing", 2019,
        arXiv:1904.09709. Without the units it is AttGAN: He, Zuo, Kan, Shan,
        Chen, "AttGAN: Facial Attribute Editing by Only Changing What You
        Want", 2017, arXiv:1711.10678.

    Recipe:
        CelebA, faces of 170 pixels reduced to 128, 13 attributes; batch 32;
        Adam 2e-4 (0.5, 0.999); 200 epochs, the rate divided by 10 after half
        of them. Ours: not measured.

    Parameters of a generator:
        74,998,771

    Reproduces:
        Every feature, and all 8 losses of the authors' code.

    Args:
        image_size: height and width of the training images, which the
            discriminator is built for; the trained generator takes any
            multiple of 2**num_layers.
        filters: width of the networks' first layers.
        num_layers: of encoder, decoder and discriminator; each halves, or
            doubles, the size. None leaves 4 pixels a side, with 5 at most:
            the paper's at 128 pixels.
        dense_units: width of the discriminator's dense layers.
        attributes: the names of the attributes.
        use_stu: whether there are selective transfer units. If not, it is
            AttGAN: one skip connection, and one injection after the first.
        loss_weights: replaces weights of the losses.
        seed: of the draws of target attributes and of the gradient penalty.

    Example:
        model = STGAN(attributes=("Smiling", "Eyeglasses"))
        model.compile()
        model.fit({"image": images, "attributes": labels}, batch_size=32)
        smiling = model.translate(photo, attributes="+Smiling,-Eyeglasses")
    """

    players = {
        "discriminator": ("discriminator",),  # D_adv and D_att
        "generator": ("encoder", "transfer", "decoder"),
    }
    loss_weights = {  # lambda_gp, lambda_1 to lambda_3
        "adversarial": 1.0,
        "penalty": 10.0,
        "discriminator_classification": 1.0,
        "generator_classification": 10.0,
        "reconstruction": 100.0,
    }
    translators = {
        "ab": Translator(
            "composed",
            takes=("image", "change"),
            makes="image",
            parts=("encoder", "transfer", "decoder"),
        )
    }
    task = "attribute editing"
    data = "attributes"
    total_steps = 1_137_500  # 200 epochs of 182,000 images
    batch_size = 32
    smallest_batch = 2  # targets are the attributes of the batch's others
    turns = {"discriminator": 5}
    augmentation = ()
    size_step = 32
    monitor = "reconstruction"

    def __init__(
        self,
        image_size=128,
        filters=64,
        num_layers=None,
        dense_units=1024,
        attributes=ATTRIBUTES,
        use_stu=True,
        loss_weights=None,
        seed=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        if image_size is None:
            raise ValueError(
                "STGAN's discriminator sees whole images and is built for "
                "their size: give image_size=128, or another. Received: "
                "image_size=None."
            )
        if num_layers is None:
            num_layers = min(5, image_size.bit_length() - 3)
        if num_layers < 2 or image_size % 2**num_layers:
            raise ValueError(
                "STGAN's layers, 2 or more, halve the image each: "
                f"num_layers={num_layers} do not fit image_size={image_size}."
            )
        self.num_layers = num_layers
        names = tuple(attributes)
        count = len(names)
        self.batch = {"image": Image(), "attributes": Attributes(names=names)}
        self.drawn = {"change": AttributeChange(names=names, most=2.0)}
        size = filters, num_layers
        self.encoder = feature_encoder(*size)
        self.transfer = selective_transfer(*size, count) if use_stu else None
        self.decoder = feature_decoder(
            *size, count, skips=num_layers - 1 if use_stu else 1
        )
        self.discriminator = attribute_discriminator(
            image_size, *size, dense_units, count
        )
        image = keras.Input((None, None, 3), name="image")
        change = keras.Input((count,), name="change")
        self.composed = keras.Model(
            [image, change],
            self._decode(self.encoder(image), change),
            name="translator",
        )
        if not use_stu:
            networks = ("encoder", "decoder")
            self.players = self.players | {"generator": networks}
            self.translators = {
                name: dataclasses.replace(translator, parts=networks)
                for name, translator in self.translators.items()
            }
        self.random = keras.random.SeedGenerator(seed)

    @property
    def size_multiple(self):
        return 2**self.num_layers

    def default_optimizer(self, player, total_steps):
        # The rate falls with the steps of the training; the generator's own
        # are fewer.
        turns = self.turns.get(player, 1) / max(self.turns.values())
        half = max(round(total_steps * turns) // 2, 1)
        rate = keras.optimizers.schedules.PiecewiseConstantDecay(
            [half - 1], [2e-4, 2e-5]
        )
        # TensorFlow's Adam, as Keras has it.
        return keras.optimizers.Adam(rate, 0.5, 0.999, epsilon=1e-8)

    def draw_targets(self, batch):
        """Attributes to edit to: the batch's own, in another order."""
        return shuffled(batch["attributes"], self.random)

    def draw_mix(self, batch):
        """Places between real and fake, U(0, 1), (N, 1, 1, 1)."""
        return places_between(batch["image"], self.random)

    def discriminator_loss(self, batch, training=True):
        image, source = batch["image"], batch["attributes"]
        target = self.draw_targets(batch)
        features = self.encoder(image, training=training)
        fake = self._decode(features, target - source, training)

        def judge(images):
            return self.discriminator(images, training=training)

        real, made = judge(image), judge(fake)
        return {
            "adversarial": {  # equation 9
                "real": losses.wasserstein(real["logits"], real=True),
                "fake": losses.wasserstein(made["logits"], real=False),
            },
            "classification": self._classify(  # equation 11
                real["class_logits"], source
            ),
            "penalty": losses.gradient_penalty(
                lambda images: judge(images)["logits"],
                image,
                fake,
                self.draw_mix(batch),
            ),
        }, {"target": target}

    def generator_loss(self, batch, training=True):
        image, target = batch["image"], batch["target"]
        change = target - batch["attributes"]
        features = self.encoder(image, training=training)
        fake = self._decode(features, change, training)
        same = self._decode(features, ops.zeros_like(change), training)
        judged = self.discriminator(fake, training=training)
        return {
            "adversarial": losses.wasserstein(judged["logits"], real=True),
            "classification": self._classify(  # equation 12
                judged["class_logits"], target
            ),
            "reconstruction": losses.l1(same, image),  # equation 8
        }, {"fake": fake}

    def _decode(self, features, change, training=False):
        if self.transfer is not None:
            features = self.transfer([*features, change], training=training)
        return self.decoder([*features, change], training=training)

    def _classify(self, logits, labels):
        # The mean over attributes, of which there are so many.
        total = losses.attribute_cross_entropy(logits, labels)
        return total / labels.shape[-1]
