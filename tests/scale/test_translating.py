import json
import shutil
import tarfile

import pytest

from keras_gan_translate.cli.shards import check_engine, fill_shards
from keras_gan_translate.data import synthetic_faces, write_image
from keras_gan_translate.models import CycleGAN
from keras_gan_translate.runs.translators import open_translator
from keras_gan_translate.scale import on_ray, shards, translate_shards
from keras_gan_translate.scale.job import check_same, describe
from keras_gan_translate.scale.job import open_translator as open_job
from tests.cli.conftest import forbid_sockets, run_cli


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("presets") / "tiny"
    CycleGAN(image_size=32, filters=4, num_blocks=1).save_to_preset(folder)
    return folder


@pytest.fixture(scope="module")
def translator(preset):
    return open_translator(preset, direction="ba")


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
HOW |= {"engine": "here"}


def test_shards_hold_what_files_would(
    preset, translator, photos, one_by_one, tmp_path, monkeypatch
):
    def translate(inputs, on_progress=None):
        return translate_shards(
            preset,
            inputs,
            tmp_path / "out",
            translator=translator,
            on_progress=on_progress,
            **HOW,
        )

    forbid_sockets(monkeypatch)
    told = []
    manifest = translate([photos], lambda *counts: told.append(counts))
    out = tmp_path / "out"
    assert in_shards(out) == one_by_one
    assert (manifest["images"], manifest["skipped"]) == (5, 2)
    assert [told[0], told[-1]] == [(0, 4, 0), (4, 4, 7)]
    skipped = (out / "skipped.csv").read_text().splitlines()
    assert skipped[1].startswith("bad.png,") and "more than 2000" in skipped[2]
    # Nothing is left to do; what is new is done beside it.
    before = (out / "shards").stat().st_mtime_ns
    assert translate([photos]) == manifest
    assert (out / "shards").stat().st_mtime_ns == before
    shutil.copy(photos / "a.png", tmp_path / "a.png")
    again = translate([photos, tmp_path / "a.png"])
    assert (again["images"], again["files"]) == (6, 8)
    assert again["shards"][:4] == manifest["shards"]


def test_a_killed_job_goes_on(
    preset, translator, photos, one_by_one, tmp_path, monkeypatch
):
    def translate(**how):
        how = HOW | {"translator": translator} | how
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
    job = describe(mine, direction=None, which="best", trust=False)
    assert check_same(job, job, "out") is None
    for file in mine.glob("*.keras"):
        file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ValueError, match="have changed since the job began"):
        open_job(job)
    other = describe(mine, direction=None, which="best", trust=False)
    with pytest.raises(ValueError, match="another job: the weights"):
        check_same(other, job, "out")


def test_errors(preset, photos, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="--grid is for looking"):
        check_engine("ray", {}, {"grid": True})
    with pytest.raises(ValueError, match="--actors is of --engine ray"):
        check_engine(None, {"actors": 2}, {"grid": True})
    with pytest.raises(ValueError, match="without --engine"):
        fill_shards(preset, ["clip.mp4"], tmp_path / "out", False)

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

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(on_ray.importlib, "import_module", missing)
    words = r"pip install 'keras-gan-translate\[ray\]'"
    with pytest.raises(ImportError, match=words):
        translate_shards(preset, [photos], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_on_ray(preset, photos, one_by_one, tmp_path):
    pytest.importorskip("ray", reason="the extra 'ray' is not installed")
    words = "--engine ray --actors 2 --shard-size 2 --max-pixels 2000"
    result = run_cli(
        "translate", preset, photos, words, "--direction ba --out", tmp_path
    )
    assert result.exit_code == 1 and "2 pictures could not" in result.stderr
    assert result.stdout.strip() == f"{tmp_path}/manifest.json"
    assert in_shards(tmp_path) == one_by_one
