"""What loss curves and samples honestly tell about a training run."""

import dataclasses
import math

WINDOW = 5  # epochs that a finding about losses must have lasted
LASTED = 3  # epochs that a finding about pictures must have lasted
YOUNG = 2 * WINDOW  # epochs in which much that is wrong is usual
STRONG = 0.1  # share of its first loss below which a discriminator has won
LEAD = 10.0  # the generators' loss over the discriminators', likewise
COLLAPSED, VARIED = 0.25, 0.5  # of `variety`
INVERTED = -0.5  # of `likeness`
UNCHANGED, UNEDITED = 0.1, 0.02  # of `change`; of pictures of one domain
BLURRED, NOISY = 0.3, 3.0  # of `detail`
PALE = 0.35  # of `contrast`
CHECKERED = 3.0  # of `checkerboard`
STILL = 0.01  # levels of 255, of `movement`
RISEN, RISEN_GAME = 1.15, 1.5  # validation loss over its lowest
# Losses that compare with the truth or the source, of which any player that
# is no discriminator has some.
CONTENT = "l1 l2 cycle reconstruction content pixel hole known".split()


@dataclasses.dataclass(frozen=True)
class Measure:
    """What is measured on the sample pictures of every epoch.

    Attributes:
        meaning: what it is, and what its ends mean.
        low: least value of a healthy picture, None if any.
        high: largest one.
    """

    meaning: str
    low: float | None = None
    high: float | None = None

    def fits(self, value):
        """Whether a value is one that healthy pictures have."""
        return (self.low is None or value >= self.low) and (
            self.high is None or value <= self.high
        )

    @property
    def range(self):
        """The values of healthy pictures, in words."""
        if self.low is None or self.high is None:
            bound, word = (
                (self.high, "at most")
                if self.low is None
                else (self.low, "at least")
            )
            return f"{word} {bound:g}"
        return f"{self.low:g} to {self.high:g}"


# By the beginning of the columns' names; the directions follow. What they are
# exactly is in `metrics.symptoms`.
MEASURES = {
    "variety": Measure(
        "How much the translations differ from each other, as a share of what "
        "real pictures do: near 0 all of them are the same.",
        # Four avatars of Open Peeps have 0.37 of other four.
        low=0.33,
        high=2.0,
    ),
    "likeness": Measure(
        "How much a translation looks like its source, pixel by pixel: 1 is "
        "the source itself, 0 has nothing of it, and near -1 its colours are "
        "inverted.",
        low=-0.3,
    ),
    "change": Measure(
        "How far a translation is from its source, as a share of how far real "
        "pictures of the other domain are: near 0 nothing is translated.",
        low=0.02,
    ),
    "error": Measure(
        "How far a translation is from the true one, as a share of what doing "
        "nothing, or showing another picture, would have: 0 is the truth, 0.7 "
        "about the mean of all pictures.",
        high=0.6,
    ),
    "detail": Measure(
        "How much fine structure translations have, as a share of real "
        "pictures': near 0 it is mush, far above 1 noise.",
        low=0.4,
        high=2.5,
    ),
    "contrast": Measure(
        "How much the larger parts of a translation differ in brightness and "
        "colour, as a share of real pictures': near 0 it is gray mush, however "
        "much fine structure it has.",
        # Four pictures of CamVid's streets have 0.48 to 2.1 of other four.
        low=0.45,
        high=2.2,
    ),
    "checkerboard": Measure(
        "How much a grid of two or four pixels stands out, compared with real "
        "pictures: 1 is no grid.",
        high=2.0,
    ),
    "movement": Measure(
        "How far the translations are from those of the epoch before, in "
        "levels of 255: 0 is a training that stands still.",
        low=0.05,
    ),
}


@dataclasses.dataclass(frozen=True)
class Light:
    """One finding about a run.

    Attributes:
        level: "good", "watch" or "trouble".
        title: the finding, in a few words.
        text: what it was concluded from, and one sentence of remedy.
        measured: the numbers behind it, as ("variety_ab 0.08", "below 0.25
            is trouble") pairs.
    """

    level: str
    title: str
    text: str
    measured: tuple = ()


