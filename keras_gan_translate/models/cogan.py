"""CoGAN: pairs of images learned from two domains without pairs."""

import keras
import numpy as np
from keras import ops

from keras_gan_translate import backend, losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Code, Image, Label
from keras_gan_translate.gan import GAN
from keras_gan_translate.networks.blocks import initializers

LATENT_SIZE = 100


@keras.saving.register_keras_serializable("keras_gan_translate")
class CoGAN(GAN):
    """Makes pairs of images of two domains, learned without any pair.

    Two generators share all layers but the last, two discriminators all but
    the first: what both domains have in common is made of one code, once for
    each. An image is translated by searching for the code that makes it. With
    `classes`, the discriminator also learns to classify images of A, and with
    that those of B, whose classes nobody knows.

    Reference:
        Liu, Tuzel, "Coupled Generative Adversarial Networks", 2016,
        arXiv:1606.07536.

    Recipe:
        Digits of 28 pixels, batches of 128; Adam 2e-4 (0.5, 0.999) with L2 of
        5e-4; 25,000 steps. Cited: pixel agreement of the pairs 0.952 (MNIST
        and its edges), 0.967 (and its negatives); digits of USPS classified
        by what MNIST taught, 91.2%. Ours on it: not measured.

    Parameters of a generator:
        7,842,694

    Reproduces:
        Three training steps of the authors' code, all 6 losses.

    Args:
        image_size: height and width of the images: 28, or 4 times a power of
            two.
        filters: width of the generators' last shared layer; that of the
            discriminators follows.
        channels: of the images: 3, or 1 for gray ones.
        latent_size: components of a code.
        classes: names of the classes of A, for unsupervised domain
            adaptation; batches then have their numbers as "label".
        loss_weights: replaces weights of the losses.
        seed: of the draws of codes.

    Example:
        model = CoGAN(image_size=64)
        model.compile()
        model.fit(data.unpaired("blond2brown", image_size=64, batch_size=128))
        codes = model.find_codes(photos, "a")
        translated = model.make_images(codes, "b")
    """

    players = {
        "discriminator": ("discriminator",),  # f_1, f_2
        "generator": ("generator",),  # g_1, g_2
    }
    loss_weights = {  # of the authors' code
        "adversarial": 1.0,
        "features": 0.01,
        "classification": 10.0,
    }
    drawn = {"latent": Code(size=LATENT_SIZE, option="latent")}
    translators = {
        "a": Translator(
            "sampler_a", takes=("latent",), makes="a", parts=("generator",)
        ),
        "b": Translator(
            "sampler_b", takes=("latent",), makes="b", parts=("generator",)
        ),
    }
    task = "generation of image pairs"
    total_steps = 25_000
    batch_size = 128
    smallest_size = 28
    augmentation = ()
    monitor = None

    def __init__(
        self,
        image_size=28,
        filters=128,
        channels=3,
        latent_size=LATENT_SIZE,
        classes=(),
        loss_weights=None,
        seed=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.batch = {
            "a": Image(channels=channels),
            "b": Image(channels=channels),
        }
        if classes:
            self.batch["label"] = Label(classes=tuple(classes), option="class")
        self.drawn = {"latent": Code(size=latent_size, option="latent")}
        _check_size(image_size)
        self.generator = _generator(
            image_size,
            channels,
            latent_size,
            tuple(factor * filters for factor in (8, 4, 2, 1)),
        )
        first = max(20 * filters // 128, 2)
        self.discriminator = _discriminator(
            image_size,
            channels,
            (first, 5 * first // 2, 25 * first),
            len(classes),
        )
        latent = self.generator.input
        for domain in "ab":
            sampler = keras.Model(
                latent, self.generator(latent)[domain], name=f"sampler_{domain}"
            )
            setattr(self, f"sampler_{domain}", sampler)
        self.random = keras.random.SeedGenerator(seed)

    def default_optimizer(self, player, total_steps):
        return Adam(2e-4, beta_1=0.5, beta_2=0.999, l2=5e-4)

    def draw_latent(self, player, batch):
        """Codes for a player's step, N(0, 1), (N, latent_size)."""
        shape = (ops.shape(batch["a"])[0], self.drawn["latent"].size)
        return keras.random.normal(shape, seed=self.random)

    def discriminator_loss(self, batch, training=True):
        latent = self.draw_latent("discriminator", batch)
        fakes = self.generator(latent, training=training)
        real = self.discriminator([batch["a"], batch["b"]], training=training)
        fake = self.discriminator([fakes["a"], fakes["b"]], training=training)
        terms = {  # equation 3
            "adversarial": {
                "real": _judged(real, real=True),
                "fake": _judged(fake, real=False),
            }
        }
        if "label" in self.batch:  # section 4.2 of the paper: equation 5
            terms["classification"] = losses.cross_entropy(
                real["a_class_logits"], batch["label"]
            )
            # Not in the paper: a pair's features shall be the same.
            difference = fake["a_features"] - fake["b_features"]
            terms["features"] = ops.mean(
                ops.sum(ops.square(difference), axis=-1)
            )
        return terms, {}

    def generator_loss(self, batch, training=True):
        latent = self.draw_latent("generator", batch)
        fakes = self.generator(latent, training=training)
        judged = self.discriminator([fakes["a"], fakes["b"]], training=training)
        return {"adversarial": _judged(judged, real=True)}, {
            "fake_a": fakes["a"],
            "fake_b": fakes["b"],
        }

    def make_images(self, codes, domain):
        """The images that codes make in a domain.

        Args:
            codes: array (N, latent_size).
            domain: "a" or "b".

        Returns:
            float32 array (N, H, W, channels) in [-1, 1].
        """
        network = self.translator(domain)
        with self.averaged_weights():
            return backend.predict(network, np.asarray(codes, "float32"))

    def find_codes(self, images, domain="a", steps=200, rate=0.1, seed=0):
        """The codes whose images are nearest to these, by squared error.

        Deviation: by Adam from a random start; the paper uses L-BFGS.

        Args:
            images: (N, image_size, image_size, channels), uint8 or float in
                [-1, 1].
            domain: "a" or "b", of which the images are.
            steps: of the search.
            rate: length of a first step.
            seed: of the codes that the search starts from.

        Returns:
            float32 array (N, latent_size).

        Reference:
            Liu and Tuzel 2016, section 4.3.
        """
        field, network = self.batch[domain], self.translator(domain)
        images = np.asarray(images)
        fault = field.problem(images)
        if not field.fits(images.shape, self.image_size) or fault:
            raise ValueError(
                f"Codes are found of {field.describe(self.image_size)}. "
                f"Received: {images.dtype} {images.shape}. {fault or ''}"
            )
        images = field.prepare(ops.convert_to_tensor(images))
        random = np.random.RandomState(seed)
        shape = (len(images), self.drawn["latent"].size)
        codes = random.normal(size=shape).astype("float32")
        mean, square = np.zeros_like(codes), np.zeros_like(codes)

        def distance(codes):
            made = network(codes, training=False)
            return ops.mean(ops.square(made - images), axis=(1, 2, 3))

        with self.averaged_weights():
            for step in range(1, steps + 1):
                gradient = ops.convert_to_numpy(
                    backend.input_gradients(distance, codes)
                )
                mean += (gradient - mean) * 0.1
                square += (gradient**2 - square) * 0.001
                root = np.sqrt(square / (1 - 0.999**step)) + 1e-8
                codes -= rate * mean / (1 - 0.9**step) / root
        return codes


def _judged(outputs, real):
    """Cross-entropy of a softmax over "fake" and "real", of both domains."""
    total = 0.0
    for domain in "ab":
        logits = outputs[f"{domain}_logits"]
        labels = ops.one_hot(
            ops.full((ops.shape(logits)[0],), int(real), "int32"), 2
        )
        total = total + losses.cross_entropy(logits, labels) / 2
    return total


def _check_size(image_size):
    doubled = image_size is not None and image_size // 4
    if image_size == 28 or (doubled and doubled & (doubled - 1) == 0):
        return
    raise ValueError(
        "CoGAN makes images of 28 pixels, or of 4 times a power of two, such "
        f"as 32, 64 or 128. Received: image_size={image_size}."
    )


def _prelu(x, name):
    """A leaky ReLU whose one slope is learned."""
    shared = list(range(1, len(x.shape)))
    return keras.layers.PReLU(
        keras.initializers.Constant(0.25), shared_axes=shared, name=name
    )(x)


def _generator(
    image_size=28,
    channels=1,
    latent_size=LATENT_SIZE,
    widths=(1024, 512, 256, 128),
):
    """From codes (N, latent_size) to {"a", "b"}, images in [-1, 1]."""

    def enlarge(x, filters, kernel_size, strides, name, crop=1, dtype=None):
        x = keras.layers.Conv2DTranspose(
            filters,
            kernel_size,
            strides=strides,
            padding="valid",
            data_format="channels_last",
            dtype=dtype,
            name=f"{name}_deconv",
            **initializers("normal", kernel_size**2 * filters),
        )(x)
        return keras.layers.Cropping2D(
            crop, data_format="channels_last", dtype=dtype, name=f"{name}_crop"
        )(x)

    def finish(x, name):
        x = keras.layers.BatchNormalization(
            epsilon=1e-5,
            momentum=0.9,
            center=False,
            scale=False,
            name=f"{name}_norm",
        )(x)
        return _prelu(x, f"{name}_prelu")

    latent = keras.Input((latent_size,), name="latent")
    x = keras.layers.Reshape((1, 1, latent_size), name="reshape")(latent)
    x = finish(enlarge(x, widths[0], 4, 1, "stage_1", crop=0), "stage_1")
    # Digits: 4 pixels, 7, 13, 25, 28.
    # Deviation: other sizes, of which the paper has several networks, double.
    digits = image_size == 28
    stages = 3 if digits else (image_size // 4).bit_length() - 1
    for i in range(2, stages + 2):
        width = widths[min(i, len(widths)) - 1]
        x = enlarge(x, width, 3 if digits else 4, 2, f"stage_{i}")
        x = finish(x, f"stage_{i}")
    images = {}
    for domain in "ab":
        image = enlarge(
            x,
            channels,
            6 if digits else 3,
            1,
            f"image_{domain}",
            dtype="float32",
        )
        image = keras.layers.Activation(
            "sigmoid", dtype="float32", name=f"sigmoid_{domain}"
        )(image)
        images[domain] = keras.layers.Rescaling(
            2.0, -1.0, dtype="float32", name=f"made_{domain}"
        )(image)
    return keras.Model(latent, images, name="generator")


def _discriminator(
    image_size=28, channels=1, widths=(20, 50, 500), num_classes=0
):
    """From images [a, b] to what is thought of either.

    Returns:
        A `keras.Model` to a dict of "a_logits" (N, 2), fake and real,
        "a_features" (N, widths[2]), with classes "a_class_logits" (N,
        num_classes), and the same for b.
    """

    def convolution(filters, kernel_size, fan, name, dtype=None):
        return keras.layers.Conv2D(
            filters,
            kernel_size,
            data_format="channels_last",
            dtype=dtype,
            name=name,
            **initializers("normal", kernel_size**2 * fan),
        )

    def shared(x):
        """What both domains share: a network from pooled features on."""
        inputs = features = keras.Input(x.shape[1:], name="pooled")
        i = 1
        while i == 1 or features.shape[1] >= 12:
            features = convolution(
                widths[1], 5, features.shape[-1], f"layer_{i}_conv"
            )(features)
            features = keras.layers.MaxPooling2D(
                2, data_format="channels_last", name=f"layer_{i}_pool"
            )(features)
            i += 1
        features = convolution(
            widths[2], features.shape[1], features.shape[-1], "whole_conv"
        )(features)
        features = _prelu(features, "whole_prelu")
        outputs = {"features": features}
        heads = {"logits": 2} | (
            {"class_logits": num_classes} if num_classes else {}
        )
        for name, units in heads.items():
            outputs[name] = convolution(units, 1, widths[2], name, "float32")(
                features
            )
        outputs = {
            name: keras.layers.Flatten(dtype="float32", name=f"flat_{name}")(y)
            for name, y in outputs.items()
        }
        return keras.Model(inputs, outputs, name="shared")

    inputs, pooled, outputs = [], {}, {}
    for domain in "ab":
        image = keras.Input((image_size, image_size, channels), name=domain)
        x = keras.layers.Rescaling(0.5, 0.5, name=f"unit_range_{domain}")(image)
        x = convolution(widths[0], 5, channels, f"{domain}_conv")(x)
        pooled[domain] = keras.layers.MaxPooling2D(
            2, data_format="channels_last", name=f"{domain}_pool"
        )(x)
        inputs.append(image)
    network = shared(pooled["a"])
    for domain in "ab":
        judged = network(pooled[domain])
        outputs |= {f"{domain}_{name}": y for name, y in judged.items()}
    return keras.Model(inputs, outputs, name="discriminator")
