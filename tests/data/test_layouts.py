import pytest
from PIL import Image

from keras_gan_translate.data import find_layout
from tests.shared import shared


def fill(folder, *names, size=(8, 8)):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size).save(path)


def names(files):
    return [path.name for path in files]


@pytest.mark.parametrize(
    "pattern",
    [
        "train{}/{}.png",
        "train_{}/{}.png",
        "train-{}/{}.png",
        "Train{}/{}.png",
        "train/{}/{}.png",
        "{}/train/{}.png",
        "{}/{}.png",
        "archive/train{}/{}.png",
        "train{}/nested/{}.png",
    ],
)
def test_unpaired_layouts(tmp_path, pattern):
    fill(tmp_path, *(pattern.format("A", i) for i in (1, 2, 3)))
    fill(tmp_path, *(pattern.format("B", i) for i in (7, 8)))
    found = find_layout(tmp_path)
    assert names(found.files["a"]) == ["1.png", "2.png", "3.png"]
    assert names(found.files["b"]) == ["7.png", "8.png"]
    assert found.facts == {}
    assert found.summary.startswith("unpaired: ")
    assert "3 images, " in found.summary
    assert found.summary.endswith("2 images")


def test_the_sentence(tmp_path):
    fill(tmp_path, "trainA/1.png", "trainA/2.png", "trainB/x.png")
    expected = "unpaired: trainA 2 images, trainB 1 images"
    assert find_layout(tmp_path).summary == expected


@pytest.mark.parametrize(
    "pattern",
    ["{1}{0}/{2}.png", "{1}_{0}/{2}.png", "{1}/{0}/{2}.png", "{0}/{1}/{2}.png"],
)
def test_splits(tmp_path, pattern):
    for split in ("train", "test"):
        for domain in "AB":
            fill(tmp_path, pattern.format(domain, split, split + domain))
    found = find_layout(tmp_path, split="test")
    assert names(found.files["a"]) == ["testA.png"]
    assert names(found.files["b"]) == ["testB.png"]
    found = find_layout(tmp_path, split="val")
    assert names(found.files["a"]) == ["testA.png"]
    assert "there is no 'val', 'test' is read instead" in found.summary


def test_training_data_never_stand_in(tmp_path):
    fill(tmp_path, "trainA/1.png", "trainB/1.png")
    with pytest.raises(ValueError, match="no split 'test' in .* Found: train"):
        find_layout(tmp_path, split="test")
    fill(tmp_path / "flat", "A/1.png", "B/1.png")
    with pytest.raises(ValueError, match="Found: train .no split"):
        find_layout(tmp_path / "flat", split="val")


def test_validation_has_several_names(tmp_path):
    fill(tmp_path, "train/1.png", "validation/2.png", size=(16, 8))
    found = find_layout(tmp_path, "paired", "val")
    assert names(found.files["a"]) == ["2.png"]


def test_choosing_domains(tmp_path):
    fill(tmp_path, "train/cat/1.png", "train/dog/2.png", "train/Wild/3.png")
    with pytest.raises(
        ValueError,
        match="3 domains in .*Wild, cat, dog.*--domains Wild cat .in Python d",
    ):
        find_layout(tmp_path)
    found = find_layout(tmp_path, domains=("wild", "cat"))
    assert names(found.files["a"]) == ["3.png"]
    assert names(found.files["b"]) == ["1.png"]
    with pytest.raises(
        ValueError, match="no domain 'dogs'.*Did you mean 'dog'"
    ):
        find_layout(tmp_path, domains=("cat", "dogs"))
    for wrong in ("ab", ("cat",)):
        with pytest.raises(ValueError, match="domains must be two names"):
            find_layout(tmp_path, domains=wrong)


def test_label_maps_and_images_have_names(tmp_path):
    fill(tmp_path, "train_label/1.png", "train_img/1.png", "train_inst/1.png")
    found = find_layout(tmp_path, "paired", domains=("label", "img"))
    assert "train_label 1 images, train_img 1 images" in found.summary


