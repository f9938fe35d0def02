import numpy as np
import pytest

from keras_gan_translate import data
from keras_gan_translate.data.drawn.face import draw_face, same_person
from keras_gan_translate.data.drawn.face_landmarks import eye_boxes, landmarks
from keras_gan_translate.data.drawn.face_styles import draw
from keras_gan_translate.data.drawn.face_truth import (
    PARSING_CLASSES,
    parsing_map,
)
from keras_gan_translate.data.kinds import find_kind
from tests.data.folders import photo, write
from tests.data.kinds.test_masked import collect, left_half

KIND = find_kind("identities")
PLAIN = {"image_size": 16, "augment": False, "shuffle": False}


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    data.resume_at(0)


def people(folder, counts=(2, 3, 4), pattern="{}/{}.png", size=(16, 16)):
    """Person p's picture k is 40 * p + 10 * k red, all over."""
    for person, count in enumerate(counts):
        for k in range(count):
            path = folder / pattern.format(f"person{person}", k)
            write(path, photo(40 * person + 10 * k, size))


def reds(batch, key):
    return np.rint(data.to_uint8(batch[key])[:, 8, 8, 0]).astype(int)


def assert_same_persons(batch):
    image, exemplar = reds(batch, "image"), reds(batch, "exemplar")
    np.testing.assert_array_equal(image // 40, exemplar // 40)
    assert (image != exemplar).all()
    return image, exemplar


@pytest.mark.parametrize("pattern", ["{}/{}.png", "train/{}/{}.png"])
def test_the_exemplar_is_the_next_picture_of_the_person(tmp_path, pattern):
    people(tmp_path, pattern=pattern)
    dataset = data.identities(tmp_path, **PLAIN, batch_size=9)
    assert dataset.kgt_summary == (
        "identities: 9 photos of 3 persons; holes: strokes"
    )
    batch = collect(dataset)
    assert sorted(batch) == ["exemplar", "image", "mask"]
    assert batch["mask"].dtype == "uint8"
    image, exemplar = assert_same_persons(batch)
    # The persons by turns; the last one's exemplar is the first.
    assert image.tolist() == [0, 40, 80, 10, 50, 90, 60, 100, 110]
    assert exemplar.tolist() == [10, 50, 90, 0, 60, 100, 40, 110, 80]


def test_every_epoch_has_other_exemplars_and_can_be_resumed(tmp_path):
    people(tmp_path)
    arguments = PLAIN | {"shuffle": True, "seed": 3, "batch_size": 9}
    dataset = data.identities(tmp_path, **arguments)
    epochs = [assert_same_persons(collect(dataset)) for _ in range(4)]
    partners = [dict(zip(*epoch)) for epoch in epochs]
    assert all(len(found) == 9 for found in partners)
    seen = {found[80] for found in partners}
    assert len(seen) > 1 and seen <= {90, 100, 110}
    data.resume_at(3)
    again = collect(data.identities(tmp_path, **arguments))
    np.testing.assert_array_equal(reds(again, "exemplar"), epochs[3][1])


def test_celebas_list_of_identities_and_a_csv_file(tmp_path):
    rows = [("a", 7), ("b", 7), ("c", 12), ("d", 12), ("e", 7), ("f", 12)]
    images = tmp_path / "img_align_celeba"
    for i, (name, person) in enumerate(rows):
        write(images / f"{name}.jpg", photo(40 * (person > 7) + 4 * i))
    splits = "".join(f"{n}.jpg {int(n in 'ef')}\n" for n, _ in rows)
    (tmp_path / "list_eval_partition.txt").write_text(splits)
    # What else lies there is of no concern.
    (tmp_path / "list_attr_celeba.txt").write_text("1\nSmiling\na.jpg 1\n")
    path = tmp_path / "identity_CelebA.txt"
    path.write_text("".join(f"{n}.jpg {p}\n" for n, p in rows))
    for source in (tmp_path, images, path):
        found = KIND.find(source)
        assert found.summary.startswith("identities: 4 photos of 2 persons")
        numbers = {p.stem: n for p, n in found.facts["persons"].items()}
        assert numbers["a"] == numbers["b"] != numbers["c"] == numbers["d"]
    with pytest.raises(ValueError, match="Nobody has two photos"):
        KIND.find(tmp_path, "val")  # e and f are two
    path.unlink()
    path = tmp_path / "identities.csv"
    lines = [f"{name}.jpg,{person}" for name, person in rows]
    path.write_text("\n".join(["file,Person", *lines]))
    assert KIND.find(tmp_path).summary.startswith("identities: 4 photos of 2")
    path.write_text("file,age\na.jpg,3\n")
    with pytest.raises(ValueError, match="says who.*It has age"):
        KIND.find(tmp_path)
    path.unlink()
    (tmp_path / "identity_CelebA.txt").write_text("a.jpg 1\nb.jpg\n")
    with pytest.raises(ValueError, match="line 2 has 1 words"):
        KIND.find(tmp_path)


def test_who_is_alone_is_left_out(tmp_path):
    people(tmp_path, (2, 1, 3))
    with pytest.warns(UserWarning, match="1 persons have one photo.*person1"):
        found = KIND.find(tmp_path)
    assert "5 photos of 2 persons" in found.summary
    people(tmp_path / "alone", (1, 1))
    with pytest.raises(ValueError, match="Nobody has two photos.*2 photos of"):
        KIND.find(tmp_path / "alone")


def test_who_is_alone_because_a_file_is_damaged(tmp_path):
    people(tmp_path, (2, 3))
    (tmp_path / "person0" / "1.png").write_bytes(b"no picture")
    with pytest.warns(UserWarning, match="1 of 5 files cannot be used"):
        dataset = data.identities(tmp_path, **PLAIN, batch_size=3)
    image, exemplar = assert_same_persons(collect(dataset))
    assert image.tolist() == [40, 50, 60] and exemplar.tolist() == [50, 60, 40]
    skipped = {
        path.parent.name: why for path, why in dataset.kgt_skipped.items()
    }
    assert len(dataset.kgt_skipped) == 2 and set(skipped) == {"person0"}
    assert "no other picture of its person" in skipped["person0"]
    files = dataset.kgt_source.files_of(0, 0)
    assert files[0].endswith("person1/0.png")


def test_holes_are_those_of_masked_data(tmp_path):
    people(tmp_path / "photos", (2, 2))
    for person in range(2):
        for k in range(2):
            path = tmp_path / "masks" / f"person{person}" / f"{k}.png"
            write(path, left_half((16, 16))[:, :: 1 if person else -1])
    by_name = data.identities(tmp_path, **PLAIN, batch_size=4)
    assert "4 photos of 2 persons, each with its own" in by_name.kgt_summary
    batch = collect(by_name)
    left = (batch["mask"][:, :, :8] == 255).all((1, 2, 3))
    assert left.tolist() == [image >= 40 for image in reds(batch, "image")]
    assert_same_persons(batch)
    folder = tmp_path / "photos"
    centre = collect(data.identities(folder, holes="centre", **PLAIN))
    assert (centre["mask"][:, 4:12, 4:12] == 255).all()
    with pytest.raises(ValueError, match="eyes are is known of faces that are"):
        KIND.find(folder, holes="eyes")
    with pytest.raises(ValueError, match="No identities data found.*<person>/"):
        KIND.find(folder / "person0")


def test_drawn_persons_and_their_eyes():
    options = PLAIN | {"image_size": 32, "batch_size": 8}
    dataset = data.open_dataset(
        "drawn:identities:8", "identities", holes="eyes", **options
    )
    assert dataset.kgt_summary == (
        "identities: synthetic faces (train), 8 photos of 2 persons; "
        "holes: eyes"
    )
    batch = collect(dataset)
    for i in range(8):
        person, k = i % 2, i // 2
        known = draw_face(person, extras=False)
        face, other = same_person(known, k), same_person(known, (k + 1) % 4)
        for key, who in (("image", face), ("exemplar", other)):
            pixels = data.to_uint8(batch[key])[i]
            np.testing.assert_array_equal(pixels, draw(who, 32))
        np.testing.assert_array_equal(batch["mask"][i], eye_boxes(face, 32))
    with pytest.raises(ValueError, match="ask for 2 or more, received 1"):
        KIND.find("drawn:1")
    styles = KIND.find("drawn:faces:photo,toon:8", holes="eyes")
    assert "16 pictures (photo, toon) of 2 persons" in styles.summary


@pytest.mark.parametrize("style", ["photo", "pixel"])
def test_boxes_of_eyes_cover_them_and_little_else(style):
    for index in range(6):
        face = draw_face(index)
        hole = eye_boxes(face, 64, style)[..., 0] > 0
        points = landmarks(face, 68, 64, style)[36:48]
        rows, columns = points[:, 1].astype(int), points[:, 0].astype(int)
        assert hole[rows, columns].all() and hole.mean() < 0.12
        eyes = [PARSING_CLASSES.index(name) for name in ("l_eye", "r_eye")]
        eyes = np.isin(parsing_map(face, 64, style), eyes)
        assert not (eyes & ~hole).any()
