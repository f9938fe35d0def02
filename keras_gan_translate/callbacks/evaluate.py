"""Measuring translations while a model trains."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import keras
import numpy as np

from keras_gan_translate.metrics.features import Features, open_features
from keras_gan_translate.metrics.judge import judge_question
from keras_gan_translate.metrics.questions import ask


class Evaluate(keras.callbacks.Callback):
    """Measures the translations of the same examples every few epochs.

    The numbers join the epoch's logs for callbacks further down the list, as
    `score_<direction>_<metric>`, such as `score_ab_kid_x_100_vgg16` or
    `score_ab_psnr`: the run's page draws them, and `KeepTranslators` behind it
    keeps the epoch that did best by one of them. The first epoch is measured,
    too; in those that are not the numbers are NaN, which is never the best.

    Args:
        examples: dict of raw arrays by the fields of the model's batch, held
            out; each metric says how many it needs.
        aligned: whether the target of an example is the true translation of
            its source.
        every: number of epochs from one measurement to the next.
        features: `metrics.Features`, or words for `metrics.open_features`;
            None compares pixels only.
        distance: a `metrics.LPIPS`, or None.
        seed: of all lots.

    Example:
        scores = Evaluate({"a": selfies, "b": anime}, every=5, features="vgg16")
        best = KeepTranslators("runs/anime", "score_ab_kid_x_100_vgg16")
        model.fit(dataset, epochs=100, callbacks=[scores, best])
    """

    def __init__(
        self,
        examples: dict[str, np.ndarray],
        aligned: bool = False,
        every: int = 1,
        features: Features | str | None = None,
        distance: Callable | None = None,
        seed: int = 0,
    ):
        super().__init__()
        if every < 1:
            raise ValueError(
                f"`every` is a number of epochs, 1 or more. Received: {every}."
            )
        self.examples, self.aligned, self.every = examples, aligned, every
        self.features = None if features is None else open_features(features)
        self.distance, self.seed = distance, seed
        self.names = ()

    def on_epoch_end(self, epoch, logs=None):
        measured = {}
        if not self.names or (epoch + 1) % self.every == 0:
            measured = self.measure()
            self.names = tuple(measured)
        if logs is not None:
            logs.update(dict.fromkeys(self.names, math.nan) | measured)

    def measure(self) -> dict[str, float]:
        """What joins the logs, measured now."""
        measured = {}
        for question in ask(self.model, self.examples, self.aligned):
            scores = judge_question(
                question,
                features=self.features,
                distance=self.distance,
                seed=self.seed,
            )
            for score in scores:
                name = _plain(f"score {question.name} {score.name}")
                measured[name] = score.value
        return measured


def _plain(name):
    """A name of small letters, digits and underscores."""
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
