"""DeepFill v2: holes of any form, filled by gated convolutions."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image, Mask, Sketch
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import DilatedConv2D
from keras_gan_translate.networks import (
    complete,
    completed_model,
    deepfill_generator,
    judge_both,
    spectral_patch_discriminator,
)


@keras.saving.register_keras_serializable("keras_gan_translate")
class DeepFillV2(GAN):
    """Inpainting of holes of any form, in two stages.

    Gated convolutions learn where the image is known. A coarse network fills
    the hole; a fine one does it over, in one branch with patches that
    attention finds in what is known. A discriminator with spectral norms
    judges every position (SN-PatchGAN), by the hinge loss. It moves first.
    With `sketch` both see lines that are drawn in the hole (section 3.4).

    Reference:
        Yu, Lin, Yang, Shen, Lu, Huang, "Free-Form Image Inpainting with Gated
        Convolution", 2019, arXiv:1806.03589.

    Recipe:
        Places2 or CelebA-HQ at 256 pixels, free-form strokes or a box; batch
        16; Adam 1e-4 (0.5, 0.999). Cited, Places2 with free-form holes: L1 of
        9.1 %, L2 of 1.6 %. Ours on it: not measured.

    Parameters of a generator:
        4,052,478, 4,053,678 with `sketch`

    Reproduces:
        Three training steps, all 3 losses.

    Args:
        image_size: height and width of the training images, a multiple of 8.
        filters: width of the generator's first layers, gates included; a
            multiple of 4.
        discriminator_filters: width of the discriminator's first layer.
        sketch: whether users guide it by lines; it then trains on sketch data.
        loss_weights: replaces weights of the losses.

    Example:
        model = DeepFillV2(image_size=256)
        model.compile()
        model.fit(data.masked("photos", batch_size=16), epochs=100)
        whole = model.translate(photo, mask=hole)

        model = DeepFillV2(image_size=256, sketch=True)
        model.compile()
        model.fit(data.sketch("photos", parts=["sketch", "mask"]), epochs=100)
        whole = model.translate(photo, mask=hole, sketch=lines)
    """

    players = {
        "discriminator": ("discriminator",),
        "generator": ("generator",),
    }
    loss_weights = {
        "l1": 1.0,
        "adversarial": 1.0,
        "discriminator_adversarial": 0.5,
    }
    translators = {
        "ab": Translator(
            "composed",
            takes=("image", "mask"),
            makes="image",
            parts=("generator",),
        )
    }
    task = "inpainting"
    data = "masked"
    monitor = "l1"
    batch_size = 16
    size_step = 8

    def __init__(
        self,
        image_size=256,
        filters=48,
        discriminator_filters=64,
        sketch=False,
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        if filters % 4:
            raise ValueError(
                "DeepFillV2 halves its filters twice, for the gates and at "
                f"the end: they are a multiple of 4. Received: {filters}."
            )
        self.data = self.data_of({"sketch": sketch})
        self.batch = {"image": Image(), "mask": Mask()}
        if sketch:
            # Deviation: in training the lines are Canny's, or the drawn
            # world's own; the authors' are HED's (faces': of landmarks).
            self.batch["sketch"] = Sketch()
            takes = Translator(
                "composed",
                takes=("image", "mask", "sketch"),
                makes="image",
                parts=("generator",),
            )
            self.translators = {"ab": takes}
        lines = int(sketch)  # channels
        self.generator = gated_generator(filters, lines)
        self.discriminator = spectral_patch_discriminator(
            discriminator_filters, channels=4 + lines
        )
        self.composed = completed_model(
            self.generator, "sketch" if sketch else None, lines, _lines
        )

    @classmethod
    def data_of(cls, arguments):
        return "sketch" if arguments.get("sketch") else "masked"

    @property
    def size_multiple(self):
        return 8

    def default_optimizer(self, player, total_steps):
        # TensorFlow's Adam, as Keras has it.
        return keras.optimizers.Adam(1e-4, 0.5, 0.999, epsilon=1e-8)

    def discriminator_loss(self, batch, training=True):
        real, fake, _ = self._judge(batch, training)
        return {
            "adversarial": {
                "real": losses.hinge(real, real=True),
                "fake": losses.hinge(fake, real=False),
            }
        }, {}

    def generator_loss(self, batch, training=True):
        _, fake, stages = self._judge(batch, training)
        return {
            "l1": {
                name: losses.l1(stages[name], batch["image"])
                for name in ("coarse", "image")
            },
            "adversarial": losses.hinge_generator(fake),
        }, {}

    def _judge(self, batch, training):
        """(logits of real and of completed images, the two stages)."""
        image, mask = batch["image"], batch["mask"]
        seen = [mask]
        if "sketch" in batch:
            seen.append(_lines(batch["sketch"], mask))
        stages = self.generator([image, *seen], training=training)
        completed = complete(image, mask, stages["image"])
        judged = judge_both(
            self.discriminator, image, completed, seen, training
        )
        return *judged, stages


def _lines(sketch, mask):
    """1.0 on the lines of a sketch that lie in the hole, 0.0 elsewhere."""
    return (1.0 - sketch) / 2.0 * mask


def gated_generator(filters=48, hints=0, name="generator"):
    """The coarse and the fine network of figure 3.

    Args:
        filters: width of the first layers, gates included.
        hints: as of `deepfill_generator`, which the coarse network sees.
        name: name of the model.

    Returns:
        As `deepfill_generator`.
    """

    def finish(x, name):
        return keras.layers.Activation("tanh", dtype="float32", name=name)(x)

    return deepfill_generator(filters, _gated, finish, hints=hints, name=name)


def _gated(x, name, width, size=3, activation="elu", **options):
    """A convolution, half of whose channels gate the others (section 3.1)."""
    layer = DilatedConv2D if "dilation_rate" in options else keras.layers.Conv2D
    x = layer(
        width,
        size,
        padding="same",  # TensorFlow's, right and bottom first
        data_format="channels_last",
        name=name,
        **options,
    )(x)
    return Gate(activation, name=f"{name}_gate")(x)


@keras.saving.register_keras_serializable("keras_gan_translate")
class Gate(keras.layers.Layer):
    """The activated first half of the channels, times the second's sigmoid.

    Args:
        activation: name of the first half's activation.
    """

    def __init__(self, activation="elu", **kwargs):
        super().__init__(**kwargs)
        self.activation = keras.activations.get(activation)

    def call(self, inputs):
        features, gate = ops.split(inputs, 2, axis=-1)
        return self.activation(features) * ops.sigmoid(gate)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] // 2)

    def get_config(self):
        return super().get_config() | {
            "activation": keras.activations.serialize(self.activation)
        }
