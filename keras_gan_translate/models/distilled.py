"""Distillation: a small generator learns from a large one."""

import copy

import keras
import numpy as np
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.optimizers import Adam, LinearDecay
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image
from keras_gan_translate.gan import GAN
from keras_gan_translate.networks import (
    image_of,
    last_features,
    logits_of,
    mobile_unet,
    patch_discriminator,
    resnet_generator,
)
from keras_gan_translate.support.messages import check_choice


@keras.saving.register_keras_serializable("keras_gan_translate")
class Distilled(GAN):
    """A generator a hundredth the size that learns from any translator.

    The teacher, frozen, translates photos, and its pictures are the truth:
    neither labels nor a second domain are needed. The student shall make the
    same picture, by pixels and by structure; have the same features, mapped
    by 1x1 convolutions that training alone needs; and deceive a discriminator
    that begins as the teacher's own, where it has one.

    Reference:
        Li, Lin, Ding, Liu, Zhu, Han, "GAN Compression: Efficient
        Architectures for Interactive Conditional GANs", 2020,
        arXiv:2003.08936; Ren, Wu, Xiao, Yang, "Online Multi-Granularity
        Distillation for GAN Compression", 2021, arXiv:2108.06908.

    Recipe:
        Photos like those that are to be translated, resized to 286, cropped
        to 256, flipped, darkened, zoomed, partly covered; batch 8; Adam 2e-4
        (0.5, 0.999), constant for the first half, then linear to zero. Cited:
        CycleGAN on horse2zebra from 11.4 to 0.34 million parameters and from
        56.8 to 2.67 G multiply-adds, FID 65.75 and 65.33 (GAN Compression).
        Ours: not measured.

    Parameters of a generator:
        694,707 (`mobile_unet`); 92,899 (`separable`)

    Reproduces:
        Formulas of the two papers; the students are ours.

    Args:
        teacher: a `GAN` that makes images of images alone, of which copies
            are taken, with the discriminators of the run that `load` opened;
            or one network, which is frozen; None where nothing is to be
            trained. On the command line a run, a `.keras` file or published
            weights.
        direction: of the teacher's translators; its first if None.
        student: "mobile_unet", see `networks.mobile_unet`, or "separable":
            `networks.resnet_generator` with separable residual blocks.
        image_size: height and width of the training images; the trained
            student takes any.
        filters: width of the student's first layer.
        num_blocks: its depth: the blocks at its lowest resolution.
        normalization: of the student: "batch" or "instance".
        discriminator: a network that the adversary begins as; if None the
            teacher's discriminators, or else a new PatchGAN.
        discriminator_filters: width of that PatchGAN's first layer.
        remember: how many of the teacher's pictures are made once, of photos
            that are augmented then, and trained on, as "b" of the batches; 0
            makes them anew in every step. For teachers that take long. Its
            features teach nothing then.
        loss_weights: replaces weights of the losses.

    Example:
        teacher = kgt.load("runs/ugatit-selfie2anime")
        model = Distilled(teacher, filters=16)
        model.compile()
        model.fit(data.open_dataset("selfies", "images"), epochs=100)
        model.export_translator("anime", precisions=["int8"], images=selfies)
    """

    players = {
        "generator": ("generator", "maps"),
        "discriminator": ("discriminator",),
    }
    loss_weights = {
        "adversarial": 1.0,
        "reconstruction": 10.0,  # GAN Compression's for CycleGAN
        "ssim": 10.0,  # OMGD's
        # Deviation: GAN Compression has 0.01 for squares of CycleGAN's
        # features; of any teacher's these are relative. Not measured.
        "features": 1.0,
        # Deviation: OMGD sums 1e-5 times absolute differences, 2 times their
        # mean at 256 pixels; these are squares. Not measured.
        "total_variation": 0.1,
        "discriminator_adversarial": 0.5,
    }
    translators = {"ab": Translator("generator", takes=("a",), makes="b")}
    given_networks = ("teacher",)
    task = "distillation"
    data = "images"
    monitor = "reconstruction"
    # Deviation: the papers have 1 for CycleGAN; moments of a batch need more.
    batch_size = 8
    # Ours: a camera sees more than the photos that one happens to have.
    augmentation = ("crop", "flip", "scale", "occlusion", "light")
    size_step = 8

    def __init__(
        self,
        teacher=None,
        direction=None,
        student="mobile_unet",
        image_size=256,
        filters=16,
        num_blocks=4,
        normalization="batch",
        discriminator=None,
        discriminator_filters=32,
        remember=0,
        loss_weights=None,
        **kwargs,
    ):
        super().__init__(image_size, loss_weights, **kwargs)
        check_choice("student", student, tuple(STUDENTS))
        # Deviation: CycleGAN's students have instance normalization in the
        # papers. That of a batch costs phones nothing; see `mobile_unet`.
        check_choice("normalization", normalization, ("batch", "instance"))
        self.student = student
        self.batch = {"a": Image()}
        self.generator = STUDENTS[student](filters, num_blocks, normalization)
        # The config has the networks instead, and whoever gave a model may
        # let it go.
        vars(self)["_arguments"].update(teacher=None, discriminator=None)
        self.teacher, self.taught_direction = None, direction
        if teacher is None:
            self.players = {"generator": ("generator",)}
            return
        if isinstance(teacher, GAN):
            direction = _checked_direction(teacher, direction, image_size)
            if discriminator is None:
                discriminator = _discriminator_of(teacher, direction)
            teacher = _copy(teacher.translator(direction))
        self.teacher = _checked_network("teacher", teacher, image_size)
        self.teacher.trainable = False
        if discriminator is None:
            discriminator = patch_discriminator(
                discriminator_filters, name="discriminator"
            )
        self.discriminator = _checked_network(
            "discriminator", discriminator, image_size
        )
        if remember:
            self.batch["b"] = Image()
            self.data, self.augmentation = "paired", ("flip",)
            self._watch(())
        else:
            size = self.image_size or 256
            self._watch(last_features(self.teacher, size))

    def follow(self, teacher):
        """Takes a teacher's weights as they are by now: online distillation.

        Args:
            teacher: as of the constructor, of the same architecture.

        Raises:
            ValueError: it has other weights, or some that are not finite;
                nothing is changed.
        """
        if isinstance(teacher, GAN):
            teacher = teacher.translator(self.taught_direction)
        ours, theirs = self.teacher.weights, teacher.get_weights()
        if [w.shape for w in ours] != [w.shape for w in theirs]:
            raise ValueError(
                f"The teacher has {len(ours)} arrays of weights, and this "
                f"{teacher.name!r} has {len(theirs)}, or of other shapes: a "
                "student follows one teacher."
            )
        if not all(np.isfinite(values).all() for values in theirs):
            raise ValueError("Weights of the teacher are not finite.")
        for variable, values in zip(ours, theirs):
            variable.assign(values)

    def _watch(self, taught):
        """Makes the maps, and the networks that tell features, too.

        These are made of the others' layers: Keras is to track them once.

        Args:
            taught: the teacher's features by their strides.
        """
        # Deviation: GAN Compression maps four residual blocks of one and the
        # same architecture. Two different ones have resolutions in common.
        made = last_features(self.generator, self.image_size or 256)
        strides = [stride for stride in made if stride in taught]
        for name, network, features in (
            ("_teaching", self.teacher, taught),
            ("_learning", self.generator, made),
        ):
            outputs = {f"stride_{s}": features[s] for s in strides}
            outputs["image"] = image_of(network.output)
            vars(self)[name] = keras.Model(network.inputs, outputs)
        if not strides:
            self.players = self.players | {"generator": ("generator",)}
            return
        inputs, mapped = {}, {}
        for stride in strides:
            name = f"stride_{stride}"
            channels = made[stride].shape[-1]
            inputs[name] = keras.Input((None, None, channels), name=name)
            mapped[name] = keras.layers.Conv2D(
                taught[stride].shape[-1],
                1,
                data_format="channels_last",
                name=f"{name}_map",
            )(inputs[name])
        self.maps = keras.Model(inputs, mapped, name="maps")

    @property
    def size_multiple(self):
        return 2 ** NUM_DOWNS[self.student]

    def default_optimizer(self, player, total_steps):
        return Adam(LinearDecay(2e-4, total_steps), beta_1=0.5, beta_2=0.999)

    def compile(self, *args, **kwargs):
        if self.teacher is None:
            raise ValueError(
                "Distilled learns from a teacher, and this one has none: it "
                "translates. Give `teacher`, a trained model or its network."
            )
        super().compile(*args, **kwargs)

    def generator_loss(self, batch, training=True):
        made = dict(self._learning(batch["a"], training=training))
        if "b" in self.batch:  # remembered
            taught, truth = {}, batch["b"]
        else:
            taught = dict(self._teaching(batch["a"], training=False))
            # What lies outside is clipped where images become uint8.
            truth = ops.clip(taught.pop("image"), -1, 1)
        fake = made.pop("image")
        terms = {
            "adversarial": sum(
                losses.least_squares(logits, real=True)
                for logits in self._judge(fake, training).values()
            ),
            "reconstruction": losses.l1(fake, truth),
            "ssim": 1.0 - losses.ssim(fake, truth),
            "total_variation": losses.total_variation(fake),
        }
        if made:
            mapped = self.maps(made, training=training)
            terms["features"] = {
                name: losses.l2(mapped[name], features)
                # Relative: one weight for all teachers.
                / (losses.l2(features, ops.zeros_like(features)) + 1e-6)
                for name, features in taught.items()
            }
        return terms, {"fake": fake, "truth": truth}

    def discriminator_loss(self, batch, training=True):
        # Deviation: real are the teacher's pictures, not a second domain's.
        real = self._judge(batch["truth"], training)
        fake = self._judge(batch["fake"], training)
        return {
            "adversarial": {
                name: losses.least_squares(real[name], real=True)
                + losses.least_squares(fake[name], real=False)
                for name in real
            }
        }, {}

    def _judge(self, images, training):
        return logits_of(self.discriminator(images, training=training))

    # What a file holds: the teacher's network, once, and no other of it.

    def get_config(self):
        config = super().get_config()
        if self.teacher is not None:
            for name in ("teacher", "discriminator"):
                config[name] = keras.saving.serialize_keras_object(
                    getattr(self, name)
                )
        return config

    @classmethod
    def from_config(cls, config, custom_objects=None):
        networks = {
            # Keras takes apart what it reads.
            name: keras.saving.deserialize_keras_object(
                copy.deepcopy(config[name]), custom_objects=custom_objects
            )
            for name in ("teacher", "discriminator")
            if isinstance(config.get(name), dict)
        }
        return super().from_config(config | networks, custom_objects)


