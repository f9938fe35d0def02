"""Pairs of images of which an attribute holds of one and not of the other."""

import functools

import numpy as np

from keras_gan_translate.data.epochs import repeated
from keras_gan_translate.data.kinds.attributes import Attributes


class AttributePairs(Attributes):
    """Batches of opposed pairs: "a" has what "b" has not, one "attribute".

    "attribute" is its number; "attributes_a" and "attributes_b" are all of
    either. The attributes come by turns, rare ones as often as others; those
    that all images have, or none, do not. An epoch has as many pairs as there
    are images.
    """

    name = "attribute_pairs"
    options = {"attributes": Attributes.options["attributes"]}

    def of_model(self, model):
        return {}

    def groups(self, arrays):
        images, labels = arrays["image"], arrays["attributes"]
        return [
            {"a": images, "attributes_a": labels},
            {"b": images, "attributes_b": labels},
            {"attribute": _told_apart(labels).astype("int32")},
        ]

    def extras(self, arrays, found, reading):
        labels = arrays["attributes"]
        if not len(_told_apart(labels)):
            raise ValueError(
                "No two images differ in an attribute: "
                f"{', '.join(found.facts['attributes'])}, so that there are "
                "no pairs. Give more images, or other attributes."
            )
        return {"arrange": functools.partial(_oppose, labels)}


def _told_apart(labels):
    """Numbers of the attributes that some images have, and some have not."""
    return np.flatnonzero(np.ptp(labels, axis=0))


def _oppose(labels, orders, random):
    """Orders of two images and an attribute that the first alone has."""
    *images, attributes = orders
    known = _told_apart(labels)
    images = [order.copy() for order in images]
    for place, number in enumerate(known):
        rows = np.flatnonzero(attributes == place)
        for order, truth in zip(images, (1, 0)):
            fitting = np.flatnonzero(labels[:, number] == truth)
            order[rows] = repeated(fitting, len(rows), random)
    return [*images, attributes]
