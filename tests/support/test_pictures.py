import numpy as np
import pytest

from keras_gan_translate.support.pictures import (
    GAP,
    MIN_CELL,
    TITLE_HEIGHT,
    draw_grid,
    overlay_heatmap,
)


def plain(value, size=MIN_CELL):
    return np.full((size, size, 3), value, "uint8")


def test_cells_lie_where_they_should():
    grid = draw_grid([("A", [plain(10), plain(20)]), ("B", [plain(30)])])
    step = MIN_CELL + GAP
    assert grid.shape == (2 * step + TITLE_HEIGHT + GAP, 2 * step + GAP, 3)
    assert (grid[TITLE_HEIGHT + 1, GAP + 1] == 10).all()
    assert (grid[TITLE_HEIGHT + step + 1, GAP + 1] == 20).all()
    assert (grid[TITLE_HEIGHT + 1, GAP + step + 1] == 30).all()
    assert (grid[TITLE_HEIGHT + step + 1, GAP + step + 1] == 255).all()
    assert (grid[:TITLE_HEIGHT] < 200).any()  # the titles


def test_small_images_are_enlarged_by_a_whole_factor():
    image = np.random.default_rng(0).integers(0, 255, (40, 40, 3), "uint8")
    grid = draw_grid([("A", [image])])
    cell = grid[TITLE_HEIGHT : TITLE_HEIGHT + 120, GAP : GAP + 120]
    np.testing.assert_array_equal(cell[1::3, 1::3], image)
    np.testing.assert_array_equal(cell[::3, ::3], image)


def test_images_of_several_sizes_share_a_cell():
    image = np.random.default_rng(0).integers(0, 255, (40, 40, 3), "uint8")
    grid = draw_grid([("A", [image]), ("B", [plain(7, 160)])])
    cell = grid[TITLE_HEIGHT : TITLE_HEIGHT + 160, GAP : GAP + 160]
    np.testing.assert_array_equal(cell, image.repeat(4, 0).repeat(4, 1))
    assert (grid[TITLE_HEIGHT + 1, -GAP - 1] == 7).all()


@pytest.mark.parametrize("shape", [(36, 36, 3), (96, 48, 3), (192, 96, 3)])
def test_images_that_do_not_fit_are_refused(shape):
    with pytest.raises(ValueError, match="one shape"):
        draw_grid([("A", [plain(0)]), ("B", [np.zeros(shape, "uint8")])])
    with pytest.raises(ValueError, match="one shape"):
        draw_grid([])


def test_heatmaps_brighten_where_they_are_high():
    images = np.full((1, 2, 2, 3), 100, "uint8")
    heat = np.array([0.0, 0.3, 0.7, 1.0]).reshape(1, 2, 2, 1)
    overlaid = overlay_heatmap(images, heat)
    assert overlaid.shape == images.shape and overlaid.dtype == "uint8"
    assert (np.diff(overlaid.sum(-1).ravel().astype(int)) > 0).all()
    assert (overlay_heatmap(images, heat, opacity=0.0) == 100).all()
