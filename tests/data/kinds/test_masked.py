import numpy as np
import pytest

from keras_gan_translate import data
from keras_gan_translate.data.holes import HOLES
from keras_gan_translate.data.kinds import find_kind
from tests.data.folders import photo, write


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    data.resume_at(0)


def collect(dataset):
    batches = [{k: np.asarray(v) for k, v in b.items()} for b in dataset]
    return {k: np.concatenate([b[k] for b in batches]) for k in batches[0]}


def left_half(size=(12, 16)):
    mask = np.zeros(size, "uint8")
    mask[:, : size[1] // 2] = 255
    return mask


@pytest.mark.parametrize("name", HOLES)
@pytest.mark.parametrize("size", [(64, 64), (32, 48), (8, 8)])
def test_holes_are_some_of_the_picture_and_never_all(name, size):
    shares, masks = [], set()
    for seed in range(40):
        mask = HOLES[name](np.random.RandomState(seed), size)
        assert mask.dtype == "uint8" and mask.shape == (*size, 1)
        assert {*np.unique(mask)} == {0, 255}
        shares.append((mask > 0).mean())
        masks.add(mask.tobytes())
    assert 0.05 < np.mean(shares) < 0.6
    assert name == "centre" or len(masks) > 3


def test_holes_are_others_in_every_epoch_and_can_be_gone_on_with(tmp_path):
    for i in range(4):
        write(tmp_path / "train" / f"{i}.png", photo(i, (16, 16)))
    options = {"image_size": 16, "batch_size": 2, "shuffle": False}
    dataset = data.masked(tmp_path, **options)
    assert dataset.kgt_summary == "masked: 4 photos; holes: strokes"
    epochs = [collect(dataset) for _ in range(3)]
    assert epochs[0]["mask"].dtype == "uint8"
    assert epochs[0]["image"].dtype == "float32"
    assert (epochs[0]["mask"] != epochs[1]["mask"]).any((1, 2, 3)).all()
    data.resume_at(2)
    np.testing.assert_array_equal(
        collect(data.masked(tmp_path, **options))["mask"], epochs[2]["mask"]
    )
    held_out = data.masked(tmp_path, augment=False, **options)
    np.testing.assert_array_equal(
        collect(held_out)["mask"], collect(held_out)["mask"]
    )
    centre = collect(data.masked(tmp_path, holes="centre", **options))
    assert (centre["mask"][:, 4:12, 4:12] == 255).all()
    assert centre["mask"].mean() == 255 / 4


@pytest.mark.parametrize("pattern", ["{}/{}.png", "train/{}/{}.png"])
def test_each_photo_its_own_hole(tmp_path, pattern):
    for i in range(3):
        mask = left_half((16, 16)) if i else left_half((16, 16)) // 255
        write(tmp_path / pattern.format("masks", i), mask)
        red = photo(0, (16, 16))
        red[..., 0] = left_half((16, 16))
        write(tmp_path / pattern.format("images", i), red)
    dataset = data.masked(tmp_path, image_size=12, load_size=16)
    assert dataset.kgt_summary == "masked: 3 photos, each with its own hole"
    for _ in range(3):
        batch = collect(dataset)
        red = data.to_uint8(batch["image"])[..., :1]
        np.testing.assert_array_equal(red, batch["mask"])


def test_any_of_some_masks(tmp_path):
    for i in range(5):
        write(tmp_path / "photos" / f"{i}.png", photo(i))
    write(tmp_path / "masks" / "left.png", left_half())
    for source, options in (
        ((tmp_path / "photos", tmp_path / "masks"), {}),
        ((tmp_path / "photos",), {"holes": str(tmp_path / "masks")}),
        ((tmp_path,), {}),
    ):
        dataset = data.masked(*source, image_size=8, **options)
        assert dataset.kgt_summary == "masked: 5 photos; holes: any of 1 files"
        masks = collect(dataset)["mask"]
        assert masks.shape == (5, 8, 8, 1)
        # The left half or, mirrored, the right one.
        assert (masks.mean((1, 2, 3)) == 127.5).all()


def test_what_is_no_mask(tmp_path):
    write(tmp_path / "photos" / "1.png", photo())
    write(tmp_path / "masks" / "x.png", left_half() * 0 + 255)
    with pytest.raises(ValueError, match="white all over"):
        data.masked(tmp_path / "photos", tmp_path / "masks", image_size=8)
    write(tmp_path / "masks" / "x.png", photo())
    with pytest.raises(ValueError, match="holds colours"):
        data.masked(tmp_path / "photos", tmp_path / "masks", image_size=8)
    kind = find_kind("masked")
    with pytest.raises(ValueError, match="Did you mean 'strokes'"):
        kind.find(tmp_path / "photos", holes="stroke")
    with pytest.raises(ValueError, match="Holes are given once"):
        kind.find(("x", "y"), holes="centre")
    (tmp_path / "none").mkdir()
    with pytest.raises(ValueError, match="There is no mask in"):
        kind.find(tmp_path / "photos", holes=str(tmp_path / "none"))
