import sys

import keras
import numpy as np
import pytest

from keras_gan_translate import data
from keras_gan_translate.data.kinds import names


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    data.resume_at(0)


def images(count, seed=0):
    shape = (count, 20, 20, 3)
    return np.random.default_rng(seed).integers(0, 256, shape, "uint8")


def without_tensorflow(monkeypatch, open_=data.from_arrays, *args, **options):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "tensorflow", None)
        dataset = open_(*args, **options)
    assert isinstance(dataset, keras.utils.PyDataset)
    return dataset


def arrays(monkeypatch, count=20, **options):
    options = {"image_size": 16, "batch_size": 2} | options
    return without_tensorflow(
        monkeypatch,
        data.from_arrays,
        images(count),
        images(4, seed=1),
        **options,
    )


def collect(dataset):
    return [{k: np.array(v) for k, v in batch.items()} for batch in dataset]


def assert_equal(one, two):
    assert len(one) == len(two) > 0
    for x, y in zip(one, two):
        assert x.keys() == y.keys()
        for key in x:
            np.testing.assert_array_equal(x[key], y[key])
            assert x[key].dtype == y[key].dtype


@pytest.mark.parametrize("kind", names())
@pytest.mark.parametrize("batch_size", [2, 3, 100])
def test_the_same_batches_as_with_tensorflow(monkeypatch, kind, batch_size):
    pytest.importorskip("tensorflow")
    arguments = ("synthetic:7", kind)
    options = {"image_size": 16, "batch_size": batch_size}
    with_it = data.open_dataset(*arguments, **options)
    other = without_tensorflow(
        monkeypatch, data.open_dataset, *arguments, **options
    )
    assert other.kgt_summary == with_it.kgt_summary
    assert other.kgt_skipped == with_it.kgt_skipped == {}
    assert len(other) == len(with_it)
    for _ in range(2):  # epochs
        assert_equal(collect(other), collect(with_it))
    assert_equal(collect(other.take(2)), collect(with_it.take(2)))
    whole = options | {"augment": False, "drop_remainder": False}
    assert_equal(
        collect(
            without_tensorflow(
                monkeypatch, data.open_dataset, *arguments, **whole
            )
        ),
        collect(data.open_dataset(*arguments, **whole)),
    )


def test_every_iteration_is_the_next_epoch(monkeypatch):
    dataset = arrays(monkeypatch)
    epochs = [collect(dataset) for _ in range(4)]
    assert (epochs[0][0]["a"] != epochs[1][0]["a"]).any()
    data.resume_at(3)
    assert_equal(collect(dataset), epochs[3])
    data.resume_at(2)
    assert_equal(collect(arrays(monkeypatch)), epochs[2])
    data.resume_at(1)
    assert_equal(collect(dataset.take(3)), epochs[1][:3])


class Recorder(keras.Model):
    """Sums of the batches it was trained and tested on, in its losses."""

    def __init__(self):
        super().__init__()
        self.sum = self.add_weight(shape=(), initializer="zeros")
        self.built = True

    def train_step(self, *args):
        if keras.backend.backend() == "jax":
            state, batch = args
            return {"sum": keras.ops.sum(batch["a"])}, state
        return {"sum": keras.ops.sum(args[0]["a"])}

    def test_step(self, *args):
        if keras.backend.backend() == "jax":
            state, batch = args
            return {"sum": keras.ops.sum(batch["a"])}, state
        return {"sum": keras.ops.sum(args[0]["a"])}


@pytest.mark.parametrize("shuffle", [True, False])
def test_fit_sees_the_epochs_in_their_order(monkeypatch, shuffle):
    dataset = arrays(monkeypatch)
    epochs = [collect(dataset) for _ in range(4)]
    held_out = arrays(monkeypatch, 6, augment=False, shuffle=False)
    data.resume_at(0)
    seen = []

    class Sums(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            data.resume_at(epoch)

        def on_train_batch_end(self, batch, logs=None):
            seen.append(float(logs["sum"]))

    model = Recorder()
    model.compile()
    # The epoch that training goes on with.
    history = model.fit(
        dataset,
        initial_epoch=1,
        epochs=4,
        shuffle=shuffle,
        verbose=0,
        validation_data=held_out,
        callbacks=[Sums()],
    )
    expected = [
        batch["a"].sum(dtype="float64")
        for epoch in epochs[1:]
        for batch in epoch
    ]
    np.testing.assert_allclose(seen, expected, rtol=1e-3, atol=1e-2)
    last = collect(held_out)[-1]["a"].sum(dtype="float64")
    np.testing.assert_allclose(
        history.history["val_sum"], [last] * 3, rtol=1e-3, atol=1e-2
    )


def test_a_smaller_last_batch(monkeypatch):
    dataset = arrays(monkeypatch, 7, drop_remainder=False)
    assert [len(batch["a"]) for batch in dataset] == [2, 2, 2, 1]
    dataset = arrays(monkeypatch, 7)
    assert [len(batch["a"]) for batch in dataset] == [2, 2, 2]
