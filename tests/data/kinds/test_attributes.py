import json

import numpy as np
import pytest

from keras_gan_translate import data
from keras_gan_translate.data.drawn.face_attributes import ATTRIBUTES
from keras_gan_translate.data.kinds import find_kind
from tests.data.folders import photo, write
from tests.data.kinds.test_domains import collect

PLAIN = {"image_size": 16, "augment": False, "shuffle": False}
NAMES = ["5_o_Clock_Shadow", "Smiling", "Young"]
# Of photo i, whose red is 40 i, the attributes that hold.
HOLDS = [(0, 1, 1), (1, 0, 1), (0, 0, 0), (1, 1, 1), (0, 1, 0), (0, 0, 1)]


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    data.resume_at(0)


def find(source, **options):
    return find_kind("attributes").find(source, **options)


def write_photos(folder, suffix="jpg", count=6):
    for i in range(count):
        path = folder / f"{i + 1:06d}.{suffix}"
        write(path, np.full((20, 16, 3), 40 * i, "uint8"))


def write_list(path, holds=HOLDS):
    rows = [
        f"{i + 1:06d}.jpg {' '.join(f'{2 * x - 1:2d}' for x in row)}"
        for i, row in enumerate(holds)
    ]
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text("\n".join([str(len(rows)), " ".join(NAMES), *rows, ""]))


def write_table(path, *lines):
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text("\n".join(lines))
    return path


def assert_read(batch, holds=HOLDS):
    numbers = np.rint(data.to_uint8(batch["image"])[:, 8, 8, 0] / 40)
    np.testing.assert_array_equal(
        batch["attributes"], np.array(holds)[numbers.astype(int)]
    )


@pytest.mark.parametrize(
    ("photos", "table", "given"),
    [
        ("img_align_celeba", "list_attr_celeba.txt", ""),
        ("img_align_celeba", "list_attr_celeba.txt", "img_align_celeba"),
        ("img_align_celeba", "list_attr_celeba.txt", "list_attr_celeba.txt"),
        ("Img/img_align_celeba", "Anno/list_attr_celeba.txt", ""),
        (".", "list_attr_celeba.txt", ""),
    ],
)
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_celeba_as_it_is(tmp_path, photos, table, given, suffix):
    write_photos(tmp_path / photos, suffix)
    write_list(tmp_path / table)
    kind, source = find_kind("attributes"), tmp_path / given
    arguments = kind.arguments(kind.find(source))
    assert arguments == {"attributes": NAMES, "domains": NAMES}
    dataset = data.attributes(source, **PLAIN)
    batch = collect(dataset)
    assert batch["attributes"].dtype == "float32"
    assert batch["attributes"].shape == (6, 3)
    assert_read(batch)
    assert "6 images" in dataset.kgt_summary
    assert "Smiling 50 %, Young 67 %" in dataset.kgt_summary


def test_celebas_partition_are_its_splits(tmp_path):
    write_photos(tmp_path / "img_align_celeba")
    write_list(tmp_path / "list_attr_celeba.txt")
    write_table(
        tmp_path / "list_eval_partition.txt",
        *[f"{i + 1:06d}.jpg {n}" for i, n in enumerate("000012")],
    )
    for split, count in (("train", 4), ("val", 1), ("test", 1)):
        batch = collect(data.attributes(tmp_path, split=split, **PLAIN))
        assert len(batch["image"]) == count
        assert_read(batch)


