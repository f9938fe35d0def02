"""The smallest models that use what the contract promises."""

import keras
import numpy as np
from keras import layers, ops

from keras_gan_translate import backend
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import (
    AttributeChange,
    Attributes,
    Code,
    Exemplar,
    Image,
    Instances,
    Label,
    LabelMap,
    Mask,
)
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import ImagePool, SpectralConv2D

SIZE = 8


def network(inputs, filters, name):
    image = keras.Input((None, None, inputs))
    x = layers.Conv2D(4, 3, padding="same", activation="tanh", name="in")(image)
    x = layers.Conv2D(filters, 3, padding="same", dtype="float32", name="out")(
        x
    )
    return keras.Model(image, x, name=name)


def images(count=4, channels=3, seed=0):
    shape = (count, SIZE, SIZE, channels)
    values = np.random.default_rng(seed).uniform(-1, 1, shape)
    return values.astype("float32")


def batch(count=4):
    return {"a": images(count, seed=1), "b": images(count, seed=2)}


@keras.saving.register_keras_serializable("toys")
class Toy(GAN):
    """A generator against a discriminator, by least squares."""

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    translators = {"ab": Translator("generator")}
    loss_weights = {"l1": 10.0}
    monitor = "l1"

    def __init__(self, loss_weights=None, **kwargs):
        super().__init__(None, loss_weights, **kwargs)
        self.generator = network(3, 3, "generator")
        self.discriminator = network(3, 1, "discriminator")

    def discriminator_loss(self, batch, training=True):
        fake = self.generator(batch["a"], training=training)
        return {
            "adversarial": {
                "real": ops.mean((self.discriminator(batch["b"]) - 1) ** 2),
                "fake": ops.mean(self.discriminator(fake) ** 2),
            }
        }, {}

    def generator_loss(self, batch, training=True):
        fake = self.generator(batch["a"], training=training)
        return {
            "adversarial": ops.mean((self.discriminator(fake) - 1) ** 2),
            "l1": ops.mean(ops.abs(fake - batch["b"])),
        }, {"fake": fake}


class Maker(Toy):
    """The same game, in which what is translated is translated once."""

    maker = "generator"

    def made(self, batch, training):
        return {"fake": self.generator(batch["a"], training=training)}

    def discriminator_loss(self, batch, training=True):
        return {
            "adversarial": {
                "real": ops.mean((self.discriminator(batch["b"]) - 1) ** 2),
                "fake": ops.mean(self.discriminator(batch["fake"]) ** 2),
            }
        }, {}

    def generator_loss(self, batch, training=True):
        fake = batch["fake"]
        return {
            "adversarial": ops.mean((self.discriminator(fake) - 1) ** 2),
            "l1": ops.mean(ops.abs(fake - batch["b"])),
        }, {}


class Critic(Toy):
    """WGAN-GP: five steps of the critic with a gradient penalty."""

    players = {"critic": ("discriminator",), "generator": ("generator",)}
    loss_weights = {"penalty": 10.0, "l1": 0.0}

    def update(self, batch):
        logs = self.play("critic", batch, times=5)
        return logs | self.play("generator", batch)

    def critic_loss(self, batch, training=True):
        fake = self.generator(batch["a"])
        mix = 0.3 * fake + 0.7 * batch["b"]
        gradients = backend.input_gradients(self.discriminator, mix)
        norm = ops.sqrt(ops.sum(gradients**2, axis=(1, 2, 3)) + 1e-12)
        return {
            "adversarial": ops.mean(self.discriminator(fake))
            - ops.mean(self.discriminator(batch["b"])),
            "penalty": ops.mean((norm - 1) ** 2),
        }, {}


class Stateful(Toy):
    """All that a step keeps: statistics, a pool, vectors of spectral norm."""

    def __init__(self, **kwargs):
        super(Toy, self).__init__(**kwargs)
        image = keras.Input((SIZE, SIZE, 3))
        x = layers.Conv2D(3, 3, padding="same", name="in")(image)
        x = layers.BatchNormalization(name="norm")(x)
        self.generator = keras.Model(image, x, name="generator")
        x = SpectralConv2D(1, 3, name="out")(image)
        self.discriminator = keras.Model(image, x, name="discriminator")
        self.pool = ImagePool(6, (SIZE, SIZE, 3), seed=3, name="pool")

    def discriminator_loss(self, batch, training=True):
        fake = self.generator(batch["a"], training=training)
        fake = self.pool(fake, training=training)
        score = self.discriminator(fake, training=training)
        real = self.discriminator(batch["b"], training=training)
        return {
            "adversarial": ops.mean((real - 1) ** 2) + ops.mean(score**2)
        }, {}


