"""Where the pixels of a frame go in the next one, estimated."""

from __future__ import annotations

import importlib.util

import numpy as np

WARPS = 5  # at each scale; more took twice as long and found no more
RADIUS = 7  # pixels around each whose motion is taken to be alike
# Forth and back a pixel that stays in sight arrives where it was, but for this
# share of the squares of both ways and for half a pixel.
SLACK, LEAST = 0.01, 0.5


def optical_flow(
    before: np.ndarray, after: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Estimates the motion between two frames, by scikit-image.

    Iterative Lucas-Kanade, from the first frame to the second and back.

    Args:
        before: uint8 array (H, W, 3).
        after: uint8 array (H, W, 3), the next frame.

    Returns:
        (flow, visible) as `flicker` takes them of one pair: float32 array
        (H, W, 2) with x first, and bool array (H, W), False for what is
        covered or leaves the frame, as far as both ways tell.

    Raises:
        ImportError: scikit-image is missing; says how to get it.

    Reference:
        Le Besnerais and Champagnat, "Dense optical flow by iterative local
        window registration", 2005; of the way back, Sundaram, Brox and
        Keutzer, "Dense point trajectories by GPU-accelerated large
        displacement optical flow", 2010.
    """
    check_installed()
    from skimage.registration import optical_flow_ilk

    # Luma of BT.601; motion is as well seen without colours.
    gray = [
        np.asarray(x, "float32") @ np.float32([0.299, 0.587, 0.114]) / 255
        for x in (before, after)
    ]
    there, back = (
        np.stack(
            optical_flow_ilk(*pair, radius=RADIUS, num_warp=WARPS)[::-1], -1
        )
        for pair in (gray, gray[::-1])
    )
    height, width = gray[0].shape
    rows, columns = np.indices((height, width))
    x = np.rint(columns + there[..., 0]).astype(int).clip(0, width - 1)
    y = np.rint(rows + there[..., 1]).astype(int).clip(0, height - 1)
    back = back[y, x]
    off = ((there + back) ** 2).sum(-1)
    ways = (there**2).sum(-1) + (back**2).sum(-1)
    return there.astype("float32"), off <= SLACK * ways + LEAST


def check_installed():
    """Raises an ImportError that helps, unless motion can be found."""
    if importlib.util.find_spec("skimage") is None:
        raise ImportError(
            "Flicker of videos is measured along their motion, which "
            "scikit-image finds: run `pip install "
            "'keras-gan-translate[flicker]'`."
        )
