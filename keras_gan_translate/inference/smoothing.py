"""Clips that flicker less: what stands still is averaged, what moves is not."""

import numpy as np

# In whole numbers, so that the selfie page computes the very same pictures:
# examples/selfie_web/smoothing.js.
UNIT = 256  # of what is remembered, to one level of a pixel
REACH = 2  # pixels to each side over which change is averaged
# Where something moves, so far around it nothing is averaged, as a share of
# the shorter side: a network's picture changes around it, too.
SPREAD = 1 / 16
CHANNELS = 3
# Mean change of the source in levels: noise below the one, motion above the
# other.
STILL, MOVING = 3, 7
LEAST = 51  # of 256: how much of a new frame is taken where all stands still


class Smoother:
    """Averages a translated clip over time where its source stands still.

    An exponential average of every pixel, of which the newest frame is a
    fifth where the source is what it was, all of it where the source has
    changed, and between them in between. The source is compared with its own
    average, taken with the same weights, and not with the frame before: what
    changes slowly, by less than noise from frame to frame, is change too, once
    it adds up. So nothing of what has gone stays behind.

    What the translator makes otherwise of pixels at rest, because something
    far from them has moved, comes with the delay with which noise goes: half
    of it after three frames.

    Example:
        >>> smooth = Smoother()
        >>> frames = [smooth(frame, model.translate(frame)) for frame in clip]
    """

    def __init__(self) -> None:
        self._source = self._made = None

    def __call__(
        self, source: np.ndarray, translated: np.ndarray
    ) -> np.ndarray:
        """Takes the next frame, and returns its smooth translation.

        A first frame, and one of another size than the last, stay as they
        are.

        Args:
            source: uint8 array (H, W, 3), what was translated.
            translated: uint8 array (h, w, 3), what was made of it.

        Returns:
            uint8 array (h, w, 3).
        """
        source, made = (
            UNIT * np.asarray(x, "int32") for x in (source, translated)
        )
        if (
            self._made is None
            or self._source.shape != source.shape
            or self._made.shape != made.shape
        ):
            self._source, self._made = source, made
        else:
            share = _share_of_new(source, self._source)
            self._source += (source - self._source) * share[..., None] >> 8
            rows, columns = (
                np.arange(made.shape[axis])
                * share.shape[axis]
                // made.shape[axis]
                for axis in (0, 1)
            )
            share = share[rows[:, None], columns]
            self._made += (made - self._made) * share[..., None] >> 8
        return (self._made + UNIT // 2 >> 8).astype("uint8")


def _share_of_new(source, known):
    """How much of a frame is taken at each pixel, of 256; int32 (H, W)."""
    change = np.abs(source - known).sum(-1) >> 8
    width = 2 * REACH + 1
    for axis in (0, 1):
        sums = _padded(change, REACH, axis).cumsum(0)
        sums = np.pad(sums, ((1, 0), (0, 0)))
        change = np.moveaxis(sums[width:] - sums[:-width], 0, axis)
    count = CHANNELS * width**2
    over = (change - STILL * count) * (256 - LEAST)
    share = LEAST + over // ((MOVING - STILL) * count)
    share = np.clip(share, LEAST, 256).astype("int32")
    reach = int(min(share.shape) * SPREAD)
    for axis in (0, 1):
        most, step = _padded(share, reach, axis), 1
        while 2 * step <= 2 * reach + 1:
            most, step = np.maximum(most[:-step], most[step:]), 2 * step
        rest = 2 * reach + 1 - step
        most = np.maximum(most[: len(most) - rest], most[rest:])
        share = np.moveaxis(most, 0, axis)
    return share


def _padded(numbers, reach, axis):
    """With that axis first, and more at its ends, which go on as they are."""
    numbers = np.moveaxis(numbers, axis, 0)
    return np.pad(numbers, ((reach, reach), (0, 0)), "edge")
