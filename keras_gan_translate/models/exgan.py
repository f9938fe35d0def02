"""ExGAN: holes filled with the help of another picture of the same person."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Exemplar, Image, Mask
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import AppendVector
from keras_gan_translate.networks import (
    complete,
    completed_model,
    dcgan_autoencoder,
    judge_both,
    plain_generator,
    spectral_patch_discriminator,
)
from keras_gan_translate.support.messages import check_choice

VIEW = 64  # pixels a side of what is compressed


@keras.saving.register_keras_serializable("keras_gan_translate")
class ExGAN(GAN):
    """Inpainting that knows the person, or the thing, from an exemplar.

    Of every image there is another one of the same person. By `variant` the
    generator and the discriminator see it as it is, "reference"; or they get
    a code of what the exemplar has where the hole is, "code", which the
    filling shall have, too. An autoencoder, which learns beside, makes codes.
    The discriminator moves before the generator.

    Paper only: no architecture, weight of a loss or code was published. The
    generator is DeepFill v1's, the discriminator SN-PatchGAN, the autoencoder
    DCGAN's; losses are the paper's formulas.

    Reference:
        Dolhansky, Canton Ferrer, "Eye In-Painting with Exemplar Generative
        Adversarial Networks", 2018, arXiv:1712.03999.

    Recipe:
        Faces aligned by their eyes, of 256 pixels; a box around each eye is
        missing. Batch and Adam 1e-4 (0.5, 0.999) are DeepFill v2's. Cited, all
        of Celeb-ID (the authors' page): L1 of 0.0065, FID of 17.8. Ours on it:
        not measured.

    Parameters of a generator:
        3,608,742 by a reference, 3,748,998 by a code

    Reproduces:
        Paper only: its formulas, on DeepFill's networks; no architecture was
        published.

    Args:
        image_size: height and width of the training images, a multiple of 8.
        filters: width of the first layers of generator and autoencoder; a
            multiple of 2.
        discriminator_filters: width of the discriminator's first layer.
        variant: "reference" or "code".
        code_size: components of a code.
        loss_weights: replaces weights of the losses.

    Example:
        model = ExGAN(image_size=256)
        model.compile()
        model.fit(data.identities("celeba", "eyes", batch_size=16), epochs=100)
        opened = model.translate(photo, mask=eyes, exemplar=other_photo)
    """

    players = {
        "discriminator": ("discriminator",),  # D
        "generator": ("generator",),  # G
    }
    loss_weights = {  # the paper has none in equations 2 and 3
        "adversarial": 1.0,
        "l1": 1.0,
        "code": 1.0,
        "reconstruction": 1.0,
    }
    translators = {
        "ab": Translator(
            "composed",
            takes=("image", "mask", "exemplar"),
            makes="image",
            parts=("generator",),
        )
    }
    task = "inpainting"
    data = "identities"
    monitor = "l1"
    batch_size = 16
    size_step = 8

    def __init__(
        self,
        image_size=256,
        filters=32,
        discriminator_filters=64,
        variant="reference",
        code_size=64,
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        check_choice("variant", variant, ("reference", "code"))
        if filters % 2:
            raise ValueError(
                "ExGAN halves its filters at the end: they are a multiple of "
                f"2. Received: {filters}."
            )
        self.batch = {"image": Image(), "mask": Mask(), "exemplar": Exemplar()}
        self.autoencoder = None
        if variant == "reference":
            # Deviation: the authors' networks are also told where the eyes of
            # the reference are.
            hints, code_size = 3, 0
        else:
            hints = 0
            # Deviation: it learns beside the others, the authors' before them.
            self.players = {"compressor": ("autoencoder",)} | self.players
            self.translators = {
                "ab": Translator(
                    "composed",
                    takes=("image", "mask", "exemplar"),
                    makes="image",
                    parts=("generator", "compressor"),
                )
            }
            self.autoencoder, self.compressor = compressing_networks(
                filters, code_size
            )
            self.look = HoleView(name="look")
        self.append = AppendVector(name="append_code")
        self.generator = plain_generator(
            filters, hints=hints, code_size=code_size
        )
        self.discriminator = spectral_patch_discriminator(
            discriminator_filters, channels=4 + hints + code_size
        )
        self.composed = completed_model(
            self.generator, "exemplar", read=self._read
        )

    @property
    def size_multiple(self):
        return 8

    def default_optimizer(self, player, total_steps):
        return keras.optimizers.Adam(1e-4, 0.5, 0.999, epsilon=1e-8)

    def compressor_loss(self, batch, training=True):
        """Of the autoencoder, whose first half is C."""
        terms = {}
        for name in ("image", "exemplar"):
            seen = self.look((batch[name], batch["mask"]))
            made = self.autoencoder(seen, training=training)
            terms[name] = losses.l1(made, seen)
        return {"reconstruction": terms}, {}

    def discriminator_loss(self, batch, training=True):
        known = self._read(batch["exemplar"], batch["mask"])
        _, completed = self._fill(batch, known, training)
        real, fake = self._judge(batch, completed, known, training)
        return {
            "adversarial": {
                "real": losses.binary_cross_entropy(real, real=True),
                "fake": losses.binary_cross_entropy(fake, real=False),
            }
        }, {}

    def generator_loss(self, batch, training=True):
        known = self._read(batch["exemplar"], batch["mask"])
        stages, completed = self._fill(batch, known, training)
        _, fake = self._judge(batch, completed, known, training)
        terms = {
            # Deviation: -log D instead of log(1 - D), whose gradient is none
            # as long as fakes are told easily.
            "adversarial": losses.non_saturating(fake),
            "l1": {
                name: losses.l1(stages[name], batch["image"])
                for name in ("coarse", "image")
            },
        }
        if self.autoencoder:
            # Equation 3's last term.
            made = self._read(completed, batch["mask"])
            terms["code"] = code_distance(made, known)
        return terms, {}

    def _read(self, exemplar, mask):
        """What is known from the exemplar: itself (r), or its code (c)."""
        if not self.autoencoder:
            return exemplar
        return self.compressor(self.look((exemplar, mask)), training=False)

    def _fill(self, batch, known, training):
        """(the two stages, the completed image)."""
        image, mask = batch["image"], batch["mask"]
        stages = self.generator([image, mask, known], training=training)
        return stages, complete(image, mask, stages["image"])

    def _judge(self, batch, completed, known, training):
        """Logits (of the images, of the completed ones) beside exemplars."""
        if self.autoencoder:
            beside = [self.append((batch["mask"], known))]
        else:
            beside = [batch["mask"], known]
        return judge_both(
            self.discriminator, batch["image"], completed, beside, training
        )


def code_distance(codes, targets):
    """Mean over the batch of the distance of codes, ||C(G(z, c)) - c||.

    Deviation: by the root of the mean of squares, not of their sum, so that it
    does not grow with the size of codes.

    Args:
        codes: (N, D).
        targets: (N, D).

    Returns:
        float32 scalar.
    """
    codes, targets = (ops.cast(x, "float32") for x in (codes, targets))
    squares = ops.mean(ops.square(codes - targets), axis=-1)
    # The root has no gradient at 0.
    return ops.mean(ops.sqrt(squares + 1e-12))


def compressing_networks(filters=32, code_size=64):
    """The autoencoder of views, and its first half.

    Args:
        filters: width of the first layer.
        code_size: components of a code.

    Returns:
        Two `keras.Model`s from views (N, 64, 64, 3) in [-1, 1]: to such views,
        and to float32 codes (N, code_size).
    """
    widths = [filters * 2**i for i in range((VIEW // 4).bit_length() - 1)]
    autoencoder = dcgan_autoencoder(widths, code_size, name="autoencoder")
    code = autoencoder.get_layer("middle_norm").output
    code = keras.layers.Flatten(
        data_format="channels_last", dtype="float32", name="code"
    )(code)
    return autoencoder, keras.Model(autoencoder.input, code, name="compressor")


@keras.saving.register_keras_serializable("keras_gan_translate")
class HoleView(keras.layers.Layer):
    """The box around the hole of [image, mask], resized to a square.

    By two products with matrices of a triangular filter, as wide as a pixel
    of the larger grid: no size depends on the mask, and every image of a batch
    has its own box.

    Args:
        side: height and width of the result in pixels.
    """

    def __init__(self, side=VIEW, **kwargs):
        super().__init__(**kwargs)
        self.side = side

    def call(self, inputs):
        image, mask = inputs
        rows, columns = (
            self._weights(ops.max(mask[..., 0], axis=axis)) for axis in (2, 1)
        )
        x = ops.transpose(image, (0, 3, 1, 2))
        x = ops.matmul(ops.cast(rows, x.dtype)[:, None], x)
        columns = ops.transpose(ops.cast(columns, x.dtype), (0, 2, 1))
        x = ops.matmul(x, columns[:, None])
        return ops.transpose(x, (0, 2, 3, 1))

    def _weights(self, missing):
        """(N, side, L) of lines (N, L), 1.0 where something is missing."""
        missing = ops.cast(missing, "float32")
        # A sum, because L is not known when an export is traced.
        places = ops.cumsum(ops.ones_like(missing), axis=1) - 1.0
        first = ops.min(places + 1e6 * (1.0 - missing), axis=1, keepdims=True)
        last = ops.max(places - 1e6 * (1.0 - missing), axis=1, keepdims=True)
        step = (last - first + 1.0) / self.side
        middles = ops.arange(self.side, dtype="float32") + 0.5
        at = first + step * middles - 0.5  # (N, side), pixels
        away = ops.abs(at[:, :, None] - places[:, None, :])
        weights = ops.relu(1.0 - away / ops.maximum(step, 1.0)[:, :, None])
        total = ops.sum(weights, axis=-1, keepdims=True)
        return weights / ops.maximum(total, 1e-6)  # 0 where nothing is missing

    def compute_output_shape(self, input_shape):
        image, _ = input_shape
        return (image[0], self.side, self.side, image[-1])

    def get_config(self):
        return super().get_config() | {"side": self.side}
