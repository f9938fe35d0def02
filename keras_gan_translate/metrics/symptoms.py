"""What a few sample pictures show of a training that goes wrong.

A few numbers, each of a handful of pictures, in NumPy alone: cheap enough for
every epoch, and no measure of quality. What each means for a run, and from
where on, `runs.diagnosis` says.
"""

from __future__ import annotations

import numpy as np

PARTS = 8  # across and down; the larger parts of a picture
WINDOW = 16  # pixels; of the spectra, which have as many frequencies
MOST = 16  # windows down and across; beyond that there is space between them
VISIBLE = 2.0  # levels of 255; what is fainter is no pattern to anybody


def variety(made: np.ndarray, real: np.ndarray) -> float | None:
    """How much pictures differ from each other, as a share of real ones.

    The mean absolute difference of a pixel between two of them. 0: they are
    all the same, the translator has collapsed; 1: they are as varied.

    Args:
        made: uint8 array (N, H, W, channels), translations of N sources.
        real: uint8 array (M, H, W, channels) of the target domain.

    Returns:
        The share; None of fewer than two pictures, or real ones all alike.
    """
    varied, usual = _spread(made), _spread(real)
    return varied / usual if varied is not None and usual else None


def likeness(sources: np.ndarray, made: np.ndarray) -> float:
    """Mean over the pictures of Pearson's correlation of their pixels.

    1: the translation is its source, but for contrast; 0: it has nothing of
    it; -1: bright is dark and dark is bright.

    Args:
        sources: uint8 array (N, H, W, channels).
        made: their translations, of the same shape, or larger by a whole
            factor: the means of their blocks count then.
    """
    count, height, width, channels = sources.shape
    blocks = (count, height, -1, width, made.shape[2] // width, channels)
    smaller = np.asarray(made, "float32").reshape(blocks).mean((2, 4))
    x = np.asarray(sources, "float32").reshape(count, -1)
    y = smaller.reshape(count, -1)
    x = x - x.mean(axis=1, keepdims=True)
    y = y - y.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    return float(np.mean((x * y).sum(axis=1) / np.maximum(norm, 1e-8)))


def change(
    sources: np.ndarray, made: np.ndarray, real: np.ndarray
) -> float | None:
    """How far translations are from their sources, as a share.

    The mean absolute difference of a pixel, divided by that between a source
    and a real picture of the target domain. 0: the translator changes nothing.

    Args:
        sources: uint8 array (N, H, W, channels).
        made: their translations, of the same shape.
        real: uint8 array (M, H, W, channels) of the target domain. Where it
            is the sources themselves, each is compared with the others.

    Returns:
        The share; None where sources and real pictures are all the same.
    """
    usual = _between(sources, real)
    return _distance(sources, made) / usual if usual else None


def error(
    made: np.ndarray, truth: np.ndarray, sources: np.ndarray | None = None
) -> float | None:
    """How far translations are from the true ones, as a share.

    The mean absolute difference of a pixel, divided by that between one true
    picture and another, or between sources and truth where that is less. 0:
    they are the truth; 1: another picture, or doing nothing, is as near. The
    mean of all pictures has about 0.7.

    Args:
        made: uint8 array (N, H, W, channels).
        truth: their true translations, of the same shape.
        sources: uint8 array of the same shape, or None where they are no
            pictures.

    Returns:
        The share; None of fewer than two pictures, or true ones all alike.
    """
    usual = _spread(truth)
    if usual and sources is not None:
        usual = min(usual, _distance(sources, truth))
    return _distance(made, truth) / usual if usual else None


def detail(made: np.ndarray, real: np.ndarray) -> float | None:
    """How much fine structure pictures have, as a share of real ones.

    The root mean square of what a pixel differs from the mean of its four
    neighbours. 0: smooth; 1: as sharp; above: noise or an invented pattern.

    Args:
        made: uint8 array (N, H, W, channels).
        real: uint8 array (M, H, W, channels) of the target domain.

    Returns:
        The share; None of real pictures without any structure.
    """
    usual = _fineness(real)
    return _fineness(made) / usual if usual else None


def contrast(made: np.ndarray, real: np.ndarray) -> float | None:
    """How much the larger parts of pictures differ, as a share of real ones.

    The root mean square of what the mean of an eighth by an eighth of a
    picture differs from that of the whole. Near 0: gray mush, which may be
    full of fine structure and different from one picture to the next.

    Args:
        made: uint8 array (N, H, W, channels).
        real: uint8 array (M, H, W, channels) of the target domain.

    Returns:
        The share; None of real pictures that are all of one colour.
    """
    usual = _part_spread(real)
    return _part_spread(made) / usual if usual else None


def checkerboard(made: np.ndarray, real: np.ndarray | None = None):
    """How much a pattern repeats every two or four pixels.

    Upsampling by transposed convolution leaves such grids. It is seen in the
    spectrum of small windows, wherever in a picture and of whatever sign the
    pattern is: the power at its frequencies over that beside them, of which
    the largest ratio counts. 1 is no grid. Pixel art and dithering may have
    one of their own: what real pictures have is divided out.

    Args:
        made: uint8 array (N, H, W, channels).
        real: uint8 array (M, H, W, channels) of the target domain, or None.

    Returns:
        The ratio; None of pictures of less than 16 pixels.
    """
    ratio = _peak(made)
    if ratio is None or real is None:
        return ratio
    return ratio / max(1.0, _peak(real) or 1.0)


def movement(before: np.ndarray, made: np.ndarray) -> float:
    """Mean absolute difference of a pixel between two epochs' translations.

    In levels of 255. 0: nothing is being learnt.

    Args:
        before: uint8 array, translations of an epoch.
        made: those of a later one, of the same sources.
    """
    return _distance(before, made)


def _distance(one, other):
    """Mean absolute difference of a pixel, in levels."""
    return float(np.abs(np.asarray(one, "float32") - other).mean())


def _spread(images):
    """Mean distance of two of the pictures; None of one."""
    pairs = [
        _distance(images[i], images[j])
        for i in range(len(images))
        for j in range(i)
    ]
    return float(np.mean(pairs)) if pairs else None


def _between(images, others):
    """Mean distance of one of the images to one of the others."""
    if np.array_equal(images, others):
        return _spread(images)
    pairs = [_distance(x, y) for x in images for y in others]
    return float(np.mean(pairs))


def _fineness(images):
    """Root mean square of a pixel's distance to its neighbours' mean."""
    x = np.asarray(images, "float32")
    neighbours = (
        x[:, :-2, 1:-1] + x[:, 2:, 1:-1] + x[:, 1:-1, :-2] + x[:, 1:-1, 2:]
    ) / 4
    return float(np.sqrt(np.mean((x[:, 1:-1, 1:-1] - neighbours) ** 2)))


def _part_spread(images):
    """Root mean square of a part's distance to its picture's mean."""
    x = np.asarray(images, "float32")
    side = max(1, min(x.shape[1:3]) // PARTS)
    down, across = (length // side for length in x.shape[1:3])
    x = x[:, : down * side, : across * side]
    x = x.reshape(len(x), down, side, across, side, -1).mean((2, 4))
    x = x - x.mean((1, 2), keepdims=True)
    return float(np.sqrt(np.mean(x**2)))


def _peak(images):
    """Largest power of a grid over that beside it; None if too small."""
    power = _spectrum(images)
    if power is None:
        return None
    # A wave of the least amplitude that is visible, under the window.
    floor = _power_of_wave(VISIBLE)
    quarter = WINDOW // 4  # periods of four pixels, and twice that of two
    peak = 0.0
    for y in (0, quarter, 2 * quarter):  # the rest is symmetric
        for x in (0, quarter, 2 * quarter, 3 * quarter):
            if x == y == 0:
                continue
            # A window of Hann leaks into one frequency, not into two. Along
            # an axis are all straight edges: it is compared with itself.
            beside = [power[y, x + step] for step in (-2, 2) if x]
            beside += [power[y + step, x] for step in (-2, 2) if y]
            usual = np.exp(np.mean(np.log(np.array(beside) + floor)))
            peak = max(peak, (power[y, x] + floor) / usual)
    return float(peak)


def _power_of_wave(amplitude):
    """Power of a cosine in the spectrum, at its own frequency."""
    return (amplitude / 2) ** 2 * _window().sum() ** 2


def _window():
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    return np.outer(hann, hann)


def _spectrum(images):
    """Mean power over windows and channels, by frequency down and across."""
    x = np.asarray(images, "float32")
    if min(x.shape[1:3]) < WINDOW:
        return None
    tops, lefts = (
        np.linspace(0, side - WINDOW, min(MOST, 2 * side // WINDOW - 1))
        for side in x.shape[1:3]
    )
    tiles = np.lib.stride_tricks.sliding_window_view(
        x, (WINDOW, WINDOW), axis=(1, 2)
    )[:, tops.astype(int)[:, None], lefts.astype(int)]
    tiles = tiles - tiles.mean((-2, -1), keepdims=True)
    power = np.abs(np.fft.fft2(tiles * _window())) ** 2
    mean = power.mean(tuple(range(power.ndim - 2)))
    # So that a step beyond the last frequency is the first.
    return np.pad(mean, ((0, WINDOW // 2), (0, WINDOW // 2)), mode="wrap")
