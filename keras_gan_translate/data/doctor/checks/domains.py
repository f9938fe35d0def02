"""Whether there is something to translate, and what would be learned first."""

import itertools

import numpy as np

from keras_gan_translate.data.doctor.finding import Finding, check
from keras_gan_translate.data.doctor.looking import THUMB
from keras_gan_translate.data.images import to_float

LEAST = 20  # pictures of each domain of which anything is said
ENOUGH = 50  # so many that a difference, if there is one, shows
MOST = 300  # pictures of a domain that are compared
# A domain's mean differs from the other's by so many standard deviations of
# single pictures: 0.8 is what Cohen (1988) calls large, and then who knows
# nothing but that number names the domain in 66% of cases.
LARGE = 0.8
SURE = 4.0  # and by so many standard errors, so that it is no accident
SHUFFLES = 199
# A share of shuffled domains that differ as much; of equal ones any is as
# likely.
UNCERTAIN = 0.2

# Title, what more of it is called, what less, and what it is.
CASTS = (
    ("brightness", "brighter", "darker"),
    ("red against blue", "redder", "bluer"),
    ("green against magenta", "greener", "more magenta"),
    ("colourfulness", "more colourful", "paler"),
)
MOST_TOLD = 3  # pairs of many domains


@check
def casts(material):
    """Colours by which alone the domains are told apart."""
    sentences = []
    for one, other in _pairs(material):
        first, second = (_colours(material, part) for part in (one, other))
        if min(len(first), len(second)) < LEAST:
            continue
        difference = second.mean(axis=0) - first.mean(axis=0)
        usual = np.sqrt((first.var(axis=0) + second.var(axis=0)) / 2)
        effect = difference / np.maximum(usual, 1e-3)
        certain = SURE * np.sqrt(1 / len(first) + 1 / len(second))
        strong = np.flatnonzero(np.abs(effect) >= max(LARGE, certain))
        order = strong[np.argsort(-np.abs(effect[strong]))]
        words = [
            f"{CASTS[i][1] if effect[i] > 0 else CASTS[i][2]} "
            f"({abs(difference[i]):.0f} levels, {abs(effect[i]):.1f} standard "
            "deviations)"
            for i in order
        ]
        if words:
            sentences.append(f"{other} is {' and '.join(words)} than {one}")
    if sentences:
        yield Finding(
            "colour_casts",
            "watch",
            "; ".join(sentences[:MOST_TOLD]) + ".",
            len(sentences),
            advice="This is what a network learns first, and maybe all. If "
            "colours are what is to be translated, all is well; if not, "
            "balance them (white balance, exposure) before training.",
        )


@check
def alike(material):
    """Domains that nothing tells apart."""
    if material.quick:
        return
    random = np.random.RandomState(0)
    sentences = []
    for one, other in _pairs(material):
        first, second = (_features(material, part) for part in (one, other))
        if min(len(first), len(second)) < ENOUGH:
            continue
        share = _chance(first, second, random)
        if share > UNCERTAIN:
            sentences.append(f"{one} from {other} ({share:.0%})")
    if sentences:
        yield Finding(
            "domains_alike",
            "watch",
            f"Nothing tells {', or '.join(sentences[:MOST_TOLD])}: in colours, "
            "sharpness, contrast and composition they differ no more than "
            "random halves of one set do (of which that share differs more).",
            len(sentences),
            advice="If they show the same sort of pictures there is nothing to "
            "translate. Look at the sheet: are the folders what their names "
            "say?",
        )


def _pairs(material):
    """Pairs of domains; of many only the neighbours."""
    names = material.domains
    if len(names) <= 4:
        return itertools.combinations(names, 2)
    return zip(names, names[1:])


def _colours(material, part):
    """(pictures, numbers as in `CASTS`) of what is trained on."""
    looks = material.seen(material.first, part)
    if not looks:
        return np.zeros((0, len(CASTS)))
    means = np.stack([seen.thumb.mean(axis=(0, 1)) for seen in looks])
    red, green, blue = means.T
    ranges = [np.ptp(seen.thumb.astype(int), axis=-1).mean() for seen in looks]
    return np.stack(
        [means.mean(axis=1), red - blue, green - (red + blue) / 2, ranges], -1
    )


def _features(material, part):
    """(pictures, numbers) that say how a picture looks, not what it shows."""
    looks = material.seen(material.first, part)
    # Any of them, for those of a folder come from many sources in turn.
    random = np.random.RandomState(0)
    looks = [looks[i] for i in random.permutation(len(looks))[:MOST]]
    rows = []
    for seen in looks:
        pixels = to_float(seen.thumb)
        gray = pixels.mean(axis=-1)
        steps = [np.abs(np.diff(gray, axis=a)) for a in (0, 1)]
        coarse = gray.reshape(4, THUMB // 4, 4, THUMB // 4).mean(axis=(1, 3))
        rows.append(
            np.concatenate(
                [
                    pixels.mean(axis=(0, 1)),
                    pixels.std(axis=(0, 1)),
                    [np.ptp(pixels, axis=-1).mean()],
                    [step.mean() for step in steps],
                    [(step < 0.01).mean() for step in steps],
                    [np.quantile(gray, q) for q in (0.05, 0.95)],
                    [np.log(seen.width / seen.height)],
                    coarse.ravel() / 2,
                ]
            )
        )
    return np.array(rows)


def _chance(first, second, random):
    """Share of shuffles after which two sets are farther apart.

    By their energy distance, Szekely and Rizzo 2013, eq. 6.
    """
    both = np.concatenate([first, second])
    both = both / np.maximum(both.std(axis=0), 1e-3)
    squares = (both**2).sum(axis=1)
    apart = squares[:, None] + squares - 2 * both @ both.T
    apart = np.sqrt(np.maximum(apart, 0))
    labels = np.repeat([1.0, 0.0], [len(first), len(second)])
    # The first is as it is.
    labels = np.stack(
        [labels, *(random.permutation(labels) for _ in range(SHUFFLES))]
    )
    one, other = labels / len(first), (1 - labels) / len(second)
    signs = one - other
    distances = -np.einsum("si,ij,sj->s", signs, apart, signs, optimize=True)
    return float((distances[1:] >= distances[0]).mean())
