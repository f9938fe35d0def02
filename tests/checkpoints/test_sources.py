import argparse
import pathlib
import pickle

import numpy as np
import pytest

from keras_gan_translate.checkpoints.sources import as_array, read_source

KERNEL = np.arange(12, dtype="float32").reshape(1, 1, 3, 4)


def values(source):
    """All tensors of a flat source, read."""
    return {name: as_array(name, value) for name, value in source.items()}


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)


def test_folder_of_npy_files(tmp_path):
    np.save(tmp_path / "conv1.weight.npy", KERNEL)
    np.save(tmp_path / "conv1.bias.npy", np.ones(4, "float32"))
    (tmp_path / "LICENSE").write_text("MIT")
    found = read_source(tmp_path)
    assert isinstance(found["conv1.weight"], np.memmap)
    assert_same(
        values(found), {"conv1.weight": KERNEL, "conv1.bias": np.ones(4)}
    )


def test_pickles_in_npy_are_not_read(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object))
    with pytest.raises(ValueError, match=r"a\.npy is no intact .npy"):
        read_source(tmp_path)


@pytest.fixture
def tensorflow_1(tmp_path):
    """A checkpoint of TensorFlow 1: Adam's slots, counters, an average."""
    tf = pytest.importorskip("tensorflow")
    names = {
        "generator/conv/kernel": KERNEL,
        "generator/conv/kernel/Adam": 0 * KERNEL,
        "generator/conv/kernel/Adam_1": 0 * KERNEL,
        "generator/conv/bias": np.ones(4, "float32"),
        "generator/conv/bias/ExponentialMovingAverage": np.full(4, 2.0),
        "beta1_power": np.float32(0.5),
        "global_step": np.int64(7),
    }
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        for name, value in names.items():
            v1.get_variable(name, initializer=value)
        session.run(v1.global_variables_initializer())
        saver = v1.train.Saver()
        saver.save(session, str(tmp_path / "a" / "model.ckpt"), 5)
        saver.save(session, str(tmp_path / "a" / "model.ckpt"), 40)
    return tmp_path / "a"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "model.ckpt-40",
        "model.ckpt-40.index",
        "model.ckpt-40.meta",
        "model.ckpt-5.data-00000-of-00001",
    ],
)
def test_tensorflow_1(tensorflow_1, name):
    found = read_source(tensorflow_1 / name)
    assert found["generator/conv/kernel"].shape == (1, 1, 3, 4)
    # The average is taken, slots and counters are dropped.
    assert_same(
        values(found),
        {
            "generator/conv/kernel": KERNEL,
            "generator/conv/bias": np.full(4, 2.0),
        },
    )


def test_pointer_to_the_newest_checkpoint(tensorflow_1):
    pointer = tensorflow_1 / "checkpoint"
    # As it is copied from the machine that trained.
    pointer.write_text('model_checkpoint_path: "/home/me/out/model.ckpt-5"\n')
    assert len(read_source(tensorflow_1)) == 2
    pointer.unlink()
    with pytest.raises(ValueError, match="model.ckpt-40, model.ckpt-5.*Choose"):
        read_source(tensorflow_1)


def test_tensorflow_2_objects(tmp_path):
    tf = pytest.importorskip("tensorflow")
    generator, optimizer = tf.Module(), tf.Module()
    generator.conv = tf.Module()
    generator.conv.kernel = tf.Variable(KERNEL)
    optimizer.m = tf.Variable(KERNEL)
    checkpoint = tf.train.Checkpoint(
        generator=generator,
        generator_optimizer=optimizer,
        step=tf.Variable(3),
    )
    checkpoint.save(str(tmp_path / "training" / "ckpt"))
    assert_same(
        values(read_source(tmp_path / "training")),
        {"generator/conv/kernel": KERNEL},
    )


def test_damaged_tensorflow_checkpoint(tmp_path):
    pytest.importorskip("tensorflow")
    (tmp_path / "model.index").write_bytes(b"no table")
    with pytest.raises(ValueError, match="no intact TensorFlow checkpoint"):
        read_source(tmp_path)


def test_safetensors(tmp_path):
    pytest.importorskip("safetensors")
    from safetensors.numpy import save_file

    save_file({"conv.weight": KERNEL}, tmp_path / "a.safetensors")
    assert_same(
        values(read_source(tmp_path / "a.safetensors")), {"conv.weight": KERNEL}
    )
    (tmp_path / "a.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(ValueError, match="no intact safetensors file"):
        read_source(tmp_path / "a.safetensors")


def test_safetensors_of_bfloat16(tmp_path):
    pytest.importorskip("safetensors")
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    tensors = {"a": torch.ones(2, 3, dtype=torch.bfloat16)}
    save_file(tensors, tmp_path / "a.safetensors")
    (array,) = values(read_source(tmp_path / "a.safetensors")).values()
    assert array.dtype == "float32"
    assert (array == 1).all()


def test_arguments_of_the_command_line_are_no_obstacle(tmp_path):
    torch = pytest.importorskip("torch")
    checkpoint = {
        "args": argparse.Namespace(lr=1e-4, names=["a"]),
        "epoch": 3,
        "state_dict": {"weight": torch.ones(2)},
    }
    torch.save(checkpoint, tmp_path / "a.pt")
    assert list(read_source(tmp_path / "a.pt")["state_dict"]) == ["weight"]


class Evil:
    """Pickled, it creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return pathlib.Path.touch, (self.path,)


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".ckpt", ".bin"])
@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_whole_checkpoint_is_not_run(tmp_path, suffix, zipped):
    torch = pytest.importorskip("torch")
    touched = tmp_path / "touched"
    evil = {"genA2B": {"w": torch.ones(1)}, "optimizer": Evil(touched)}
    path = tmp_path / f"project/evil{suffix}"
    path.parent.mkdir()
    torch.save(evil, path, _use_new_zipfile_serialization=zipped)
    for source in (path, path.parent):
        with pytest.raises(ValueError, match="more than tensors"):
            read_source(source)
    assert not touched.exists()


def test_the_malicious_pickle_would_execute_elsewhere(tmp_path):
    """The other tests' file is a real threat."""
    pickle.loads(pickle.dumps(Evil(tmp_path / "touched")))
    assert (tmp_path / "touched").exists()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize(
    ("suffix", "library"),
    [
        (".npz", "numpy"),
        (".npy", "numpy"),
        (".pt", "torch"),
        (".safetensors", "safetensors"),
    ],
)
def test_a_bare_pickle_is_not_run(tmp_path, suffix, library):
    pytest.importorskip(library)
    touched = tmp_path / "touched"
    path = tmp_path / f"project/evil{suffix}"
    path.parent.mkdir()
    path.write_bytes(pickle.dumps(Evil(touched)))
    with pytest.raises(ValueError, match="evil"):
        read_source(path.parent)
    assert not touched.exists()


def test_arrays_of_an_npz_are_read_when_needed(tmp_path):
    path = tmp_path / "a.npz"
    large = np.arange(2**18, dtype="int32")
    np.savez(path, good=KERNEL, bad=large)
    tail = large[-3:].tobytes()
    path.write_bytes(path.read_bytes().replace(tail, bytes(12)))
    found = read_source(path)
    assert found["bad"].shape == large.shape
    np.testing.assert_array_equal(as_array("good", found["good"]), KERNEL)
    with pytest.raises(ValueError, match=r"'bad' cannot be read.*a\.npz"):
        as_array("bad", found["bad"])
