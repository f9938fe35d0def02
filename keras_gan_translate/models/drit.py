"""DRIT: unpaired translation of a content that nothing can tell apart."""

import keras
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam, LinearDecay
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Code
from keras_gan_translate.gan import GAN
from keras_gan_translate.networks import logits_of, pyramid_discriminator
from keras_gan_translate.networks.disentangled import (
    attribute_decoder,
    attribute_encoder,
    content_discriminator,
    content_encoder,
    style_translator,
)

STYLE_SIZE = 8  # components of an attribute vector

# What the second of the generator's two steps is for.
LATENT = ("latent", "random_adversarial", "mode_seeking")


@keras.saving.register_keras_serializable("keras_gan_translate")
class DRIT(GAN):
    """Unpaired translation into many styles, of a content both domains share.

    A discriminator that sees contents alone must not tell of which domain
    they are; attributes are drawn, or encoded. Translating there and back,
    with contents and attributes exchanged twice, must return the images, and
    other attributes must give other images (mode seeking). The content's
    discriminator moves in every step, the others in every third.

    Reference:
        Lee, Tseng, Huang, Singh, Yang, "Diverse Image-to-Image Translation
        via Disentangled Representations", 2018, arXiv:1808.00948; with mode
        seeking, Lee et al., "DRIT++", 2020, arXiv:1905.01270.

    Recipe:
        Images resized to 256, cropped to 216, flipped; batch 2, half of it
        real examples for the discriminators of drawn attributes; Adam 1e-4
        (0.5, 0.999), the content's discriminator 4e-5 and clipped to a norm
        of 5, with L2 of 1e-4; at most 500,000 steps, the rate constant for
        the first half, then linear to zero. Cited: LPIPS diversity 0.424
        (winter to summer; real images 0.448). Ours: not measured.

    Parameters of a generator:
        9,564,710

    Reproduces:
        Six training steps of the authors' code, all 24 losses.

    Deviation: a published step of the generators differentiates the second
    time through features of the old weights and the new weights; here both
    gradients are taken at the old ones. The content's discriminator has no
    normalization, as in the authors' code, where a comparison of two names
    left it out.

    Args:
        image_size: height and width of the training images; the trained
            networks take any multiple of 4.
        filters: width of the networks' first layers.
        num_blocks: residual blocks of an encoder and of a decoder.
        style_size: components of an attribute vector.
        concat: whether attributes are appended to features, and drawn around
            what the encoder says; if not, they transform features, for
            domains of different shapes.
        loss_weights: replaces weights of the losses.
        seed: of all draws.

    Example:
        model = DRIT()
        model.compile()
        model.fit(data.unpaired("summer2winter", batch_size=2), epochs=100)
        winter = model.translate(photo, direction="ab", style=3)
        like_this = model.translate(photo, direction="ab", style=other)
    """

    players = {
        "adversary": ("discriminator_content",),  # D^c
        "discriminator": (
            "discriminator_a",
            "discriminator_a_random",
            "discriminator_b",
            "discriminator_b_random",
        ),
        "generator": ("content_encoder", "decoder"),  # E^c and G
        "style_encoder": ("style_encoder",),  # E^a
    }
    loss_weights = {
        "adversarial": 1.0,
        "content_adversarial": 1.0,
        "cycle": 10.0,
        "reconstruction": 10.0,
        "style_prior": 0.01,
        "content_prior": 0.01,
        "latent": 10.0,
        "random_adversarial": 1.0,
        "mode_seeking": 1.0,
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
            parts=("content_encoder", "decoder"),
        ),
        "ba": Translator(
            "translator_ba",
            takes=("b", "style_a"),
            makes="a",
            parts=("content_encoder", "decoder"),
        ),
    }
    total_steps = 500_000
    batch_size = 2
    smallest_batch = 2
    turns = {"adversary": 3}

    def __init__(
        self,
        image_size=216,
        filters=64,
        num_blocks=3,
        style_size=STYLE_SIZE,
        concat=True,
        loss_weights=None,
        seed=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.concat = concat
        self.filters = filters
        self.drawn = {
            name: Code(size=style_size, encoder=name) for name in self.drawn
        }
        self.content_encoder = content_encoder(filters, num_blocks)
        self.decoder = attribute_decoder(
            filters, num_blocks, style_size, concat
        )
        self.style_encoder = attribute_encoder(filters, style_size, concat)
        for domain in "ab":
            for part in ("content", "style", "decoder"):
                name = f"{part}_{domain}"
                whole = {
                    "content": self.content_encoder,
                    "style": self.style_encoder,
                    "decoder": self.decoder,
                }[part]
                network = whole.get_layer(name)
                if part == "style" and concat:
                    network = keras.Model(
                        network.input, network.output["mean"], name=name
                    )
                setattr(self, name, network)
        self.translator_ab = style_translator(self.content_a, self.decoder_b)
        self.translator_ba = style_translator(self.content_b, self.decoder_a)
        self.discriminator_content = content_discriminator(image_size, filters)
        for name in self.players["discriminator"]:
            network = pyramid_discriminator(
                filters,
                # Deviation: one less below 64 pixels, where 4 do not fit.
                num_layers=4 if image_size is None or image_size >= 64 else 3,
                negative_slope=0.01,
                name=name,
            )
            setattr(self, name, network)
        self.random = keras.random.SeedGenerator(seed)

    def default_optimizer(self, player, total_steps):
        # Of the steps of a training they have two in three, or one.
        share = {"adversary": 1, "generator": 2 / 3}
        steps = max(round(total_steps * share.get(player, 1 / 3)), 1)
        content = player == "adversary"
        return Adam(
            LinearDecay(4e-5 if content else 1e-4, steps),
            beta_1=0.5,
            beta_2=0.999,
            l2=1e-4,
            global_clipnorm=5.0 if content else None,
        )

    def plays(self, player, step):
        # The encoder of attributes moves in the generator's turn.
        return player != "style_encoder" and super().plays(player, step)

    def turn(self, player, batch):
        if player != "generator":
            return super().turn(player, batch)
        both = ("generator", "style_encoder")
        first = [name for name in self.loss_weights if name not in LATENT]
        found, _, gradients = self.differentiate(both, batch, only=first)
        latent, _, second = self.differentiate(player, batch, only=LATENT)
        for moved, gradient in zip(both, gradients):
            self.step(moved, gradient)
        self.step(player, second)
        return found | latent, {}

    def draw(self, batch):
        """All random numbers of a step, N(0, 1), by name.

        Noise (N / 2, H / 4, W / 4, 4 * filters) is added to contents in
        training; the others are (N / 2, style_size).
        """
        count, height, width, _ = ops.shape(batch["a"])
        content = (count // 2, height // 4, width // 4, 4 * self.filters)
        style = (count // 2, self.drawn["style_a"].size)
        shapes = {"style": style, "other_style": style}
        for domain in "ab":
            shapes |= {
                f"noise_{domain}": content,
                f"noise_fake_{domain}": content,
                f"epsilon_{domain}": style,
                f"epsilon_fake_{domain}": style,
            }
        return {
            name: keras.random.normal(shape, seed=self.random)
            for name, shape in shapes.items()
        }

    def adversary_loss(self, batch, training=True):
        batch = batch | (drawn := self.draw(batch))
        a, b = (_halves(batch[domain])[0] for domain in "ab")
        content_a = self._content("a", a, batch["noise_a"], training)
        content_b = self._content("b", b, batch["noise_b"], training)
        return {  # equation 1
            "adversarial": losses.binary_cross_entropy(
                self.discriminator_content(content_b, training=training),
                real=True,
            )
            + losses.binary_cross_entropy(
                self.discriminator_content(content_a, training=training),
                real=False,
            )
        }, drawn

    def discriminator_loss(self, batch, training=True):
        made, terms = self._translate(batch, training), {}
        for domain in "ab":
            encoded, random = _halves(batch[domain])
            name = f"discriminator_{domain}"
            terms[domain] = self._judge(
                name, encoded, True, training
            ) + self._judge(name, made[f"fake_{domain}"], False, training)
            name = f"discriminator_{domain}_random"
            terms[f"{domain}_random"] = 2 * self._judge(
                name, random, True, training
            ) + sum(
                self._judge(name, made[f"{which}_{domain}"], False, training)
                for which in ("random", "other")
            )
        return {"adversarial": terms}, {}

    def style_encoder_loss(self, batch, training=True):
        # It learns from the generator's losses, see `turn`.
        return {}, {}

    def generator_loss(self, batch, training=True):
        made = self._translate(batch, training)
        terms = {name: {} for name in self.loss_weights}
        # The contents of fakes are those of the other domain.
        again = {
            other: self._content(
                domain,
                made[f"fake_{domain}"],
                batch[f"noise_fake_{domain}"],
                training,
            )
            for domain, other in ("ab", "ba")
        }
        for domain, other in ("ab", "ba"):
            image = _halves(batch[domain])[0]
            fake = made[f"fake_{domain}"]
            content = made[f"content_{domain}"]
            judged = self.discriminator_content(content, training=training)
            style, _, _ = self._style(
                domain, fake, batch[f"epsilon_fake_{domain}"], training
            )
            decoder = getattr(self, f"decoder_{domain}")
            back = decoder([again[domain], style], training=training)
            random, another = made[f"random_{domain}"], made[f"other_{domain}"]
            _, mean, _ = self._style(domain, random, 0.0, training)
            name = f"discriminator_{domain}"
            terms["adversarial"][domain] = self._judge(
                name, fake, True, training
            )
            # Undecided is what the content's discriminator shall be.
            terms["content_adversarial"][domain] = (
                losses.binary_cross_entropy(judged, real=True)
                + losses.binary_cross_entropy(judged, real=False)
            ) / 2
            terms["cycle"][domain] = losses.l1(back, image)  # equation 4
            terms["reconstruction"][domain] = losses.l1(
                made[f"same_{domain}"], image
            )
            terms["content_prior"][domain] = ops.mean(
                ops.square(ops.cast(content, "float32"))
            )
            terms["style_prior"][domain] = self._prior(
                made[f"mean_{domain}"], made[f"log_variance_{domain}"]
            )
            terms["latent"][domain] = losses.l1(mean, batch["style"])
            for which, images in (("", random), ("_other", another)):
                terms["random_adversarial"][domain + which] = self._judge(
                    f"{name}_random", images, True, training
                )
            # DRIT++, equation 7: how much nearer images are than their codes.
            apart = losses.l1(batch["other_style"], batch["style"])
            # 1e-12 for codes that are the same.
            terms["mode_seeking"][domain] = apart / (
                losses.l1(another, random) + 1e-5 * apart + 1e-12
            )
        return terms, {"fake_a": made["fake_a"], "fake_b": made["fake_b"]}

    def _translate(self, batch, training):
        """What one pass makes of the first half of a batch, by name."""
        made, styles = {}, {}
        for domain in "ab":
            image = _halves(batch[domain])[0]
            made[f"content_{domain}"] = self._content(
                domain, image, batch[f"noise_{domain}"], training
            )
            (
                styles[domain],
                made[f"mean_{domain}"],
                made[f"log_variance_{domain}"],
            ) = self._style(domain, image, batch[f"epsilon_{domain}"], training)
        for domain, other in ("ab", "ba"):
            own, foreign = made[f"content_{domain}"], made[f"content_{other}"]
            contents = [foreign, own, foreign, foreign]
            codes = [styles[domain]] * 2 + [
                batch["style"],
                batch["other_style"],
            ]
            decoder = getattr(self, f"decoder_{domain}")
            images = decoder(
                [ops.concatenate(contents, axis=0), ops.concatenate(codes, 0)],
                training=training,
            )
            kinds = ("fake", "same", "random", "other")
            for kind, part in zip(kinds, ops.split(images, 4, axis=0)):
                made[f"{kind}_{domain}"] = part
        return made

    def _content(self, domain, image, noise, training):
        content = getattr(self, f"content_{domain}")(image, training=training)
        return content + ops.cast(noise, content.dtype) if training else content

    def _style(self, domain, image, epsilon, training):
        """An image's attributes, drawn; their mean and log variance."""
        network = self.style_encoder.get_layer(f"style_{domain}")
        encoded = network(image, training=training)
        if not self.concat:
            return encoded, encoded, None
        mean, log_variance = encoded["mean"], encoded["log_variance"]
        return mean + epsilon * ops.exp(log_variance / 2), mean, log_variance

    def _prior(self, mean, log_variance):
        if log_variance is None:
            return ops.mean(ops.square(mean))
        # Divergence from the standard normal distribution, summed.
        return -0.5 * ops.sum(
            1 + log_variance - ops.square(mean) - ops.exp(log_variance)
        )

    def _judge(self, name, images, real, training):
        """Cross-entropies, added over the scales."""
        judged = logits_of(getattr(self, name)(images, training=training))
        return sum(
            losses.binary_cross_entropy(logits, real)
            for logits in judged.values()
        )


def _halves(images):
    """The half that is encoded, and real examples beside it."""
    half = ops.shape(images)[0] // 2
    return images[:half], images[half : 2 * half]
