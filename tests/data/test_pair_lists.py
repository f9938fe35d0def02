import csv
import io
import json
import sys

import pytest

from keras_gan_translate.data.kinds import find_kind
from tests.data.folders import photo, write


def names(files, root):
    return [path.relative_to(root).as_posix() for path in files]


def fill(root, *paths):
    for path in paths:
        write(root / path, photo())


BEFORE = [f"raw/{i}.png" for i in (1, 2)]
AFTER = [f"done/{i}.png" for i in (7, 8)]


def as_csv(rows, mark=","):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=mark)
    if isinstance(rows[0], dict):
        writer.writerow(rows[0])
        rows = [row.values() for row in rows]
    writer.writerows(rows)
    return text.getvalue()


def as_jsonl(rows):
    return "\n".join(json.dumps(row | {"more": [1, None]}) for row in rows)


OF_HUB = [
    {"after_file_name": b, "before_file_name": a, "text": "x, y"}
    for a, b in zip(BEFORE, AFTER)
]
BARE = [(b, a) for a, b in zip(BEFORE, AFTER)]


@pytest.mark.parametrize(
    ("name", "text", "titles"),
    [
        ("metadata.csv", as_csv(OF_HUB, ";"), "A is before, B is after"),
        ("metadata.jsonl", as_jsonl(OF_HUB), "A is before, B is after"),
        # Without names above them the folders of the files tell.
        ("pairs.csv", as_csv(BARE), "A is raw, B is gt"),
        (
            "meta_info.txt",
            as_csv(BARE).replace(",", ", "),
            "A is raw, B is gt",
        ),
        ("pairs.tsv", as_csv(BARE, "\t"), "A is raw, B is gt"),
        ("pairs.txt", as_csv(BARE, " "), "A is raw, B is gt"),
        (
            "list.csv",
            as_csv(OF_HUB).replace("before_", "x_").replace("after_", "y_"),
            "A is y, B is x",
        ),
    ],
)
def test_a_list_in_the_folder(tmp_path, name, text, titles):
    root = tmp_path / "archive"
    text = text.replace("done/", "gt/")
    after = [path.replace("done/", "gt/") for path in AFTER]
    fill(root, *BEFORE, *after)
    (root / name).write_text(text)
    (root / "README.txt").write_text("Pictures, see 1.png\n")
    a, b = (after, BEFORE) if "is y" in titles else (BEFORE, after)
    for source in (tmp_path, root / name):
        found = find_kind("paired").find(source)
        assert names(found.files["a"], root) == a
        assert names(found.files["b"], root) == b
        assert found.summary == f"paired by {name}: 2 pairs, {titles}"
    found = find_kind("unpaired").find(root)
    assert names(found.files["a"], root) == a
    assert f"2 images of {name}, which lists pairs" in found.summary


def test_parquet(tmp_path, monkeypatch):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    fill(tmp_path, *BEFORE, *AFTER)
    path = tmp_path / "metadata.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(OF_HUB), path)
    found = find_kind("paired").find(tmp_path)
    assert names(found.files["a"], tmp_path) == BEFORE
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match="metadata.parquet' is no intact tab"):
        find_kind("paired").find(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(pyarrow, "__version__", "14.0.0")
        with pytest.raises(ImportError, match="15 or newer; there is 14.0.0"):
            find_kind("paired").find(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"translate.parquet.'`, or save it"):
        find_kind("paired").find(tmp_path)


def test_splits(tmp_path):
    for split in ("train", "validation"):
        fill(tmp_path / split, "x/1.png", "y/1.png", "x/2.png", "y/2.png")
        (tmp_path / split / "metadata.csv").write_text(
            "file_name,target_file_name\nx/1.png,y/2.png\nx/2.png,y/1.png\n"
        )
    found = find_kind("paired").find(tmp_path)
    assert names(found.files["b"], tmp_path) == [
        "train/y/2.png",
        "train/y/1.png",
    ]
    found = find_kind("paired").find(tmp_path, "test")
    assert found.paths == set(tmp_path.glob("validation/*/*"))
    assert "there is no 'test', 'val' is read instead" in found.summary

    (tmp_path / "one").mkdir()
    fill(tmp_path / "one", "1.png", "2.png", "3.png", "4.png")
    (tmp_path / "one" / "pairs.csv").write_text(
        "source,result,split\n1.png,2.png,train\n3.png,4.png,test\n"
    )
    kind = find_kind("paired")
    for split, first in (("train", "1.png"), ("test", "3.png")):
        found = kind.find(tmp_path / "one", split)
        assert names(found.files["a"], tmp_path / "one") == [first]


def test_columns_are_chosen(tmp_path):
    fill(tmp_path, "1.png", "2.png", "3.png")
    (tmp_path / "list.csv").write_text("x,y,z\n1.png,2.png,3.png\n")
    kind = find_kind("paired")
    with pytest.raises(ValueError, match="Which two of the 3.*--domains x y "):
        kind.find(tmp_path)
    found = kind.find(tmp_path, domains=["Z", "x"])
    assert names(found.files["a"], tmp_path) == ["3.png"]
    assert "A is z, B is x" in found.summary


def test_a_list_of_files_in_one_folder(tmp_path):
    fill(tmp_path, "1.png", "2.png")
    (tmp_path / "list.txt").write_text("2.png 1.png\n")
    found = find_kind("paired").find(tmp_path)
    assert names(found.files["a"], tmp_path) == ["2.png"]
    assert "1 pairs, A is column 1, B is column 2" in found.summary


def test_errors(tmp_path):
    kind = find_kind("paired")
    fill(tmp_path, "1.png", "2.png")
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1.png,2.png\n1.png,nope.png\n")
    with pytest.warns(UserWarning, match="1 of the 2 pairs that .*list.csv"):
        assert len(kind.find(tmp_path).files["a"]) == 1
    path.write_text("a,b\nx.png,y.png\n")
    with pytest.raises(ValueError, match="None of the 1 pairs.*x.png and y.pn"):
        kind.find(tmp_path)
    # A name that no disk takes is one more that is not there.
    path.write_text("1.png,2.png\n" + 400 * "x" + ".png,2.png\n")
    with pytest.warns(UserWarning, match="1 of the 2 pairs that .*list.csv"):
        assert len(kind.find(tmp_path).files["a"]) == 1
    path.write_text("1.png,2.png\n" + 200_000 * "x" + ",2.png\n")
    with pytest.raises(ValueError, match="list.csv' is no table: field larger"):
        kind.find(tmp_path)
    for text in ("", "\n ,\n", "a,b\n"):
        path.write_text(text)
        with pytest.raises(ValueError, match="is a file; a folder is expected"):
            kind.find(path)
        with pytest.raises(ValueError, match="no pairs side by side"):
            kind.find(tmp_path)
    path.write_text("1.png,2.png\n1.png,2.png,3.png\n")
    with pytest.raises(ValueError, match="row 2 has 3 values, expected are 2"):
        kind.find(tmp_path)
    path.write_text("1.png,2.png\n")
    (tmp_path / "more.csv").write_text("1.png,2.png\n")
    with pytest.raises(ValueError, match="Which list of pairs.*list.csv, more"):
        kind.find(tmp_path)
    wrong = tmp_path / "metadata.jsonl"
    wrong.write_text('{"file_name": "1.png", "b_file_name": "2.png"}\n[1]\n')
    with pytest.raises(ValueError, match="line 2 is no JSON object, such as"):
        kind.find(tmp_path)
