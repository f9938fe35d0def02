import time

import keras
import pytest

from keras_gan_translate.callbacks import TimeLimit
from keras_gan_translate.engine.optimizers import LinearDecay
from tests.toys import Toy, batch


def compiled(optimizer):
    model = Toy()
    model.compile(optimizer)
    return model


def test_training_ends_with_the_time():
    model = compiled(keras.optimizers.SGD(0.1))
    start = time.monotonic()
    history = model.fit(
        batch(), epochs=10**6, verbose=0, callbacks=[TimeLimit(1.0)]
    )
    assert 1.0 <= time.monotonic() - start < 60
    assert len(history.epoch) >= 1


def test_the_rate_is_constant_then_linear_to_zero(monkeypatch):
    model = compiled(keras.optimizers.SGD(0.5))
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    limit = TimeLimit(10.0)
    limit.set_model(model)
    limit.on_train_begin()
    for seconds, rate in ((0, 0.5), (5, 0.5), (7.5, 0.25), (10, 0.0)):
        now[0] = 100.0 + seconds
        limit.on_epoch_begin(0)
        for player in model.players:
            found = float(model.optimizer[player].learning_rate)
            assert found == pytest.approx(rate)


def test_two_schedules_are_one_too_many():
    limit = TimeLimit(1.0)
    limit.set_model(compiled(keras.optimizers.SGD(LinearDecay(0.1, 10))))
    with pytest.raises(ValueError, match="'discriminator' has a schedule"):
        limit.on_train_begin()
