import pytest

from keras_gan_translate.data.kinds import find_kind
from tests.data.folders import label_map, photo, write


def fill(folder, labels, first=0):
    rows = ["file_name,label"]
    for number, label in enumerate(labels, first):
        write(folder / f"{number}.png", photo())
        rows.append(f"{number}.png,{label}")
    (folder / "metadata.csv").write_text("\n".join(rows))


def names(files):
    return [path.name for path in files]


def test_labels_of_metadata_are_domains(tmp_path):
    fill(tmp_path / "train", ["dog", "cat", "fox", "cat"])
    fill(tmp_path / "test", ["cat", "dog", "fox"], first=10)
    kind = find_kind("domains")
    found = kind.find(tmp_path)
    assert found.facts["domains"] == ["cat", "dog", "fox"]
    assert found.summary == (
        "domains: 4 images, cat 2, dog 1, fox 1, by the labels of metadata.csv"
    )
    found = kind.find(tmp_path, "test", domains=["fox", "cat"])
    assert names(found.files["image"]) == ["12.png", "10.png"]

    kind = find_kind("unpaired")
    with pytest.raises(ValueError, match="Which two of the 3.*--domains cat d"):
        kind.find(tmp_path)
    found = kind.find(tmp_path, domains=["dog", "cat"])
    assert names(found.files["a"]) == ["0.png"]
    assert names(found.files["b"]) == ["1.png", "3.png"]
    assert "dog 1 images, cat 2 images, by the labels of" in found.summary


def test_labels_that_tell_the_order(tmp_path):
    fill(tmp_path, ["clean", "noisy"])
    found = find_kind("unpaired").find(tmp_path)
    assert names(found.files["a"]) == ["1.png"]
    assert found.summary.endswith("; A is noisy, B is clean, by their names")


def test_other_tables_are_no_labels(tmp_path):
    fill(tmp_path, ["cat", "dog"])
    (tmp_path / "metadata.csv").rename(tmp_path / "index.csv")
    for kind in ("unpaired", "domains"):
        with pytest.raises(ValueError, match=f"No {kind} data found"):
            find_kind(kind).find(tmp_path)


def test_label_maps_with_labels_are_no_photographs(tmp_path):
    fill(tmp_path, ["cat", "dog"])
    for number in (0, 1):
        write(tmp_path / f"{number}.png", label_map())
    with pytest.raises(ValueError, match="are maps: one channel"):
        find_kind("unpaired").find(tmp_path)