def _separable(filters, num_blocks, normalization):
    return resnet_generator(
        filters,
        num_blocks,
        normalization,
        num_downs=NUM_DOWNS["separable"],
        # Deviation: GAN Compression transposes convolutions, which leaves
        # checkerboards and is slow on phones.
        upsampling="nearest",
        separable=True,
    )


STUDENTS = {"mobile_unet": mobile_unet, "separable": _separable}
NUM_DOWNS = {"mobile_unet": 3, "separable": 2}


def _checked_direction(teacher, direction, image_size):
    """A direction of a teacher that makes images of images alone."""
    direction = teacher.direction(direction)
    inputs = teacher.inputs(direction)
    pictures = [
        field
        for field in inputs.values()
        if isinstance(field, Image)
        and (field.channels, field.reduction, field.option) == (3, 1, None)
    ]
    if len(inputs) > 1 or not pictures or teacher.scale != 1:
        raise ValueError(
            "A student learns to make an image of an image of its size. "
            f"{type(teacher).__name__} in the direction {direction!r} takes "
            f"{', '.join(inputs)} and enlarges {teacher.scale} times: it can "
            "be no teacher yet."
        )
    multiple = teacher.size_multiple
    if image_size and image_size % multiple:
        raise ValueError(
            f"The teacher, {type(teacher).__name__}, takes images of multiples "
            f"of {multiple} pixels. Received: image_size={image_size}."
        )
    return direction