def test_chosen_attributes_in_their_order(tmp_path):
    write_photos(tmp_path)
    write_list(tmp_path / "list_attr_celeba.txt")
    chosen = ["young", "5_O_clock_shadow"]
    dataset = data.attributes(tmp_path, attributes=chosen, **PLAIN)
    assert_read(collect(dataset), np.array(HOLDS)[:, [2, 0]])
    found = find(tmp_path, attributes=chosen)
    assert found.facts["attributes"] == ["Young", "5_o_Clock_Shadow"]
    with pytest.raises(ValueError, match="no attribute 'Smilng'.*Did you mean"):
        find(tmp_path, attributes=["Smilng"])
    with pytest.raises(ValueError, match="named twice"):
        find(tmp_path, attributes=["Young", "young"])


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_any_csv(tmp_path, mark):
    write_photos(tmp_path / "pictures", "png")
    rows = [
        [f"pictures/{i + 1:06d}.png", a, "yes" if b else "No", "x" * c, "?"]
        for i, (a, b, c) in enumerate(HOLDS)
    ]
    head = ["picture", "shadow", "smiling", "glasses", "note"]
    write_table(
        tmp_path / "what.csv",
        "\ufeff" + mark.join(head),
        *[mark.join(map(str, row)) for row in rows],
        "",
    )
    batch = collect(data.attributes(tmp_path, **PLAIN))
    assert_read(batch)
    found = find(tmp_path)
    assert found.facts["attributes"] == ["shadow", "smiling", "glasses"]
    with pytest.raises(ValueError, match=r"line 2: note is '\?'. An attribute"):
        find(tmp_path, attributes=["note"])


def test_splits_of_a_column_and_of_folders(tmp_path):
    for split, first in (("train", 0), ("test", 4)):
        for i in range(first, first + 4 if first == 0 else 6):
            write(tmp_path / "set" / split / f"{i}.png", photo(40 * i))
    rows = [f"{i}.png,{row[0]}" for i, row in enumerate(HOLDS)]
    table = write_table(tmp_path / "set" / "a.csv", "file,shadow", *rows)
    assert len(find(tmp_path / "set").paths) == 4
    assert len(find(table, split="test").paths) == 2
    rows = [
        f"{row},{'val' if i < 2 else 'train'}" for i, row in enumerate(rows)
    ]
    write_table(table, "file,shadow,split", *rows)
    found = find(table, split="val")
    assert {path.stem for path in found.paths} == {"0", "1"}
    assert found.facts["attributes"] == ["shadow"]


def test_images_that_are_missing_or_damaged(tmp_path):
    write_photos(tmp_path, "png", count=5)
    write_list(tmp_path / "list_attr_celeba.txt")
    (tmp_path / "000002.png").write_bytes(b"")
    with pytest.warns(UserWarning) as warned:
        batch = collect(data.attributes(tmp_path, **PLAIN))
    words = " ".join(str(one.message) for one in warned)
    assert "names 1 images that are not in" in words and "000006.jpg" in words
    assert "1 of 5 files" in words
    assert len(batch["image"]) == 4
    assert_read(batch)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["image,Hat", "1.png,1,0"], "line 2 has 3 values, expected are 2"),
        (["image,Hat", "1.png,1", "2.png,2"], "line 3: Hat is '2'"),
        (["image,Hat", "1.png,0", "2.png,-1"], "line 3: Hat is '-1'"),
        (["image,Hat", "1.png,0", "2.png,"], "line 3: Hat is ''"),
        (["hat,shirt", "1,0"], "No column .* names images"),
        (["image,Hat"], "no image in the table"),
        (["image,Hat", "seven.png,1", "8.png,0"], "None of the images.*seven"),
    ],
)
def test_tables_that_are_none_are_answered_in_words(tmp_path, lines, message):
    for i in (1, 2):
        write(tmp_path / f"{i}.png", photo(i))
    write_table(tmp_path / "table.csv", *lines)
    with pytest.raises(ValueError, match=message):
        find(tmp_path, attributes=["Hat"])


def test_no_table_or_two_are_answered_in_words(tmp_path):
    write_photos(tmp_path / "in")
    with pytest.raises(
        ValueError, match="No attributes data.*list_attr_celeba"
    ):
        find(tmp_path / "in")
    with pytest.raises(ValueError, match="There is no folder"):
        find(tmp_path / "on")
    for name in ("a.csv", "b.csv"):
        write_table(tmp_path / "in" / name, "image,Hat", "000001.jpg,1")
    with pytest.raises(ValueError, match="Which table.*a.csv, b.csv"):
        find(tmp_path / "in")
    assert find(tmp_path / "in" / "b.csv", attributes=["hat"]).paths


