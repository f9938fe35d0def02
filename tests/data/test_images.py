import struct
import sys
import types
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import (
    ImageError,
    list_images,
    read_image,
    resize_image,
    to_float,
    to_uint8,
    write_image,
)

# Stored pixels to upright ones, by the EXIF standard's words.
UPRIGHT = {
    1: lambda x: x,
    2: np.fliplr,
    3: lambda x: np.rot90(x, 2),
    4: np.flipud,
    5: lambda x: x.transpose(1, 0, 2),
    6: lambda x: np.rot90(x, -1),
    7: lambda x: np.rot90(x, 2).transpose(1, 0, 2),
    8: lambda x: np.rot90(x, 1),
}


@pytest.fixture
def picture():
    random = np.random.default_rng(0)
    return random.integers(0, 256, (12, 17, 3), "uint8")


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data


def png_header(width, height):
    """A PNG that claims a size and holds no pixels."""

    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("suffix", ["png", "webp", "tiff"])
def test_exif_orientation(tmp_path, picture, orientation, suffix):
    path = tmp_path / f"photo.{suffix}"
    options = {"lossless": True} if suffix == "webp" else {}
    stored = Image.fromarray(picture)
    stored.save(path, exif=exif(orientation), **options)
    expected = UPRIGHT[orientation](picture)
    np.testing.assert_array_equal(read_image(path), expected)


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientation_of_a_jpeg(tmp_path, picture, orientation):
    stored = Image.fromarray(picture)
    stored.save(tmp_path / "plain.jpg")
    stored.save(tmp_path / "turned.jpg", exif=exif(orientation))
    with Image.open(tmp_path / "plain.jpg") as image:
        expected = UPRIGHT[orientation](np.array(image))
    np.testing.assert_array_equal(read_image(tmp_path / "turned.jpg"), expected)


@pytest.mark.filterwarnings("ignore")  # Pillow's own, of the damage
@pytest.mark.parametrize(
    "data",
    [
        b"Exif\0\0rubbish",
        b"Exif\0\0II*\0\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\0\x03\x01\x0f",
        # An orientation that is no number.
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x01\0\0\0\x01\0\0\0\0",
    ],
)
def test_damaged_exif_leaves_the_picture_as_it_is(tmp_path, picture, data):
    path = tmp_path / "photo.jpg"
    Image.fromarray(picture).save(path, exif=data)
    with Image.open(path) as image:
        stored = np.array(image)
    np.testing.assert_array_equal(read_image(path), stored)


def test_damaged_exif_names_the_file(tmp_path, picture, monkeypatch):
    path = tmp_path / "photo.jpg"
    Image.fromarray(picture).save(path)

    def getexif(image):
        raise SyntaxError("not a TIFF file")

    monkeypatch.setattr(Image.Image, "getexif", getexif)
    with pytest.warns(UserWarning, match="photo.jpg' is damaged .not a TIFF"):
        assert read_image(path).shape == picture.shape


def gray(picture):
    return Image.fromarray(picture[..., 0])


@pytest.mark.parametrize("suffix", ["png", "tiff", "bmp", "gif"])
def test_gray(tmp_path, picture, suffix):
    path = tmp_path / f"gray.{suffix}"
    gray(picture).save(path)
    expected = np.repeat(picture[..., :1], 3, -1)
    np.testing.assert_array_equal(read_image(path), expected)


@pytest.mark.parametrize("suffix", ["png", "tiff", "bmp", "webp"])
def test_lossless_rgb(tmp_path, picture, suffix):
    path = tmp_path / f"photo.{suffix}"
    options = {"lossless": True} if suffix == "webp" else {}
    Image.fromarray(picture).save(path, **options)
    np.testing.assert_array_equal(read_image(path), picture)


def test_black_and_white(tmp_path, picture):
    path = tmp_path / "scan.tiff"
    image = gray(picture).convert("1")
    image.save(path)
    expected = np.array(image)[..., None].repeat(3, -1) * np.uint8(255)
    np.testing.assert_array_equal(read_image(path), expected)


@pytest.mark.parametrize(
    "mode, suffix",
    [("RGBA", "png"), ("LA", "png"), ("RGBA", "webp"), ("RGBA", "tiff")],
)
def test_transparency_on_white(tmp_path, picture, mode, suffix):
    alpha = np.linspace(0, 255, picture[..., 0].size).reshape(12, 17)
    image = Image.fromarray(picture).convert(mode[:-1])
    image.putalpha(Image.fromarray(alpha.astype("uint8")))
    path = tmp_path / f"logo.{suffix}"
    image.save(
        path, **({"lossless": True, "exact": True} if suffix == "webp" else {})
    )
    share = np.array(image)[..., -1:] / 255
    color = np.array(image.convert("RGB"))
    expected = color * share + 255 * (1 - share)
    np.testing.assert_allclose(read_image(path), expected, atol=1)


