import numpy as np
import pytest
from PIL import Image

from keras_gan_translate import data
from keras_gan_translate.data.kinds import find_kind
from tests.data.folders import label_map, photo, write


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    data.resume_at(0)


def fill(folder, pattern, count=2, **values):
    values = values or {
        "label": label_map(),
        "inst": label_map().astype("uint16") * 1000,
        "img": photo(),
    }
    for key, pixels in values.items():
        for number in range(count):
            write(folder / pattern.format(key=key, number=number), pixels)


def collect(dataset):
    batches = [{k: np.asarray(v) for k, v in b.items()} for b in dataset]
    return {k: np.concatenate([b[k] for b in batches]) for k in batches[0]}


@pytest.mark.parametrize(
    "pattern",
    [
        "train_{key}/{number}.png",
        "train/{key}/{number}.png",
        "{key}/train/{number}.png",
        "{key}/{number}.png",
        "set/train_{key}/deep/{number}.png",
    ],
)
def test_maps_and_photos_by_name(tmp_path, pattern):
    fill(tmp_path, pattern)
    kind = find_kind("semantic")
    found = kind.find(tmp_path)
    assert found.summary == (
        "semantic: 2 photos with label maps and instance maps, 3 classes by "
        "the largest number"
    )
    assert kind.arguments(found) == {
        "classes": ["class 0", "class 1", "class 2"]
    }
    dataset = data.semantic(tmp_path, image_size=8, batch_size=2)
    assert dataset.kgt_summary.startswith(found.summary)
    batch = collect(dataset)
    assert {k: (v.dtype.name, v.shape[1:]) for k, v in batch.items()} == {
        "label_map": ("uint8", (8, 8, 1)),
        "instances": ("int32", (8, 8, 1)),
        "image": ("float32", (8, 8, 3)),
    }


def test_maps_move_with_their_photo_and_are_never_smoothed(tmp_path):
    random = np.random.default_rng(0)
    for number in range(6):
        ids = random.integers(0, 3, (20, 20)).astype("uint8")
        coloured = np.stack([ids * 100, ids * 0, ids * 0], -1)
        write(tmp_path / "train_label" / f"{number}.png", ids)
        write(tmp_path / "train_inst" / f"{number}.png", ids.astype("uint16"))
        write(tmp_path / "train_img" / f"{number}.png", coloured)
    dataset = data.semantic(tmp_path, image_size=12, load_size=20, batch_size=6)
    for _ in range(3):
        batch = collect(dataset)
        red = data.to_uint8(batch["image"])[..., :1]
        np.testing.assert_array_equal(red, batch["label_map"] * 100)
        np.testing.assert_array_equal(batch["instances"], batch["label_map"])
    resized = collect(data.semantic(tmp_path, image_size=9, augment=False))
    assert {*np.unique(resized["label_map"])} == {0, 1, 2}


def test_cityscapes_as_it_comes(tmp_path):
    for split, city in (("train", "bonn"), ("train", "ulm"), ("val", "koeln")):
        name = f"{split}/{city}/{city}_000000_000019"
        write(
            tmp_path / f"leftImg8bit/{name}_leftImg8bit.png",
            photo(size=(8, 16)),
        )
        for sort, pixels in (
            ("color", photo(size=(8, 16))),
            ("labelIds", label_map((8, 16)) + 7),
            ("instanceIds", label_map((8, 16)).astype("uint16") * 1000),
        ):
            write(tmp_path / f"gtFine/{name}_gtFine_{sort}.png", pixels)
    kind = find_kind("semantic")
    found = kind.find(tmp_path)
    assert found.summary == (
        "semantic: 2 photos with label maps and instance maps, 35 classes of "
        "Cityscapes"
    )
    assert len(found.facts["palette"]) == 35
    assert found.facts["classes"][26] == "car"
    assert [path.name for path in found.files["label_map"]] == [
        "bonn_000000_000019_gtFine_labelIds.png",
        "ulm_000000_000019_gtFine_labelIds.png",
    ]
    assert len(kind.find(tmp_path, "test").paths) == 3
    dataset = data.semantic(tmp_path, image_size=8, augment=False)
    assert "pixels: sidewalk 62 %, road 25 %, park" in dataset.kgt_summary
    assert "no pixel of unlabeled, ego vehicle" in dataset.kgt_summary
    with pytest.raises(ValueError, match="_gtFine_color and _gtFine_inst"):
        kind.find((tmp_path / "gtFine", tmp_path / "leftImg8bit"))


def test_two_folders_and_three(tmp_path):
    fill(tmp_path, "{key}/{number}.png")
    folders = [tmp_path / name for name in ("label", "img", "inst")]
    kind = find_kind("semantic")
    assert list(kind.find(folders[:2]).files) == ["label_map", "image"]
    found = kind.find(folders)
    assert found.files.keys() == {"label_map", "image", "instances"}
    with pytest.raises(ValueError, match="has no instance maps, which this mo"):
        kind.find(folders[:2], instances=True)
    assert "instances" not in kind.find(tmp_path, instances=False).files


