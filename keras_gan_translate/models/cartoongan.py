"""CartoonGAN: photos as the frames of an animated film."""

import keras

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import (
    BilinearUpsampling2D,
    ChannelShuffle,
    InstanceNormalization,
    ScalarLayerNormalization,
)
from keras_gan_translate.losses.perceptual import VGGFeatures, feature_loss
from keras_gan_translate.networks.blocks import (
    convolution,
    transposed_convolution,
)


@keras.saving.register_keras_serializable("keras_gan_translate")
class CartoonGAN(GAN):
    """Unpaired translation of photos to cartoons with clear edges.

    One generator draws photos as cartoons. VGG19's features keep what is to
    be seen; there is no way back and no cycle. A discriminator of patches
    judges cartoons, the generator's images and cartoons with blurred edges,
    of which only the first are real. The generator first learns to return
    the content alone (stage "pretrain"), then plays (stage "adversarial").

    Reference:
        Chen, Lai, Liu, "CartoonGAN: Generative Adversarial Networks for Photo
        Cartoonization", CVPR 2018, doi:10.1109/CVPR.2018.00986.

    Recipe:
        Photos and film frames of 256 pixels; content weight 10; stage
        "pretrain" for 10 epochs, then stage "adversarial". Adam 2e-4 (0.5,
        0.999) and batch 1 are CycleGAN's: the paper names none. Cited:
        selfie2anime KID x 100 of 15.85 +- 0.69 (as measured by U-GAT-IT's
        authors). Ours on it: not measured; published weights as we ran them
        are in docs/weights.md.

    Parameters of a generator:
        11,129,667 full, 878,433 light

    Reproduces:
        Four training steps of a port in both stages, all 8 losses, with its
        networks and its order, the discriminator first; forward pass with the
        real Hayao weights.

    Args:
        image_size: height and width of the training images; the trained
            generator takes any multiple of 4.
        filters: width of the generator's first layer: 64, light 96 if None.
        num_blocks: residual blocks of the generator.
        light: a generator of ShuffleNetV2's units: 0.88 million parameters
            instead of 11.1.
        vgg_weights: of `perceptual.VGGFeatures`: "imagenet" downloads them
            when training starts; a path; None for random ones.
        loss_weights: replaces weights of the losses.

    Example:
        frames = data.cartoon("photos", "film_frames")
        model = CartoonGAN()
        model.compile(stage="pretrain")
        model.fit(frames, epochs=10)
        model.compile(stage="adversarial")
        model.fit(frames, epochs=100)
        cartoon = model.translate(photo)
    """

    players = {
        "generator": ("generator",),  # G
        "discriminator": ("discriminator",),  # D
    }
    loss_weights = {"adversarial": 1.0, "content": 10.0}  # equation 2
    translators = {"ab": Translator("generator", takes=("a",), makes="b")}
    task = "photo cartoonization"
    data = "cartoon"
    stages = ("pretrain", "adversarial")

    def __init__(
        self,
        image_size=256,
        filters=None,
        num_blocks=8,
        light=False,
        vgg_weights="imagenet",
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.batch = {"a": Image(), "b": Image(), "smooth": Image()}  # p, c, e
        if filters is None:
            filters = 96 if light else 64
        build = light_generator if light else cartoon_generator
        self.generator = build(filters, num_blocks)
        # 32 beside either generator of full width.
        self.discriminator = edge_discriminator(filters // (3 if light else 2))
        # Before the ReLU, as of the layer that the paper calls conv4_4.
        self.features = VGGFeatures(
            "vgg19", ["block4_conv4:linear"], vgg_weights
        )

    @property
    def monitor(self):
        # In the game the content only gets worse; the newest is the best.
        return "content" if self.stage == "pretrain" else None

    def default_optimizer(self, player, total_steps):
        return Adam(2e-4, beta_1=0.5, beta_2=0.999)

    def prepare(self):
        self.features.load()

    def update(self, batch):
        if self.stage == "pretrain":
            return self.play("generator", batch)
        return super().update(batch)

    def generator_loss(self, batch, training=True):
        a = batch["a"]
        fake_b = self.generator(a, training=training)
        distance = feature_loss(self.features(fake_b), self.features(a), "l1")
        # Equation 4. The paper leaves the features' scale open; ours is that
        # of images in [-1, 1], where VGG19's is that of 0..255.
        terms = {"content": distance / 127.5}
        if self.stage == "adversarial":
            judged = self.discriminator(fake_b, training=training)
            # Deviation: equation 3 has log(1 - D(G(p))), which saturates.
            terms["adversarial"] = losses.non_saturating(judged)
        return terms, {"fake_b": fake_b}

    def discriminator_loss(self, batch, training=True):
        def judge(images, real):
            logits = self.discriminator(images, training=training)
            return losses.binary_cross_entropy(logits, real)

        return {  # equation 3
            "adversarial": {
                "cartoon": judge(batch["b"], real=True),
                "smooth": judge(batch["smooth"], real=False),
                "fake": judge(batch["fake_b"], real=False),
            }
        }, {}


def cartoon_generator(filters=64, num_blocks=8, name="generator"):
    """The generator of figure 2.

    Normalization is by instance with the epsilon of the authors' weights,
    1e-9, and after every second convolution of the halvings and doublings.

    Args:
        filters: width of the first layer.
        num_blocks: number of residual blocks.
        name: name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, 3) in [-1, 1], H and W divisible
        by 4, to float32 images of the same shape in [-1, 1].
    """

    def normalize(x, name):
        return InstanceNormalization(1e-9, affine=True, name=name)(x)

    def normalize_relu(x, name):
        x = normalize(x, f"{name}_norm")
        return keras.layers.ReLU(name=f"{name}_relu")(x)

    image = keras.Input((None, None, 3), name="input")
    x = convolution(image, filters, 7, padding="reflect", name="stem_conv")
    x = normalize_relu(x, "stem")
    for i in (1, 2):
        width = 2**i * filters
        x = convolution(x, width, 3, strides=2, name=f"down_{i}_conv_1")
        x = convolution(x, width, 3, name=f"down_{i}_conv_2")
        x = normalize_relu(x, f"down_{i}")
    for i in range(1, num_blocks + 1):
        block = x
        conv, norm = f"block_{i}_conv_{{}}", f"block_{i}_norm_{{}}"
        x = convolution(x, width, 3, padding="reflect", name=conv.format(1))
        x = normalize(x, norm.format(1))
        x = keras.layers.ReLU(name=f"block_{i}_relu")(x)
        x = convolution(x, width, 3, padding="reflect", name=conv.format(2))
        x = normalize(x, norm.format(2))
        x = keras.layers.Add(name=f"block_{i}_add")([x, block])
    for i in (1, 2):
        width = 2 ** (2 - i) * filters
        x = transposed_convolution(x, width, name=f"up_{i}_conv_1")
        x = convolution(x, width, 3, name=f"up_{i}_conv_2")
        x = normalize_relu(x, f"up_{i}")
    x = convolution(x, 3, 7, padding="reflect", name="head_conv")
    x = keras.layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(image, x, name=name)


def light_generator(filters=96, num_blocks=8, name="generator"):
    """The light generator of mnicnc404/CartoonGan-tensorflow.

    Every unit works on half of the channels and passes the others on; then
    they are shuffled. A halving is a unit that works on all channels twice.
    All units normalize by `ScalarLayerNormalization`.

    Reference: Ma et al., "ShuffleNet V2: Practical Guidelines for Efficient
    CNN Architecture Design", ECCV 2018, arXiv:1807.11164, figure 3.

    Args:
        filters: width of the first layer, even.
        num_blocks: number of units between halvings and doublings.
        name: name of the model.

    Returns:
        A `keras.Model` as `cartoon_generator` returns it.

    Raises:
        ValueError: If `filters` is odd.
    """
    if filters % 2:
        raise ValueError(
            "CartoonGAN(light=True) halves its channels and needs an even "
            f"number. Received: filters={filters}."
        )
    image = keras.Input((None, None, 3), name="input")
    x = convolution(image, filters, 5, name="stem_conv")
    x = _scalar_norm(x, "stem_norm", "stem_relu")
    for i in (1, 2):
        width = x.shape[-1]
        left = _depthwise(x, f"down_{i}_left", strides=2)
        left = _pointwise(left, width, f"down_{i}_left_conv")
        right = _inner(x, f"down_{i}", strides=2)
        x = keras.layers.Concatenate(name=f"down_{i}_concat")([left, right])
        x = _scalar_norm(x, f"down_{i}_norm_3", f"down_{i}_relu_2")
        x = ChannelShuffle(2, name=f"down_{i}_shuffle")(x)
    for i in range(1, num_blocks + 1):
        x = _shuffle_unit(x, f"block_{i}")
    for i in (1, 2):
        x = BilinearUpsampling2D(name=f"up_{i}_bilinear")(x)
        x = convolution(x, x.shape[-1] // 2, 1, name=f"up_{i}_conv")
        x = _shuffle_unit(x, f"up_{i}")
    x = convolution(x, 3, 5, name="head_conv")
    x = keras.layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(image, x, name=name)


def _shuffle_unit(x, name):
    half = x.shape[-1] // 2
    passed, x = x[..., :half], x[..., half:]
    x = _inner(x, name)
    x = _scalar_norm(x, f"{name}_norm_3", f"{name}_relu_2")
    x = keras.layers.Concatenate(name=f"{name}_concat")([passed, x])
    return ChannelShuffle(2, name=f"{name}_shuffle")(x)


def _inner(x, name, strides=1):
    """The convolutions of a unit: 1x1, 3x3 for each channel, 1x1."""
    width = x.shape[-1]
    x = _pointwise(x, width, f"{name}_conv_1")
    x = _scalar_norm(x, f"{name}_norm_1", f"{name}_relu_1")
    x = _depthwise(x, name, strides)
    return _pointwise(x, width, f"{name}_conv_2")


def _pointwise(x, filters, name):
    return convolution(x, filters, 1, use_bias=False, name=name)


def _depthwise(x, name, strides=1):
    x = keras.layers.DepthwiseConv2D(
        3,
        strides=strides,
        padding="same",  # TensorFlow's: a stride of 2 pads right and below
        use_bias=False,
        data_format="channels_last",
        depthwise_initializer=keras.initializers.RandomNormal(stddev=0.02),
        name=f"{name}_depthwise",
    )(x)
    return _scalar_norm(x, f"{name}_norm_2")


def _scalar_norm(x, name, relu=None):
    x = ScalarLayerNormalization(name=name)(x)
    return keras.layers.ReLU(name=relu)(x) if relu else x


def edge_discriminator(filters=32, name="discriminator"):
    """The discriminator of figure 2, which judges small patches: edges.

    Args:
        filters: width of the first layer.
        name: name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, 3) in [-1, 1] to float32 logits
        (N, H / 4, W / 4, 1).
    """

    def layer(x, i, multiplier, strides=1, normalized=True):
        x = convolution(
            x, multiplier * filters, 3, strides=strides, name=f"conv_{i}"
        )
        if normalized:
            x = InstanceNormalization(affine=True, name=f"norm_{i}")(x)
        return keras.layers.LeakyReLU(0.2, name=f"relu_{i}")(x)

    image = keras.Input((None, None, 3), name="input")
    x = layer(image, 1, 1, normalized=False)
    x = layer(x, 2, 2, strides=2, normalized=False)
    x = layer(x, 3, 4)
    x = layer(x, 4, 4, strides=2, normalized=False)
    x = layer(x, 5, 8)
    x = layer(x, 6, 8)
    x = convolution(x, 1, 3, dtype="float32", name="logits")
    return keras.Model(image, x, name=name)
