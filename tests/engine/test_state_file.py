import ml_dtypes
import numpy as np
import pytest

from keras_gan_translate.engine import state_file
from keras_gan_translate.engine.state_file import Damaged
from tests.damage import damages

LEAVES = {
    "kernel": np.arange(24, dtype="float32").reshape(2, 3, 4),
    "seed": np.array([1, 2**32 - 1], "uint32"),
    "iterations": np.array(7, "int32"),
    "half": np.ones((2, 2), ml_dtypes.bfloat16),
    "empty": np.zeros((0, 3), "float32"),
}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "state.h5"
    state_file.write(path, LEAVES, {"epoch": 3, "words": ["a"]})
    return path


def test_what_is_written_is_read(path):
    with state_file.opened(path) as (facts, index, read):
        assert facts == {"epoch": 3, "words": ["a"]}
        assert [entry["name"] for entry in index] == list(LEAVES)
        for number, array in enumerate(LEAVES.values()):
            found = read(number)
            assert found.dtype == array.dtype
            np.testing.assert_array_equal(found, array)


def test_every_flip_and_every_cut_is_noticed(path):
    content = path.read_bytes()
    for what, changed in damages(content, 200):
        path.write_bytes(changed)
        with pytest.raises(Damaged):
            state_file.check(path)
            pytest.fail(what)
    path.write_bytes(content)
    assert state_file.check(path) == state_file.FORMAT


def test_every_bit_before_the_arrays_counts(path):
    content = bytearray(path.read_bytes())
    for place in range(state_file.BLOCK):
        for bit in (1, 16):
            content[place] ^= bit
            path.write_bytes(content)
            with pytest.raises(Damaged):
                state_file.check(path)
            content[place] ^= bit


def test_a_later_format_is_refused_in_words(path, monkeypatch):
    monkeypatch.setattr(state_file, "FORMAT", 3)
    state_file.write(path, LEAVES, {})
    monkeypatch.undo()
    with pytest.raises(ValueError, match="format 3.*reads up to 2. Update"):
        with state_file.opened(path):
            pass


def test_an_array_has_a_checksum_of_its_own(path):
    with state_file.opened(path) as (_, index, read):
        index[0]["crc32"] ^= 1
        with pytest.raises(Damaged, match="damaged in kernel"):
            read(0)
