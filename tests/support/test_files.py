import zipfile

import pytest

from keras_gan_translate.support.files import (
    check_archive,
    folder_written_aside,
    write_text,
    written_aside,
)
from tests.damage import damages


def test_a_file_is_replaced_and_nothing_else_stays(tmp_path):
    path = tmp_path / "new" / "file.txt"
    write_text(path, "old")
    write_text(path, "näher")
    assert path.read_text(encoding="utf-8") == "näher"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "file.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError):
        with written_aside(path) as aside:
            aside.write_text("half")
            raise RuntimeError
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file.txt"]


def test_a_folder_appears_whole(tmp_path):
    path = tmp_path / "new" / "7"
    with folder_written_aside(path) as aside:
        (aside / "inner").mkdir()
        (aside / "inner" / "file.txt").write_text("whole")
        assert not path.exists() and not aside.name.isdecimal()
    assert (path / "inner" / "file.txt").read_text() == "whole"
    with pytest.raises(OSError):
        with folder_written_aside(path) as aside:
            (aside / "other.txt").touch()
    with pytest.raises(RuntimeError):
        with folder_written_aside(tmp_path / "new" / "8"):
            raise RuntimeError
    assert [p.name for p in path.parent.iterdir()] == ["7"]


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_archive_is_refused_in_words(tmp_path, method):
    path = tmp_path / "generator.keras"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("config.json", "{}" * 50)
        archive.writestr("model.weights.h5", bytes(range(256)) * 8)
    check_archive(path)
    whole, content, refused = parts(path), path.read_bytes(), 0
    for what, changed in damages(content, 200):
        path.write_bytes(changed)
        try:
            check_archive(path)
        except ValueError as error:
            assert "generator.keras is damaged" in str(error)
            refused += 1
        else:  # a date or the like, which nobody reads
            assert parts(path) == whole, what
    assert refused > 100
