import json

import keras
import numpy as np
import pytest

from keras_gan_translate.callbacks import KeepTranslators
from tests.toys import Toy, batch


def end_epochs(folder, losses, monitor=None, start=0):
    """Ends an epoch with each of the losses; weights tell the epoch."""
    model = Toy()
    model.compile()
    keep = KeepTranslators(folder, monitor)
    keep.set_model(model)
    keep.on_train_begin()
    for epoch, logs in enumerate(losses, start):
        bias = model.generator.weights[-1]
        bias.assign(np.full(bias.shape, epoch + 1.0))
        keep.on_epoch_end(epoch, logs)


def epoch_in(folder, which):
    path = folder / which / "generator.keras"
    return keras.saving.load_model(path).get_weights()[-1][0]


def test_last_and_best(tmp_path):
    end_epochs(tmp_path, [{"generator_l1": x} for x in (3.0, 1.0, 2.0)])
    assert epoch_in(tmp_path, "last") == 3
    assert epoch_in(tmp_path, "best") == 2
    best = json.loads((tmp_path / "best" / "best.json").read_text())
    assert best == {"monitor": "generator_l1", "value": 1.0, "epoch": 2}
    files = {path.name for path in (tmp_path / "best").iterdir()}
    assert files == {"generator.keras", "best.json"}


def test_validation_is_preferred(tmp_path):
    end_epochs(
        tmp_path,
        [
            {"generator_l1": 2.0, "val_generator_l1": 1.0},
            {"generator_l1": 1.0, "val_generator_l1": 2.0},
        ],
    )
    assert epoch_in(tmp_path, "best") == 1


def test_the_best_survives_a_restart(tmp_path):
    end_epochs(tmp_path, [{"generator_l1": 1.0}])
    end_epochs(tmp_path, [{"generator_l1": 2.0}], start=1)
    assert epoch_in(tmp_path, "best") == 1
    assert epoch_in(tmp_path, "last") == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "best.json is missing"), ("{", "best.json cannot be read")],
)
def test_a_lost_measure_is_said(tmp_path, caplog, text, words):
    end_epochs(tmp_path, [{"generator_l1": 1.0}])
    assert not caplog.text
    path = tmp_path / "best" / "best.json"
    path.unlink()
    if text is not None:
        path.write_text(text)
    end_epochs(tmp_path, [{"generator_l1": 2.0}], start=1)
    assert words in caplog.text
    assert epoch_in(tmp_path, "best") == 2


def test_another_measure_starts_anew(tmp_path):
    end_epochs(tmp_path, [{"generator_l1": 1.0}])
    end_epochs(tmp_path, [{"mine": 2.0}], monitor="mine", start=1)
    assert epoch_in(tmp_path, "best") == 2


def test_what_is_no_number_is_never_the_best(tmp_path):
    end_epochs(tmp_path, [{"generator_l1": x} for x in (2.0, float("nan"))])
    assert epoch_in(tmp_path, "best") == 1


def test_without_a_measure_the_newest_is_the_best(tmp_path, monkeypatch):
    end_epochs(tmp_path, [{"generator_l1": 1.0}])
    monkeypatch.setattr(Toy, "monitor", None)
    end_epochs(tmp_path, [{"generator_l1": x} for x in (2.0, 3.0)], start=1)
    assert epoch_in(tmp_path, "best") == 3
    best = json.loads((tmp_path / "best" / "best.json").read_text())
    assert best == {"monitor": None, "value": None, "epoch": 3}


def test_averaged_weights_are_kept(tmp_path):
    model = Toy()
    model.compile(keras.optimizers.SGD(0.1), ema_momentum=0.9)
    model.fit(
        batch(), epochs=2, verbose=0, callbacks=[KeepTranslators(tmp_path)]
    )
    kept = keras.saving.load_model(tmp_path / "last" / "generator.keras")
    with model.averaged_weights():
        averaged = model.generator.get_weights()
    for value, average, weight in zip(
        kept.get_weights(), averaged, model.generator.get_weights()
    ):
        np.testing.assert_array_equal(value, average)
        assert (value != weight).any()


def test_an_unknown_measure_names_the_nearest(tmp_path):
    with pytest.raises(ValueError, match="Did you mean 'generator_l1'"):
        end_epochs(tmp_path, [{"generator_l1": 1.0}], "generator_l2")