def test_classes(tmp_path):
    fill(tmp_path, "train_{key}/{number}.png")
    kind = find_kind("semantic")
    for given in (["5"], 5, "5"):
        assert len(kind.find(tmp_path, classes=given).facts["classes"]) == 5
    named = kind.find(tmp_path, classes=["sky", "ground", "thing"])
    assert named.facts["classes"] == ["sky", "ground", "thing"]
    (tmp_path / "classes.txt").write_text("sky\nground\n\nthing\n")
    for given in (None, [str(tmp_path / "classes.txt")]):
        found = kind.find(tmp_path, classes=given)
        assert found.facts["classes"] == ["sky", "ground", "thing"]
    summary = data.semantic(tmp_path, image_size=8, augment=False).kgt_summary
    assert "; pixels: " in summary and "sky " in summary
    with pytest.raises(ValueError, match="neither a number, nor several name"):
        kind.find(tmp_path, classes=["sky"])
    with pytest.raises(ValueError, match="2 to 256 classes, received 1"):
        kind.find(tmp_path, classes=1)


def test_wrong_numbers_name_the_file_and_the_number(tmp_path):
    fill(tmp_path, "train_{key}/{number}.png")
    write(tmp_path / "train_label" / "1.png", label_map() + 253)
    with pytest.raises(ValueError, match=r"1.png' holds the number 255, and"):
        data.semantic(tmp_path, classes=3, image_size=8)
    with pytest.raises(ValueError, match="255 is what many sets call unlab"):
        data.semantic(tmp_path, classes=3, image_size=8)


def test_what_does_not_belong_together(tmp_path):
    fill(tmp_path, "train_{key}/{number}.png")
    write(tmp_path / "train_label" / "7.png", label_map())
    with pytest.warns(UserWarning, match="1 files have no partner.*7.png"):
        found = find_kind("semantic").find(tmp_path)
    assert len(found.files["image"]) == 2
    (tmp_path / "train_label" / "7.png").unlink()
    write(tmp_path / "train_img" / "1.png", photo(size=(20, 20)))
    with pytest.raises(ValueError, match="16 x 12 pixels and its photo"):
        find_kind("semantic").find(tmp_path)
    fill(tmp_path / "x", "label/a{number}.png", 1, label=label_map())
    fill(tmp_path / "x", "img/b{number}.png", 1, img=photo())
    with pytest.raises(ValueError, match="No label map has a photo"):
        find_kind("semantic").find(tmp_path / "x")
    fill(tmp_path / "y", "{key}/{number}.png", 1, cats=photo(), dogs=photo())
    with pytest.raises(ValueError, match="No semantic data found.*train_label"):
        find_kind("semantic").find(tmp_path / "y")


def test_photos_as_label_maps(tmp_path):
    fill(tmp_path, "{key}/{number}.png", label=photo(), img=photo())
    with pytest.warns(UserWarning, match="holds colours"):
        with pytest.raises(ValueError, match="2 to 256 classes, received 1"):
            find_kind("semantic").find(tmp_path)
    with pytest.raises(ValueError, match="No usable image.*it holds colours"):
        data.semantic(tmp_path, classes=3, image_size=8)


def test_palettes_are_found(tmp_path):
    fill(tmp_path, "train_{key}/{number}.png")
    colours = [[9, 8, 7], [255, 0, 0], [0, 0, 255]]
    for number in range(2):
        picture = Image.fromarray(np.array(label_map()), "P")
        picture.putpalette(sum(colours, []))
        picture.save(tmp_path / "train_label" / f"{number}.png")
    kind = find_kind("semantic")
    assert kind.arguments(kind.find(tmp_path))["palette"] == colours


def test_drawn_maps():
    kind = find_kind("semantic")
    classes = kind.find("synthetic:2").facts["classes"]
    assert kind.find("synthetic:2", classes=classes).summary == (
        "semantic: synthetic faces (train), 2 photos with label maps, 8 classes"
    )
    with pytest.raises(ValueError, match="The classes that are drawn are bla"):
        kind.find("synthetic:2", classes=["sky", "sea"])
    plain = {"image_size": 16, "augment": False, "shuffle": False}
    batch = collect(data.open_dataset("synthetic:2", "semantic", **plain))
    assert batch["label_map"].max() < len(classes)
    assert (batch["label_map"][0] != batch["label_map"][1]).any()
    photos = data.synthetic_faces(2, 16)[0]
    np.testing.assert_array_equal(data.to_uint8(batch["image"]), photos)


def test_nearest_pixels():
    ids = np.arange(16, dtype="int32").reshape(4, 4) * 1000
    np.testing.assert_array_equal(data.resize_map(ids, 4), ids)
    twice = data.resize_map(ids, 8)
    np.testing.assert_array_equal(twice, ids.repeat(2, 0).repeat(2, 1))
    wide = np.arange(8).reshape(2, 4)
    np.testing.assert_array_equal(data.resize_map(wide, 2), [[1, 2], [5, 6]])
    np.testing.assert_array_equal(
        data.resize_map(wide, (2, 2), "stretch"), [[1, 3], [5, 7]]
    )
    boxed = data.resize_map(wide + 1, 4, "letterbox")
    assert (boxed[[0, 3]] == 0).all()
    np.testing.assert_array_equal(boxed[1:3], wide + 1)
    with pytest.raises(ValueError, match="at least 1 pixel"):
        data.resize_map(wide, 0)
