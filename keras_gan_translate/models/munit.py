"""MUNIT: unpaired translation into many styles."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Code
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import (
    AdaIN,
    DeviationLayerNormalization,
    NearestUpsampling2D,
)
from keras_gan_translate.networks import (
    logits_of,
    pyramid_discriminator,
    style_encoder,
)
from keras_gan_translate.networks.blocks import (
    convolution,
    initializers,
    normalize,
    residual_block,
)

STYLE_SIZE = 8  # components of a style


@keras.saving.register_keras_serializable("keras_gan_translate")
class MUNIT(GAN):
    """Unpaired translation into many styles, drawn or of an example.

    Each domain has an auto-encoder that takes an image apart into a content,
    which the domains share, and a style, which they do not, and puts it
    together by adaptive instance normalization. An image's content with a
    style of the other domain is its translation; content and style must be
    found in it again. The discriminators, one a domain and each of three
    scales, move first.

    Reference:
        Huang, Liu, Belongie, Kautz, "Multimodal Unsupervised Image-to-Image
        Translation", 2018, arXiv:1804.04732.

    Recipe:
        Images resized to 286, cropped to 256, flipped; batch 1; Adam 1e-4
        (0.5, 0.999) with L2 of 1e-4, the rate halved every 100,000 steps;
        1,000,000 steps. Cited: edges2shoes LPIPS diversity 0.109 (real images
        0.293). Ours on it: not measured.

    Parameters of a generator:
        15,026,187

    Reproduces:
        Three training steps of the authors' code, all 12 losses.

    Args:
        image_size: height and width of the training images; the trained
            networks take any multiple of 4.
        filters: width of the networks' first layers.
        num_blocks: residual blocks of an encoder and of a decoder.
        style_size: components of a style.
        style_units: width of the dense network that reads a style.
        loss_weights: replaces weights of the losses. `{"cycle": 10.0}` adds
            the style-augmented cycle consistency of section 5.1, which is
            else not computed.
        seed: of the draws of styles.

    Example:
        model = MUNIT(image_size=128)
        model.compile()
        model.fit(data.unpaired("edges2shoes", image_size=128), epochs=20)
        shoe = model.translate(drawing, direction="ab", style=3)
        like_this = model.translate(drawing, direction="ab", style=photo)
    """

    players = {
        "discriminator": ("discriminator_a", "discriminator_b"),  # D_1, D_2
        "generator": ("generator_a", "generator_b"),  # (E_1, G_1), (E_2, G_2)
    }
    loss_weights = {  # lambda_x, lambda_c, lambda_s
        "adversarial": 1.0,
        "reconstruction": 10.0,
        "content": 1.0,
        "style": 1.0,
        "cycle": 0.0,
    }
    drawn = {
        "style_a": Code(size=STYLE_SIZE, encoder="style_a"),
        "style_b": Code(size=STYLE_SIZE, encoder="style_b"),
    }
    translators = {
        "ab": Translator(
            "translator_ab",
            takes=("a", "style_b"),
            makes="b",
            parts=("generator_a", "generator_b"),
        ),
        "ba": Translator(
            "translator_ba",
            takes=("b", "style_a"),
            makes="a",
            parts=("generator_a", "generator_b"),
        ),
    }
    total_steps = 1_000_000
    monitor = "reconstruction"

    def __init__(
        self,
        image_size=256,
        filters=64,
        num_blocks=4,
        style_size=STYLE_SIZE,
        style_units=256,
        loss_weights=None,
        seed=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.style_size = style_size
        self.drawn = {
            name: Code(size=style_size, encoder=name) for name in self.drawn
        }
        for domain in "ab":
            generator = auto_encoder(
                filters,
                num_blocks,
                style_size,
                style_units,
                name=f"generator_{domain}",
            )
            setattr(self, f"generator_{domain}", generator)
            for part in ("content", "style", "decoder"):
                network = generator.get_layer(part)
                setattr(self, f"{part}_{domain}", network)
            discriminator = pyramid_discriminator(
                filters,
                # Deviation: one less below 64 pixels, where 4 do not fit.
                num_layers=4 if image_size is None or image_size >= 64 else 3,
                name=f"discriminator_{domain}",
            )
            setattr(self, f"discriminator_{domain}", discriminator)
        self.translator_ab = _translator(self.content_a, self.decoder_b)
        self.translator_ba = _translator(self.content_b, self.decoder_a)
        self.random = keras.random.SeedGenerator(seed)

    def default_optimizer(self, player, total_steps):
        rate = keras.optimizers.schedules.ExponentialDecay(
            1e-4, max(total_steps // 10, 1), 0.5, staircase=True
        )
        return Adam(rate, beta_1=0.5, beta_2=0.999, l2=1e-4)

    def draw_style(self, player, domain, batch):
        """Styles of a domain for a player's step, N(0, 1), (N, style_size)."""
        count = ops.shape(batch[domain])[0]
        return keras.random.normal((count, self.style_size), seed=self.random)

    def discriminator_loss(self, batch, training=True):
        fakes = {
            "a": self.decoder_a(
                [
                    self.content_b(batch["b"], training=training),
                    self.draw_style("discriminator", "a", batch),
                ],
                training=training,
            ),
            "b": self.decoder_b(
                [
                    self.content_a(batch["a"], training=training),
                    self.draw_style("discriminator", "b", batch),
                ],
                training=training,
            ),
        }
        return {  # equation 4, by least squares
            "adversarial": {
                domain: self._judge(domain, batch[domain], True, training)
                + self._judge(domain, fakes[domain], False, training)
                for domain in "ab"
            }
        }, {}

    def generator_loss(self, batch, training=True):
        a, b = batch["a"], batch["b"]
        drawn_a = self.draw_style("generator", "a", batch)
        drawn_b = self.draw_style("generator", "b", batch)

        def call(name, inputs):
            return getattr(self, name)(inputs, training=training)

        content_a, content_b = call("content_a", a), call("content_b", b)
        style_a, style_b = call("style_a", a), call("style_b", b)
        same_a = call("decoder_a", [content_a, style_a])
        same_b = call("decoder_b", [content_b, style_b])
        fake_a = call("decoder_a", [content_b, drawn_a])
        fake_b = call("decoder_b", [content_a, drawn_b])
        found_a = call("content_b", fake_b)  # the content of a, in fake_b
        found_b = call("content_a", fake_a)
        terms = {
            "adversarial": {  # equation 4
                "a": self._judge("a", fake_a, True, training),
                "b": self._judge("b", fake_b, True, training),
            },
            "reconstruction": {  # equation 1
                "a": losses.l1(same_a, a),
                "b": losses.l1(same_b, b),
            },
            "content": {  # equation 2
                "a": losses.l1(found_a, content_a),
                "b": losses.l1(found_b, content_b),
            },
            "style": {  # equation 3
                "a": losses.l1(call("style_a", fake_a), drawn_a),
                "b": losses.l1(call("style_b", fake_b), drawn_b),
            },
        }
        if self.loss_weights["cycle"]:
            back_a = call("decoder_a", [found_a, style_a])
            back_b = call("decoder_b", [found_b, style_b])
            terms["cycle"] = {
                "a": losses.l1(back_a, a),
                "b": losses.l1(back_b, b),
            }
        return terms, {"fake_a": fake_a, "fake_b": fake_b}

    def _judge(self, domain, images, real, training):
        """Least squares, added over the scales."""
        discriminator = getattr(self, f"discriminator_{domain}")
        judged = logits_of(discriminator(images, training=training))
        return sum(
            losses.least_squares(logits, real) for logits in judged.values()
        )


