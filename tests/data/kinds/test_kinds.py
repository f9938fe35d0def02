import pytest

from keras_gan_translate import data
from keras_gan_translate.data import kinds
from keras_gan_translate.data.kinds import DataKind, find_kind, is_aligned
from tests.data.folders import label_map, photo, write

NAMES = (
    "cartoon",
    "colorization",
    "domains",
    "identities",
    "images",
    "masked",
    "paired",
    "semantic",
    "sketch",
    "super_resolution",
    "unpaired",
)


def test_every_module_of_the_folder_is_found():
    assert set(NAMES) <= set(kinds.names())
    for name in kinds.names():
        kind = find_kind(name)
        assert isinstance(kind, DataKind) and kind.name == name
        assert kind.about and kind.layouts
    with pytest.raises(ValueError, match="Did you mean 'semantic'"):
        find_kind("semantics")


def test_aligned():
    assert [name for name in NAMES if is_aligned(name)] == [
        "colorization",
        "paired",
        "semantic",
        "sketch",
        "super_resolution",
    ]
    assert not is_aligned("whatever")


@pytest.mark.parametrize("name", NAMES)
def test_the_drawn_world_feeds_every_kind(name):
    for source in ("drawn:2", "synthetic:2"):
        found = find_kind(name).find(source, **find_kind(name).defaults)
        assert (found.drawn.count, found.drawn.first) == (2, 0)
        assert not found.paths
    assert found.summary.startswith(f"{name}: synthetic faces (train), ")
    dataset = data.open_dataset("drawn:2", name, image_size=16, batch_size=2)
    (batch,) = list(dataset.take(1))
    for values in batch.values():
        assert len(values) == 2
    held_out = find_kind(name).find("drawn:2", "test")
    assert (held_out.drawn.count, held_out.drawn.first) == (2, 20_000_000)


def test_options_of_other_kinds_are_refused_in_words(tmp_path):
    write(tmp_path / "A" / "1.png", photo())
    write(tmp_path / "B" / "1.png", photo())
    for kind, options, message in (
        (
            "unpaired",
            {"holes": "centre"},
            "is for masked, identities, sketch data. unp",
        ),
        ("unpaired", {"direction": "ba"}, "is for paired data"),
        ("paired", {"direction": "a2b"}, "Unknown direction='a2b'"),
        ("domains", {"domain": "A"}, "no option.*Did you mean 'domains'"),
        ("super_resolution", {"load_size": 9}, "for images that are resized"),
        ("semantic", {"how": "letterbox"}, "no semantic data|No semantic"),
    ):
        with pytest.raises(ValueError, match=message):
            data.open_dataset(tmp_path, kind, image_size=8, **options)


def test_label_maps_are_no_photographs(tmp_path):
    for name in ("1.png", "2.png"):
        write(tmp_path / "train_label" / name, label_map())
        write(tmp_path / "train_img" / name, photo())
    for kind, options in (
        ("unpaired", {}),
        ("paired", {"domains": ["label", "img"]}),
        ("domains", {}),
        ("super_resolution", {}),
        ("masked", {}),
    ):
        with pytest.raises(ValueError, match="maps: one channel with a few"):
            find_kind(kind).find(tmp_path, **options)
    assert "2 photos" in find_kind("semantic").find(tmp_path).summary


def test_cityscapes_files_are_no_one_domain(tmp_path):
    for kind in ("color", "labelIds", "instanceIds"):
        name = f"gtFine/train/bonn/bonn_0_gtFine_{kind}.png"
        write(tmp_path / name, photo())
    write(tmp_path / "leftImg8bit/train/bonn/bonn_0_leftImg8bit.png", photo())
    for kind in ("unpaired", "paired", "cartoon", "domains"):
        with pytest.raises(ValueError, match="color and instanceIds and labe"):
            find_kind(kind).find(tmp_path)


def test_gray_photos_are_no_label_maps(tmp_path):
    for folder in "AB":
        gray = photo()[..., 1] * 5  # up to 75: dark, but no class
        write(tmp_path / folder / f"{folder}.png", gray)
    assert find_kind("unpaired").find(tmp_path)