def test_drawn_faces():
    found = find("drawn:3")
    assert found.facts["attributes"] == list(ATTRIBUTES)
    assert found.summary.endswith("3 photos, 22 attributes")
    chosen = ["smiling", "Eyeglasses"]
    options = PLAIN | {"attributes": chosen}
    batch = collect(data.open_dataset("drawn:40", "attributes", **options))
    assert batch["image"].shape == (40, 16, 16, 3)
    assert set(batch["attributes"].ravel()) == {0, 1}
    held_out = collect(
        data.open_dataset("drawn:3", "attributes", split="test", **options)
    )
    assert (held_out["image"] != batch["image"][:3]).any()
    with pytest.raises(ValueError, match="no attribute 'Smilling'.*'Smiling'"):
        find("drawn", attributes=["Smilling"])


def test_drawn_attributes_are_seen():
    options = {"attributes": ["Eyeglasses"], "augment": False, "shuffle": False}
    batch = collect(
        data.open_dataset("drawn:60", "attributes", image_size=32, **options)
    )
    # Rims are dark, and lie where the eyes are.
    eyes = batch["image"][:, 14:18, 8:24].mean((1, 2, 3))
    worn = batch["attributes"][:, 0] > 0
    assert 0 < worn.sum() < 60 and eyes[worn].mean() < eyes[~worn].mean()


def test_avatars():
    found = find("avatars:open-peeps")
    assert found.facts["attributes"] == ["glasses", "beard", "hat", "smile"]
    images, told = data.avatars("open-peeps", 5, image_size=16)
    batch = collect(
        data.open_dataset("avatars:open-peeps:5", "attributes", **PLAIN)
    )
    np.testing.assert_array_equal(data.to_uint8(batch["image"]), images)
    np.testing.assert_array_equal(
        batch["attributes"],
        data.avatar_labels(told, ["glasses", "beard", "hat", "smile"]),
    )
    # What no portrait has, and what a style does not tell, is no attribute.
    assert find("avatars:lorelei").facts["attributes"] == [
        "glasses",
        "beard",
        "smile",
    ]
    both = find("avatars:open-peeps,notionists:2")
    assert both.facts["attributes"] == ["glasses", "beard", "hat"]
    batch = collect(
        data.open_dataset(
            "avatars:open-peeps,notionists:2", "attributes", **PLAIN
        )
    )
    assert len(batch["image"]) == 4
    np.testing.assert_array_equal(data.to_uint8(batch["image"][2]), images[1])


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_metadata_of_the_hub(tmp_path, suffix):
    for split, shift in (("train", 0), ("test", 5)):
        folder = tmp_path / split
        rows = [
            {"file_name": f"{i + shift}.png", "smiling": i == 1, "hat": i > 0}
            for i in range(3)
        ]
        for row in rows:
            write(folder / row["file_name"], photo())
        lines = [json.dumps(row) for row in rows]
        if suffix == "csv":
            lines = [",".join(rows[0])]
            lines += [",".join(map(str, row.values())) for row in rows]
        (folder / f"metadata.{suffix}").write_text("\n".join(lines))
        (folder / "notes.csv").write_text("a,b\n1,2\n")
    for split, shift in (("train", 0), ("test", 5), ("val", 5)):
        found = find_kind("attributes").find(tmp_path, split)
        assert found.facts["attributes"] == ["smiling", "hat"]
        names = [path.name for path in found.files["image"]]
        assert names == [f"{i + shift}.png" for i in range(3)]
        truth = [values.tolist() for values in found.facts["values"].values()]
        assert truth == [[0, 0], [1, 1], [0, 1]]
    assert "there is no 'val', 'test' is read instead" in found.summary