class Lazy(Toy):
    """R1 in every sixteenth step of the discriminator."""

    def discriminator_loss(self, batch, training=True):
        losses, shared = super().discriminator_loss(batch, training)

        def r1():
            gradients = backend.input_gradients(self.discriminator, batch["b"])
            return ops.mean(ops.sum(gradients**2, axis=(1, 2, 3)))

        losses["r1"] = self.every(16, "discriminator", r1)
        return losses, shared


@keras.saving.register_keras_serializable("toys")
class Staged(Toy):
    """First L1 alone, then the game."""

    stages = ("pretrain", "adversarial")

    def update(self, batch):
        if self.stage == "pretrain":
            return self.play("generator", batch)
        return super().update(batch)


class Conditional(GAN):
    """A generator that is told a label."""

    players = {"generator": ("generator",)}
    translators = {"ab": Translator("generator")}

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.batch = {"a": Image(), "label": Label(classes=("x", "y"))}
        self.generator = network(5, 3, "generator")

    def generator_loss(self, batch, training=True):
        plane = batch["label"][:, None, None, :] + 0 * batch["a"][..., :1]
        x = ops.concatenate([batch["a"], plane], axis=-1)
        return {"l1": ops.mean(ops.abs(self.generator(x)))}, {}


@keras.saving.register_keras_serializable("toys")
class Noisy(GAN):
    """An encoder with noise, dropout, and no discriminator."""

    players = {"autoencoder": ("encoder", "generator")}
    translators = {"ab": Translator("generator")}

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.batch = {"a": Image()}
        self.encoder = network(3, 2, "encoder")
        image = keras.Input((None, None, 2))
        x = layers.Dropout(0.5, seed=3)(image)
        x = layers.Conv2D(3, 1, dtype="float32", name="out")(x)
        self.generator = keras.Model(image, x, name="generator")
        self.noise = keras.random.SeedGenerator(7)

    def autoencoder_loss(self, batch, training=True):
        code = self.encoder(batch["a"], training=training)
        code = code + keras.random.normal(ops.shape(code), seed=self.noise)
        image = self.generator(code, training=training)
        return {"l1": ops.mean(ops.abs(image - batch["a"]))}, {}


class Conditioned(GAN):
    """What the toys below share: a conditional generator, and a critic."""

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    loss_weights = {"l1": 10.0}
    monitor = "l1"
    smallest_size = SIZE

    def __init__(self, image_size=SIZE, filters=4, loss_weights=None, **kwargs):
        super().__init__(image_size, loss_weights, **kwargs)
        self.filters = filters
        self.discriminator = network(3, 1, "discriminator")

    def game(self, player, real, fake):
        """The losses of a player, by least squares."""
        if player == "discriminator":
            return {
                "adversarial": ops.mean((self.discriminator(real) - 1) ** 2)
                + ops.mean(self.discriminator(fake) ** 2)
            }, {}
        return {
            "adversarial": ops.mean((self.discriminator(fake) - 1) ** 2),
            "l1": ops.mean(ops.abs(fake - real)),
        }, {}


def conditional(inputs, name):
    """A generator of several inputs, planes or vectors."""
    first, *others = inputs
    x = keras.layers.Conv2D(4, 3, padding="same", name="in")(first)
    for i, other in enumerate(others):
        if len(other.shape) == 2:
            other = keras.layers.Dense(4, name=f"dense_{i}")(other)
            other = keras.layers.Reshape((1, 1, 4), name=f"reshape_{i}")(other)
        else:
            other = keras.layers.Conv2D(4, 1, name=f"conv_{i}")(other)
        x = keras.layers.Add(name=f"add_{i}")([x, other])
    x = keras.layers.Activation("tanh", name="tanh")(x)
    x = keras.layers.Conv2D(3, 3, padding="same", dtype="float32", name="out")(
        x
    )
    return keras.Model(inputs, x, name=name)


