"""Whether what belongs together fits: pairs, label maps, holes."""

import numpy as np

from keras_gan_translate.data.doctor.finding import Finding, check, many
from keras_gan_translate.support.messages import shorten

OFF = 0.02  # of the ratio of sides; rounding of odd sizes stays below
LEAST = 16  # pairs of which anything is said
WORDS = {"label_map": "label map", "instances": "instance map", "mask": "hole"}


@check
def misfits(material):
    """Files that belong together and differ in shape."""
    wrong = {}
    for key, other in (
        ("label_map", "image"),
        ("instances", "image"),
        ("mask", "image"),
        ("saliency", "image"),
        ("a", "b"),
    ):
        # Of unpaired data nothing belongs to anything.
        if material.halves or (key == "a" and not material.kind.aligned):
            continue
        for one, photo in material.rows(key, other):
            if photo.header is None:
                continue
            ratio = one.width * photo.height / (one.height * photo.width)
            if abs(ratio - 1) > OFF:
                wrong[one.path] = (
                    f"{WORDS.get(key, 'it')} of {one.width} x {one.height}, "
                    f"{photo.path.name} of {photo.width} x {photo.height}"
                )
    if wrong:
        yield Finding(
            "misfits",
            "trouble",
            f"{many(len(wrong), 'file')} of another shape than what belongs to "
            f"it: {shorten([f'{p.name} ({w})' for p, w in wrong.items()], 2)}"
            ".",
            len(wrong),
            tuple(wrong),
            wrong,
            advice="They do not show the same, or one was turned, cut or "
            "squeezed. Make them anew from the photo, or set both aside.",
            command="aside",
        )


@check
def strangers(material):
    """Pairs that are no more alike than if they were shuffled."""
    if material.kind is None or material.kind.name != "paired":
        return
    if material.halves:
        thumbs = [seen.thumb for seen in material.seen(material.first)]
        half = thumbs[0].shape[1] // 2 if thumbs else 0
        pairs = [(thumb[:, :half], thumb[:, half:]) for thumb in thumbs]
    else:
        pairs = [(a.thumb, b.thumb) for a, b in material.rows("a", "b")]
    pairs = pairs[:2000]
    if len(pairs) < LEAST:
        return
    sides = [np.stack(side) for side in zip(*pairs)]
    # A garment has not the outlines of who wears it, but its colours.
    share = max(
        _nearer_to_their_own(*map(_outlines, sides)),
        _nearer_to_their_own(*map(_colours, sides)),
    )
    if share < 0.6:
        yield Finding(
            "pairs_unrelated",
            "watch",
            "The pairs do not look as if they belonged together: by outlines "
            f"and colours {share:.0%} of A are nearer to their own B than to "
            "another, and 50% would be if they were shuffled.",
            len(pairs),
            advice="Equal names are not enough; look at the sheet. If they are "
            "no pairs, train a model of unpaired data.",
        )


@check
def holes(material):
    """Masks without a hole, of shades of gray, or the other way round."""
    looks = material.seen_maps("mask")
    if not looks:
        return
    shares, soft, empty = {}, [], []
    for seen in looks:
        largest = max(seen.ids)
        white = 127 if largest > 1 else 0  # as the reader takes it
        total = sum(seen.ids.values())
        holes_ = sum(n for i, n in seen.ids.items() if i > white)
        between = sum(n for i, n in seen.ids.items() if 8 < i < 247)
        shares[seen.path] = holes_ / total
        if largest > 1 and between > 0.05 * total:
            soft.append(seen.path)
        if not holes_:
            empty.append(seen.path)
    full = [path for path, share in shares.items() if share == 1]
    if empty or full:
        files = (*empty, *full)
        yield Finding(
            "masks_without_holes",
            "trouble",
            f"{len(empty)} of {len(looks)} masks have no hole and {len(full)} "
            "nothing else.",
            len(files),
            files,
            advice="White is what is missing. Black ones teach nothing, white "
            "ones are passed over.",
            command="aside",
        )
    if soft:
        yield Finding(
            "soft_masks",
            "watch",
            f"{len(soft)} of {len(looks)} masks are not black and white.",
            len(soft),
            tuple(soft),
            advice="What is brighter than the middle counts as a hole. Draw "
            "them without soft edges, and not as JPEG.",
        )
    middle = float(np.median(list(shares.values())))
    if 0.5 < middle < 1:
        yield Finding(
            "inverted_masks",
            "watch",
            f"Half of the masks have a hole of {middle:.0%} of the picture "
            "or more.",
            len(looks),
            advice="Perhaps they are the other way round: white is what is "
            "missing. `magick mogrify -negate FILES` turns a copy of them.",
        )


def _nearer_to_their_own(first, second):
    """The share of rows that are nearer to their own than to some others."""
    own = np.sum(first * second, axis=1)
    others = [
        np.sum(first * np.roll(second, turn, axis=0), axis=1)
        for turn in (1, 3, 7)
    ]
    return float(np.mean(own > np.mean(others, axis=0)))


def _outlines(thumbs):
    """Where it is uneven: rows of length 1."""
    gray = thumbs.astype("float32").mean(axis=-1)
    steps = np.abs(np.diff(gray, axis=1))[:, :, :-1]
    return _unit(steps + np.abs(np.diff(gray, axis=2))[:, :-1])


def _colours(thumbs):
    """The mean colour, against that of all pictures."""
    colours = thumbs.astype("float32").mean(axis=(1, 2))
    return _unit(colours - colours.mean(axis=0))


def _unit(values):
    flat = values.reshape(len(values), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    return flat / np.maximum(lengths, 1e-6)
