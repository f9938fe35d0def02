import sys

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.metrics import FlickerMeter, optical_flow

pytest.importorskip("skimage", reason="the extra `flicker` is missing")


def scene(size=96):
    """Soft spots, in which motion can be seen; uint8 (size, size, 3)."""
    random = np.random.default_rng(0).integers(0, 255, (12, 12, 3), "uint8")
    image = Image.fromarray(random)
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC))


def panned(count, size=64):
    """A clip over which the camera moves by (2, 1) pixels a frame."""
    whole = scene()
    return [whole[t : t + size, 2 * t : 2 * t + size] for t in range(count)]


def test_flow_is_that_of_the_camera():
    flow, visible = optical_flow(*panned(2))
    assert visible[4:-4, 4:-4].mean() > 0.98
    off = np.abs(flow - [-2, -1])[6:-6, 6:-6]
    assert off.mean() < 0.1 and np.median(off) < 0.05


def test_what_is_covered_is_not_visible():
    before, after = (np.array(frame) for frame in panned(2))
    after[20:44, 20:44] = np.random.default_rng(1).integers(0, 255, (24, 24, 3))
    visible = optical_flow(before, after)[1]
    assert visible[26:38, 26:38].mean() < 0.6 < visible[:, 52:].mean()


def test_flicker_along_the_motion():
    meter = FlickerMeter()
    for t, frame in enumerate(panned(5)):
        frame = frame // 2 + 60
        flickering = frame + (8 if t % 2 else 0)
        meter.add(frame, same=frame.copy(), flickering=flickering)
    known = meter.result()
    assert known["same"] == known["source"] < 2
    # Without the motion it would be more than that of any flicker here.
    still = np.abs(np.diff(np.stack(panned(5)) // 2 + 60.0, axis=0)).mean()
    assert still > 5 * known["source"]
    assert 6 < known["flickering"] < 9


def test_cuts_do_not_count():
    first, second = panned(2)
    noise = np.random.default_rng(2).integers(0, 255, first.shape, "uint8")
    meter = FlickerMeter()
    assert meter.result() is None
    for frame in (first, second):
        meter.add(frame)
    before = meter.result()
    meter.add(noise)
    assert meter.result() == before


def test_large_frames_are_reduced(monkeypatch):
    monkeypatch.setattr(sys.modules[FlickerMeter.__module__], "MEASURED_AT", 32)
    meter = FlickerMeter()
    for frame in panned(2):
        meter.add(frame, larger=np.repeat(np.repeat(frame, 2, 0), 2, 1))
    assert meter._before["larger"].shape == (32, 32, 3)
    known = meter.result()
    assert known["larger"] == pytest.approx(known["source"], abs=0.3)


def test_without_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"translate\[flicker\]"):
        optical_flow(*panned(2))
