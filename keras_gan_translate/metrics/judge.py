"""All that can be said of images at once, with how it was measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from keras_gan_translate.metrics.density_coverage import density_coverage
from keras_gan_translate.metrics.diversity import diversity
from keras_gan_translate.metrics.features import Features
from keras_gan_translate.metrics.frechet import (
    UNBIASED_FROM,
    frechet_distance,
    frechet_distance_infinity,
)
from keras_gan_translate.metrics.kernel import (
    kernel_distance,
    kernel_distance_deviation,
)
from keras_gan_translate.metrics.precision_recall import precision_recall
from keras_gan_translate.metrics.psnr import psnr
from keras_gan_translate.metrics.retrieval import retrieval
from keras_gan_translate.metrics.samples import (
    Z,
    bootstrap_deviation,
    mean_interval,
)
from keras_gan_translate.metrics.ssim import WINDOW, ssim
from keras_gan_translate.metrics.style_accuracy import style_accuracy

NEIGHBOURS = 6  # images that metrics of neighbours need
MOST_DECIBELS = 60.0  # of equal images, whose PSNR is infinite
RESAMPLES = 20  # of a Frechet distance, which takes long


@dataclasses.dataclass(frozen=True)
class Score:
    """A number with its protocol.

    Attributes:
        name: of the metric, with that of the features.
        value: the number.
        low: lower end of the 95% interval by bootstrap over images, or None.
        high: its upper end.
        better: "lower", "higher" or "" where neither is.
        nothing: what doing nothing gets, the sources as they are; None where
            that is not known.
        note: what is to be known of the number, in words.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    better: str = "lower"
    nothing: float | None = None
    note: str = ""


def judge(
    fake: np.ndarray,
    real: np.ndarray | None = None,
    truth: np.ndarray | None = None,
    source: np.ndarray | None = None,
    samples: np.ndarray | None = None,
    features: Features | None = None,
    distance: Callable | None = None,
    seed: int = 0,
) -> list[Score]:
    """Measures images by whatever is known of them.

    Args:
        fake: uint8 array (N, H, W, 3), translations or other made images; a
            list of images where their sizes differ.
        real: uint8 array (M, h, w, 3), or a list, images that they should look
            like.
        truth: uint8 array (N, H, W, 3), what each should be.
        source: uint8 array (N, ...), or a list, what each was translated from.
        samples: uint8 array (S, N, H, W, 3), several translations of each.
        features: without them images are compared pixel by pixel only.
        distance: an `LPIPS`.
        seed: of all lots.

    Returns:
        List of `Score`.

    Raises:
        ValueError: as the metrics do.

    Example:
        for score in judge(fake, real, features=open_features("random")):
            print(score.name, score.value)
    """
    scores = []
    if truth is not None:
        scores += _against_truth(fake, truth, source, distance, seed)
    if features is not None:
        known = {
            name: features(images)
            for name, images in {
                "fake": fake,
                "real": real,
                "truth": truth,
                "source": source,
            }.items()
            if images is not None
        }
        if real is not None:
            scores += _distances(features, seed=seed, **known)
            scores += _neighbours(features, **known)
        scores += _contents(features, known, seed)
    if samples is not None and len(samples) > 1:
        scores.append(_diversity(samples, distance, seed))
    return scores


def judge_question(question, **how) -> list[Score]:
    """As `judge`, of what a model was asked.

    Args:
        question: a `Question`.
        **how: `features`, `distance` and `seed`.
    """
    return judge(
        question.fake,
        real=question.real,
        truth=question.truth,
        source=question.source,
        samples=question.samples,
        **how,
    )


def _against_truth(fake, truth, source, distance, seed):
    """PSNR, SSIM, LPIPS, and what the sources as they are would get."""
    metrics = {
        "PSNR": (
            lambda x, y: np.minimum(psnr(x, y), MOST_DECIBELS),
            "higher",
            "dB",
        )
    }
    if min(truth.shape[1:3]) >= WINDOW:
        metrics["SSIM"] = (ssim, "higher", "")
    if distance is not None:
        metrics[distance.name] = (distance, "lower", "")
    scores = []
    for name, (measure, better, note) in metrics.items():
        values = measure(fake, truth)
        low, high = mean_interval(values, seed)
        nothing = None
        if getattr(source, "shape", None) == truth.shape:
            nothing = float(measure(source, truth).mean())
        scores.append(
            Score(name, float(values.mean()), low, high, better, nothing, note)
        )
    return scores