def test_palette(tmp_path, picture):
    image = Image.fromarray(picture).quantize(16)
    image.save(tmp_path / "icon.png")
    expected = np.array(image.convert("RGB"))
    np.testing.assert_array_equal(read_image(tmp_path / "icon.png"), expected)


@pytest.mark.parametrize("suffix", ["png", "gif"])
def test_palette_with_transparent_color(tmp_path, suffix):
    image = Image.new("P", (4, 2), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (2, 0, 4, 2))
    path = tmp_path / f"icon.{suffix}"
    image.save(path, transparency=1)
    pixels = read_image(path)
    assert (pixels[:, :2] == [255, 0, 0]).all()
    assert (pixels[:, 2:] == 255).all()


def test_rgb_with_a_transparent_color(tmp_path, picture):
    image = Image.new("RGB", (2, 1), (10, 20, 30))
    image.putpixel((1, 0), (1, 2, 3))
    image.save(tmp_path / "key.png", transparency=(1, 2, 3))
    assert read_image(tmp_path / "key.png").tolist() == [
        [[10, 20, 30], [255, 255, 255]]
    ]


@pytest.mark.parametrize("suffix", ["jpg", "tiff"])
def test_cmyk(tmp_path, suffix):
    path = tmp_path / f"print.{suffix}"
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(path)
    red = read_image(path).reshape(-1, 3).mean(0)
    np.testing.assert_allclose(red, [255, 0, 0], atol=3)


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_16_bits(tmp_path, suffix):
    values = np.array([[0, 128, 257, 25700, 65535]], "uint16")
    path = tmp_path / f"deep.{suffix}"
    Image.fromarray(values).save(path)
    assert read_image(path)[0, :, 0].tolist() == [0, 0, 1, 100, 255]


def test_16_bits_of_a_dark_picture_stay_dark(tmp_path):
    values = np.array([[0, 4112]], "uint16")
    Image.fromarray(values).save(tmp_path / "dark.png")
    assert read_image(tmp_path / "dark.png")[0, :, 0].tolist() == [0, 16]


@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_16_bits_tiff_of_either_byte_order(tmp_path, byteorder):
    values = np.array([[0, 25700, 65535]], byteorder + "u2")
    mode = "I;16" if byteorder == "<" else "I;16B"
    image = Image.frombytes(mode, (3, 1), values.tobytes())
    image.save(tmp_path / "deep.tiff")
    assert read_image(tmp_path / "deep.tiff")[0, :, 0].tolist() == [0, 100, 255]


def test_32_bits_use_their_own_range(tmp_path):
    values = np.array([[-100, 0, 100]], "int32")
    Image.fromarray(values).save(tmp_path / "wide.tiff")
    assert read_image(tmp_path / "wide.tiff")[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    "values, expected",
    [
        ([0.0, 0.2, 1.0], [0, 51, 255]),
        ([0.0, 51.0, 255.0], [0, 51, 255]),
        ([-2.0, 0.0, 3.0], [0, 102, 255]),
        ([0.0, np.nan, 1.0], [0, 0, 255]),
    ],
)
def test_floats(tmp_path, values, expected):
    Image.fromarray(np.array([values], "float32")).save(tmp_path / "f.tiff")
    assert read_image(tmp_path / "f.tiff")[0, :, 0].tolist() == expected


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tiff"])
def test_first_frame(tmp_path, suffix):
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    path = tmp_path / f"moving.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    red = read_image(path).reshape(-1, 3).mean(0)
    np.testing.assert_allclose(red, [255, 0, 0], atol=4)


def test_content_counts_not_the_suffix(tmp_path, picture):
    path = tmp_path / "wrong.jpg"
    Image.fromarray(picture).save(path, "PNG")
    np.testing.assert_array_equal(read_image(path), picture)


