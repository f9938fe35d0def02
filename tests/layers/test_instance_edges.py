import keras
import numpy as np

from keras_gan_translate.layers import InstanceEdges


def test_both_sides_of_a_border_are_its_edge():
    instances = np.array(
        [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 300, 300], [1, 1, 300, 300]]
    )[None, ..., None]
    edges = np.array(InstanceEdges()(instances.astype("int32")))
    expected = [[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 1, 1], [0, 1, 1, 0]]
    np.testing.assert_array_equal(edges[0, ..., 0], expected)


def test_is_a_layer_of_a_network_of_any_size():
    instances = keras.Input((None, None, 1), dtype="int32")
    network = keras.Model(instances, InstanceEdges()(instances))
    assert network.output_shape == (None, None, None, 1)
    assert not np.array(network(np.ones((1, 3, 5, 1), "int32"))).any()