def diagnose(results, titles=None, aligned=False):
    """Reads the rows of results.csv; says nothing where nothing is known.

    Args:
        results: list of dicts of floats, one per epoch, as `Run.results`.
        titles: dict from directions to how people call them, as
            `direction_titles`; a direction without one has its name.
        aligned: whether the data have the true translation of every source,
            which say themselves which colours are right.

    Returns:
        List of `Light`, trouble first.
    """
    if not results:
        return []
    titles = titles or {}
    findings = [_not_numbers(results), _standing_still(results)]
    findings += [_discriminator(results), _overfitting(results)]
    for direction in _directions(results):
        found = _Direction(
            results,
            direction,
            titles.get(direction, direction),
            differs=direction in titles,
            aligned=aligned,
        )
        findings += found.faults() or [found.verdict()]
    levels = ("trouble", "watch", "good")
    return sorted(
        (finding for finding in findings if finding is not None),
        key=lambda finding: levels.index(finding.level),
    )


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


def measure_of(name):
    """(`Measure`, direction) of a column, such as variety_ab; or None."""
    prefix, _, direction = name.partition("_")
    return (MEASURES[prefix], direction) if prefix in MEASURES else None


@dataclasses.dataclass(frozen=True)
class _Direction:
    """What the pictures of one direction show."""

    results: list
    name: str
    title: str
    differs: bool  # whether source and target are of two domains
    aligned: bool

    def values(self, prefix):
        return _column(self.results, f"{prefix}_{self.name}")

    def recent(self, prefix):
        """The last values; None where it has not been measured so often."""
        values = self.values(prefix)[-LASTED:]
        return values if len(values) == LASTED else None

    def told(self, prefix, rule):
        value = self.values(prefix)[-1]
        return ((f"{prefix}_{self.name} {_short(value)}", rule),)

    def faults(self):
        """The lights of all that is wrong."""
        kinds = (
            self._collapsed,
            self._unchanged,
            self._inverted,
            self._checkered,
            self._mush,
            self._noisy,
        )
        return [light for light in (kind() for kind in kinds) if light]

    def verdict(self):
        """The light where no fault is known: good, or what lacks for that."""
        known = {prefix: self.recent(prefix) for prefix in MEASURES}
        known = {prefix: values for prefix, values in known.items() if values}
        if not {"variety", "detail", "contrast"} <= set(known):
            return None  # too little to call anything good
        wanting = [
            prefix
            for prefix, values in known.items()
            if not all(map(MEASURES[prefix].fits, values))
        ]
        measured = tuple(
            pair
            for prefix in wanting or known
            for pair in self.told(prefix, f"good: {MEASURES[prefix].range}")
        )
        if wanting:
            return Light(
                "watch",
                f"Not there yet: {self.title}",
                "By these numbers the pictures are not yet what real ones "
                "are. More epochs often help; the slider shows whether they "
                "still do.",
                measured,
            )
        if "error" in known:
            return Light(
                "good",
                f"Close to the truth: {self.title}",
                "Translations of the samples are at "
                f"{_percent(known['error'][-1])} of the error that doing "
                "nothing has, and no fault was measured in them. `kgt "
                "evaluate` measures all that is held out.",
                measured,
            )
        return Light(
            "good",
            f"No fault measured: {self.title}",
            "The samples are as varied, as sharp and as rich in contrast as "
            "real pictures, without a grid, and are not their sources. Whether "
            "they show what they should only looking tells, or `kgt "
            "evaluate`.",
            measured,
        )

    def _collapsed(self):
        recent, values = self.recent("variety"), self.values("variety")
        if recent is None or max(recent) >= COLLAPSED:
            return None
        share = _percent(recent[-1])
        measured = self.told("variety", f"collapse: below {COLLAPSED:g}")
        if max(values) > VARIED:
            return Light(
                "trouble",
                f"Collapse: {self.title}",
                "For three epochs different sources have become nearly the "
                f"same picture, with {share} of the variety of real ones, "
                "though they once were varied. best/ may hold a better epoch; "
                "train again with another --seed or a larger --loss-weight "
                "cycle.",
                measured,
            )
        if len(values) < YOUNG:
            return None
        return Light(
            "watch",
            f"Little variety: {self.title}",
            "Different sources still give nearly the same picture, with "
            f"{share} of the variety of real ones. If ten more epochs do "
            "not change that, train again with another --seed.",
            measured,
        )

    def _unchanged(self):
        recent = self.recent("change")
        least = UNCHANGED if self.differs else UNEDITED
        if recent is None or max(recent) >= least:
            return None
        return Light(
            "watch" if len(self.values("change")) < YOUNG else "trouble",
            f"It changes nothing: {self.title}",
            "For three epochs translations have been their sources, or nearly "
            f"so: they moved by {_percent(recent[-1])} of the way to a real "
            "picture of the target. In the first epochs that is usual; later, "
            "lower --loss-weight identity and --loss-weight cycle, or check "
            "that the two domains differ in what you want translated.",
            self.told("change", f"unchanged: below {least:g}"),
        )

    def _inverted(self):
        recent = self.recent("likeness")
        if self.aligned or recent is None or max(recent) >= INVERTED:
            return None
        return Light(
            "watch",
            f"Inverted colours: {self.title}",
            "For three epochs what is bright in the source has been dark "
            f"in the translation (correlation {recent[-1]:.2f}). A larger "
            "--loss-weight identity, or another --seed, prevents it.",
            self.told("likeness", f"inverted: below {INVERTED:g}"),
        )

    def _checkered(self):
        recent = self.recent("checkerboard")
        if recent is None or min(recent) <= CHECKERED:
            return None
        return Light(
            "watch",
            f"Checkerboard: {self.title}",
            "For three epochs a grid of two or four pixels has stood out of "
            f"the pictures, {recent[-1]:.1f} times as much as in real ones. "
            "It mostly fades with training; what stays comes of upsampling by "
            "transposed convolution: take a model that enlarges first and then "
            "convolves, such as ugatit or munit.",
            self.told("checkerboard", f"a grid: above {CHECKERED:g}"),
        )

    def _mush(self):
        measured, what = (), []
        for prefix, least, words in (
            ("detail", BLURRED, "fine structure"),
            ("contrast", PALE, "contrast between their parts"),
        ):
            recent = self.recent(prefix)
            if recent is not None and max(recent) < least:
                measured += self.told(prefix, f"mush: below {least:g}")
                what.append(f"{_percent(recent[-1])} of the {words}")
        if not measured:
            return None
        return Light(
            "watch",
            f"Mush: {self.title}",
            f"Translations have {' and '.join(what)} of real pictures. In the "
            "first epochs that is usual; later, train longer, lower the weight "
            "of the pixel loss (--loss-weight l1 or cycle), or give it more "
            "--filters.",
            measured,
        )

    def _noisy(self):
        recent = self.recent("detail")
        if recent is None or min(recent) <= NOISY:
            return None
        return Light(
            "watch",
            f"Noise: {self.title}",
            f"Translations have {recent[-1]:.1f} times the fine structure of "
            "real pictures. In the first epochs that is usual; later, train "
            "with a lower learning rate, or go back to best/.",
            self.told("detail", f"noise: above {NOISY:g}"),
        )


