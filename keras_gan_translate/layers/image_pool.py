"""The replay buffer of CycleGAN's discriminators."""

import keras
from keras import ops

from keras_gan_translate import backend


@keras.saving.register_keras_serializable("keras_gan_translate")
class ImagePool(keras.layers.Layer):
    """Mixes translations of earlier steps into a discriminator's fakes.

    While the pool fills, every image is stored and returned. Once it is full,
    each image is returned as it is with probability 1/2, and otherwise
    replaced by a random stored one, whose place it takes. The images of one
    batch draw from different places, so none is lost. Images that come in the
    batch that fills the pool and find no room pass through unstored.

    The pool is identity with `training=False` or `size=0`. Its images, count
    and random state are variables: they work under XLA, and a `GAN` saves them.

    Reference: Shrivastava et al., "Learning from Simulated and Unsupervised
    Images through Adversarial Training", CVPR 2017, arXiv:1612.07828; Zhu et
    al., "Unpaired Image-to-Image Translation using Cycle-Consistent
    Adversarial Networks", ICCV 2017, arXiv:1703.10593 (50 images).

    Args:
        size: Number of images kept; 0 switches the pool off. A batch must not
            be larger.
        image_shape: (H, W, C) of the images; needed unless `size` is 0.
        seed: Integer or None.

    Raises:
        ValueError: If `size` is negative, `image_shape` is not three sizes, or
            a batch is larger than the pool or of another image shape.

    Example:
        >>> pool = ImagePool(2, image_shape=(8, 8, 3))
        >>> pool(keras.ops.ones((1, 8, 8, 3)), training=True).shape
        (1, 8, 8, 3)
    """

    def __init__(self, size=50, image_shape=None, seed=None, **kwargs):
        # Without autocasting images go in and out as they are.
        super().__init__(autocast=False, **kwargs)
        if size < 0:
            raise ValueError(
                "ImagePool expects a `size` of 0 or more. "
                f"Received: size={size}"
            )
        if size and (image_shape is None or None in image_shape):
            raise ValueError(
                "ImagePool needs the `image_shape` (height, width, channels) "
                "of the images it stores. "
                f"Received: image_shape={image_shape}"
            )
        self.size = size
        self.image_shape = image_shape and tuple(image_shape)
        self.seed = seed
        if size:
            state = {
                "initializer": "zeros",
                "trainable": False,
                "autocast": False,
                "aggregation": "only_first_replica",
            }
            self.images = self.add_weight(
                name="images",
                shape=(size, *self.image_shape),
                dtype="float32",
                **state,
            )
            self.count = self.add_weight(
                name="count", shape=(), dtype="int", **state
            )
            self.seed_generator = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, images, training=False):
        if not self.size or not training:
            return images
        dtype = images.dtype
        images = backend.gathered(images)  # one pool for all devices
        self._check(images.shape)
        batch = ops.shape(images)[0]
        count = ops.cast(self.count, "int32")
        stored = ops.convert_to_tensor(self.images)
        incoming = ops.cast(images, "float32")

        full = count >= self.size
        places = ops.argsort(
            keras.random.uniform((self.size,), seed=self.seed_generator)
        )[:batch]
        room = count + ops.arange(batch, dtype="int32")
        # Distinct in either case, so no write meets another.
        slots = ops.where(full, ops.cast(places, "int32"), room % self.size)
        drawn = keras.random.uniform((batch,), seed=self.seed_generator) < 0.5
        swap = ops.reshape(ops.logical_and(full, drawn), (-1, 1, 1, 1))
        write = ops.reshape(
            ops.where(full, drawn, room < self.size), (-1, 1, 1, 1)
        )

        old = ops.take(stored, slots, axis=0)
        self.images.assign(
            ops.scatter_update(
                stored,
                ops.expand_dims(slots, -1),
                ops.where(write, incoming, old),
            )
        )
        self.count.assign(
            ops.cast(ops.minimum(count + batch, self.size), self.count.dtype)
        )
        return ops.cast(backend.dealt(ops.where(swap, old, incoming)), dtype)

    def _check(self, shape):
        batch, *image_shape = shape
        fits = all(
            size in (None, expected)
            for size, expected in zip(image_shape, self.image_shape)
        )
        if not fits or (batch is not None and batch > self.size):
            raise ValueError(
                f"ImagePool(size={self.size}) expects batches of at most "
                f"{self.size} images of shape {self.image_shape}. Received a "
                f"batch of shape {tuple(shape)}"
            )

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "size": self.size,
            "image_shape": self.image_shape,
            "seed": self.seed,
        }
