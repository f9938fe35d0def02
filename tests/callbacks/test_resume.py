import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

import h5py
import keras
import numpy as np
import pytest

from keras_gan_translate import CycleGAN, data
from keras_gan_translate.callbacks import Resume
from keras_gan_translate.engine import state_file
from keras_gan_translate.engine.state import take_state
from tests.damage import damages
from tests.test_gan import values
from tests.toys import Noisy, Toy, batch

SCRIPT = """
import os, signal, sys
import keras, numpy as np
from keras_gan_translate import CycleGAN, data
from keras_gan_translate.callbacks import Resume

folder, stop, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
# Shells start what runs in the background deaf to it.
signal.signal(signal.SIGINT, signal.default_int_handler)
keras.utils.set_random_seed(1)
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
    tf.config.experimental.enable_op_determinism()
rng = np.random.default_rng(0)
a, b = (rng.integers(0, 256, (n, 32, 32, 3), "uint8") for n in (5, 3))
dataset = data.from_arrays(a, b, image_size=32, load_size=40, seed=4)
validation = data.from_arrays(
    a[:2], b[:2], image_size=32, augment=False, shuffle=False
)
model = CycleGAN(image_size=32, filters=2, num_blocks=1, pool_size=2, seed=9)
model.compile(total_steps=20, ema_momentum=0.9)

class Count(keras.callbacks.Callback):
    count = 0
    def on_train_batch_end(self, batch, logs=None):
        self.count += 1
        if self.count == stop:
            os.kill(os.getpid(), number)

class Record(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print("epoch", epoch, sorted(logs.items()))

count = Count()
model.fit(
    dataset, epochs=4, verbose=0, validation_data=validation,
    callbacks=[count, Record(), Resume(folder, steps=2)],
)
print("steps", count.count)
"""


def run(folder, stop=0, number=0):
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), str(stop), str(number)],
        capture_output=True,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
    )


def leaves(folder, name="last.weights.h5"):
    with state_file.opened(folder / name) as (facts, index, read):
        found = {one["name"]: read(number) for number, one in enumerate(index)}
        return found | {"epoch": facts["epoch"]}