@keras.saving.register_keras_serializable("toys")
class Domains(Conditioned):
    """A label, as StarGAN: the generator plays in every second step."""

    data = "domains"
    batch_size = 2
    turns = {"discriminator": 2}
    translators = {
        "ab": Translator("generator", takes=("image", "domain"), makes="image")
    }

    def __init__(
        self, image_size=SIZE, domains=("red", "green", "blue"), **kwargs
    ):
        super().__init__(image_size, **kwargs)
        self.batch = {"image": Image(), "domain": Label(classes=tuple(domains))}
        inputs = [keras.Input((None, None, 3)), keras.Input((len(domains),))]
        self.generator = conditional(inputs, "generator")

    def discriminator_loss(self, batch, training=True):
        # Another order of the labels is where the images shall go.
        target = ops.roll(batch["domain"], 1, axis=0)
        fake = self.generator([batch["image"], target], training=training)
        return self.game("discriminator", batch["image"], fake)

    def generator_loss(self, batch, training=True):
        target = ops.roll(batch["domain"], 1, axis=0)
        fake = self.generator([batch["image"], target], training=training)
        back = self.generator([fake, batch["domain"]], training=training)
        losses, shared = self.game("generator", batch["image"], fake)
        l1 = ops.mean(ops.abs(back - batch["image"]))
        return losses | {"l1": l1}, shared


@keras.saving.register_keras_serializable("toys")
class Changes(Conditioned):
    """Attributes, of which translating takes the change, as RelGAN."""

    data = "attributes"
    batch_size = 2
    translators = {
        "ab": Translator("generator", takes=("image", "change"), makes="image")
    }

    def __init__(
        self, image_size=SIZE, attributes=("Smiling", "Hat", "Bald"), **kwargs
    ):
        super().__init__(image_size, **kwargs)
        names = tuple(attributes)
        self.batch = {"image": Image(), "attributes": Attributes(names=names)}
        self.drawn = {"change": AttributeChange(names=names, most=2.0)}
        inputs = [keras.Input((None, None, 3)), keras.Input((len(names),))]
        self.generator = conditional(inputs, "generator")

    def _fake(self, batch, training):
        target = ops.roll(batch["attributes"], 1, axis=0)
        change = target - batch["attributes"]
        return self.generator([batch["image"], change], training=training)

    def discriminator_loss(self, batch, training=True):
        fake = self._fake(batch, training)
        return self.game("discriminator", batch["image"], fake)

    def generator_loss(self, batch, training=True):
        return self.game(
            "generator", batch["image"], self._fake(batch, training)
        )


@keras.saving.register_keras_serializable("toys")
class Exemplars(Conditioned):
    """A second picture of any size, as ELEGANT."""

    translators = {"ab": Translator("generator", takes=("a", "b"), makes="a")}

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.batch = {"a": Image(), "b": Exemplar()}
        inputs = [keras.Input((None, None, 3)) for _ in range(2)]
        self.generator = conditional(inputs, "generator")

    def _fake(self, batch, training):
        return self.generator([batch["a"], batch["b"]], training=training)

    def discriminator_loss(self, batch, training=True):
        return self.game(
            "discriminator", batch["b"], self._fake(batch, training)
        )

    def generator_loss(self, batch, training=True):
        return self.game("generator", batch["b"], self._fake(batch, training))


@keras.saving.register_keras_serializable("toys")
class Styles(Conditioned):
    """A style that is drawn or read off a picture, as MUNIT: composed."""

    players = {
        "discriminator": ("discriminator",),
        "generator": ("content", "style", "decoder"),
    }
    drawn = {"style": Code(size=2, encoder="style")}
    translators = {
        "ab": Translator(
            "composed",
            takes=("a", "style"),
            makes="b",
            parts=("content", "decoder"),
        )
    }

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.content = network(3, 3, "content")
        image = keras.Input((None, None, 3))
        x = keras.layers.Conv2D(4, 3, strides=2, name="in")(image)
        x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
        x = keras.layers.Dense(2, dtype="float32", name="out")(x)
        self.style = keras.Model(image, x, name="style")
        code = keras.Input((2,))
        self.decoder = conditional(
            [keras.Input((None, None, 3)), code], "decoder"
        )
        fake = self.decoder([self.content(image), code])
        self.composed = keras.Model([image, code], fake, name="translator")

    def _fake(self, batch, training):
        code = self.style(batch["b"], training=training)
        content = self.content(batch["a"], training=training)
        return self.decoder([content, code], training=training)

    def discriminator_loss(self, batch, training=True):
        return self.game(
            "discriminator", batch["b"], self._fake(batch, training)
        )

    def generator_loss(self, batch, training=True):
        return self.game("generator", batch["b"], self._fake(batch, training))


