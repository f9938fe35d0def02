import numpy as np
import pytest

from keras_gan_translate.data import smooth_edges, synthetic_faces
from keras_gan_translate.data.edge_smoothing import find_edges


def disc(side=64, radius=20, inside=200, outside=40):
    y, x = np.indices((side, side)) - (side - 1) / 2
    image = np.where(np.hypot(x, y) < radius, inside, outside)
    return np.repeat(image[..., None], 3, -1).astype("uint8")


def distance_to_circle(side=64, radius=20):
    y, x = np.indices((side, side)) - (side - 1) / 2
    return np.abs(np.hypot(x, y) - radius)


def test_the_edge_of_a_disc_is_a_closed_thin_circle():
    edges = find_edges(disc())
    distance = distance_to_circle()
    assert edges.any() and (distance[edges] < 1.5).all()
    # Pixels within half a pixel of the circle, about its circumference.
    assert 2 * np.pi * 20 * 0.8 < edges.sum() < 2 * np.pi * 20 * 1.2
    rays = np.linspace(0, 2 * np.pi, 90)
    for y, x in zip(np.sin(rays), np.cos(rays)):
        at = np.rint([31.5 + 20 * y, 31.5 + 20 * x]).astype(int)
        assert edges[at[0] - 1 : at[0] + 2, at[1] - 1 : at[1] + 2].any()


@pytest.mark.parametrize("turn", range(4))
def test_edges_turn_with_the_image(turn):
    image = synthetic_faces(1, 64, styles=("toon",))[0][0]
    turned = find_edges(np.rot90(image, turn))
    # Of two equal neighbours the one that stays depends on the side.
    same = turned == np.rot90(find_edges(image), turn)
    assert same.mean() > 0.99


def test_edges_are_blurred_and_flat_regions_untouched():
    image = disc()
    smooth = smooth_edges(image)
    distance = distance_to_circle()
    far, near = distance > 6, distance < 0.5
    np.testing.assert_array_equal(smooth[far], image[far])
    assert ((smooth[near] > 60) & (smooth[near] < 180)).all()
    # The steepest step between neighbours is what a Gaussian leaves of it.
    steepest = np.abs(np.diff(smooth[..., 0].astype(int), axis=1)).max()
    assert 0.3 * 160 < steepest < 0.45 * 160
    assert smooth.dtype == "uint8" and (image == disc()).all()


def test_a_step_of_one_color_only():
    image = np.full((20, 20, 3), 100, "uint8")
    image[:, 10:, 1] = 200  # green
    smooth = smooth_edges(image)
    assert (smooth[..., [0, 2]] == 100).all()
    assert (np.diff(smooth[10, 6:14, 1].astype(int)) >= 0).all()
    assert len(np.unique(smooth[10, :, 1])) > 3


def test_a_faint_edge_counts_where_it_continues_a_strong_one():
    image = np.full((40, 40, 3), 100, "uint8")
    image[:20, 20:] = 160  # strong
    image[20:, 20:] = 125  # between the thresholds
    alone = np.full((40, 40, 3), 100, "uint8")
    alone[:, 20:] = 125
    assert find_edges(image)[30, 18:22].any()
    assert not find_edges(alone).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (64, 3), (5, 5)])
def test_any_size_and_nothing_to_find(shape):
    image = np.full((*shape, 3), 37, "uint8")
    np.testing.assert_array_equal(smooth_edges(image), image)


def test_smooth_shading_is_no_edge():
    ramp = np.linspace(0, 255, 64).astype("uint8")
    image = np.broadcast_to(ramp[None, :, None], (64, 64, 3))
    np.testing.assert_array_equal(smooth_edges(image), image)
