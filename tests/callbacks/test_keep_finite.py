import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import data
from keras_gan_translate.callbacks import KeepFinite, KeepTranslators, Resume
from keras_gan_translate.engine import state_file
from keras_gan_translate.engine.faults import NotFinite
from tests.toys import Toy

NAN = float("nan")


class Bad(Toy):
    """Its generator's losses are spoilt from some step on, for some steps."""

    def __init__(self, first=6, many=1, value=NAN, name="l1", **kwargs):
        super().__init__(**kwargs)
        self.first, self.many = first, many
        self.value, self.loss_name = value, name

    def generator_loss(self, batch, training=True):
        losses, shared = super().generator_loss(batch, training)
        # The discriminator, which has moved before, counts on in any case.
        step = self.optimizer["discriminator"].iterations - 1
        now = ops.logical_and(step >= self.first, step < self.first + self.many)
        losses[self.loss_name] *= ops.where(now, self.value, 1.0)
        return losses, shared


class Allergic(Toy):
    """Two pictures that do not go together: a black and a white one."""

    def generator_loss(self, batch, training=True):
        losses, shared = super().generator_loss(batch, training)
        means = ops.mean(batch["a"], axis=(1, 2, 3))
        both = ops.logical_and(ops.min(means) < -0.99, ops.max(means) > 0.99)
        losses["l1"] *= ops.where(both, NAN, 1.0)
        return losses, shared


def dataset(seed=4):
    random = np.random.default_rng(0)
    a, b = (random.integers(0, 256, (n, 8, 8, 3), "uint8") for n in (6, 5))
    a[0], a[1] = 0, 255
    return data.from_arrays(a, b, image_size=8, batch_size=2, seed=seed)


def fit(model, folder, epochs=3, seed=4, **options):
    keras.utils.set_random_seed(3)
    resume = Resume(folder, steps=2)
    return model.fit(
        dataset(seed),
        epochs=epochs,
        verbose=0,
        callbacks=[
            KeepFinite(resume, **options),
            KeepTranslators(folder),
            resume,
        ],
    )


def assert_finite(folder):
    for name in ("last", "previous"):
        path = folder / f"{name}.weights.h5"
        with state_file.opened(path) as (_, index, read):
            for number, entry in enumerate(index):
                if "loss_means" not in entry["name"]:
                    assert np.isfinite(read(number)).all(), entry


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"value": NAN}, r"step 1: the loss generator_l1 became"),
        ({"value": float("inf"), "name": "adversarial"}, "_adversarial became"),
        ({"value": 1e38}, "'generator', whose largest loss is generator_l1"),
    ],
)
def test_it_stops_and_says_what_where_and_what_to_try(tmp_path, spoilt, words):
    model = Bad(**spoilt)
    model.compile()
    with pytest.raises(NotFinite, match=words) as error:
        fit(model, tmp_path)
    said = str(error.value)
    assert "Epoch 3, step 1: " in said
    assert "3 other orders did not help" in said and "--clipnorm" in said
    assert "The batch: a number" in said
    diagnosis = (tmp_path / "diagnosis.txt").read_text()
    assert diagnosis.count("Going back to the last checkpoint") == 3
    assert said in diagnosis
    assert_finite(tmp_path)
    found = Resume.find(tmp_path)
    assert (found.epoch, found.step) == (2, 0)
    # The same command is in the same place, and says so again.
    model = Bad(**spoilt)
    model.compile()
    with pytest.raises(NotFinite, match=words):
        fit(model, tmp_path)


def test_the_last_step_of_an_epoch_is_looked_at_before_it_is_saved(tmp_path):
    model = Bad(first=2)
    model.compile()
    with pytest.raises(NotFinite, match="Epoch 1, step 3"):
        fit(model, tmp_path, retries=0)
    assert not (tmp_path / "last").exists()
    assert_finite(tmp_path)


def bad_epoch(seed, order):
    """The first epoch that has the black and the white picture together."""
    source = dataset(seed).kgt_source
    for epoch in range(3):
        for first in (0, 2, 4):
            batch = source.batch(epoch + (order << 32), range(first, first + 2))
            means = batch["a"].mean((1, 2, 3))
            if means.min() < -0.99 and means.max() > 0.99:
                return epoch
    return None


def test_another_order_of_the_data_may_help(tmp_path, caplog):
    seed = next(
        seed
        for seed in range(100)
        if bad_epoch(seed, 0) == 1 and bad_epoch(seed, 1) is None
    )
    model = Allergic()
    model.compile()
    history = fit(model, tmp_path, seed=seed)
    assert history.epoch[-1] == 2 and "(1 of 3)" in caplog.text
    assert int(model.optimizer["generator"].iterations) == 9
    assert Resume.find(tmp_path).order == 1
    assert_finite(tmp_path)
    # A new process goes on in that order.
    again = Allergic()
    again.compile()
    fit(again, tmp_path, seed=seed, epochs=4)
    assert again.data_order == 1


def test_without_a_checkpoint_it_stops(tmp_path):
    model = Bad(first=1)
    model.compile()
    with pytest.raises(NotFinite, match="Epoch 1, step 2"):
        model.fit(dataset(), verbose=0, callbacks=[KeepFinite()])


def test_nothing_infinite_is_saved_by_resume_alone(tmp_path):
    model = Bad(first=1)
    model.compile()
    with pytest.raises(NotFinite, match="infinite or not numbers.*generator"):
        model.fit(
            dataset(),
            epochs=9,
            verbose=0,
            callbacks=[Resume(tmp_path, steps=1)],
        )
    assert_finite(tmp_path)


@pytest.mark.parametrize("steps", [1, 10, 500])
def test_float16_skips_then_recovers_or_stops(tmp_path, steps):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = Bad(first=3, many=steps, value=float("inf"))
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile()
    before = [np.array(w) for w in model.discriminator.get_weights()]
    if steps == 500:
        with pytest.raises(
            NotFinite, match="100 steps of 'generator' in a row"
        ):
            fit(model, tmp_path, epochs=60)
    else:
        fit(model, tmp_path, epochs=10)
        moved = int(model.optimizer["generator"].iterations)
        # The first scale, which Keras chooses, may be too large once.
        assert 30 - steps - 1 <= moved <= 30 - steps
        losses = model.evaluate(dataset(), verbose=0, return_dict=True)
        assert np.isfinite(list(losses.values())).all()
    played = int(model.optimizer["discriminator"].iterations)
    # Its own first scale may be too large once; else it plays in every step.
    first, last = (101, 104) if steps == 500 else (29, 30)
    assert first <= played <= last
    after = model.discriminator.get_weights()
    assert all((one != other).any() for one, other in zip(before, after))
    for player in model.players:
        scale = float(model.optimizer[player].dynamic_scale)
        assert 1.0 <= scale <= 2.0**30
    assert_finite(tmp_path)
