"""pix2pixHD: label maps to large images, one style per object."""

import keras
import numpy as np
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.batches import as_batch
from keras_gan_translate.engine.optimizers import Adam, LinearDecay
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image, Instances, Label, LabelMap
from keras_gan_translate.fields.label_map import CITYSCAPES
from keras_gan_translate.gan import GAN
from keras_gan_translate.layers import AverageDownsampling2D, InstanceEdges
from keras_gan_translate.losses.perceptual import (
    SYNTHESIS_LAYERS,
    VGGFeatures,
    synthesis_loss,
)
from keras_gan_translate.networks import (
    features_of,
    multiscale_discriminator,
    resnet_generator,
)
from keras_gan_translate.networks.blocks import (
    convolution,
    normalize,
    residual_block,
    transposed_convolution,
)


@keras.saving.register_keras_serializable("keras_gan_translate")
class Pix2PixHD(GAN):
    """Label maps to images of high resolution.

    A residual network works at a sixteenth of the size; an enhancer around
    it doubles the resolution. Discriminators of one form judge the image at
    several sizes, and the generator shall match their features of the real
    image. Instance maps show it where one object ends and the next of its
    class begins; an encoder gives every object a style.

    Reference:
        Wang, Liu, Zhu, Tao, Kautz, Catanzaro, "High-Resolution Image
        Synthesis and Semantic Manipulation with Conditional GANs", 2018,
        arXiv:1711.11585.

    Recipe:
        Cityscapes' 2975 images, 1024 by 512 without the enhancer, 2048 by
        1024 with it; batch 1; Adam 2e-4 (0.5, 0.999); 200 epochs, the rate
        constant for the first half, then linear to zero. With the enhancer
        in three stages: "global" at half the size, "enhancer" alone, "joint".
        Cited: a mean IoU of 0.6389 of a segmenter on the results (0.6857 on
        real images). Ours on it: not measured.

    Parameters of a generator:
        182,546,755, 182,857,059 with the enhancer

    Reproduces:
        Three training steps, all 6 losses, with VGG all 7.

    Args:
        image_size: height and width of the training images, a multiple of
            `2**num_downs`, with the enhancer of twice that.
        classes: names of the label map's classes, in the order of their
            numbers; Cityscapes' by default.
        palette: the classes' colours, an (r, g, b) in 0..255 each; hues if
            None.
        filters: width of the networks' first layers.
        num_blocks: residual blocks of the generator.
        num_downs: how often the generator halves the image.
        enhancer: whether the generator has the local enhancer.
        instances: whether there are instance maps.
        features: channels of the objects' style; 0 for none, the paper's 3.
            It needs instance maps. After the training `learn_styles` finds
            those to choose from.
        styles: number of styles per class to choose from.
        num_layers: halving layers of the discriminators.
        num_scales: number of discriminators. Deviation: the authors' code
            has 2 unless told otherwise, the paper 3.
        vgg_weights: of `perceptual.VGGFeatures`.
        loss_weights: replaces weights of the losses; a "perceptual" weight of
            0 leaves VGG out.

    Example:
        model = Pix2PixHD(image_size=512, classes=["sky", "tree", "house"])
        model.compile()
        model.fit(data.semantic("streets"), epochs=200)
        photo = model.translate(label_map, instances=instances)
    """

    players = {
        "generator": ("generator",),  # G
        "discriminator": ("discriminator",),  # D_1, D_2
    }
    loss_weights = {
        "adversarial": 1.0,
        "feature_matching": 10.0,  # lambda of equation 4
        "perceptual": 10.0,
        "discriminator_adversarial": 0.5,
    }
    translators = {
        "ab": Translator(
            "composed",
            takes=("label_map", "instances"),
            makes="image",
            parts=("generator",),
        )
    }
    task = "label maps to images"
    data = "semantic"
    total_steps = 200 * 2975  # epochs x images of Cityscapes

    def __init__(
        self,
        image_size=512,
        classes=tuple(CITYSCAPES),
        palette=None,
        filters=64,
        num_blocks=9,
        num_downs=4,
        enhancer=False,
        instances=True,
        features=0,
        styles=10,
        num_layers=3,
        num_scales=2,
        vgg_weights="imagenet",
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        self.num_downs = num_downs + bool(enhancer)
        if image_size % self.size_multiple:
            raise ValueError(
                f"This Pix2PixHD halves its images {self.num_downs} times: "
                f"their image_size is a multiple of {self.size_multiple}. "
                f"Received: {image_size}."
            )
        if features and not instances:
            raise ValueError(
                f"features={features} are of objects, which instance maps "
                "tell apart: they need instances=True."
            )
        label_map = LabelMap(
            classes=tuple(classes), palette=tuple(map(tuple, palette or ()))
        )
        self.batch = {"label_map": label_map}
        if instances:
            self.batch["instances"] = Instances()
        takes = tuple(self.batch)
        self.batch["image"] = Image()
        channels = len(classes) + bool(instances)

        self.generator = resnet_generator(
            filters,
            num_blocks,
            num_downs=num_downs,
            channels=channels + features,
            name="generator",
        )
        self.enhancer = None
        if enhancer:
            self.stages = ("global", "enhancer", "joint")
            self.stage = self.stages[-1]
            self.coarse = self.generator  # G_1, with an end of its own
            self.enhancer = local_enhancer(channels + features, filters // 2)
            self.generator = enhanced(self.coarse, self.enhancer)
        self.encoder = None
        if features:
            self.encoder = resnet_generator(
                max(filters // 4, 1),
                0,
                num_downs=num_downs,
                output_channels=features,
                name="encoder",
            )
            self.styles = style_table(len(classes), styles, features)
            names = tuple(map(str, range(1, styles + 1)))
            self.drawn = {"style": Label(classes=names, option="style")}
            takes += ("style",)
        self.edges = InstanceEdges(name="edges")
        self.composed = self._composed(takes)
        self.translators = {
            "ab": Translator("composed", takes, "image", ("generator",))
        }
        self.discriminator = multiscale_discriminator(
            channels + 3, filters, num_layers, num_scales
        )
        self.features = None
        if self.loss_weights["perceptual"]:
            self.features = VGGFeatures(
                "vgg19", tuple(SYNTHESIS_LAYERS), vgg_weights
            )

    @property
    def size_multiple(self):
        return 2**self.num_downs

    @property
    def monitor(self):
        return "perceptual" if self.features else "feature_matching"

    def default_optimizer(self, player, total_steps):
        # Deviation: the rate falls every step, the authors' every epoch.
        return Adam(LinearDecay(2e-4, total_steps), beta_1=0.5, beta_2=0.999)

    def prepare(self):
        if self.features:
            self.features.load()

    def player_variables(self, player):
        if player == "discriminator":
            return super().player_variables(player)
        networks = [self._painter()]
        if self.stage == "enhancer":
            networks = [self.enhancer]
        elif self.encoder:
            networks.append(self.encoder)
        return [v for network in networks for v in network.trainable_variables]

    def generator_loss(self, batch, training=True):
        condition, image = self._condition(batch), self._image(batch)
        inputs = condition
        if self.encoder:
            features = instance_means(
                self.encoder(image, training=training), self._instances(batch)
            )
            inputs = ops.concatenate([condition, features], axis=-1)
        fake = self._painter()(inputs, training=training)
        of_fake = self._judge(condition, fake, training)
        of_real = self._judge(condition, image, training)
        matching = losses.feature_matching(
            features_of(of_real), features_of(of_fake)
        )
        terms = {
            "adversarial": sum(
                losses.least_squares(scale[-1], real=True) for scale in of_fake
            ),
            # Equation 4 adds up the four layers of the paper's discriminator.
            "feature_matching": 4.0 * matching,
        }
        if self.features:
            terms["perceptual"] = synthesis_loss(self.features, fake, image)
        return terms, {"fake": fake}

    def discriminator_loss(self, batch, training=True):
        condition = self._condition(batch)
        fake = self._judge(condition, batch["fake"], training)
        real = self._judge(condition, self._image(batch), training)
        return {
            "adversarial": {
                "fake": sum(
                    losses.least_squares(scale[-1], real=False)
                    for scale in fake
                ),
                "real": sum(
                    losses.least_squares(scale[-1], real=True) for scale in real
                ),
            }
        }, {}

    def learn_styles(self, batches, steps=20):
        """Finds the styles to choose from: clusters of the objects' features.

        Args:
            batches: iterable of batches, such as a data set of `fit`.
            steps: of the k-means clustering.

        Raises:
            ValueError: the model has no features.
        """
        if not self.encoder:
            raise ValueError("Styles are learned with features=3 or so.")
        objects = {}
        for data in batches:
            batch = as_batch(self, data)
            features = self.encoder(batch["image"], training=False)
            maps = (batch["label_map"], batch["instances"], features)
            for maps_of_one in zip(*map(ops.convert_to_numpy, maps)):
                for label, feature in _objects(*maps_of_one):
                    objects.setdefault(label, []).append(feature)
        table = ops.convert_to_numpy(self.styles.get_layer("table").styles)
        table = table.copy()
        for label, found in objects.items():
            table[label] = _clusters(np.stack(found), table.shape[1], steps)
        self.styles.get_layer("table").styles.assign(table)

    def _painter(self):
        """The network that a stage trains: at half the size at first."""
        return self.coarse if self.stage == "global" else self.generator

    def _composed(self, takes):
        """The generator with its condition, which translates."""
        inputs = {
            "label_map": keras.Input(
                (None, None, len(self.batch["label_map"].classes))
            ),
            "instances": keras.Input((None, None, 1), dtype="int32"),
            "style": keras.Input((len(self.drawn["style"].classes),))
            if self.drawn
            else None,
        }
        planes = [inputs["label_map"]]
        if "instances" in takes:
            planes.append(self.edges(inputs["instances"]))
        if "style" in takes:
            planes.append(self.styles([inputs["label_map"], inputs["style"]]))
        if len(planes) > 1:
            planes = [keras.layers.Concatenate(name="condition")(planes)]
        inputs = [inputs[name] for name in takes]
        return keras.Model(
            inputs if len(inputs) > 1 else inputs[0],
            self.generator(planes[0]),
            name="translator",
        )

    def _condition(self, batch):
        label_map = self._halved(batch["label_map"])
        if "instances" not in self.batch:
            return label_map
        edges = self.edges(self._instances(batch))
        return ops.concatenate([label_map, edges], axis=-1)

    def _instances(self, batch):
        return self._halved(batch["instances"])

    def _halved(self, maps):
        return maps[:, ::2, ::2] if self.stage == "global" else maps

    def _image(self, batch):
        if self.stage != "global":
            return batch["image"]
        return ops.average_pool(
            batch["image"], 2, 2, data_format="channels_last"
        )

    def _judge(self, condition, image, training):
        inputs = ops.concatenate([condition, image], axis=-1)
        return self.discriminator(inputs, training=training)


def local_enhancer(channels, filters=32, num_blocks=3, name="enhancer"):
    """The local enhancer, G_2 of figure 3, without the network within it.

    Args:
        channels: of the condition.
        filters: width of the first layer.
        num_blocks: residual blocks.
        name: name of the model.

    Returns:
        A `keras.Model` from [condition (N, H, W, channels), features (N, H /
        2, W / 2, 2 * filters)] to float32 images (N, H, W, 3) in [-1, 1].
    """
    condition = keras.Input((None, None, channels), name="condition")
    features = keras.Input((None, None, 2 * filters), name="features")
    x = convolution(condition, filters, 7, padding="reflect", name="stem_conv")
    x = normalize(x, "instance", "stem_norm")
    x = keras.layers.ReLU(name="stem_relu")(x)
    x = convolution(x, 2 * filters, 3, strides=2, name="down_1_conv")
    x = normalize(x, "instance", "down_1_norm")
    x = keras.layers.ReLU(name="down_1_relu")(x)
    x = keras.layers.Add(name="add_features")([x, features])
    for i in range(1, num_blocks + 1):
        x = residual_block(
            x,
            f"block_{i}",
            normalization="instance",
            use_bias=True,
            initializer="normal",
        )
    x = transposed_convolution(x, filters, name="up_1_conv")
    x = normalize(x, "instance", "up_1_norm")
    x = keras.layers.ReLU(name="up_1_relu")(x)
    x = convolution(x, 3, 7, padding="reflect", name="head_conv")
    x = keras.layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model([condition, features], x, name=name)


def enhanced(coarse, enhancer, name="generator"):
    """A generator of half the size, up to its last features, enhanced.

    Args:
        coarse: a `resnet_generator`.
        enhancer: a `local_enhancer`.
        name: name of the model.

    Returns:
        A `keras.Model` from conditions (N, H, W, C) to images.
    """
    last = max(
        (layer.name for layer in coarse.layers if layer.name[:3] == "up_"),
        key=lambda name: (name.split("_")[1], name.endswith("relu")),
    )
    trunk = keras.Model(
        coarse.input, coarse.get_layer(last).output, name="trunk"
    )
    condition = keras.Input((None, None, coarse.input.shape[-1]), name="input")
    half = AverageDownsampling2D(name="half")(condition)
    return keras.Model(condition, enhancer([condition, trunk(half)]), name=name)


def style_table(num_classes, styles, features, name="styles"):
    """From [one-hot label maps, one-hot styles] to planes of features."""
    label_map = keras.Input((None, None, num_classes))
    style = keras.Input((styles,))
    planes = StyleTable(features, name="table")([label_map, style])
    return keras.Model([label_map, style], planes, name=name)


@keras.saving.register_keras_serializable("keras_gan_translate")
class StyleTable(keras.layers.Layer):
    """The features of every class in a number of styles (section 3.4).

    Args:
        features: number of features.
    """

    def __init__(self, features, **kwargs):
        super().__init__(**kwargs)
        self.features = features

    def build(self, input_shape):
        (*_, classes), (_, styles) = input_shape
        self.styles = self.add_weight(
            (classes, styles, self.features),
            "zeros",
            trainable=False,
            name="styles",
        )

    def call(self, inputs):
        label_map, style = inputs
        of_class = ops.einsum("ns,csf->ncf", style, self.styles)
        return ops.einsum("nhwc,ncf->nhwf", label_map, of_class)

    def compute_output_shape(self, input_shape):
        return (*input_shape[0][:-1], self.features)

    def get_config(self):
        return super().get_config() | {"features": self.features}


def instance_means(features, instances):
    """Every pixel's features become the mean of those of its object.

    Args:
        features: (N, H, W, C).
        instances: numbers of objects (N, H, W, 1), which mean nothing beyond
            one image.

    Returns:
        float32 tensor (N, H, W, C).
    """
    shape = ops.shape(features)
    count, pixels = shape[0], shape[1] * shape[2]
    numbers = ops.reshape(instances, (count, pixels))
    # Objects are counted through in the order of their numbers.
    order = ops.argsort(numbers, axis=-1)
    ordered = ops.take_along_axis(numbers, order, axis=-1)
    new = ops.not_equal(ordered[:, 1:], ordered[:, :-1])
    new = ops.cast(
        ops.pad(new, ((0, 0), (1, 0)), constant_values=True), "int32"
    )
    objects = ops.reshape(
        ops.cumsum(ops.reshape(new, (-1,))) - 1, (count, pixels)
    )
    back = ops.argsort(order, axis=-1)
    objects = ops.reshape(ops.take_along_axis(objects, back, axis=-1), (-1,))
    x = ops.reshape(ops.cast(features, "float32"), (-1, shape[-1]))
    total = count * pixels
    sums = ops.segment_sum(x, objects, num_segments=total)
    sizes = ops.segment_sum(
        ops.ones_like(x[:, :1]), objects, num_segments=total
    )
    means = sums / ops.maximum(sizes, 1.0)
    return ops.reshape(ops.take(means, objects, axis=0), shape)


def _objects(label_map, instances, features):
    """(class, mean features) of every object of an image."""
    labels = label_map.argmax(-1)
    for number in np.unique(instances):
        where = instances[..., 0] == number
        yield np.bincount(labels[where]).argmax(), features[where].mean(0)


def _clusters(points, count, steps):
    """`count` centres of points (N, C), by k-means; repeated if too few."""
    random = np.random.RandomState(0)  # its streams are frozen for ever
    start = random.permutation(len(points))
    centres = points[np.resize(start, count)]
    for _ in range(steps):
        distances = np.square(points[:, None] - centres).sum(-1)
        nearest = distances.argmin(1)
        for i in np.unique(nearest):
            centres[i] = points[nearest == i].mean(0)
    return centres
