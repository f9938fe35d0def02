import sys

import numpy as np
import pytest

from keras_gan_translate.inference.video import output_name, translate_video
from keras_gan_translate.models import Pix2Pix

av = pytest.importorskip("av", reason="the extra `video` is missing")

RATE, SAMPLES = 10, 44_100  # per second


def clip(
    path,
    count=12,
    size=(32, 48),
    codec="libx264",
    pixels="yuv420p",
    sound="aac",
    rotation=0,
    times=None,
):
    """Writes a clip: a red corner above left, and a tone."""
    path.parent.mkdir(exist_ok=True)
    with av.open(str(path), "w") as file:
        video = file.add_stream(codec, rate=RATE)
        (video.height, video.width), video.pix_fmt = size, pixels
        video.max_b_frames = 0
        if rotation:
            video.set_display_rotation(rotation)
        if sound:
            audio = file.add_stream(sound, rate=SAMPLES, layout="mono")
        for number in range(count):
            image = np.full((*size, 3), 40, "uint8")
            image[: size[0] // 2, : size[1] // 2] = 200, 50, 20
            frame = av.VideoFrame.from_ndarray(image)
            frame.pts = times[number] if times else number
            file.mux(video.encode(frame))
        file.mux(video.encode())
        for first in range(0, count * SAMPLES // RATE if sound else 0, 1024):
            tone = 9000 * np.sin(0.05 * np.arange(first, first + 1024))
            frame = av.AudioFrame.from_ndarray(
                tone.astype("int16")[None], "s16", "mono"
            )
            frame.sample_rate, frame.pts = SAMPLES, first
            file.mux(audio.encode(frame))
        if sound:
            file.mux(audio.encode())
    return path


def read(path):
    """(frames as arrays, their times in seconds, the video stream's facts)"""
    with av.open(str(path)) as file:
        video = file.streams.video[0]
        frames = list(file.decode(video))
        facts = {
            "codec": video.codec.canonical_name,
            "rate": video.average_rate,
            "rotation": frames[0].rotation,
            "sound": [s.codec.canonical_name for s in file.streams.audio],
        }
    images = [frame.to_ndarray(format="rgb24") for frame in frames]
    return images, [float(frame.time) for frame in frames], facts


def sound_of(path):
    with av.open(str(path)) as file:
        return [bytes(p) for p in file.demux(audio=0) if p.size]


def test_sound_rate_and_colours_are_kept(tmp_path):
    source, target = clip(tmp_path / "clip.mp4"), tmp_path / "new" / "out.mp4"
    seen = []
    count = translate_video(
        lambda image: 255 - image, source, target, lambda *x: seen.append(x)
    )
    assert seen == [(i, 12) for i in range(1, 13)] and count == 12
    images, times, facts = read(target)
    assert len(images) == 12 and images[0].shape == (32, 48, 3)
    np.testing.assert_allclose(times, np.arange(12) / RATE, atol=1e-3)
    assert facts == {
        "codec": "h264",
        "rate": RATE,
        "rotation": 0,
        "sound": ["aac"],
    }
    assert sound_of(target) == sound_of(source)
    np.testing.assert_allclose(images[5][4, 4], (55, 205, 235), atol=6)
    np.testing.assert_allclose(images[5][28, 44], (215,) * 3, atol=6)
    assert [path.name for path in target.parent.iterdir()] == ["out.mp4"]


def test_a_model_translates_any_size(tmp_path):
    model = Pix2Pix(image_size=32, filters=4)
    source = clip(tmp_path / "odd.mkv", 2, (35, 41), "ffv1", "bgr0", sound=None)
    translate_video(model.translate, source, tmp_path / "out.mkv")
    images, _, facts = read(tmp_path / "out.mkv")
    # H.264 has even sides only.
    assert [image.shape for image in images] == [(36, 42, 3)] * 2
    assert facts["sound"] == []


def test_clips_are_turned_upright(tmp_path):
    # As a telephone does that is held upright: a quarter clockwise.
    source = clip(tmp_path / "clip.mp4", 2, rotation=-90)
    shapes = []

    def translate(image):
        shapes.append(image.shape)
        return image

    translate_video(translate, source, tmp_path / "out.mp4")
    images, _, facts = read(tmp_path / "out.mp4")
    assert shapes == [(48, 32, 3)] * 2 and facts["rotation"] == 0
    assert images[0].shape == (48, 32, 3)
    assert images[0][4, 28, 0] > 150 > images[0][4, 4, 0]  # above right


def test_frames_at_uneven_times_keep_them(tmp_path):
    times = [0, 1, 4, 5]
    source = clip(tmp_path / "clip.mkv", 4, sound=None, times=times)
    translate_video(lambda image: image, source, tmp_path / "out.mkv")
    found = read(tmp_path / "out.mkv")[1]
    np.testing.assert_allclose(found, np.array(times) / RATE, atol=1e-3)


def test_sound_that_the_container_does_not_take_is_encoded(tmp_path):
    source = clip(
        tmp_path / "clip.avi", codec="mpeg4", sound="pcm_s16le", size=(32, 32)
    )
    for name, codec in (("out.mp4", "aac"), ("out.webm", "opus")):
        translate_video(lambda image: image, source, tmp_path / name)
        images, _, facts = read(tmp_path / name)
        assert len(images) == 12 and facts["sound"] == [codec]
        with av.open(str(tmp_path / name)) as file:
            samples = sum(f.samples / f.rate for f in file.decode(audio=0))
        assert samples == pytest.approx(1.2, abs=0.1)  # seconds


def test_errors_are_told_and_nothing_half_is_left(tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    def error(source, target="out.mp4"):
        with pytest.raises(ValueError) as caught:
            translate_video(lambda image: image, source, out / target)
        assert not any(out.iterdir())
        return str(caught.value)

    (tmp_path / "text.mp4").write_bytes(b"no video")
    assert "cannot be read as a video" in error(tmp_path / "text.mp4")
    assert "No such file" in error(tmp_path / "none.mp4")
    whole = clip(tmp_path / "clip.mkv", 40)
    data = whole.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) // 2])
    assert "breaks off after" in error(tmp_path / "cut.mkv")
    (tmp_path / "cut.mp4").write_bytes(data[: len(data) // 2][::-1])
    assert "cannot be read" in error(tmp_path / "cut.mp4")
    with av.open(str(whole)) as file:
        first = next(file.demux(video=0)).pos + 12  # a length
    spoilt = bytearray(data)
    spoilt[first : first + 20] = b"\xff" * 20
    (tmp_path / "spoilt.mkv").write_bytes(spoilt)
    assert "is damaged after frame" in error(tmp_path / "spoilt.mkv")
    assert "'out.gif'" in error(whole, "out.gif").replace(f"{out}/", "")

    with av.open(str(tmp_path / "sound.m4a"), "w") as file:
        stream = file.add_stream("aac", rate=SAMPLES, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 4096), "int16"), "s16", "mono"
        )
        frame.sample_rate = SAMPLES
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    assert "has no video" in error(tmp_path / "sound.m4a")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, RuntimeError])
def test_an_interrupt_leaves_nothing(tmp_path, kind):
    calls = []

    def translate(image):
        calls.append(image)
        if len(calls) == 5:
            raise kind
        return image

    source, target = clip(tmp_path / "clip.mp4"), tmp_path / "out" / "out.mp4"
    with pytest.raises(kind):
        translate_video(translate, source, target)
    assert not any(target.parent.iterdir())


def test_without_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ImportError, match=r"keras-gan-translate\[video\]"):
        translate_video(lambda image: image, "clip.mp4", tmp_path / "out.mp4")


def test_output_names():
    assert str(output_name("a/clip.MOV")) == "a/clip.MOV"
    assert str(output_name("a/clip.avi")) == "a/clip.mp4"
