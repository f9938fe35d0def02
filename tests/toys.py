"""The smallest models that use what the contract promises."""

import keras
import numpy as np
from keras import layers, ops

from keras_gan_translate import backend
from keras_gan_translate.gan import GAN

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
    directions = {"ab": "generator"}
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


class Critic(Toy):
    """WGAN-GP: five steps of the critic with a gradient penalty."""

    players = {"critic": ("discriminator",), "generator": ("generator",)}
    loss_weights = {"penalty": 10.0, "l1": 0.0}

    def update(self, batch):
        for _ in range(5):
            logs = self.play("critic", batch)
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
    directions = {"ab": "generator"}
    batch_keys = ("a", "label")
    image_keys = ("a",)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.generator = network(5, 3, "generator")

    def generator_loss(self, batch, training=True):
        label = ops.one_hot(ops.cast(batch["label"], "int32"), 2)
        plane = label[:, None, None, :] + 0 * batch["a"][..., :1]
        x = ops.concatenate([batch["a"], plane], axis=-1)
        return {"l1": ops.mean(ops.abs(self.generator(x)))}, {}


@keras.saving.register_keras_serializable("toys")
class Noisy(GAN):
    """An encoder with noise, dropout, and no discriminator."""

    players = {"autoencoder": ("encoder", "generator")}
    directions = {"ab": "generator"}
    batch_keys = ("a",)
    image_keys = ("a",)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
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
