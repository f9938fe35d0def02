import pytest

from keras_gan_translate.support.files import (
    folder_written_aside,
    write_text,
    written_aside,
)


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