def _distances(features, fake, real, seed, source=None, truth=None):
    """Frechet and kernel distance of features."""
    title = features.title
    counts = f"{len(real)} real, {len(fake)} made"
    biased = ""
    if min(len(real), len(fake)) < UNBIASED_FROM:
        biased = f"biased: below {UNBIASED_FROM:,} images it is too large; "
    deviation = bootstrap_deviation(
        frechet_distance, real, fake, RESAMPLES, seed
    )
    scores = [
        _with_deviation(
            title("FID"),
            frechet_distance(real, fake),
            deviation,
            None if source is None else frechet_distance(real, source),
            biased + counts,
        )
    ]
    if min(len(real), len(fake)) >= 10:
        scores.append(
            Score(
                title("FID").replace(" (", "-infinity (", 1),
                frechet_distance_infinity(real, fake, seed),
                nothing=None
                if source is None or len(source) < 10
                else frechet_distance_infinity(real, source, seed),
                note="extrapolated to infinitely many images",
            )
        )
    kernel = 100 * kernel_distance(real, fake)
    deviation = 100 * kernel_distance_deviation(real, fake, seed)
    nothing = None if source is None else 100 * kernel_distance(real, source)
    name = title("KID").replace(" (", " x 100 (", 1)
    scores.append(_with_deviation(name, kernel, deviation, nothing, counts))
    if source is not None:
        other = 100 * kernel_distance(source, fake)
        scores.append(
            Score(
                title("KID").replace(" (", " x 100, target and source (", 1),
                (kernel + other) / 2,
                nothing=None,
                note="the mean over target and source, as U-GAT-IT reports it",
            )
        )
    return scores


def _neighbours(features, fake, real, source=None, truth=None):
    """Precision, recall, density, coverage and style accuracy."""
    if min(len(fake), len(real)) < NEIGHBOURS:
        return []
    values = [*precision_recall(real, fake), *density_coverage(real, fake)]
    nothing = [None] * 4
    if source is not None and len(source) >= NEIGHBOURS:
        nothing = [
            *precision_recall(real, source),
            *density_coverage(real, source),
        ]
    names = ("precision", "recall", "density", "coverage")
    scores = [
        Score(
            features.title(name),
            value,
            better="higher",
            nothing=other,
            note=f"{k} neighbours",
        )
        for name, value, other, k in zip(names, values, nothing, (3, 3, 5, 5))
    ]
    if source is not None and len(source) >= NEIGHBOURS:
        is_target, right = style_accuracy(fake, source, real)
        scores.append(
            Score(
                features.title("style accuracy"),
                float(is_target.mean()),
                *mean_interval(is_target),
                better="higher",
                nothing=float(style_accuracy(source, source, real)[0].mean()),
                note="vote of 5 neighbours, which is right about "
                f"{right:.0%} of real images",
            )
        )
    return scores


def _contents(features, known, seed):
    """Whether translations are found among the truth, or their sources."""
    originals = known.get("truth", known.get("source"))
    if originals is None or len(originals) != len(known["fake"]):
        return []
    found = retrieval(known["fake"], originals)
    nothing = None
    if "truth" in known and "source" in known:
        nothing = float(retrieval(known["source"], originals).mean())
    among = "true translations" if "truth" in known else "sources"
    return [
        Score(
            features.title("content retrieval"),
            float(found.mean()),
            *mean_interval(found, seed),
            better="higher",
            nothing=nothing,
            note=f"its own is the nearest of {len(originals)} {among}; by "
            f"chance {1 / len(originals):.1%}",
        )
    ]


def _diversity(samples, distance, seed):
    """Mean distance between several translations of an image."""
    values = diversity(samples, distance)
    name = "pixels" if distance is None else distance.name
    return Score(
        f"diversity ({name})",
        float(values.mean()),
        *mean_interval(values, seed),
        better="",
        note=f"{len(samples)} translations of each"
        + (", in steps of 255" if distance is None else ""),
    )


def _with_deviation(name, value, deviation, nothing, note):
    return Score(
        name,
        value,
        value - Z * deviation,
        value + Z * deviation,
        nothing=nothing,
        note=note,
    )