def test_a_and_b_beside_their_combination(tmp_path):
    fill(tmp_path, "A/train/1.png", "B/train/1.png", "AB/train/1.png")
    found = find_layout(tmp_path, "paired")
    assert found.files["a"] == [tmp_path / "A/train/1.png"]
    assert found.files["b"] == [tmp_path / "B/train/1.png"]


@pytest.mark.parametrize(
    "pattern", ["train{}/{}", "train_{}/{}", "{}/train/{}", "{}/{}"]
)
def test_paired_by_name(tmp_path, pattern):
    fill(tmp_path, *(pattern.format("A", f"{i}.png") for i in (1, 2, 3, 4)))
    fill(tmp_path, *(pattern.format("B", f"{i}.jpg") for i in (2, 4, 3, 9)))
    with pytest.warns(UserWarning, match="2 images have no partner") as caught:
        found = find_layout(tmp_path, "paired")
    assert "1.png" in str(caught[0].message)
    assert "9.jpg" in str(caught[0].message)
    assert names(found.files["a"]) == ["2.png", "3.png", "4.png"]
    assert names(found.files["b"]) == ["2.jpg", "3.jpg", "4.jpg"]
    assert found.summary.startswith("paired by name: 3 pairs")


def test_nothing_paired(tmp_path):
    fill(tmp_path, "trainA/1_a.png", "trainB/1_b.png")
    with pytest.raises(ValueError, match="nothing is paired. A holds 1_a.png"):
        find_layout(tmp_path, "paired")


def test_unpaired_with_matching_names_is_noted(tmp_path):
    fill(tmp_path, "trainA/1.png", "trainB/1.png")
    assert "all names match" in find_layout(tmp_path).summary
    fill(tmp_path, "trainB/2.png")
    assert "all names match" not in find_layout(tmp_path).summary


@pytest.mark.parametrize("inside", ["train", "archive/train", ""])
def test_side_by_side(tmp_path, inside):
    fill(tmp_path / inside, "1.png", "2.png", size=(16, 8))
    (tmp_path / inside / "broken.png").write_bytes(b"")
    found = find_layout(tmp_path, "paired")
    assert found.facts["halves"] and list(found.files) == ["a"]
    assert names(found.files["a"]) == ["1.png", "2.png", "broken.png"]
    assert "3 images, A is the left half" in found.summary


def test_side_by_side_must_be_wide(tmp_path):
    fill(tmp_path, "train/1.png", size=(16, 8))
    fill(tmp_path, "train/2.png", size=(8, 8))
    with pytest.raises(
        ValueError, match="no pairs side by side: those are abo"
    ):
        find_layout(tmp_path, "paired")


def test_pairs_for_an_unpaired_model(tmp_path):
    fill(tmp_path, "train/1.png", size=(16, 8))
    with pytest.raises(ValueError, match="look like pairs side by side"):
        find_layout(tmp_path)


def test_what_lies_there_is_said(tmp_path):
    fill(tmp_path, "trainA/1.png", "stuff/x.png", "photo.png")
    with pytest.raises(
        ValueError,
        match="is 'trainA', and no 'trainB' beside it. It holds 1 images and "
        "the folders: stuff, trainA. Known",
    ):
        find_layout(tmp_path)
    with pytest.raises(ValueError, match="and the folders: none"):
        find_layout(tmp_path / "stuff")


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ("trainA", "trainB"),
        ("train_b", "train_a"),
        ("A", "B"),
        ("testB", "testA"),
    ],
)
def test_what_is_missing_is_said(tmp_path, there, missing):
    fill(tmp_path, f"{there}/1.png")
    for kind in ("unpaired", "paired"):
        with pytest.raises(ValueError, match=f"'{there}', and no '{missing}"):
            find_layout(tmp_path, kind)


def test_a_split_of_which_a_domain_is_missing(tmp_path):
    fill(tmp_path, "trainA/1.png", "testA/1.png", "testB/1.png")
    with pytest.raises(ValueError, match="no split 'train'.*no 'trainB' besi"):
        find_layout(tmp_path)


