import numpy as np
import pytest

from keras_gan_translate.data import (
    decode_images,
    decode_photos,
    store,
    write_image,
)


def write(path, value, shape=(20, 30)):
    write_image(path, np.full((*shape, 3), value, "uint8"))
    return path


def test_decodes_in_order(tmp_path):
    files = [(write(tmp_path / f"{i}.png", i),) for i in range(20)]
    found = decode_images(files, 8)
    assert found.images.shape == (20, 1, 8, 8, 3)
    assert found.images[:, 0, 0, 0, 0].tolist() == list(range(20))
    assert found.files == files and found.skipped == {}


@pytest.mark.parametrize("limit", [2**31, 0], ids=["memory", "disk"])
def test_damaged_files_are_skipped_and_named(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(store, "MEMORY_LIMIT", limit)
    files = [(write(tmp_path / f"{i}.png", 10 * i),) for i in range(5)]
    files[1][0].write_bytes(b"")
    files[3][0].write_text("<html>")
    with pytest.warns(UserWarning) as caught:
        found = decode_images(files, 8)
    (warning,) = caught
    assert "2 of 5 files cannot be used and are skipped" in str(warning.message)
    assert "1.png' (the file is empty)" in str(warning.message)
    assert "3.png' (it holds text" in str(warning.message)
    assert list(found.skipped) == [files[1][0], files[3][0]]
    assert found.files == [files[0], files[2], files[4]]
    assert found.images[:, 0, 0, 0, 0].tolist() == [0, 20, 40]
    assert isinstance(found.images, np.memmap) == (limit == 0)


def test_warning_names_ten(tmp_path):
    files = [(write(tmp_path / "good.png", 1),)]
    for i in range(12):
        (tmp_path / f"bad{i}.png").write_bytes(b"")
        files.append((tmp_path / f"bad{i}.png",))
    with pytest.warns(UserWarning, match="bad9.png.* and 2 more"):
        decode_images(files, 8)


def test_no_usable_image(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"")
    with pytest.raises(
        ValueError, match="No usable image in 'faces': 1 files, .*bad.png"
    ):
        decode_images([(tmp_path / "bad.png",)], 8, where="'faces'")
    with pytest.raises(ValueError, match="No usable image in the list"):
        decode_images([], 8)


def test_a_pair_is_skipped_whole(tmp_path):
    pairs = [
        tuple(write(tmp_path / side / f"{i}.png", i) for side in "ab")
        for i in range(3)
    ]
    pairs[1][1].write_bytes(b"")
    with pytest.warns(UserWarning, match="1 of 3"):
        found = decode_images(pairs, 8)
    assert found.images.shape == (2, 2, 8, 8, 3)
    assert found.images[:, :, 0, 0, 0].tolist() == [[0, 0], [2, 2]]


def test_halves(tmp_path):
    both = np.zeros((10, 21, 3), "uint8")
    both[:, 11:] = 255
    write_image(tmp_path / "pair.png", both)
    write_image(tmp_path / "thin.png", both[:, :1])
    files = [(tmp_path / "pair.png",), (tmp_path / "thin.png",)]
    with pytest.warns(UserWarning, match="it is one pixel wide"):
        found = decode_images(files, 8, halves=True)
    assert found.images.shape == (1, 2, 8, 8, 3)
    assert (found.images[0, 0] == 0).all() and (found.images[0, 1] == 255).all()


def test_how_and_size_reach_the_images(tmp_path):
    files = [(write(tmp_path / "wide.png", 0, (10, 40)),)]
    found = decode_images(files, (8, 16), "letterbox")
    assert found.images.shape == (1, 1, 8, 16, 3)
    assert (found.images[0, 0, 0] == 255).all()
    with pytest.raises(ValueError, match="Unknown how='fit'"):
        decode_images(files, 8, "fit")


def test_the_disk_is_asked_first(monkeypatch):
    monkeypatch.setattr(store, "MEMORY_LIMIT", 0)
    with pytest.raises(OSError, match="Set TMPDIR to a larger disk"):
        store.allocate((2**62,))


def test_the_file_on_disk_has_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MEMORY_LIMIT", 0)
    monkeypatch.setattr(store.tempfile, "tempdir", str(tmp_path))
    array = store.allocate((3, 4))
    array[:] = 7
    assert list(tmp_path.iterdir()) == [] and (array == 7).all()


@pytest.mark.parametrize("terminal, files", [(True, 4), (False, 4), (True, 2)])
def test_progress_on_a_terminal_only(tmp_path, monkeypatch, terminal, files):
    import rich.progress

    bars = []

    def track(results, **options):
        bars.append(options["total"])
        return results

    monkeypatch.setattr(store, "PROGRESS_FROM", 3)
    monkeypatch.setattr(rich.progress, "track", track)
    monkeypatch.setattr(store.sys.stderr, "isatty", lambda: terminal, False)
    path = write(tmp_path / "a.png", 1)
    decode_images([(path,)] * files, 8)
    assert bars == ([4] if terminal and files == 4 else [])


@pytest.mark.parametrize("limit", [2**31, 0], ids=["memory", "disk"])
def test_photos_stay_as_they_are(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(store, "MEMORY_LIMIT", limit)
    random = np.random.default_rng(0)
    shapes = [(8, 12), (30, 9), (16, 16)]
    photos = [random.integers(0, 256, (*s, 3), "uint8") for s in shapes]
    files = [tmp_path / f"{i}.png" for i in range(3)]
    for path, photo in zip(files, photos):
        write_image(path, photo)
    found = decode_photos(files, (8, 9))
    assert found.files == [(path,) for path in files] and found.skipped == {}
    for image, photo in zip(found.images, photos, strict=True):
        np.testing.assert_array_equal(image, photo)


def test_photos_that_are_no_use_are_skipped_and_named(tmp_path):
    files = [
        write(tmp_path / "small.png", 1, (40, 15)),
        write(tmp_path / "good.png", 2, (16, 16)),
        tmp_path / "bad.png",
    ]
    files[2].write_bytes(b"")
    with pytest.warns(UserWarning) as caught:
        found = decode_photos(files, (16, 16))
    message = str(caught[0].message)
    assert "2 of 3 files cannot be used and are skipped" in message
    assert "15 x 40 pixels are less than the crop's 16 x 16" in message
    assert "bad.png' (the file is empty)" in message
    assert found.files == [(files[1],)]
    assert (found.images[0] == 2).all()
    with pytest.raises(ValueError, match="No usable image in 'x': 1 files"):
        decode_photos(files[:1], (16, 16), "'x'")
    with pytest.raises(ValueError, match="No usable image"):
        decode_photos([], (16, 16))


def test_a_photo_on_its_side(tmp_path):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    image = np.zeros((8, 20, 3), "uint8")
    image[:, :10] = 255
    Image.fromarray(image).save(tmp_path / "side.png", exif=exif)
    (found,) = decode_photos([tmp_path / "side.png"], (8, 8)).images
    assert found.shape == (20, 8, 3)
    assert (found[:10] == 255).all() and (found[10:] == 0).all()


def test_map_images():
    images = np.arange(5 * 2 * 2 * 3, dtype="uint8").reshape(5, 2, 2, 3)
    mapped = store.map_images(lambda image: image + 1, images, "Adding")
    np.testing.assert_array_equal(mapped, images + 1)
    with pytest.raises(ZeroDivisionError):
        store.map_images(lambda image: 1 / 0, images, "Dividing")
