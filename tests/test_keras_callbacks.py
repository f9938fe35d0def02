"""Keras' own callbacks, in `fit` of a model of every kind."""

import sys

import keras
import numpy as np
import pytest

from keras_gan_translate.engine.optimizers import Adam, LinearDecay
from tests.test_all_models import batch, set_weights
from tests.toys import Domains, Holes, Maps, Sampler, Styles, Toy

TOYS = [Toy, Domains, Styles, Maps, Holes, Sampler]
CALLBACKS = {
    "early_stopping": lambda folder: keras.callbacks.EarlyStopping(),
    "model_checkpoint": lambda folder: keras.callbacks.ModelCheckpoint(
        folder / "best.keras", save_best_only=True
    ),
    "plateau": lambda folder: keras.callbacks.ReduceLROnPlateau(),
    "scheduler": lambda folder: keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: rate * 0.5
    ),
    "nan": lambda folder: keras.callbacks.TerminateOnNaN(),
    "csv": lambda folder: keras.callbacks.CSVLogger(folder / "log.csv"),
    "backup": lambda folder: keras.callbacks.BackupAndRestore(folder / "b"),
    "averages": lambda folder: keras.callbacks.SwapEMAWeights(),
    "lambda": lambda folder: keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: np.testing.assert_(
            {"loss", "val_loss"} <= logs.keys()
        )
    ),
    "history": lambda folder: keras.callbacks.History(),
    "tensorboard": lambda folder: keras.callbacks.TensorBoard(folder / "tb"),
    "wandb": lambda folder: _wandb(folder),
}


def _wandb(folder):
    wandb = pytest.importorskip("wandb")
    from wandb.integration.keras import WandbMetricsLogger

    wandb.init(mode="offline", dir=folder, project="test")
    return WandbMetricsLogger()


def examples(model):
    if isinstance(model, Toy):
        model.image_size = 8
    data = batch(model, 4)
    model.image_size = None if isinstance(model, Toy) else model.image_size
    return data


@pytest.fixture(scope="module", params=TOYS, ids=lambda toy: toy.__name__)
def compiled(request):
    keras.utils.set_random_seed(1)
    model = request.param()
    model.compile(
        optimizer={"generator": Adam(LinearDecay(1e-3, 100))}, ema_momentum=0.9
    )
    return model, examples(model)


@pytest.mark.parametrize("name", CALLBACKS)
def test_a_callback_of_keras_in_fit(compiled, name, tmp_path):
    if name == "tensorboard":
        pytest.importorskip("tensorflow")
        pytest.importorskip("tensorboard")
    model, data = compiled
    history = model.fit(
        data,
        validation_data=data,
        batch_size=2,
        epochs=2,
        verbose=0,
        callbacks=[CALLBACKS[name](tmp_path)],
    ).history
    assert {"loss", "val_loss"} <= history.keys()
    if "wandb" in sys.modules and name == "wandb":
        sys.modules["wandb"].finish()


def compiled_toy(**arguments):
    keras.utils.set_random_seed(1)
    model = Toy()
    model.compile(**arguments)
    return model, examples(model)


def rates(model):
    return {
        player: float(keras.ops.convert_to_numpy(optimizer.learning_rate))
        for player, optimizer in model.optimizer.players.items()
    }


def test_the_loss_is_the_sum_of_what_players_minimize():
    model, data = compiled_toy()
    history = model.fit(data, validation_data=data, verbose=0).history
    for prefix in ("", "val_"):
        logs = {
            name.removeprefix(prefix): values[0]
            for name, values in history.items()
            if name.startswith("val_") == bool(prefix)
        }
        assert logs["loss"] == pytest.approx(
            logs["discriminator_adversarial"]
            + logs["generator_adversarial"]
            + 10 * logs["generator_l1"],
            rel=1e-5,
        )


def test_the_loss_of_players_that_sometimes_play():
    model = Domains()
    model.compile(optimizer=keras.optimizers.SGD(0.0))
    set_weights(model)
    data = batch(model, 8)
    history = model.fit(data, batch_size=2, shuffle=False, verbose=0).history
    assert history["loss"][0] == pytest.approx(
        history["discriminator_adversarial"][0]
        + history["generator_adversarial"][0]
        + 10 * history["generator_l1"][0],
        rel=1e-5,
    )


def test_one_rate_moves_all_players_by_a_factor():
    model, data = compiled_toy(
        optimizer={
            "generator": Adam(LinearDecay(1e-3, 4)),
            "discriminator": Adam(4e-3),
        }
    )
    assert rates(model)["discriminator"] == pytest.approx(4e-3)
    model.optimizer.learning_rate = 1e-4
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)
    assert rates(model) == pytest.approx(
        {"generator": 1e-4, "discriminator": 4e-4}
    )
    # The schedule goes on below the factor.
    model.fit(data, batch_size=2, epochs=1, verbose=0)
    assert rates(model)["generator"] == pytest.approx(0.5e-4)


def test_a_rate_that_is_set_is_the_rate_that_trains():
    model, data = compiled_toy(
        optimizer=keras.optimizers.SGD(LinearDecay(1e-2, 100))
    )
    before = model.get_weights()
    model.fit(
        data,
        verbose=0,
        callbacks=[keras.callbacks.LearningRateScheduler(lambda e, r: 0.0)],
    )
    for one, other in zip(before, model.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_a_rate_survives_saving(tmp_path):
    model, data = compiled_toy(optimizer=Adam(LinearDecay(1e-3, 100)))
    model.optimizer.learning_rate = 1e-4
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert rates(loaded) == pytest.approx(rates(model))


def test_a_rate_of_zero_has_no_multiple():
    model, _ = compiled_toy(optimizer=keras.optimizers.SGD(0.0))
    with pytest.raises(ValueError, match="The learning rate is 0"):
        model.optimizer.learning_rate = 1e-3


def test_nan_ends_a_training_that_is_told_to():
    model, data = compiled_toy()
    weights = model.generator.get_weights()
    model.generator.set_weights([np.nan * w for w in weights])
    history = model.fit(
        data,
        epochs=5,
        verbose=0,
        callbacks=[keras.callbacks.TerminateOnNaN()],
    ).history
    assert len(history["loss"]) == 1


def test_best_checkpoints_need_no_mode():
    model, data = compiled_toy()
    stopping = keras.callbacks.EarlyStopping(patience=1)
    model.optimizer.learning_rate = 1e-9  # so that nothing improves
    history = model.fit(
        data, validation_data=data, epochs=9, verbose=0, callbacks=[stopping]
    ).history
    assert len(history["loss"]) < 9


def test_data_sets_do_not_warn_of_shuffling(recwarn):
    model, data = compiled_toy()
    tf = pytest.importorskip("tensorflow")
    model.fit(tf.data.Dataset.from_tensor_slices(data).batch(2), verbose=0)
    assert not [w for w in recwarn if "shuffle" in str(w.message)]


def test_optimizers_saved_before_rates_had_factors_are_read():
    model, data = compiled_toy(optimizer=Adam(LinearDecay(1e-3, 100)))
    model.fit(data, verbose=0)
    variables = model.optimizer.variables
    saved = {
        str(i): keras.ops.convert_to_numpy(v)
        for i, v in enumerate(variables[:-2])
    }
    model.optimizer.learning_rate = 1e-5
    other, _ = compiled_toy(optimizer=Adam(LinearDecay(1e-3, 100)))
    other.optimizer.load_own_variables(saved)
    for one, value in zip(other.optimizer.variables, saved.values()):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(one), value)
    assert rates(other)["generator"] == pytest.approx(1e-3)