def test_empty_domain(tmp_path):
    fill(tmp_path, "trainA/1.png")
    (tmp_path / "trainB").mkdir()
    with pytest.raises(ValueError, match="There is no image in '.*trainB'"):
        find_layout(tmp_path)


def test_typos(tmp_path):
    with pytest.raises(ValueError, match="Did you mean 'unpaired'"):
        find_layout(tmp_path, "unpared")
    with pytest.raises(ValueError, match="Unknown split='trian'"):
        find_layout(tmp_path, split="trian")
    with pytest.raises(ValueError, match="There is no folder"):
        find_layout(tmp_path / "none")


def test_two_folders(tmp_path):
    fill(tmp_path, "one/1.png", "two/1.png", "two/2.png")
    found = find_layout((tmp_path / "one", tmp_path / "two"))
    assert found.summary == "unpaired: one 1 images, two 2 images"
    with pytest.warns(UserWarning, match="1 images have no partner"):
        found = find_layout((tmp_path / "one", tmp_path / "two"), "paired")
    assert len(found.files["a"]) == len(found.files["b"]) == 1


def test_two_folders_with_splits(tmp_path):
    fill(tmp_path, "A/train/1.png", "A/test/2.png", "B/train/1.png")
    fill(tmp_path, "B/test/2.png")
    found = find_layout((tmp_path / "A", tmp_path / "B"), split="test")
    assert names(found.files["a"]) == names(found.files["b"]) == ["2.png"]
    assert found.summary.startswith("unpaired: A/test 1 images, B/test 1")


def test_real_sets():
    found = find_layout(shared("data", "emoji"), domains=("noto", "openmoji"))
    assert len(found.files["a"]) > 1000 and "noto" in found.summary
    found = find_layout(shared("data", "facades"), "paired")
    assert found.facts["halves"] and len(found.files["a"]) >= 100


@pytest.mark.parametrize(
    "pattern",
    [
        "{split}/{name}.png",
        "{split}/cats/{name}.png",
        "set/{split}/{name}.png",
    ],
)
def test_photos(tmp_path, pattern):
    for split, name in (("train", "1"), ("train", "2"), ("valid", "3")):
        fill(tmp_path, pattern.format(split=split, name=name))
    found = find_layout(tmp_path, "super_resolution")
    assert names(found.files["b"]) == ["1.png", "2.png"] and list(
        found.files
    ) == ["b"]
    assert found.summary == "super_resolution: train 2 photos"
    found = find_layout(tmp_path, "super_resolution", "test")
    assert names(found.files["b"]) == ["3.png"]
    assert "there is no 'test', 'val' is read instead" in found.summary


def test_photos_of_several_classes(tmp_path):
    fill(tmp_path, "cats/train/1.png", "dogs/train/2.png", "dogs/test/3.png")
    fill(tmp_path, "cats/test/4.png")
    found = find_layout(tmp_path, "super_resolution")
    assert names(found.files["b"]) == ["1.png", "2.png"]
    found = find_layout(tmp_path, "super_resolution", "test")
    assert sorted(names(found.files["b"])) == ["3.png", "4.png"]


def test_photos_anywhere(tmp_path):
    fill(tmp_path / "x", "1.png", "cats/2.png", "dogs/deep/3.png")
    found = find_layout(tmp_path / "x", "super_resolution")
    assert sorted(names(found.files["b"])) == ["1.png", "2.png", "3.png"]
    with pytest.raises(ValueError, match="no split 'test'.*Found: train .no"):
        find_layout(tmp_path / "x", "super_resolution", "test")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="There is no image in .*photos in tr"):
        find_layout(tmp_path / "empty", "super_resolution")


def test_cartoons_are_two_domains(tmp_path):
    fill(tmp_path, "trainA/1.png", "trainB/2.png")
    found = find_layout(tmp_path, "cartoon")
    assert found.summary == "cartoon: trainA 1 images, trainB 1 images"
    with pytest.raises(ValueError, match="one folder of photos, received 2"):
        find_layout((tmp_path, tmp_path), "super_resolution")
