import numpy as np
import pytest

from keras_gan_translate import data
from keras_gan_translate.data.drawn.face_styles import FACE_STYLES
from keras_gan_translate.data.kinds import find_kind
from tests.data.folders import photo, write

COUNTS = {"Cat": 1, "dog": 4, "wild": 2}


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    data.resume_at(0)


def fill(folder, pattern, counts=COUNTS):
    for i, (name, count) in enumerate(counts.items()):
        for number in range(count):
            path = folder / pattern.format(domain=name, number=number)
            write(path, photo(60 * i + number))


def collect(dataset):
    batches = [{k: np.asarray(v) for k, v in b.items()} for b in dataset]
    return {k: np.concatenate([b[k] for b in batches]) for k in batches[0]}


@pytest.mark.parametrize(
    "pattern",
    [
        "train/{domain}/{number}.png",
        "{domain}/train/{number}.png",
        "{domain}/{number}.png",
        "set/{domain}/{number}.png",
        "train_{domain}/{number}.png",
    ],
)
def test_every_image_once_with_its_number(tmp_path, pattern):
    fill(tmp_path, pattern)
    kind = find_kind("domains")
    found = kind.find(tmp_path)
    assert found.summary == "domains: 7 images, Cat 1, dog 4, wild 2"
    assert kind.arguments(found) == {"domains": ["Cat", "dog", "wild"]}
    batch = collect(data.domains(tmp_path, image_size=8))
    assert batch["domain"].dtype == "int32" and batch["domain"].shape == (7,)
    red = data.to_uint8(batch["image"])[:, 0, 0, 0]
    np.testing.assert_array_equal(red // 60, batch["domain"])
    assert len({*red}) == 7


def test_chosen_domains_in_their_order(tmp_path):
    fill(tmp_path, "train/{domain}/{number}.png")
    dataset = data.domains(tmp_path, domains=["WILD", "cat"], image_size=8)
    assert dataset.kgt_summary == "domains: 3 images, wild 2, Cat 1"
    assert sorted(collect(dataset)["domain"]) == [0, 0, 1]
    for chosen, message in (
        (["cat", "dig"], "no domain 'dig'.*Did you mean 'dog'"),
        (["cat"], "Domains are two or more, received Cat"),
        (["cat", "Cat"], "named twice"),
    ):
        with pytest.raises(ValueError, match=message):
            find_kind("domains").find(tmp_path, domains=chosen)


def test_the_first_ones_are_of_all_domains(tmp_path):
    fill(tmp_path, "{domain}/{number}.png")
    plain = {"image_size": 8, "augment": False, "shuffle": False}
    batch = collect(data.domains(tmp_path, **plain))
    assert batch["domain"].tolist() == [0, 1, 2, 1, 2, 1, 1]


def test_folders_one_by_one(tmp_path):
    fill(tmp_path, "{domain}/train/{number}.png")
    folders = [tmp_path / name for name in COUNTS]
    dataset = data.domains(*folders, image_size=8)
    assert dataset.kgt_summary == "domains: 7 images, Cat 1, dog 4, wild 2"


def test_damaged_files_take_their_number_along(tmp_path):
    fill(tmp_path, "{domain}/{number}.png")
    (tmp_path / "dog" / "1.png").write_bytes(b"")
    with pytest.warns(UserWarning, match="1 of 7 files"):
        batch = collect(data.domains(tmp_path, image_size=8))
    red = data.to_uint8(batch["image"])[:, 0, 0, 0]
    np.testing.assert_array_equal(red // 60, batch["domain"])
    (tmp_path / "Cat" / "0.png").write_bytes(b"")
    with pytest.warns(UserWarning, match="2 of 7 files"):
        with pytest.raises(ValueError, match="No image of the domain 'Cat'"):
            data.domains(tmp_path, image_size=8)


def test_one_folder_is_no_domains(tmp_path):
    fill(tmp_path, "{domain}/{number}.png", {"cat": 2})
    with pytest.raises(ValueError, match="No domains data.*train/<domain>/"):
        data.domains(tmp_path)


def test_drawn_styles(tmp_path):
    kind = find_kind("domains")
    found = kind.find("synthetic:3")
    assert kind.arguments(found) == {"domains": ["photo", "toon"]}
    assert found.summary == "domains: synthetic faces (train), photo 3, toon 3"
    assert kind.arguments(kind.find("drawn")) == {"domains": list(FACE_STYLES)}
    plain = {"image_size": 16, "augment": False, "shuffle": False}
    batch = collect(data.open_dataset("synthetic:3", "domains", **plain))
    assert batch["domain"].tolist() == [0, 1, 0, 1, 0, 1]
    toons = data.synthetic_faces(3, 16, start=3)[1]
    np.testing.assert_array_equal(data.to_uint8(batch["image"])[1::2], toons)
    swapped = collect(
        data.open_dataset(
            "drawn:3", "domains", domains=["toon", "photo"], **plain
        )
    )
    assert (swapped["image"][0] != batch["image"][0]).any()
    with pytest.raises(ValueError, match="Did you mean 'toon'"):
        kind.find("drawn", domains=["photo", "tool"])
