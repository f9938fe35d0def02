import numpy as np

from keras_gan_translate.data.drawn.painting import (
    Layer,
    ellipse,
    paint,
    paint_maps,
    rounded,
    tube,
)

RED, BLUE = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
LEFT = np.array([[-0.5, 0.0], [0.0, 0.0], [0.0, 1.0], [-0.5, 1.0]])
LOWER = np.array([[-0.5, 0.5], [0.5, 0.5], [0.5, 1.0], [-0.5, 1.0]])


def test_the_last_layer_is_on_top_in_picture_and_map():
    layers = [Layer([LEFT], RED, (1,)), Layer([LOWER], BLUE, (2,))]
    picture, maps = paint(layers, (8, 8), np.ones(3))
    expected = np.zeros((8, 8))
    expected[:, :4] = 1
    expected[4:] = 2
    np.testing.assert_array_equal(maps[0], expected)
    colors = np.array([[255, 255, 255], [255, 0, 0], [0, 0, 255]])
    # Pillow's polygons own what their edge touches, half a sample at most.
    sure = [0, 1, 2, 4, 5, 6, 7]
    np.testing.assert_array_equal(picture[sure], colors[maps[0]][sure])


def test_cuts_and_untagged_layers():
    layers = [
        Layer([LEFT], RED, (1,), minus=(LOWER,)),
        Layer([LOWER], BLUE, within=(LEFT,)),
    ]
    picture, maps = paint(layers, (8, 8), np.zeros(3))
    assert (maps[0, :4, :4] == 1).all() and maps[0].sum() == 16
    assert (picture[4:, :4] == (0, 0, 255)).all()
    assert not picture[4:, 4:].any()


def test_opacity_and_a_view():
    layers = [Layer([LEFT], RED, (1,), opacity=0.5)]
    picture, maps = paint(layers, (8, 8), np.zeros(3), view=(2, -0.25, 0))
    assert (picture == (128, 0, 0)).all() and (maps == 1).all()


def test_shapes():
    disc = ellipse(0, 0.5, 0.2, 0.1)
    _, maps = paint([Layer([disc], RED, (1,))], (100, 100), BLUE)
    assert abs(maps.sum() - np.pi * 20 * 10) < 20
    rod = tube([[-0.2, 0.5], [0.2, 0.5]], [0.1, 0.1])
    _, maps = paint([Layer([rod], RED, (1,))], (100, 100), BLUE)
    assert abs(maps.sum() - (40 * 20 + np.pi * 100)) < 25
    corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]]
    assert np.isclose(rounded(corners)[::8], corners).all()


def test_maps_alone():
    layers = [
        Layer([LEFT], RED, (1, 4)),
        Layer([LOWER], RED, soft=0.1, shadow=0.5),
        Layer([ellipse(0.1, 0.6, 0.2, 0.3)], BLUE, (2, 5), shadow=0.5),
    ]
    _, maps = paint(layers, (40, 40), BLUE, 2)
    np.testing.assert_array_equal(paint_maps(layers, (40, 40), 2), maps)
    assert set(np.unique(maps[1])) == {0, 4, 5}


def test_a_shadow_falls_on_things_and_not_on_the_backdrop():
    disc = ellipse(0.0, 0.5, 0.2, 0.2)
    layers = [Layer([LEFT], RED, (1,)), Layer([disc], BLUE, (2,), shadow=0.8)]
    picture, maps = paint(layers, (100, 100), np.ones(3))
    middle = picture[50]
    assert 100 < middle[29, 0] < 240 and middle[9, 0] == 255
    beyond = middle[72:]  # the backdrop, an edge's pixel away
    assert (maps[0, 50, 72:] == 0).all() and (beyond == 255).all()