def test_one_pixel(tmp_path):
    Image.new("RGB", (1, 1), (1, 2, 3)).save(tmp_path / "dot.png")
    assert read_image(tmp_path / "dot.png").tolist() == [[[1, 2, 3]]]


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "gif", "bmp"])
def test_truncated(tmp_path, suffix):
    random = np.random.default_rng(0)
    path = tmp_path / f"cut.{suffix}"
    pixels = random.integers(0, 256, (64, 64, 3), "uint8")
    Image.fromarray(pixels).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ImageError, match=f"cut.{suffix}'.*damaged"):
        read_image(path)


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>404</html>", "holds text"),
        (b"<svg xmlns='x'></svg>", "holds text"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"just words", "it is not a JPEG, PNG, WEBP, BMP, GIF or TIFF"),
        (b"\0\0\0\x18ftypavif" + bytes(64), "it is not a JPEG"),
        (b"\xff\xd8\xff", "not a JPEG|damaged"),
        (b"\x89PNG\r\n\x1a\n", "not a JPEG|damaged"),
        (b"GIF89a", "not a JPEG|damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "not a JPEG|damaged"),
        (png_header(8, 8), "damaged"),
        (png_header(20_000, 20_000), "more pixels than are allowed"),
        (b"\0\0\0\x18ftypheic" + bytes(64), "pip install pillow-heif"),
    ],
)
def test_what_is_no_image(tmp_path, monkeypatch, content, reason):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=reason) as caught:
        read_image(path)
    assert str(path) in str(caught.value)
    assert caught.value.path == path and caught.value.reason


def test_formats_that_stay_shut(tmp_path, picture):
    path = tmp_path / "photo.jpg"
    Image.fromarray(picture).save(path, "TGA")
    with pytest.raises(ImageError, match="it is not a JPEG"):
        read_image(path)


def test_heic_is_read_with_its_package(tmp_path, monkeypatch, picture):
    def factory(file, name):
        file.close()
        return Image.fromarray(picture)

    def register():
        Image.register_open("HEIF", factory)

    package = types.SimpleNamespace(register_heif_opener=register)
    monkeypatch.setitem(sys.modules, "pillow_heif", package)
    monkeypatch.setattr(Image, "OPEN", dict(Image.OPEN))
    monkeypatch.setattr(Image, "ID", list(Image.ID))
    path = tmp_path / "phone.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    np.testing.assert_array_equal(read_image(path), picture)


def test_no_such_file_and_folder(tmp_path):
    with pytest.raises(ImageError, match="there is no such file"):
        read_image(tmp_path / "none.png")
    with pytest.raises(ImageError, match="it is a folder"):
        read_image(tmp_path)


def test_bomb_limits(tmp_path, monkeypatch):
    # A 100-megapixel photo lies between the two lines, here 1,600 pixels.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    Image.new("RGB", (40, 40)).save(tmp_path / "large.png")
    Image.new("RGB", (50, 50)).save(tmp_path / "bomb.png")
    with pytest.warns(Image.DecompressionBombWarning):
        assert read_image(tmp_path / "large.png").shape == (40, 40, 3)
    with pytest.raises(ImageError, match="bomb.png': it has more pixels"):
        read_image(tmp_path / "bomb.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with pytest.raises(ImageError, match="large.png': it has more pixels"):
            read_image(tmp_path / "large.png")


def test_at_least_reads_a_jpeg_small(tmp_path):
    Image.new("RGB", (640, 480), (200, 100, 50)).save(tmp_path / "big.jpg")
    assert read_image(tmp_path / "big.jpg", 100).shape == (120, 160, 3)
    assert read_image(tmp_path / "big.jpg", 121).shape == (240, 320, 3)
    assert read_image(tmp_path / "big.jpg", 1000).shape == (480, 640, 3)
    Image.new("RGB", (640, 480)).save(tmp_path / "big.png")
    assert read_image(tmp_path / "big.png", 100).shape == (480, 640, 3)


def test_error_survives_another_process():
    import pickle

    error = pickle.loads(pickle.dumps(ImageError("a.png", "it is empty")))
    assert str(error) == "Cannot read image 'a.png': it is empty."


def test_write_and_read(tmp_path, picture):
    path = tmp_path / "new" / "Grüße 山.png"
    write_image(path, picture)
    np.testing.assert_array_equal(read_image(path), picture)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", ["jpg", "WEBP", "bmp", "tiff", "gif"])
def test_write_by_suffix(tmp_path, suffix):
    smooth = np.full((16, 16, 3), (200, 100, 50), "uint8")
    path = tmp_path / f"out.{suffix}"
    write_image(path, smooth)
    np.testing.assert_allclose(read_image(path), smooth, atol=3)


def test_write_whole_or_not_at_all(tmp_path, picture, monkeypatch):
    path = tmp_path / "photo.png"
    write_image(path, picture)

    def save(image, target, *arguments, **options):
        target.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Image.Image, "save", save)
    with pytest.raises(OSError, match="disk full"):
        write_image(path, picture[::-1])
    np.testing.assert_array_equal(read_image(path), picture)
    assert list(tmp_path.iterdir()) == [path]


