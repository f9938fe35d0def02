"""Losses of classifiers: which class an image is of."""

from keras import ops

from keras_gan_translate.losses.precision import as_float32
from keras_gan_translate.support.types import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of a softmax, averaged over the batch.

    Args:
        logits: (N, classes).
        labels: One-hot (N, classes).
    """
    logits, labels = as_float32(logits, labels)
    return -ops.mean(ops.sum(labels * ops.log_softmax(logits), axis=-1))


def attribute_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Binary cross-entropies, added over attributes, averaged over the batch.

    Args:
        logits: (N, attributes), of which any number may hold.
        labels: 0 or 1 (N, attributes).
    """
    logits, labels = as_float32(logits, labels)
    # -log sigmoid(x) = softplus(-x), -log(1 - sigmoid(x)) = x + softplus(-x)
    terms = (1.0 - labels) * logits + ops.softplus(-logits)
    return ops.mean(ops.sum(terms, axis=-1))