def _translator(content, decoder):
    image = keras.Input((None, None, 3), name="image")
    style = keras.Input(decoder.input[1].shape[1:], name="style")
    return keras.Model(
        [image, style],
        decoder([content(image), style]),
        name="translator",
    )


def auto_encoder(
    filters=64,
    num_blocks=4,
    style_size=STYLE_SIZE,
    style_units=256,
    name="generator",
):
    """The auto-encoder of one domain; arguments as of `MUNIT`.

    Returns:
        A `keras.Model` from images (N, H, W, 3) in [-1, 1] and styles (N,
        style_size) to a dict: "content" (N, H / 4, W / 4, 4 * filters),
        "style", the image's own (N, style_size), and "image", its content in
        the style that was given. The networks of these are its layers
        "content", "style" and "decoder".
    """
    content = _content_encoder(filters, num_blocks)
    style = style_encoder(filters, style_size, name="style")
    decoder = _decoder(filters, num_blocks, style_size, style_units)
    image = keras.Input((None, None, 3), name="image")
    code = keras.Input((style_size,), name="code")
    features = content(image)
    return keras.Model(
        [image, code],
        {
            "content": features,
            "style": style(image),
            "image": decoder([features, code]),
        },
        name=name,
    )


def _convolution(x, filters, kernel_size, name, normalization=None, strides=1):
    x = convolution(
        x,
        filters,
        kernel_size,
        strides=strides,
        padding="reflect",
        initializer="he",
        name=f"{name}_conv",
    )
    x = normalize(x, normalization, f"{name}_norm")
    return keras.layers.ReLU(name=f"{name}_relu")(x)


def _content_encoder(filters, num_blocks):
    image = keras.Input((None, None, 3), name="input")
    x = _convolution(image, filters, 7, "stem", "instance")
    for i in (1, 2):
        x = _convolution(x, filters * 2**i, 4, f"down_{i}", "instance", 2)
    for i in range(1, num_blocks + 1):
        x = residual_block(
            x,
            f"block_{i}",
            normalization="instance",
            use_bias=True,
            initializer="he",
        )
    return keras.Model(image, x, name="content")


def _decoder(filters, num_blocks, style_size, style_units):
    channels = 4 * filters
    content = keras.Input((None, None, channels), name="content")
    style = keras.Input((style_size,), name="style")

    def dense(x, units, name, activation=None):
        return keras.layers.Dense(
            units, activation, name=name, **initializers("he", x.shape[-1])
        )(x)

    y = dense(style, style_units, "style_dense_1", "relu")
    y = dense(y, style_units, "style_dense_2", "relu")
    y = dense(y, num_blocks * 2 * 2 * channels, "style_parameters")
    x = content
    for i in range(1, num_blocks + 1):
        block = x
        for part in (1, 2):
            x = convolution(
                x,
                channels,
                3,
                padding="reflect",
                initializer="he",
                name=f"block_{i}_conv_{part}",
            )
            x = AdaIN(2 * (i - 1) + part - 1, name=f"block_{i}_norm_{part}")(
                (x, y)
            )
            if part == 1:
                x = keras.layers.ReLU(name=f"block_{i}_relu")(x)
        x = keras.layers.Add(name=f"block_{i}_add")([x, block])
    for i in (1, 2):
        x = NearestUpsampling2D(name=f"up_{i}_nearest")(x)
        x = convolution(
            x,
            channels // 2**i,
            5,
            padding="reflect",
            initializer="he",
            name=f"up_{i}_conv",
        )
        x = DeviationLayerNormalization(name=f"up_{i}_norm")(x)
        x = keras.layers.ReLU(name=f"up_{i}_relu")(x)
    x = convolution(
        x, 3, 7, padding="reflect", initializer="he", name="head_conv"
    )
    x = keras.layers.Activation("tanh", dtype="float32", name="made")(x)
    return keras.Model([content, style], x, name="decoder")