def test_write_errors(tmp_path, picture):
    with pytest.raises(ValueError, match="Unknown image suffix '.jpgg'"):
        write_image(tmp_path / "a.jpgg", picture)
    with pytest.raises(ValueError, match="received float32 .12, 17, 3."):
        write_image(tmp_path / "a.png", to_float(picture))
    with pytest.raises(ValueError, match="received uint8 .12, 17."):
        write_image(tmp_path / "a.png", picture[..., 0])


def striped(height, width):
    """Red left third, green middle, blue right third."""
    image = np.zeros((height, width, 3), "uint8")
    for i, columns in enumerate(np.array_split(np.arange(width), 3)):
        image[:, columns, i] = 255
    return image


def test_cover_cuts_the_middle_out():
    image = resize_image(striped(40, 120), 20, "cover")
    assert image.shape == (20, 20, 3)
    np.testing.assert_array_equal(image[:, 4:-4], [[[0, 255, 0]] * 12] * 20)


def test_stretch_keeps_everything():
    image = resize_image(striped(40, 120), 30, "stretch")
    assert image[15, [4, 15, 25]].tolist() == [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
    ]


def test_letterbox_fills_with_white():
    image = resize_image(striped(40, 120), 30, "letterbox")
    assert (image[:10] == 255).all() and (image[20:] == 255).all()
    assert image[15, [4, 15, 25]].argmax(-1).tolist() == [0, 1, 2]
    image = resize_image(striped(120, 40), (30, 60), "letterbox")
    assert (image[:, :25] == 255).all() and (image[:, 35:] == 255).all()


@pytest.mark.parametrize("how", ["cover", "letterbox", "stretch"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (7, 13)])
@pytest.mark.parametrize("size", [1, 16, (5, 33)])
def test_resize_any_shape(how, shape, size):
    image = np.full((*shape, 3), 255, "uint8")
    resized = resize_image(image, size, how)
    assert resized.shape == (*((size, size) if size in (1, 16) else size), 3)
    assert resized.dtype == "uint8" and (resized == 255).all()


def test_resize_to_the_same_size_is_a_copy(picture):
    same = resize_image(picture, (12, 17))
    np.testing.assert_array_equal(same, picture)
    assert not np.shares_memory(same, picture)


def test_resize_errors(picture):
    with pytest.raises(ValueError, match="Did you mean 'letterbox'"):
        resize_image(picture, 8, "leterbox")
    with pytest.raises(ValueError, match="at least 1 pixel, received 0"):
        resize_image(picture, 0)
    with pytest.raises(ValueError, match="received float32"):
        resize_image(to_float(picture), 8)


def test_list_images(tmp_path):
    names = ["b.JPG", "a/ü.png", "a/深/1.webp", "phone.HEIC", "z.tif"]
    for name in [
        *names,
        ".hidden.png",
        "._b.jpg",
        ".git/x.png",
        "notes.txt",
        "__MACOSX/y.png",
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    expected = sorted(tmp_path / name for name in names)
    assert list_images(tmp_path) == expected
    assert list_images(str(tmp_path)) == expected


def test_list_images_follows_links_once(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "1.png").write_bytes(b"")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "loop").symlink_to(tmp_path / "data")
    assert list_images(tmp_path / "data") == [tmp_path / "data/link/1.png"]


def test_list_images_says_what_is_near(tmp_path):
    (tmp_path / "trainA").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ValueError, match="train_a'. Did you mean 'trainA'"):
        list_images(tmp_path / "train_a")
    with pytest.raises(ValueError, match="Did you mean 'trainA'"):
        list_images(tmp_path / "traina" / "deeper")
    with pytest.raises(ValueError, match="is a file; a folder is expected"):
        list_images(tmp_path / "file")


def test_range_conversions():
    every = np.arange(256, dtype="uint8")
    floats = to_float(every)
    assert floats.dtype == "float32"
    assert floats[0] == -1 and floats[255] == 1
    np.testing.assert_array_equal(to_uint8(floats), every)
    assert to_uint8(np.array([-3.0, 3.0, 0.0])).tolist() == [0, 255, 128]
