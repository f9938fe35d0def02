"""What loss curves and samples honestly tell about a training run."""

import dataclasses
import math

WINDOW = 5  # epochs that a finding must have lasted
STRONG = 0.1  # share of its first loss below which a discriminator has won
COLLAPSED, VARIED = 0.25, 0.5  # share of the target domain's variety
INVERTED = -0.5  # correlation of source and translation
RISEN = 1.15  # validation loss over its lowest


@dataclasses.dataclass(frozen=True)
class Light:
    """One finding about a run.

    Attributes:
        level: "good", "watch" or "trouble".
        title: the finding, in a few words.
        text: what it was concluded from, and one sentence of remedy.
    """

    level: str
    title: str
    text: str


def diagnose(results, titles=None):
    """Reads the rows of results.csv; says nothing where nothing is known.

    Args:
        results: list of dicts of floats, one per epoch, as `Run.results`.
        titles: dict from directions to how people call them, as
            `direction_titles`; a direction without one has its name.

    Returns:
        List of `Light`, trouble first.
    """
    if not results:
        return []
    titles = titles or {}
    findings = [
        _finite(results),
        _discriminator(results),
        *_variety(results, titles),
        *_inversion(results, titles),
        _overfitting(results),
    ]
    levels = ("trouble", "watch", "good")
    return sorted(
        (finding for finding in findings if finding is not None),
        key=lambda finding: levels.index(finding.level),
    )


def _finite(results):
    for row in results:
        bad = sorted(k for k, v in row.items() if not math.isfinite(v))
        if bad:
            return Light(
                "trouble",
                "Losses are not numbers",
                f"Since epoch {row['epoch']:.0f} {', '.join(bad[:3])} "
                f"{'is' if len(bad) == 1 else 'are'} not finite. Start again "
                "with --clipnorm 1, and with --precision float32 or "
                "mixed_bfloat16 if it was mixed_float16.",
            )
    return Light("good", "Losses are finite", "In every epoch so far.")


def _discriminator(results):
    values = _column(results, "discriminator_adversarial")
    if len(values) <= WINDOW or not values[0] > 0:
        return None
    shares = [value / values[0] for value in values[-WINDOW:]]
    if max(shares) < STRONG:
        return Light(
            "trouble",
            "The discriminators are too strong",
            f"For {WINDOW} epochs their loss has been below "
            f"{100 * STRONG:.0f} % of what it was in the first: they tell "
            "every image apart, and the generators learn little from them. "
            "More training images help most; a model with fewer --filters "
            "memorises less.",
        )
    if min(shares) > 2 * STRONG:
        return Light(
            "good",
            "The game is balanced",
            f"The discriminators' loss is at {100 * shares[-1]:.0f} % of its "
            "first epoch's: neither side has won.",
        )
    return None


def direction_titles(model_class):
    """How people call a model's directions: {"ab": "A to B"}.

    Args:
        model_class: a `GAN`, or its class.
    """
    titles = {}
    for direction, translator in model_class.translators.items():
        source, target = translator.takes[0], translator.makes
        if source != target:
            titles[direction] = f"{_named(source)} to {_named(target)}"
    return titles


def _variety(results, titles):
    for name in _names(results, "variety_"):
        values = _column(results, name)
        direction, recent = _direction(name, titles), values[-3:]
        if len(recent) < 3:
            continue
        share = f"{100 * recent[-1]:.0f} %"
        if max(recent) < COLLAPSED and max(values) > VARIED:
            yield Light(
                "trouble",
                f"Collapse: {direction}",
                "For three epochs different sources have become nearly the "
                f"same picture, with {share} of the variety of real ones, "
                "though they once were varied. best/ may hold a better epoch; "
                "train again with another --seed or a larger --loss-weight "
                "cycle.",
            )
        elif max(recent) < COLLAPSED and len(values) >= 2 * WINDOW:
            yield Light(
                "watch",
                f"Little variety: {direction}",
                "Different sources still give nearly the same picture, with "
                f"{share} of the variety of real ones. If ten more epochs do "
                "not change that, train again with another --seed.",
            )
        elif min(recent) > VARIED:
            yield Light(
                "good",
                f"Varied: {direction}",
                f"Translations differ from each other {share} as much as real "
                "images do.",
            )


def _inversion(results, titles):
    if "generator_cycle" not in results[-1]:
        return  # paired data say themselves which colours are right
    for name in _names(results, "likeness_"):
        values = _column(results, name)[-3:]
        if len(values) == 3 and max(values) < INVERTED:
            yield Light(
                "watch",
                f"Inverted colours: {_direction(name, titles)}",
                "For three epochs what is bright in the source has been dark "
                f"in the translation (correlation {values[-1]:.2f}). A larger "
                "--loss-weight identity, or another --seed, prevents it.",
            )


def _overfitting(results):
    for name in ("generator_l1", "generator_cycle"):
        checked = _column(results, f"val_{name}")
        trained = _column(results, name)
        if not len(checked) == len(trained) == len(results):
            continue
        best = checked.index(min(checked))
        lasted = len(checked) - 1 - best
        if (
            lasted >= WINDOW
            and min(checked[-3:]) > RISEN * checked[best]
            and trained[-1] < trained[best]
        ):
            return Light(
                "watch",
                "It learns the training images by heart",
                f"On validation images {name} was lowest in epoch "
                f"{results[best]['epoch']:.0f} and has risen by "
                f"{100 * (checked[-1] / checked[best] - 1):.0f} % since, while "
                "it fell in training. best/ holds that epoch; more images, or "
                "fewer --filters, help.",
            )
    return None


def _column(results, name):
    """The values of a loss in the epochs that have it."""
    return [row[name] for row in results if name in row]


def _names(results, prefix):
    return sorted(name for name in results[-1] if name.startswith(prefix))


def _direction(name, titles):
    """How people call the direction of a measure, such as variety_ab."""
    direction = name.split("_", 1)[1]
    return titles.get(direction, direction)


def _named(name):
    """Domains have letters, other things a name."""
    return name.upper() if len(name) == 1 else name