@pytest.mark.parametrize(
    "pattern", ["{}/{}.png", "train/{}/{}.png", "{}/train/{}.png"]
)
def test_equal_numbers_in_folders_of_classes_make_no_pairs(tmp_path, pattern):
    for name in ("female", "male"):
        for number in (0, 1):
            write(tmp_path / pattern.format(name, number), photo())
    with pytest.raises(ValueError, match="'female' and 'male' are folders of"):
        find_kind("paired").find(tmp_path)
    sure = find_kind("paired").find(tmp_path, domains=["female", "male"])
    assert sure.summary.startswith("paired by name: 2 pairs")
    for name in ("female", "male"):
        write(tmp_path / pattern.format(name, "img_12"), photo())
        for number in (0, 1):
            (tmp_path / pattern.format(name, number)).rename(
                tmp_path / pattern.format(name, f"img_0{number}")
            )
    with pytest.raises(ValueError, match="say so with --domains female male "):
        find_kind("paired").find(tmp_path)
    write(tmp_path / pattern.format("female", "anna"), photo())
    write(tmp_path / pattern.format("male", "anna"), photo())
    assert find_kind("paired").find(tmp_path).summary.startswith("paired by")


@pytest.mark.parametrize(
    ("one", "other"), [("train_female", "train_male"), ("cat", "dog")]
)
def test_sizes_that_agree_in_each_pair_make_pairs(tmp_path, one, other):
    for number in range(4):
        for name in (one, other):
            pixels = photo(size=(8 + number, 9))
            write(tmp_path / name / f"{number}.png", pixels)
    assert "4 pairs" in find_kind("paired").find(tmp_path).summary
    write(tmp_path / other / "3.png", photo(size=(9, 9)))
    with pytest.raises(ValueError, match="are folders of classes"):
        find_kind("paired").find(tmp_path)


@pytest.mark.parametrize("kind", ["paired", "unpaired", "cartoon"])
@pytest.mark.parametrize(
    ("pattern", "a", "b"),
    [
        ("{}/1.png", "before", "after"),
        ("train/{}/1.png", "lq", "gt"),
        ("train_{}/1.png", "input", "edited"),
        ("{}/train/1.png", "LR_x4", "HR"),
    ],
)
def test_which_is_a_the_names_say(tmp_path, kind, pattern, a, b):
    for name in (a, b):
        write(tmp_path / pattern.format(name), photo())
    found = find_kind(kind).find(tmp_path)
    assert found.files["a"] == [tmp_path / pattern.format(a)]
    assert found.files["b"] == [tmp_path / pattern.format(b)]
    assert f"; A is {a}, B is {b}, by their names" in found.summary


def test_label_maps_with_unlabelled_pixels_are_no_photographs(tmp_path):
    pixels = label_map(classes=4).copy()
    pixels[pixels == 3] = 255
    for folder in "AB":
        write(tmp_path / folder / f"{folder}.png", pixels)
    with pytest.raises(ValueError, match="maps: one channel with a few"):
        find_kind("unpaired").find(tmp_path)
    mask = (label_map(classes=2) * 255).astype("uint8")
    for folder in "AB":
        write(tmp_path / folder / f"{folder}.png", mask)
    assert find_kind("unpaired").find(tmp_path)


def test_what_the_model_takes_of_the_augmentation(tmp_path):
    write(tmp_path / "A" / "1.png", photo(size=(16, 16)))
    write(tmp_path / "B" / "1.png", photo(size=(16, 16)))

    def seen(augment, **options):
        dataset = data.unpaired(
            tmp_path, image_size=8, augment=augment, **options
        )
        return {
            tuple(data.to_uint8(batch["a"])[0, 0, :, 1].tolist())
            for _ in range(12)
            for batch in dataset
        }

    assert len(seen(())) == 1
    whole, mirrored = sorted(seen(("flip",)))
    assert whole == mirrored[::-1] and seen(()) == {whole}
    crops = seen(("crop",), load_size=16)
    assert 3 < len(crops) <= 9
    assert all(row == tuple(sorted(row)) for row in crops)
    with pytest.raises(ValueError, match="Did you mean 'flip'"):
        seen(("flipp",))
