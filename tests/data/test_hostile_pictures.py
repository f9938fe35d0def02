"""Pictures that are larger than they look, and files that are none."""

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import images, list_images, read_image
from keras_gan_translate.data.images import (
    ImageError,
    limit_pixels,
    read_map,
    read_size,
)
from tests.limits import MIB, refused


def chunk(kind, data):
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def png(width, height, *chunks):
    """A black PNG of one bit a pixel."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((width + 7) // 8 + 1) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), *chunks, chunk(b"IDAT", pixels)]
        + [chunk(b"IEND", b"")]
    )


def webp(width, height):
    """The header of a lossless WebP, and a little more."""
    size = struct.pack("<I", (width - 1) | (height - 1) << 14)
    body = b"\x2f" + size + bytes(59)
    body = b"VP8L" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def gif(frames):
    """A GIF of one pixel and many frames."""
    frame = b",\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + frame * frames + b";"


def jpeg(path, width, height, **options):
    """A gray JPEG whose header tells another size than its pixels have."""
    Image.new("L", (64, 64)).save(path, "JPEG", **options)
    content = bytearray(path.read_bytes())
    place = content.find(b"\xff\xc2" if options else b"\xff\xc0")
    content[place + 5 : place + 9] = struct.pack(">HH", height, width)
    path.write_bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        png(16_000, 16_000),
        png(14_000, 12_000),
        png(8_000, 7_000),
        webp(9_400, 9_400),
        webp(16_383, 16_383),
        png(8, 8, chunk(b"tEXt", b"Comment\0" + bytes(64 * MIB))),
        png(8, 8, chunk(b"eXIf", bytes(17 * MIB))),
    ],
    ids=["256 M", "168 M", "56 M", "webp 88 M", "webp 268 M", "text", "exif"],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_refused_from_the_header(tmp_path, content):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    del content
    for read in (read_image, read_map, read_size):
        match = r"a.png': .*(pixels|beside)"
        refused(read, path, match=match, seconds=1, memory=64 * MIB)


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_jpegs_are_refused_from_the_header(tmp_path, options):
    path = tmp_path / "a.jpg"
    jpeg(path, 12_000, 12_000, **options)
    match = "12000 x 12000 pixels are more than 50000000"
    refused(read_image, path, match=match, seconds=1, memory=64 * MIB)
    if options:  # in passes: all of it is held, whatever is decoded
        arguments = (path, 512)
        refused(read_image, *arguments, match=match, seconds=1, memory=64 * MIB)


def test_a_large_jpeg_is_read_small(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "_max_pixels", 100 * 100)
    Image.new("RGB", (200, 160), "red").save(tmp_path / "a.jpg")
    with pytest.raises(ImageError, match="200 x 160 pixels are more than"):
        read_image(tmp_path / "a.jpg")
    assert read_image(tmp_path / "a.jpg", 80).shape == (80, 100, 3)
    with pytest.raises(ImageError, match="200 x 160 pixels are more than"):
        read_image(tmp_path / "a.jpg", 100)


def test_of_many_frames_the_first_is_read(tmp_path):
    path = tmp_path / "a.gif"
    path.write_bytes(gif(50_000))
    assert read_image(path).shape == (1, 1, 3)


def test_more_is_read_on_request(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "_max_pixels", images.MAX_PIXELS)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", images.PILLOWS_LIMIT)
    path = tmp_path / "a.png"
    path.write_bytes(png(14_000, 13_000))
    with pytest.raises(ImageError, match="--max-pixels"):
        read_size(path)
    limit_pixels(190_000_000)
    assert read_size(path) == (13_000, 14_000)
    limit_pixels(10)
    with pytest.raises(ImageError, match="pixels than are allowed, 10 "):
        read_size(path)
    with pytest.raises(ValueError, match="1 pixel is expected. Received: 0"):
        limit_pixels(0)


def strange_files(folder):
    """Makes files that are none; dict from the path to what is wrong."""
    good = folder / "good.png"
    Image.new("RGB", (8, 8), "red").save(good)
    os.mkfifo(folder / "pipe.png")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    (folder / "lost.png").symlink_to(folder / "nowhere.png")
    (folder / "endless.png").symlink_to("/dev/zero")
    # What the kernel refuses to read, as a bad disk does.
    (folder / "broken.png").symlink_to("/proc/self/mem")
    (folder / "empty.png").touch()
    return {
        folder / "pipe.png": "it is a named pipe",
        folder / "loop.png": "its links lead in a circle",
        folder / "lost.png": "there is no such file",
        folder / "endless.png": "it is a device",
        folder / "broken.png": "input/output error",
        folder / "empty.png": "the file is empty",
    }


def test_files_that_are_none(tmp_path):
    wrong = strange_files(tmp_path)
    wrong[tmp_path / ("n" * 300 + ".png")] = "its name is too long"
    for path, reason in wrong.items():
        words = refused(
            read_image,
            path,
            match="Cannot read image",
            seconds=1,
            memory=64 * MIB,
        )
        assert reason in words
    assert len(list_images(tmp_path)) == len(wrong)


def test_all_that_is_skipped_is_named(tmp_path):
    from keras_gan_translate.data import decode_images

    wrong = strange_files(tmp_path)
    paths = list_images(tmp_path)
    with pytest.warns(UserWarning, match="6 of 7 files cannot be used"):
        store = decode_images([(path,) for path in paths], 8)
    assert store.files == [(tmp_path / "good.png",)]
    assert store.skipped.keys() == wrong.keys()
    for path, reason in wrong.items():
        assert reason in store.skipped[path]
    assert (np.asarray(store.images)[..., 0] == 255).all()


def test_a_folder_that_cannot_be_listed(tmp_path, monkeypatch):
    (tmp_path / "inside").mkdir()
    scandir = os.scandir

    def scan(path):
        if str(path).endswith("inside"):
            raise OSError(5, "Input/output error", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)
    with pytest.warns(UserWarning, match="inside' cannot be read.*input/outp"):
        assert list_images(tmp_path) == []