def _not_numbers(results):
    for row in results:
        # What pictures measure may be nothing in some epochs.
        bad = sorted(
            name
            for name, value in row.items()
            if not math.isfinite(value)
            and not name.startswith("score_")
            and not measure_of(name)
        )
        if bad:
            return Light(
                "trouble",
                "Losses are not numbers",
                f"Since epoch {row['epoch']:.0f} {', '.join(bad[:3])} "
                f"{'is' if len(bad) == 1 else 'are'} not finite. Start again "
                "with --clipnorm 1, and with --precision float32 or "
                "mixed_bfloat16 if it was mixed_float16.",
            )
    return None  # to be finite is nothing to praise


def _standing_still(results):
    names = _names(results, "movement_")
    recent = [_column(results, name)[-LASTED:] for name in names]
    if not names or any(
        len(values) < LASTED or max(values) >= STILL for values in recent
    ):
        return None
    return Light(
        "trouble",
        "Nothing is learnt",
        "For three epochs the samples have not moved by a hundredth of a "
        "level. The learning rate is 0 or far too small, the networks' "
        "outputs are saturated, or the losses are not numbers: start again, "
        "with the model's own learning rate.",
        tuple(
            (f"{name} {_short(values[-1])}", f"still: below {STILL:g}")
            for name, values in zip(names, recent)
        ),
    )