@keras.saving.register_keras_serializable("toys")
class Maps(Conditioned):
    """A label map with instances, as pix2pixHD."""

    data = "semantic"
    translators = {
        "ab": Translator(
            "generator", takes=("label_map", "instances"), makes="image"
        )
    }

    def __init__(
        self, image_size=SIZE, classes=("sky", "ground", "thing"), **kwargs
    ):
        super().__init__(image_size, **kwargs)
        self.batch = {
            "label_map": LabelMap(classes=tuple(classes)),
            "instances": Instances(),
            "image": Image(),
        }
        label_map = keras.Input((None, None, len(classes)))
        instances = keras.Input((None, None, 1), dtype="int32")
        inner = conditional([label_map, keras.Input((None, None, 1))], "inner")
        edges = Edges(name="edges")(instances)
        self.generator = keras.Model(
            [label_map, instances],
            inner([label_map, edges]),
            name="generator",
        )

    def _fake(self, batch, training):
        inputs = [batch["label_map"], batch["instances"]]
        return self.generator(inputs, training=training)

    def discriminator_loss(self, batch, training=True):
        fake = self._fake(batch, training)
        return self.game("discriminator", batch["image"], fake)

    def generator_loss(self, batch, training=True):
        return self.game(
            "generator", batch["image"], self._fake(batch, training)
        )


@keras.saving.register_keras_serializable("toys")
class Edges(keras.layers.Layer):
    """Where another object begins on the left."""

    def call(self, instances):
        left = ops.pad(instances, ((0, 0), (0, 0), (1, 0), (0, 0)))[:, :, :-1]
        return ops.cast(ops.not_equal(instances, left), "float32")

    def compute_output_spec(self, instances):
        return keras.KerasTensor(instances.shape, "float32")


@keras.saving.register_keras_serializable("toys")
class Holes(Conditioned):
    """An image with a hole, as DeepFill: the known pixels stay."""

    data = "masked"
    translators = {
        "ab": Translator("filler", takes=("image", "mask"), makes="image")
    }
    players = {"discriminator": ("discriminator",), "generator": ("filler",)}

    def __init__(self, image_size=SIZE, **kwargs):
        super().__init__(image_size, **kwargs)
        self.batch = {"image": Image(), "mask": Mask()}
        image, mask = keras.Input((None, None, 3)), keras.Input((None, None, 1))
        known = image * (1.0 - mask)
        filled = conditional([known, mask], "inner")([known, mask])
        # A network that is composed of layers only, and exports as one.
        fake = known + filled * mask
        self.filler = keras.Model([image, mask], fake, name="filler")

    def _fake(self, batch, training):
        return self.filler([batch["image"], batch["mask"]], training=training)

    def discriminator_loss(self, batch, training=True):
        fake = self._fake(batch, training)
        return self.game("discriminator", batch["image"], fake)

    def generator_loss(self, batch, training=True):
        return self.game(
            "generator", batch["image"], self._fake(batch, training)
        )


@keras.saving.register_keras_serializable("toys")
class Sampler(Conditioned):
    """An image of a seed and a label, and of no image."""

    drawn = {"noise": Code(size=5, option="seed")}
    translators = {
        "sample": Translator(
            "generator", takes=("noise", "kind"), makes="image"
        )
    }

    def __init__(self, kinds=("round", "square"), **kwargs):
        super().__init__(**kwargs)
        self.batch = {
            "image": Image(),
            "kind": Label(classes=tuple(kinds), option="kind"),
        }
        inputs = [keras.Input((5,)), keras.Input((len(kinds),))]
        x = keras.layers.Concatenate(name="concatenate")(inputs)
        x = keras.layers.Dense(SIZE * SIZE * 3, name="dense")(x)
        x = keras.layers.Reshape((SIZE, SIZE, 3), name="reshape")(x)
        x = keras.layers.Activation("tanh", dtype="float32", name="out")(x)
        self.generator = keras.Model(inputs, x, name="generator")
        self.noise = keras.random.SeedGenerator(5)

    def _fake(self, batch, training):
        shape = (ops.shape(batch["kind"])[0], 5)
        noise = keras.random.normal(shape, seed=self.noise)
        return self.generator([noise, batch["kind"]], training=training)

    def discriminator_loss(self, batch, training=True):
        fake = self._fake(batch, training)
        return self.game("discriminator", batch["image"], fake)

    def generator_loss(self, batch, training=True):
        return self.game(
            "generator", batch["image"], self._fake(batch, training)
        )
