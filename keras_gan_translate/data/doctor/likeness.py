"""Which pictures are the same: equal ones, and nearly equal ones.

A perceptual hash (the signs of the lowest frequencies, 64 bits) says in a
moment which pairs of ten thousand pictures may be alike; alone it would call
drawn portraits copies of each other, which share their outline. So the
thumbnails of these few pairs are compared then.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from keras_gan_translate.data.doctor.looking import THUMB

# Bits of 64 in which two hashes may differ. Of real photos, portraits and
# drawings that were encoded anew (JPEG of quality 30), halved or made noisy,
# 98% and more were within 14 of the original; nine in ten cut by 5% were.
MOST_BITS = 14
# Root mean square of what remains of the difference of two thumbnails, of 255
# levels, when brightness and contrast are fitted. Encoded anew: below 7.
# Different portraits of one hand (Open Peeps, lorelei), the most alike of
# 31,000 pairs: 9.4.
SAME = 8.0
# Photos differ more than drawings do: where even the most alike of 2000 pairs
# drawn at random differ by four times as much and more, more is allowed, up to
# LOOSE. It is 12 for facades, and 8 for portraits and emoji.
SHARE, LOOSE = 0.25, 14.0
# Of the larger of the two pictures' own standard deviations: pale pictures
# differ little whatever they show.
PALE = 0.2
CUTS = (0.03, 0.05, 0.08)  # of each side, that may have been cut off
FLAT = 3.0  # levels: a picture of less has no hash
BLOCK = 512  # rows of hashes that are compared with all others at a time
MOST_PAIRS = 100_000  # that are looked at; the frames of a film have more
MOST_CUT = 5000  # of these, the most alike, for which cuts are tried
ROWS = 1024  # thumbnails that are floats at a time, 12 KiB each


def hashes(thumbs):
    """64 bits of each thumbnail.

    Args:
        thumbs: uint8 array of shape (count, THUMB, THUMB, 3).

    Returns:
        uint64 array (count,).
    """
    places = np.pi * (2 * np.arange(THUMB) + 1) / (2 * THUMB)
    cosines = np.cos(np.arange(9)[:, None] * places).astype("float32")
    # The lowest 64 but for the mean, which is brightness.
    order = np.add.outer(np.arange(9), np.arange(9)).ravel()
    lowest = np.argsort(order, kind="stable")[1:65]
    found = [np.empty(0, "uint64")]
    for start in range(0, len(thumbs), ROWS):
        part = thumbs[start : start + ROWS]
        gray = part @ np.array([0.299, 0.587, 0.114], "float32")  # BT.601
        waves = (cosines @ gray @ cosines.T).reshape(len(part), -1)[:, lowest]
        bits = waves > np.median(waves, axis=1, keepdims=True)
        packed = np.ascontiguousarray(np.packbits(bits, axis=1))
        found.append(packed.view("uint64")[:, 0])
    return np.concatenate(found)


def spread(thumbs):
    """How much a picture's pixels differ, in levels: float array (count,)."""
    parts = [np.empty(0, "float32")]
    for start in range(0, len(thumbs), ROWS):
        part = thumbs[start : start + ROWS].astype("float32")
        parts.append(part.std(axis=(1, 2)).max(axis=-1))
    return np.concatenate(parts)


def near_pairs(thumbs):
    """Pairs of pictures that are nearly the same, or mirrored.

    Args:
        thumbs: uint8 array of shape (count, THUMB, THUMB, 3).

    Returns:
        List of (one, other, whether mirrored), one < other.
    """
    if len(thumbs) < 2:
        return []
    contrast = spread(thumbs)
    lively = np.flatnonzero(contrast >= FLAT)
    if len(lively) < 2:
        return []
    most = _allowed(thumbs[lively])
    mirrored = thumbs[:, :, ::-1]
    own = hashes(thumbs[lively])
    found = {}
    for flipped, others in ((False, own), (True, hashes(mirrored[lively]))):
        ones, twos = _candidates(own, others)
        ones, twos = lively[ones], lively[twos]
        limits = PALE * np.maximum(contrast[ones], contrast[twos])
        limits = np.minimum(limits, most)
        partner = mirrored if flipped else thumbs
        alike = _differences(thumbs, partner, ones, twos, limits)
        same = alike <= limits
        for one, two in zip(ones[same], twos[same]):
            found.setdefault((int(one), int(two)), flipped)
    return [(*pair, flipped) for pair, flipped in sorted(found.items())]


