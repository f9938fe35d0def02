import json
import math

import keras
import numpy as np
import pytest

from keras_gan_translate.callbacks import Evaluate, KeepTranslators
from keras_gan_translate.data import synthetic_faces
from keras_gan_translate.metrics import Features, psnr
from tests.toys import Toy


def trained(epochs, *callbacks):
    photos, toons = synthetic_faces(8, 16)
    model = Toy()
    model.compile()
    history = model.fit(
        {"a": photos, "b": toons},
        batch_size=4,
        epochs=epochs,
        verbose=0,
        callbacks=list(callbacks),
    )
    return model, history.history


def test_scores_join_the_logs_and_keep_the_best(tmp_path):
    photos, toons = synthetic_faces(8, 16, start=100)
    scores = Evaluate({"a": photos, "b": toons}, aligned=True, every=2)
    seen = []
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(dict(logs))
    )
    keep = KeepTranslators(tmp_path, "score_ab_psnr", mode="max")
    model, _ = trained(3, scores, look, keep)
    first, second, third = (logs["score_ab_psnr"] for logs in seen)
    assert first > 0 and second > 0 and math.isnan(third)
    best = json.loads((tmp_path / "best" / "best.json").read_text())
    assert best["value"] == max(first, second)
    assert scores.measure()["score_ab_psnr"] == pytest.approx(
        psnr(model.translate(photos), toons).mean()
    )


def test_features_are_in_the_name():
    photos, toons = synthetic_faces(8, 16, start=100)
    pixels = Features(lambda x: x.mean((1, 2)), "mean color", 8)
    scores = Evaluate({"a": photos, "b": toons}, features=pixels)
    scores.set_model(trained(1)[0])
    measured = scores.measure()
    assert "score_ab_kid_x_100_mean_color" in measured
    assert "score_ab_frechet_distance_mean_color" in measured
    assert not any("psnr" in name for name in measured)  # not aligned
    assert all(np.isfinite(value) for value in measured.values())


def test_errors_name_what_came(tmp_path):
    with pytest.raises(ValueError, match="Received: 0"):
        Evaluate({}, every=0)
    with pytest.raises(ValueError, match="mode='best'"):
        KeepTranslators(tmp_path, mode="best")
