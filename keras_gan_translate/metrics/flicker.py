"""Flicker: what changes from frame to frame, and should not."""

from __future__ import annotations

import numpy as np
from PIL import Image

from keras_gan_translate.metrics.optical_flow import optical_flow

STILL = 2.0  # steps of 255 by which a pixel at rest may change
MEASURED_AT = 256  # pixels of the shorter side, at most
LEAST_SEEN = 0.5  # of a pair's pixels; at a cut fewer are seen again


def flicker(
    frames: np.ndarray,
    source: np.ndarray | None = None,
    flow: np.ndarray | None = None,
    visible: np.ndarray | None = None,
) -> float:
    """Mean change between neighbouring frames of a clip where nothing moves.

    With `source` only pixels count which are still in the source: their
    change is the translator's own. With `flow` every pixel is compared with
    what it becomes (the warping error of video papers), unless it leaves the
    frame or is hidden. With neither, motion counts as flicker.

    Reference: of the warping error, Lai, Huang, Wang, Shechtman, Yumer, Yang,
    "Learning Blind Video Temporal Consistency", 2018, arXiv:1808.00449.
    Deviation: absolute differences, of nearest pixels.

    Args:
        frames: uint8 array (T, H, W, 3), translated, T > 1.
        source: uint8 array of the same shape, what was translated.
        flow: float array (T - 1, H, W, 2): what is at (x, y) in frame t is at
            (x, y) + flow in frame t + 1, in pixels, x first.
        visible: bool array (T - 1, H, W): what of frame t is to be seen in
            frame t + 1; all of it if None.

    Returns:
        Mean absolute difference, in steps of 255; 0 is steady. NaN where
        no pixel of the source is still.

    Raises:
        ValueError: if the shapes do not fit.
    """
    frames = np.asarray(frames)
    if frames.ndim != 4 or len(frames) < 2:
        raise ValueError(
            "Expected frames (T, H, W, 3), two or more. Received shape: "
            f"{frames.shape}."
        )
    count, height, width, _ = frames.shape
    counts = np.ones((count - 1, height, width), bool)
    after = frames[1:].astype("float32")
    if flow is not None:
        flow = np.asarray(flow)
        if flow.shape != (count - 1, height, width, 2):
            raise ValueError(
                f"Expected flow {(count - 1, height, width, 2)}, from each "
                f"frame to the next. Received shape: {flow.shape}."
            )
        places = np.indices((height, width))
        y = np.rint(places[0] + flow[..., 1]).astype(int)
        x = np.rint(places[1] + flow[..., 0]).astype(int)
        counts &= (y >= 0) & (y < height) & (x >= 0) & (x < width)
        y, x = y.clip(0, height - 1), x.clip(0, width - 1)
        after = after[np.arange(count - 1)[:, None, None], y, x]
    if visible is not None:
        counts &= np.asarray(visible, bool)
    if source is not None:
        source = np.asarray(source).astype("float32")
        if source.shape[:3] != frames.shape[:3]:
            raise ValueError(
                "The source has as many frames, of the same size. Received "
                f"shapes: {frames.shape} and {source.shape}."
            )
        counts &= np.abs(np.diff(source, axis=0)).max(-1) <= STILL
    change = np.abs(after - frames[:-1]).mean(-1)
    return float(change[counts].mean()) if counts.any() else float("nan")


class FlickerMeter:
    """Flicker of videos, frame by frame, along the motion of their source.

    The warping error: `flicker` along the `optical_flow` between each two
    neighbouring frames of the source, of pixels that both show, averaged over
    the pairs. Pairs that have less than half of their pixels in common, as at
    a cut, are left out.

    What it measures is not the translator's alone. The camera's noise, light
    that changes, and motion that the flow gets wrong are in it, so that the
    source's own value stands beside it: what a translation has above that, its
    translator has added. It counts every change alike, whether it is seen or
    not, and a translation that shows nothing has none. Frames are reduced to
    a shorter side of 256 pixels: finer flicker is averaged there.

    Example:
        >>> meter = FlickerMeter()
        >>> for frame in clip:
        ...     meter.add(frame, translated=model.translate(frame))
        >>> meter.result()
        {'source': 1.2, 'translated': 3.4}
    """

    def __init__(self) -> None:
        self._before, self._changes = None, []

    def add(self, source: np.ndarray, **made: np.ndarray) -> None:
        """Takes the next frame.

        Args:
            source: uint8 array (H, W, 3).
            **made: what was made of it, by any names: uint8 arrays
                (h, w, 3) of its shape.

        Raises:
            ImportError: scikit-image is missing; says how to get it.
        """
        scale = min(1, MEASURED_AT / min(source.shape[:2]))
        size = [max(1, round(side * scale)) for side in source.shape[1::-1]]
        frames = {
            name: np.asarray(
                Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS)
            )
            for name, frame in ({"source": source} | made).items()
        }
        before, self._before = self._before, frames
        if before is None or before["source"].shape != frames["source"].shape:
            return
        flow, visible = optical_flow(before["source"], frames["source"])
        if visible.mean() < LEAST_SEEN:
            return
        self._changes.append(
            {
                name: flicker(
                    np.stack([before[name], frame]),
                    flow=flow[None],
                    visible=visible[None],
                )
                for name, frame in frames.items()
            }
        )

    def result(self) -> dict[str, float] | None:
        """The source's flicker and that of what was made, by their names.

        Mean absolute differences in steps of 255; None without a pair.
        """
        if not self._changes:
            return None
        return {
            name: float(np.mean([pair[name] for pair in self._changes]))
            for name in self._changes[0]
        }
