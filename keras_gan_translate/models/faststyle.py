"""Fast style transfer: a network that paints in one style."""

import keras

from keras_gan_translate import layers, losses
from keras_gan_translate.engine.optimizers import Adam
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.gan import GAN
from keras_gan_translate.losses.perceptual import (
    VGGFeatures,
    feature_loss,
    style_loss,
)
from keras_gan_translate.networks.blocks import convolution

CONTENT_LAYER = "block2_conv2"  # relu2_2
STYLE_LAYERS = (  # relu1_2, relu2_2, relu3_3, relu4_3
    "block1_conv2",
    "block2_conv2",
    "block3_conv3",
    "block4_conv3",
)


@keras.saving.register_keras_serializable("keras_gan_translate")
class FastStyle(GAN):
    """Style transfer in one pass: photographs in the style of one painting.

    There is no discriminator. The generator is trained so that VGG16 sees in
    its image the content of the photograph, by features, and the style of the
    painting, by Gram matrices of features. Every painting takes a training of
    its own.

    Reference:
        Johnson, Alahi, Fei-Fei, "Perceptual Losses for Real-Time Style
        Transfer and Super-Resolution", 2016, arXiv:1603.08155.

    Recipe:
        A: photographs (82,783 of MS COCO), cropped to 256; B: the painting,
        one image in its folder; batch 4, Adam 1e-3, 2 epochs. The paper
        states no figure of quality. Ours: not measured with ImageNet weights;
        with random ones strokes and their direction arrive in 240 steps.

    Parameters of a generator:
        1,679,235

    Reproduces:
        Forward pass.

    Args:
        image_size: height and width of the training images; the trained
            generator takes any.
        filters: width of the generator's first layer.
        num_blocks: residual blocks of the generator.
        vgg_weights: "imagenet" (downloaded when training begins), the path of
            a file, or None; see `perceptual.VGGFeatures`.
        loss_weights: replaces weights of the losses; "style" is the one to
            try, some paintings need more and some less.

    Example:
        model = FastStyle()
        model.compile()
        photos = data.unpaired("coco", "starry_night", batch_size=4)
        model.fit(photos, epochs=2)
        painting = model.translate(photo)
    """

    players = {"generator": ("generator",)}  # f_W
    # Those of the authors' published program, which like Keras uses VGG's
    # original weights. The 1e5 and 1e10 of ports to PyTorch are for
    # torchvision's, whose features are smaller.
    loss_weights = {
        "content": 1.0,
        "style": 5.0,
        # 1e-6 times half the sum over 4 images of 256 pixels in 0..255.
        "total_variation": 1e-6 / 2 * 127.5**2 * (4 * 256 * 256 * 3),
    }
    translators = {"ab": Translator("generator", takes=("a",), makes="b")}
    task = "style transfer"
    monitor = "style"
    batch_size = 4
    total_steps = 2 * 82_783 // 4  # epochs x images of MS COCO / batch

    def __init__(
        self,
        image_size=256,
        filters=32,
        num_blocks=5,
        vgg_weights="imagenet",
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.generator = transformation_network(filters, num_blocks)
        self.features = VGGFeatures("vgg16", STYLE_LAYERS, vgg_weights)

    def default_optimizer(self, player, total_steps):
        return Adam(1e-3, beta_1=0.9, beta_2=0.999)

    def prepare(self):
        self.features.load()

    def generator_loss(self, batch, training=True):
        fake = self.generator(batch["a"], training=training)
        features = self.features(fake)
        content = self.features(batch["a"])
        # Deviation: the authors take the whole painting, at one size, once;
        # here every batch brings crops of it, some of them mirrored.
        style = self.features(batch["b"])
        return {
            "content": feature_loss(
                {CONTENT_LAYER: features[CONTENT_LAYER]},
                {CONTENT_LAYER: content[CONTENT_LAYER]},
            ),
            "style": style_loss(features, style),
            "total_variation": losses.total_variation(fake),
        }, {}


def transformation_network(filters=32, num_blocks=5, name="generator"):
    """The image transformation network, as PyTorch's examples have it.

    It halves the image twice, works on it in residual blocks and doubles it
    by nearest upsampling; all convolutions are padded by reflection, all but
    the last normalized by instance. The authors' first version normalized by
    batch and had transposed convolutions.

    Args:
        filters: Channels of the first convolution; doubled by each halving.
        num_blocks: Number of residual blocks.
        name: Name of the model.

    Returns:
        A `keras.Model` from images (N, H, W, 3) in [-1, 1], H and W divisible
        by 4, to float32 images (N, H, W, 3). Nothing bounds these: what lies
        outside [-1, 1] is clipped where images become uint8.

    Example:
        >>> transformation_network(filters=8, num_blocks=1).output_shape
        (None, None, None, 3)
    """

    def normalized(x, filters, kernel_size, name, strides=1):
        x = convolution(
            x,
            filters,
            kernel_size,
            strides=strides,
            padding="reflect",
            initializer="torch",
            name=f"{name}_conv",
        )
        return layers.InstanceNormalization(affine=True, name=f"{name}_norm")(x)

    def rectified(x, filters, kernel_size, name, strides=1):
        x = normalized(x, filters, kernel_size, name, strides)
        return keras.layers.ReLU(name=f"{name}_relu")(x)

    image = keras.Input((None, None, 3), name="input")
    # The published weights are for 0..255.
    x = keras.layers.Rescaling(127.5, 127.5, dtype="float32", name="to_255")(
        image
    )
    x = rectified(x, filters, 9, "stem")
    x = rectified(x, 2 * filters, 3, "down_1", strides=2)
    x = rectified(x, 4 * filters, 3, "down_2", strides=2)
    for i in range(1, num_blocks + 1):
        y = rectified(x, 4 * filters, 3, f"block_{i}_1")
        y = normalized(y, 4 * filters, 3, f"block_{i}_2")
        x = keras.layers.Add(name=f"block_{i}_add")([x, y])
    for i in (1, 2):
        x = layers.NearestUpsampling2D(name=f"up_{i}_nearest")(x)
        x = rectified(x, 4 * filters // 2**i, 3, f"up_{i}")
    x = convolution(
        x,
        3,
        9,
        padding="reflect",
        initializer="torch",
        dtype="float32",
        name="head_conv",
    )
    x = keras.layers.Rescaling(
        1 / 127.5, -1.0, dtype="float32", name="from_255"
    )(x)
    return keras.Model(image, x, name=name)
