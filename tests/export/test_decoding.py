"""Photos are decoded in the graph as `data.read_image` reads them."""

import functools
import io
import struct
import zlib

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import read_image, synthetic_faces

tf = pytest.importorskip("tensorflow")
if keras.backend.backend() != "tensorflow":
    pytest.skip("graphs are TensorFlow's", allow_module_level=True)

from keras_gan_translate.export.decoding import decode_image  # noqa: E402

MAX_PIXELS = 100_000


@functools.cache
def decoder():
    return tf.function(
        lambda contents: decode_image(contents, 7, MAX_PIXELS),
        input_signature=[tf.TensorSpec((), tf.string)],
        autograph=False,
    )


def encode(format, mode="RGB", orientation=None, **options):
    """A drawn face, 48 by 64, as a file's bytes."""
    face = synthetic_faces(1, 64)[0][0][:48]
    if orientation:
        options["exif"] = exif = Image.Exif()
        exif[0x010E], exif[0x0112] = "a face", orientation
    file = io.BytesIO()
    Image.fromarray(face).convert(mode).save(file, format, **options)
    return file.getvalue()


def chunk(kind, data):
    checksum = zlib.crc32(kind + data)
    return (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
    )


def assert_decoded_as_read(contents, tmp_path, tolerance=0):
    (tmp_path / "image").write_bytes(contents)
    expected = read_image(tmp_path / "image")
    decoded = decoder()(contents).numpy()
    assert decoded.shape == expected.shape and decoded.dtype == np.uint8
    assert np.abs(decoded.astype(int) - expected).max() <= tolerance


def error_of(contents):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        decoder()(contents)
    return caught.value.message


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_exif_orientation(format, orientation, tmp_path):
    contents = encode(format, orientation=orientation)
    assert_decoded_as_read(contents, tmp_path)
    turned = decoder()(contents).shape[0] == 64
    assert turned == (orientation > 4)


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("JPEG", {"progressive": True, "subsampling": 2}),
        ("JPEG", {"icc_profile": bytes(70_000), "orientation": 6}),
        ("JPEG", {"mode": "L"}),
        ("JPEG", {"mode": "CMYK"}),
        ("PNG", {"mode": "L"}),
        ("PNG", {"mode": "P"}),
        ("PNG", {"mode": "1"}),
        ("PNG", {"mode": "LA"}),
        ("PNG", {"mode": "RGBA"}),
    ],
)
def test_kinds_of_files(format, options, tmp_path):
    assert_decoded_as_read(encode(format, **options), tmp_path)


def test_transparency_on_white_and_16_bits(tmp_path):
    rng = np.random.default_rng(0)
    for array, tolerance in (
        (rng.integers(0, 256, (20, 30, 4), "uint8"), 1),
        (rng.integers(0, 65536, (20, 30), "uint16"), 1),
    ):
        file = io.BytesIO()
        Image.fromarray(array).save(file, "PNG")
        assert_decoded_as_read(file.getvalue(), tmp_path, tolerance)


def test_damaged_exif_is_as_none(tmp_path):
    contents = encode("JPEG", orientation=6)
    start = contents.index(b"Exif") + 6
    rng = np.random.default_rng(0)
    for _ in range(50):
        noise = rng.integers(0, 256, 30, "uint8").tobytes()
        noise = contents[:start] + noise + contents[start + 30 :]
        assert sorted(decoder()(noise).shape) == [3, 48, 64]


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_damage_is_told_with_the_image_s_index(format):
    contents = encode(format)
    for length in (len(contents) // 2, len(contents) - 1, 30):
        message = error_of(contents[:length])
        assert "Image 7 of the request is damaged or cut off" in message
        assert f"({length} bytes)" in message


def test_other_files_are_refused():
    for contents in (b"", b"hello", encode("GIF"), encode("BMP")):
        assert "Image 7 of the request is neither JPEG nor PNG" in error_of(
            contents
        )


def test_large_images_are_refused_before_they_are_decoded():
    png = bytearray(encode("PNG"))
    png[16:24] = struct.pack(">II", 60_000, 50_000)
    assert "has 60000 by 50000 pixels; this model takes 100000" in error_of(
        bytes(png)
    )
    jpeg = bytearray(encode("JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 50_000, 60_000)
    assert "has 60000 by 50000 pixels" in error_of(bytes(jpeg))


def test_a_file_of_endless_parts_is_not_read_to_its_end():
    png = encode("PNG")
    many = png[:33] + 9000 * chunk(b"tEXt", b"a\0b") + png[33:]
    assert "damaged" in error_of(many)


def test_whatever_bytes_come_nothing_else_is_raised():
    rng = np.random.default_rng(0)
    for number in range(100):
        contents = bytearray(encode(("JPEG", "PNG")[number % 2]))
        for place in rng.integers(len(contents), size=4):
            contents[place] = rng.integers(256)
        try:
            assert decoder()(bytes(contents)).shape[2] == 3
        except tf.errors.InvalidArgumentError:
            pass
