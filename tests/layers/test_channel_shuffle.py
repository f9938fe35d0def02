import numpy as np
import pytest

from keras_gan_translate.layers import ChannelShuffle


@pytest.mark.parametrize(
    "groups, expected", [(2, [0, 3, 1, 4, 2, 5]), (3, [0, 2, 4, 1, 3, 5])]
)
def test_groups_are_interleaved(groups, expected):
    places = 10.0 * np.arange(2 * 3 * 4).reshape((2, 3, 4, 1))
    result = ChannelShuffle(groups)(places + np.arange(6))
    np.testing.assert_array_equal(result, places + expected)


def test_uneven_groups_are_refused():
    with pytest.raises(ValueError, match="multiple of 4 channels"):
        ChannelShuffle(4)(np.zeros((1, 2, 2, 6)))