def _checked_network(name, network, image_size):
    """A network that takes one image, RGB, of the size."""
    if not isinstance(network, keras.Model):
        raise ValueError(
            f"`{name}` is a network, or what `load` opens a run as, such as "
            f'{name}=load("runs/anime"). Received: {network!r}.'
        )
    shapes = [tuple(tensor.shape) for tensor in network.inputs]
    if len(shapes) != 1 or shapes[0][-1] != 3:
        raise ValueError(
            f"`{name}` is a network of one image, RGB. Received: one that "
            f"takes {shapes}."
        )
    if shapes[0][1] not in (None, image_size):
        raise ValueError(
            f"The {name} takes images of {shapes[0][1]} pixels only. Received: "
            f"image_size={image_size}."
        )
    return network


def _discriminator_of(teacher, direction):
    """A copy of what has learned to judge a teacher's images, or None."""
    makes = teacher.translators[direction].makes
    names = [name for names in teacher.players.values() for name in names]
    untrained = teacher.load_rest() if teacher.load_rest else ()
    found = []
    for name in names:
        words = name.split("_")
        if words[0] != "discriminator" or makes not in (words[1:2] or [makes]):
            continue
        if name in untrained:
            continue
        network = getattr(teacher, name)
        # Some judge pairs, or look at more than one image.
        if [tensor.shape[-1] for tensor in network.inputs] == [3] and all(
            isinstance(logits, keras.KerasTensor)
            for logits in logits_of(network.output).values()
        ):
            found.append(_copy(network))
    if len(found) < 2:
        return found[0] if found else None
    image = keras.Input(found[0].inputs[0].shape[1:], name="input")
    logits = {
        f"{network.name}_{name}": value
        for network in found
        for name, value in logits_of(network(image)).items()
    }
    return keras.Model(image, logits, name="discriminator")


def _copy(network):
    made = keras.models.clone_model(network)
    made.set_weights(network.get_weights())
    return made