def groups_of(pairs):
    """Lists of what hangs together by pairs, each sorted.

    Args:
        pairs: iterable of (one, other, ...).
    """
    root = {}

    def find(item):
        root.setdefault(item, item)
        while root[item] != item:
            root[item] = root[root[item]]
            item = root[item]
        return item

    for one, other, *_ in pairs:
        root[find(other)] = find(one)
    groups = {}
    for item in list(root):
        groups.setdefault(find(item), []).append(item)
    return sorted(sorted(group) for group in groups.values())


def _candidates(own, others):
    """Rows of pairs, first < second, whose hashes differ by few bits."""
    ones, twos, count = [], [], 0
    for start in range(0, len(own), BLOCK):
        rows = own[start : start + BLOCK, None]
        near = _bits(rows ^ others[None, start:]) <= MOST_BITS
        one, two = np.nonzero(np.triu(near, 1))
        ones.append(one + start)
        twos.append(two + start)
        count += len(one)
        if count > MOST_PAIRS:
            break
    ones, twos = np.concatenate(ones), np.concatenate(twos)
    return ones[:MOST_PAIRS], twos[:MOST_PAIRS]


if hasattr(np, "bitwise_count"):
    _bits = np.bitwise_count
else:  # NumPy 1

    def _bits(values):
        table = np.unpackbits(np.arange(256, dtype="uint8")[:, None], axis=1)
        parts = values[..., None].view("uint8")
        return table.sum(axis=1, dtype="uint8")[parts].sum(axis=-1)


def _allowed(thumbs):
    """How much two pictures may differ that are the same."""
    if len(thumbs) < 8:
        return SAME
    random = np.random.RandomState(0)
    one = random.randint(len(thumbs), size=2000)
    two = (one + random.randint(1, len(thumbs), size=2000)) % len(thumbs)
    usual = np.quantile(_residuals(thumbs, thumbs, one, two), 0.001)
    return float(np.clip(SHARE * usual, SAME, LOOSE))


def _differences(thumbs, others, ones, twos, limits):
    """The residual of each pair, also if one of the two was cut a little.

    Args:
        thumbs: as of `near_pairs`.
        others: these, or all of them mirrored.
        ones: rows of the pairs in `thumbs`.
        twos: rows of the pairs in `others`.
        limits: what is low enough for each pair, so that no cut is tried.

    Returns:
        float array, one number for each pair.
    """
    least = _residuals(thumbs, others, ones, twos)
    open_ = np.flatnonzero(least > limits)
    open_ = open_[np.argsort(least[open_], kind="stable")[:MOST_CUT]]
    if not len(open_):
        return least
    one, two = ones[open_], twos[open_]
    rows = np.unique(np.concatenate([one, two]))
    for cut in CUTS:
        for whole, other, part, of in (
            (others, thumbs, one, two),
            (thumbs, others, two, one),
        ):
            smaller = _cut(other[rows], cut)
            trial = _residuals(smaller, whole, np.searchsorted(rows, part), of)
            least[open_] = np.minimum(least[open_], trial)
    return least


def _residuals(thumbs, others, ones, twos):
    """`_residual` of many pairs, some at a time."""
    parts = [np.empty(0, "float32")]
    for start in range(0, len(ones), ROWS):
        one, two = ones[start : start + ROWS], twos[start : start + ROWS]
        parts.append(_residual(thumbs[one], others[two]))
    return np.concatenate(parts)


def _residual(ones, others):
    """What of the difference brightness and contrast do not explain."""
    x, y = (
        np.reshape(part, (len(part), -1, 3)).astype("float32")
        for part in (ones, others)
    )
    x -= x.mean(axis=1, keepdims=True)
    y -= y.mean(axis=1, keepdims=True)
    xx, yy, xy = (
        np.mean(p * q, axis=(1, 2)) for p, q in ((x, x), (y, y), (x, y))
    )
    unexplained = 1 - np.clip(xy, 0, None) ** 2 / np.maximum(xx * yy, 1e-6)
    return np.sqrt(np.clip(unexplained, 0, 1) * np.maximum(xx, yy))


def _cut(thumbs, share):
    edge = share * THUMB
    box = (edge, edge, THUMB - edge, THUMB - edge)
    return np.stack(
        [
            Image.fromarray(thumb).resize(
                (THUMB, THUMB), Image.Resampling.BICUBIC, box
            )
            for thumb in thumbs
        ]
    )
