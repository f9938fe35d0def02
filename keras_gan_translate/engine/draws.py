"""What several papers draw at random in a training step."""

import keras
from keras import ops


def shuffled(values, seed):
    """The examples of a batch in another order.

    Args:
        values: tensor with the batch first.
        seed: a `keras.random.SeedGenerator`.
    """
    count = ops.shape(values)[0]
    order = ops.argsort(keras.random.uniform((count,), seed=seed))
    return ops.take(values, order, axis=0)


def places_between(images, seed):
    """Places between real images and fakes, U(0, 1), (N, 1, 1, 1).

    Args:
        images: tensor with the batch first.
        seed: a `keras.random.SeedGenerator`.
    """
    count = ops.shape(images)[0]
    return keras.random.uniform((count, 1, 1, 1), seed=seed)