def _discriminator(results):
    judged = _column(results, "discriminator_adversarial")
    fooled = _column(results, "generator_adversarial")
    if len(judged) <= WINDOW or not judged[0] > 0:
        return None
    recent = judged[-WINDOW:]
    shares = [value / judged[0] for value in recent]
    told = [
        (
            f"discriminator_adversarial {_short(recent[-1])}, "
            f"{_percent(shares[-1])} of its first",
            f"too strong: below {_percent(STRONG)}",
        )
    ]
    leads = []
    # Of a critic, which has no zero, the ratio would mean nothing.
    if len(fooled) == len(judged) and min(judged[-WINDOW:]) > 0:
        leads = [
            theirs / ours for theirs, ours in zip(fooled[-WINDOW:], recent)
        ]
        told.append(
            (
                f"generator_adversarial {_short(fooled[-1])}, "
                f"{leads[-1]:.1f} times that",
                f"too strong: above {LEAD:g} times",
            )
        )
    if max(shares) < STRONG or (leads and min(leads) > LEAD):
        return Light(
            "trouble",
            "The discriminators are too strong",
            f"For {WINDOW} epochs they have told nearly every picture apart, "
            "and the generators learn little from them. More training images "
            "help most; a model with fewer --filters memorises less; a "
            "discriminator with a learning rate of its own needs a lower one.",
            tuple(told),
        )
    moving = max(recent) - min(recent) > 0.01 * max(recent)
    fair = not leads or max(leads) < LEAD / 2
    alive = not leads or fooled[-1] > STRONG * fooled[0]
    if min(shares) > 2 * STRONG and moving and fair and alive:
        return Light(
            "good",
            "Neither side has won",
            f"The discriminators' loss is at {_percent(shares[-1])} of its "
            "first epoch's, and still moves. That is the game alone: it says "
            "nothing about the pictures.",
            tuple(told),
        )
    return None


def _overfitting(results):
    for name in sorted({name for row in results for name in row}):
        checked = _column(results, f"val_{name}")
        trained = _column(results, name)
        if not len(checked) == len(trained) == len(results):
            continue
        player, _, loss = name.partition("_")
        judges = loss == "adversarial" and player == "discriminator"
        if not judges and (loss not in CONTENT or player == "discriminator"):
            continue
        risen = RISEN_GAME if judges else RISEN
        best = checked.index(min(checked))
        lasted = len(checked) - 1 - best
        if (
            lasted >= WINDOW
            and checked[best] > 0
            and min(checked[-LASTED:]) > risen * checked[best]
            and trained[-1] < trained[best]
        ):
            who = "The discriminators learn" if judges else "It learns"
            return Light(
                "watch",
                f"{who} the training images by heart",
                f"On validation images {name} was lowest in epoch "
                f"{results[best]['epoch']:.0f} and has risen by "
                f"{_percent(checked[-1] / checked[best] - 1)} since, while "
                "it fell in training. best/ may hold that epoch; more images, "
                "or fewer --filters, help.",
                (
                    (
                        f"val_{name} {_short(checked[-1])}, lowest "
                        f"{_short(checked[best])}",
                        f"by heart: above {risen:g} times its lowest",
                    ),
                    (
                        f"{name} {_short(trained[-1])}, then "
                        f"{_short(trained[best])}",
                        "by heart: below what it was then",
                    ),
                ),
            )
    return None


def _directions(results):
    """The directions of which pictures were measured."""
    names = sorted({name for row in results for name in row})
    return dict.fromkeys(
        found[1] for found in map(measure_of, names) if found is not None
    )


def _column(results, name):
    """The values of a loss in the epochs that have it."""
    return [row[name] for row in results if name in row]


def _names(results, prefix):
    names = {name for row in results for name in row}
    return sorted(name for name in names if name.startswith(prefix))


def _short(value):
    return f"{value:.3g}"


def _percent(share):
    return f"{100 * share:.0f} %"


def _named(name):
    """Domains have letters, other things a name."""
    return name.upper() if len(name) == 1 else name