def test_a_stopped_run_goes_on_to_the_last_bit(tmp_path):
    whole = run(tmp_path / "whole")
    assert "steps 20" in whole.stdout, whole.stderr
    folder = tmp_path / "stopped"
    killed = run(folder, 8, signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    found = Resume.find(folder)  # what was being written is lost
    assert (found.epoch, found.step) in ((1, 0), (1, 2))
    # Three signals, each of which saves the step that it comes in.
    first = 3 if found.step else 5
    for stop, number, code, place in (
        (first, signal.SIGTERM, 143, (2, 0)),  # in the last of an epoch
        (3, signal.SIGINT, -signal.SIGINT, (2, 3)),
    ):
        stopped = run(folder, stop, number)
        assert stopped.returncode == code, stopped.stderr
        found = Resume.find(folder)
        assert 5 * found.epoch + found.step == 5 * place[0] + place[1]
    last = run(folder)
    assert "steps 7" in last.stdout
    # Losses of an epoch are those of all its steps.
    assert whole.stdout.split("steps")[0].endswith(
        last.stdout.split("steps")[0]
    )
    whole, resumed = leaves(tmp_path / "whole"), leaves(folder)
    assert whole.keys() == resumed.keys()
    for name in whole:
        np.testing.assert_array_equal(whole[name], resumed[name], name)


class Seen(keras.callbacks.Callback):
    """What a callback is told, and a kill after so many steps."""

    def __init__(self, stop):
        super().__init__()
        self.stop, self.seen = stop, []

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append((self.epoch, batch, dict(logs)))
        if len(self.seen) == self.stop:
            raise InterruptedError


def break_off(folder, stop=None, steps=1, **options):
    keras.utils.set_random_seed(2)
    random = np.random.default_rng(0)
    a, b = (random.integers(0, 256, (n, 9, 9, 3), "uint8") for n in (7, 5))
    dataset = data.from_arrays(a, b, image_size=8, batch_size=2, seed=4)
    read, make = [], dataset.kgt_source._make

    def recorded(epoch, positions):
        read.append((int(epoch), *map(int, positions)))
        return make(epoch, positions)

    dataset.kgt_source._make = recorded
    model = Toy()
    model.compile(ema_momentum=0.9, **options)
    seen, resume = Seen(stop), Resume(folder, steps=steps)
    with contextlib.suppress(InterruptedError):
        model.fit(dataset, epochs=3, verbose=0, callbacks=[seen, resume])
    return seen.seen, read


def test_a_break_at_every_step_changes_nothing(tmp_path):
    whole, _ = break_off(tmp_path / "whole")
    assert len(whole) == 9
    for stop in (1, 3, 8):
        folder = tmp_path / str(stop)
        first, _ = break_off(folder, stop)
        assert first == whole[:stop]
        # The step in which it broke was not saved yet.
        second, read = break_off(folder)
        assert second == whole[stop - 1 :]
        # Of the batches before, one stand-in was read.
        epoch, step = divmod(stop - 1, 3)
        of_epoch = [first for number, first, _ in read if number == epoch]
        assert len(set(of_epoch)) <= 3 - step + bool(step)


def test_several_steps_at_once(tmp_path):
    whole, _ = break_off(tmp_path / "whole", steps_per_execution=3)
    first, _ = break_off(tmp_path / "run", 2, steps_per_execution=3)
    second, _ = break_off(tmp_path / "run", steps_per_execution=3)
    assert first == whole[:2] and second == whole[1:]


def trained(folder, model_class=Toy, epochs=2, **options):
    keras.utils.set_random_seed(2)
    model = model_class()
    model.compile(ema_momentum=0.9)
    data = {k: v for k, v in batch().items() if k in model.batch}
    history = model.fit(
        data,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[Resume(folder)],
        **options,
    )
    return model, history


@pytest.mark.parametrize("model_class", [Toy, Noisy])
def test_every_leaf_comes_back(model_class, tmp_path):
    whole, _ = trained(tmp_path / "whole", model_class, epochs=4)
    trained(tmp_path / "parts", model_class, epochs=2)
    resumed, history = trained(tmp_path / "parts", model_class, epochs=4)
    assert history.epoch == [2, 3]
    for one, other in zip(
        whole.variables + whole.optimizer.variables,
        resumed.variables + resumed.optimizer.variables,
        strict=True,
    ):
        np.testing.assert_array_equal(*values([one, other]))


class Nameless(Toy):
    """Its layers get their names from Keras, other ones each time."""

    def __init__(self):
        super().__init__()
        image = keras.Input((None, None, 3))
        x = keras.layers.Conv2D(4, 1)(image)
        x = keras.layers.Conv2D(3, 1, dtype="float32")(x)
        self.generator = keras.Model(image, x)


def test_names_that_keras_gives_may_differ(tmp_path):
    one, _ = trained(tmp_path, Nameless)
    other, history = trained(tmp_path, Nameless, epochs=3)
    assert history.epoch == [2]
    path = one.generator.weights[0].path
    assert path != other.generator.weights[0].path


def test_a_finished_run_trains_no_more(tmp_path):
    trained(tmp_path)
    _, history = trained(tmp_path)
    assert history.epoch == []


def test_epoch_of_an_empty_folder_is_none(tmp_path):
    assert Resume.epoch_of(tmp_path) is None


def write_as_before(model, path, epoch):
    """A checkpoint of format 1, as versions before 0.2 wrote it."""
    model.save_weights(path)
    with h5py.File(path, "a") as file:
        names = [f"{n} {list(x.shape)}" for n, x in datasets(file).items()]
        file.attrs["epoch"] = epoch
        file["index of leaves"] = "\n".join(sorted(names))


def datasets(file):
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item

    file.visititems(visit)
    return found


@pytest.fixture
def before(tmp_path):
    """A folder as versions before 0.2 left it, after two epochs."""
    model, _ = trained(tmp_path / "other")
    (tmp_path / "before").mkdir()
    write_as_before(model, tmp_path / "before" / "last.weights.h5", 2)
    return tmp_path / "before"


def test_a_folder_of_an_older_version_goes_on(before):
    assert Resume.epoch_of(before) == 2
    resumed, history = trained(before, epochs=4)
    assert history.epoch == [2, 3]
    whole, _ = trained(before.parent / "whole", epochs=4)
    for one, other in zip(
        whole.variables + whole.optimizer.variables,
        resumed.variables + resumed.optimizer.variables,
        strict=True,
    ):
        np.testing.assert_array_equal(*values([one, other]))
    assert state_file.check(before / "last.weights.h5") == 2


def test_a_missing_leaf_of_before_is_an_error_that_names_it(before):
    path = before / "last.weights.h5"
    content = path.read_bytes()
    with h5py.File(path) as file:
        names = [name for name in datasets(file) if name != "index of leaves"]
    for name in names:
        path.write_bytes(content)
        with h5py.File(path, "a") as file:
            del file[name]
        model = Toy()
        model.compile(ema_momentum=0.9)
        kept = values(model.variables)
        with pytest.raises(ValueError, match=f"damaged. Missing.*{name}"):
            model.fit(batch(), epochs=3, verbose=0, callbacks=[Resume(before)])
        for one, other in zip(kept, values(model.variables)):
            np.testing.assert_array_equal(one, other)


def test_a_truncated_file_of_before_is_refused_in_words(before):
    path = before / "last.weights.h5"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match="cannot be read.*Remove it"):
        trained(before, epochs=3)


