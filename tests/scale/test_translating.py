import json
import shutil
import tarfile

import pytest

from keras_gan_translate.data import synthetic_faces, write_image
from keras_gan_translate.models import CycleGAN
from keras_gan_translate.scale import on_ray, shards, translate_shards
from tests.cli.conftest import error_of, forbid_sockets, run_cli


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("presets") / "tiny"
    CycleGAN(image_size=32, filters=4, num_blocks=1).save_to_preset(folder)
    return folder


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Seven files, of which one is none; an EXIF orientation in one."""
    from PIL import Image

    faces, _ = synthetic_faces(5, 40)
    folder = tmp_path_factory.mktemp("inputs") / "photos"
    write_image(folder / "a.png", faces[0])
    write_image(folder / "a.gif", faces[1])
    write_image(folder / "in" / "b.jpg", faces[2][:33])
    write_image(folder / "c.webp", faces[3])
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(faces[4][:30]).save(folder / "turned.jpg", exif=exif)
    (folder / "bad.png").write_bytes(b"no image")
    write_image(folder / "large.png", faces[0].repeat(2, axis=0))
    return folder


@pytest.fixture(scope="module")
def one_by_one(preset, photos, tmp_path_factory):
    """Name -> bytes of what `kgt translate` writes without an engine."""
    out = tmp_path_factory.mktemp("out") / "files"
    words = ("--max-pixels 2000 --direction ba --out", out)
    result = run_cli("translate", preset, photos, *words)
    assert result.exit_code == 1
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) == 5
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in files}


def in_shards(out):
    """Name -> bytes of all that is in the shards of a manifest."""
    manifest = json.loads((out / "manifest.json").read_text())
    inside = {}
    for shard in manifest["shards"]:
        with tarfile.open(out / shard["shard"]) as archive:
            for member in archive:
                assert member.name not in inside
                inside[member.name] = archive.extractfile(member).read()
    assert len(inside) == manifest["images"]
    return inside


HOW = {"direction": "ba", "max_pixels": 2000, "shard_size": 2}


def test_shards_hold_what_files_would(
    preset, photos, one_by_one, tmp_path, monkeypatch
):
    forbid_sockets(monkeypatch)
    told = []
    manifest = translate_shards(
        preset,
        [photos],
        tmp_path,
        engine="here",
        on_progress=lambda *counts: told.append(counts),
        **HOW,
    )
    assert in_shards(tmp_path) == one_by_one
    assert (manifest["images"], manifest["skipped"]) == (5, 2)
    assert [told[0], told[-1]] == [(0, 4, 0), (4, 4, 7)]
    skipped = (tmp_path / "skipped.csv").read_text().splitlines()
    assert skipped[1].startswith("bad.png,") and "more than 2000" in skipped[2]
    # Nothing is left to do; what is new is done beside it.
    shards_before = (tmp_path / "shards").stat().st_mtime_ns
    again = translate_shards(preset, [photos], tmp_path, engine="here", **HOW)
    assert again == manifest
    assert (tmp_path / "shards").stat().st_mtime_ns == shards_before
    more = tmp_path / "more"
    shutil.copytree(photos, more / "photos")
    inputs = [photos, more / "photos" / "a.png"]
    again = translate_shards(preset, inputs, tmp_path, engine="here", **HOW)
    assert (again["images"], again["files"]) == (6, 8)
    assert again["shards"][:4] == manifest["shards"]


def test_a_killed_job_goes_on(
    preset, photos, one_by_one, tmp_path, monkeypatch
):
    def translate(**how):
        how = {"engine": "here"} | HOW | how
        return translate_shards(preset, [photos], tmp_path / "out", **how)

    written = []
    original = shards.write_json

    def dying(out, name, value):
        if name.startswith("records") and len(written) == 2:
            raise KeyboardInterrupt  # a shard is there, and not its record
        original(out, name, value)
        written.extend([name] if name.startswith("records") else [])

    monkeypatch.setattr(shards, "write_json", dying)
    with pytest.raises(KeyboardInterrupt):
        translate()
    assert len(list((tmp_path / "out" / "shards").iterdir())) == 3
    assert len(list((tmp_path / "out" / "records").iterdir())) == 2
    monkeypatch.undo()
    with pytest.raises(ValueError, match="another job: shard_size 2"):
        translate(shard_size=3)
    with pytest.raises(ValueError, match="direction 'ba'"):
        translate(direction="ab")
    manifest = translate()
    assert in_shards(tmp_path / "out") == one_by_one
    assert len(manifest["shards"]) == 4
    assert translate(shard_size=3, force=True)["images"] == 5
    assert len(list((tmp_path / "out" / "shards").iterdir())) == 3


def test_a_model_must_not_change_meanwhile(preset, photos, tmp_path):
    mine = tmp_path / "mine"
    shutil.copytree(preset, mine)
    translate_shards(mine, [photos], tmp_path / "out", engine="here", **HOW)
    shutil.rmtree(mine)
    CycleGAN(image_size=32, filters=4, num_blocks=1).save_to_preset(mine)
    with pytest.raises(ValueError, match="another job: the weights"):
        translate_shards(mine, [photos], tmp_path / "out", engine="here", **HOW)


def test_errors(preset, photos, tmp_path):
    def error(*options):
        words = ("--engine ray --out", tmp_path / "out")
        return error_of(run_cli("translate", preset, *options, *words))

    assert "--grid is for looking" in error(photos, "--grid")
    assert "without --engine" in error("clip.mp4", photos)
    without = error_of(run_cli("translate", preset, photos, "--actors 2"))
    assert "--actors is of --engine ray" in without
    assert not (tmp_path / "out").exists()

    def refused(words, inputs=(photos,), **how):
        how = {"engine": "here", "out": tmp_path / "out"} | how
        with pytest.raises(ValueError, match=words):
            translate_shards(preset, inputs, **how)

    refused("Did you mean 'here'", engine="her")
    refused("at least 1", shard_size=0)
    refused("lies in", out=photos / "out")
    refused("lies in", out=photos)
    refused("texts and numbers", options={"mask": photos.stat})
    (tmp_path / "full" / "shards").mkdir(parents=True)
    (tmp_path / "full" / "shards" / "1.tar").touch()
    refused("of which nothing is known", out=tmp_path / "full")


def test_without_ray(preset, photos, tmp_path, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(on_ray.importlib, "import_module", missing)
    result = run_cli(
        "translate", preset, photos, "--engine ray --out", tmp_path / "out"
    )
    assert "pip install 'keras-gan-translate[ray]'" in error_of(result)


def test_on_ray(preset, photos, one_by_one, tmp_path):
    pytest.importorskip("ray", reason="the extra 'ray' is not installed")
    words = "--engine ray --actors 2 --shard-size 2 --max-pixels 2000"
    result = run_cli(
        "translate", preset, photos, words, "--direction ba --out", tmp_path
    )
    assert result.exit_code == 1 and "2 pictures could not" in result.stderr
    assert result.stdout.strip() == f"{tmp_path}/manifest.json"
    assert in_shards(tmp_path) == one_by_one
