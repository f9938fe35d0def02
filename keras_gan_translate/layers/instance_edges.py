"""The outlines of objects."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_translate")
class InstanceEdges(keras.layers.Layer):
    """1.0 where a pixel's neighbour belongs to another object, else 0.0.

    Neighbours are the four that share a side; both pixels of a pair are on
    the edge.

    Reference: Wang et al., "High-Resolution Image Synthesis and Semantic
    Manipulation with Conditional GANs", CVPR 2018, arXiv:1711.11585, section
    3.3.

    Example:
        >>> InstanceEdges()(keras.ops.array([[[[1], [1], [2]]]]))[0, 0, :, 0]
        [0.0, 1.0, 1.0]
    """

    def call(self, instances):
        rows = self._differ(instances[:, 1:], instances[:, :-1])
        columns = self._differ(instances[:, :, 1:], instances[:, :, :-1])
        none = (0, 0)
        sides = [
            ops.pad(rows, (none, (1, 0), none, none)),
            ops.pad(rows, (none, (0, 1), none, none)),
            ops.pad(columns, (none, none, (1, 0), none)),
            ops.pad(columns, (none, none, (0, 1), none)),
        ]
        edges = sides[0]
        for side in sides[1:]:
            edges = ops.maximum(edges, side)
        return edges

    def _differ(self, one, other):
        return ops.cast(ops.not_equal(one, other), self.compute_dtype)

    def compute_output_spec(self, instances):
        return keras.KerasTensor(instances.shape, self.compute_dtype)