def test_a_damaged_checkpoint_is_named_and_the_one_before_used(
    tmp_path, caplog
):
    trained(tmp_path / "run", epochs=3)
    path = tmp_path / "run" / "last.weights.h5"
    whole = leaves(tmp_path / "run")
    content = path.read_bytes()
    for what, changed in damages(content, 8):
        path.write_bytes(changed)
        found = Resume.find(tmp_path / "run")
        assert found.path.name == "previous.weights.h5", what
        assert found.epoch == 2 and "last.weights.h5 is" in found.damaged[0]
    _, history = trained(tmp_path / "run", epochs=3)
    assert history.epoch == [2]
    assert "last.weights.h5 is damaged" in caplog.text
    assert "Going on from previous.weights.h5, after epoch 2" in caplog.text
    again = leaves(tmp_path / "run")
    for name in whole:
        np.testing.assert_array_equal(whole[name], again[name], name)
    # The damaged one did not take the place of the good one.
    previous = leaves(tmp_path / "run", "previous.weights.h5")
    assert previous["epoch"] == 2


def test_nothing_whole_is_an_error_that_names_all(tmp_path):
    trained(tmp_path)
    for name in ("last.weights.h5", "previous.weights.h5"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ValueError, match="last.*previous.*Remove it"):
        trained(tmp_path, epochs=3)


def test_a_missing_leaf_is_an_error(tmp_path):
    model, _ = trained(tmp_path)
    path = tmp_path / "last.weights.h5"
    state = take_state(model)
    for name in state:
        fewer = {k: v for k, v in state.items() if k != name}
        state_file.write(path, fewer, {"epoch": 2})
        with pytest.raises(ValueError, match="another model"):
            trained(tmp_path, epochs=3)


def test_another_model_is_refused(tmp_path):
    trained(tmp_path)
    model = CycleGAN(image_size=32, filters=2, num_blocks=1)
    model.compile()
    with pytest.raises(ValueError, match="another model"):
        data = {name: np.zeros((1, 32, 32, 3)) for name in model.batch}
        model.fit(data, verbose=0, callbacks=[Resume(tmp_path)])


def files(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        # As h5py says it when it flushes.
        RuntimeError("Can't decrement id ref count (errno = 28, error ...)"),
    ],
)
def test_a_disk_that_gets_full_keeps_the_last_files(
    tmp_path, monkeypatch, error
):
    trained(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}

    def full(path, *args):
        path.write_bytes(b"half")
        raise error

    monkeypatch.setattr(state_file, "write", full)
    with pytest.raises(OSError, match="it takes .* MiB or more, and .* free"):
        trained(tmp_path, epochs=3)
    after = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}
    assert after == before


def test_too_little_room_is_said_before_training(tmp_path, monkeypatch):
    trained(tmp_path)
    before = files(tmp_path)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: usage._replace(free=1000)
    )
    with pytest.raises(OSError, match="and 0.0 MiB are free. What was there"):
        trained(tmp_path, epochs=3)
    with pytest.raises(OSError, match="no room for .*last.weights.h5"):
        trained(tmp_path / "new")
    assert files(tmp_path) == [*before[:1], "new", *before[1:]]
    assert files(tmp_path / "new") == []


def test_who_waits_for_a_checkpoint_does_not_wait_for_rests(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("keras_gan_translate.callbacks.resume.BESIDE", 1e-6)
    model = Toy()
    model.compile()
    resume = Resume(tmp_path, steps=1)
    began = time.monotonic()
    model.fit(batch(8), batch_size=1, epochs=1, verbose=0, callbacks=[resume])
    # Ten files of forty arrays, and a rest of up to a second after each.
    assert time.monotonic() - began < 40
    assert resume.saved == (1, 0)
    assert 0 < resume.spent < time.monotonic() - began


def test_what_the_dead_left_aside_is_removed(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    (tmp_path / "last").mkdir()
    dead = tmp_path / f".{process.pid}.last.weights.h5"
    translator = tmp_path / "last" / f".{process.pid}.generator.keras"
    alive = tmp_path / f".{os.getppid()}.last.weights.h5"
    for path in (dead, translator, alive, tmp_path / ".hidden"):
        path.write_bytes(b"half")
    trained(tmp_path)
    assert not dead.exists() and not translator.exists()
    assert alive.exists() and (tmp_path / ".hidden").exists()
