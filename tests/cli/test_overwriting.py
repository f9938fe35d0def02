"""One rule for all verbs: what is there stays, and links are not followed."""

import pytest

from keras_gan_translate.data import synthetic_faces, write_image
from tests.cli.conftest import error_of, run_cli


@pytest.fixture
def photo(tmp_path):
    write_image(tmp_path / "a.png", synthetic_faces(1, 40)[0][0])
    return tmp_path / "a.png"


def test_translate(trained, photo, tmp_path):
    out, other = tmp_path / "out", tmp_path / "other.png"
    out.mkdir()
    other.write_text("precious")
    (out / "a.png").write_text("mine")
    command = ("translate", trained, photo, "--out", out)
    assert "out/a.png' exists" in error_of(run_cli(*command))
    assert (out / "a.png").read_text() == "mine"
    result = run_cli(*command, "--force")
    assert result.exit_code == 0, result.output
    assert (out / "a.png").read_bytes()[:4] == b"\x89PNG"
    # A link is replaced by force, and never what it leads to.
    (out / "a.png").unlink()
    (out / "a.png").symlink_to(other)
    assert "out/a.png' exists" in error_of(run_cli(*command))
    assert run_cli(*command, "--force").exit_code == 0
    assert not (out / "a.png").is_symlink()
    assert other.read_text() == "precious"


def test_a_folder_behind_a_link(trained, photo, tmp_path):
    (tmp_path / "in" / "inner").mkdir(parents=True)
    photo.rename(tmp_path / "in" / "inner" / "a.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "away").mkdir()
    (tmp_path / "out" / "inner").symlink_to(tmp_path / "away")
    command = ("translate", trained, tmp_path / "in", "--force --out")
    error = error_of(run_cli(*command, tmp_path / "out"))
    assert "behind a link: nothing was written" in error
    assert list((tmp_path / "away").iterdir()) == []


def test_inputs_stay_by_force_too(trained, photo):
    command = ("translate", trained, photo, "--force --out", photo.parent)
    before = photo.read_bytes()
    assert "is an input" in error_of(run_cli(*command))
    assert photo.read_bytes() == before


def empty(tmp_path):
    """A folder in which there are no weights."""
    (tmp_path / "nothing").mkdir()
    return tmp_path / "nothing"


def test_convert_looks_before_it_works(tmp_path):
    source, out = empty(tmp_path), tmp_path / "a.keras"
    out.write_text("mine")
    result = run_cli("convert --from", source, "--out", out)
    assert "a.keras' exists" in error_of(result)
    assert out.read_text() == "mine"
    result = run_cli("convert --from", source, "--force --out", out)
    assert "nothing" in error_of(result)  # the next thing that is wrong


def test_import_looks_before_it_works(trained, tmp_path):
    before = (trained / "best" / "generator.keras").read_bytes()
    result = run_cli("import", empty(tmp_path), "--out", trained)
    assert "config.yaml' and 1 more exists" in error_of(result)
    assert (trained / "best" / "generator.keras").read_bytes() == before


def test_demo(tmp_path):
    (tmp_path / "model.keras").write_text("mine")
    result = run_cli("demo --fast --out", tmp_path)
    assert "exists and is no run folder" in error_of(result)
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]
