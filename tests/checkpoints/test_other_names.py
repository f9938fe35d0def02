import pickle
import zipfile

import numpy as np
import pytest

from keras_gan_translate.checkpoints import sources
from keras_gan_translate.checkpoints.sources import as_array, read_source

KERNEL = np.arange(12, dtype="float32").reshape(1, 1, 3, 4)


def write_npz(path):
    with open(path, "wb") as file:  # as Chainer's `save_npz` does
        np.savez_compressed(file, **{"gen/conv/W": KERNEL})
    return "gen/conv/W"


def write_torch(path, **options):
    torch = pytest.importorskip("torch")
    torch.save({"conv.weight": torch.from_numpy(KERNEL)}, path, **options)
    return "conv.weight"


def write_old_torch(path):
    return write_torch(path, _use_new_zipfile_serialization=False)


def write_safetensors(path):
    numpy = pytest.importorskip("safetensors.numpy")
    numpy.save_file({"conv.weight": KERNEL}, path)
    return "conv.weight"


@pytest.mark.parametrize("name", ["gen_100.model", "weights", "gen.pth"])
@pytest.mark.parametrize(
    "write", [write_npz, write_torch, write_old_torch, write_safetensors]
)
def test_what_a_file_holds_counts_more_than_its_name(tmp_path, write, name):
    path = tmp_path / name
    tensor = write(path)
    for source in (path, tmp_path):
        (found,) = read_source(source).items()
        assert found[0] == tensor
        np.testing.assert_array_equal(as_array(*found), KERNEL)


def test_pytorch_files_are_known_without_pytorch(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_read_torch", lambda path: {"read": path})
    new, old = tmp_path / "new.model", tmp_path / "old.model"
    with zipfile.ZipFile(new, "w") as file:
        file.writestr("gen_100/data.pkl", b"")
        file.writestr("gen_100/data/0", b"")
    old.write_bytes(pickle.dumps(0x1950A86A20F9469CFC6C, 2) + b"more")
    for path in (new, old):
        assert read_source(path) == {"read": path}


def test_the_newest_of_several(tmp_path):
    for name in ("gen_2.model", "gen_10.model", "dis_2.model"):
        write_npz(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x")
    found = read_source(tmp_path)
    assert sorted(found) == ["dis", "gen"]
    write_npz(tmp_path / "one.npz")  # a name that tells comes first
    assert list(read_source(tmp_path)) == ["gen/conv/W"]


@pytest.mark.parametrize(
    "contents",
    [
        b"",
        b"PK\3\4 and no more",
        b"\x10\0\0\0\0\0\0\0{",
        b"\x89HDF\r\n\x1a\n",
        b"some text that is longer than a head",
    ],
)
def test_what_is_nothing_of_these(tmp_path, contents):
    path = tmp_path / "gen.model"
    path.write_bytes(contents)
    with pytest.raises(ValueError, match="holds what one of these does"):
        read_source(path)
    with pytest.raises(ValueError, match="There are no weights in"):
        read_source(tmp_path)
