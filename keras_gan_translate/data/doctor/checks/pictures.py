"""Sizes, proportions, modes: what becomes of pictures when they are read."""

import collections

import numpy as np

from keras_gan_translate.data.doctor.finding import Finding, check, many
from keras_gan_translate.data.doctor.likeness import spread
from keras_gan_translate.data.doctor.looking import THUMB
from keras_gan_translate.support.messages import shorten

# Where nobody has said a size: pictures that would be enlarged by more than
# half again are soft beside the others, and nobody trains below 64 pixels on
# purpose.
ENLARGED = 1.5
LEAST = 64
LONG = 2.0  # sides' ratio: half of the picture would be cut off
PLAIN = 3.0  # levels by which a picture of one colour may differ
# Levels by which red, green and blue of a gray picture differ, after JPEG.
GRAY = 4.0


@check
def small(material):
    """Pictures that would be enlarged."""
    looks = material.seen()
    if not looks or (material.kind and not material.kind.resizes):
        return
    parts = 2 if material.halves else 1
    shorts = {s.path: min(s.height, s.width // parts) for s in looks}
    size = material.image_size
    if size is not None:
        least = size
    else:
        size = min(256, int(np.median(list(shorts.values()))))
        least = max(size / ENLARGED, LEAST)
    files = [path for path, short in shorts.items() if short < least]
    if not files:
        return
    usual = int(np.quantile(list(shorts.values()), 0.1))
    fitting = max(32, usual // 32 * 32)
    yield Finding(
        "small_images",
        "watch",
        f"{len(files)} of {len(looks)} pictures have a shorter side of less "
        f"than {least:.0f} pixels; the smallest has {min(shorts.values())}.",
        len(files),
        tuple(sorted(files, key=shorts.get)),
        {path: f"{shorts[path]} pixels" for path in files},
        advice="They are enlarged, and a network learns the blur. Find larger "
        f"ones, set them aside, or train at a size that nine of ten have: "
        f"--image-size {fitting}.",
        command="aside" if len(files) < len(looks) / 2 else "",
    )


@check
def proportions(material):
    """Pictures of which half and more is cut off."""
    if material.kind is None or not material.kind.resizes:
        return
    parts = 2 if material.halves else 1
    ratios = {}
    for seen in material.seen():
        width = seen.width / parts
        ratios[seen.path] = max(width, seen.height) / min(width, seen.height)
    files = [path for path, ratio in ratios.items() if ratio > LONG]
    if files:
        yield Finding(
            "long_images",
            "watch",
            f"{len(files)} of {len(ratios)} pictures are more than {LONG:g} "
            f"times as long as wide; the longest {max(ratios.values()):.1f} "
            "times.",
            len(files),
            tuple(sorted(files, key=ratios.get, reverse=True)),
            {path: f"{ratios[path]:.1f} : 1" for path in files},
            advice="Training takes the square in the middle, less than half of "
            "them. Cut out what is to be seen, or train with --how letterbox.",
        )


@check
def rotated(material):
    """Pictures that EXIF turns."""
    files = [s.path for s in material.seen() if s.header.rotated]
    if files:
        yield Finding(
            "rotated_by_exif",
            "note",
            f"{many(len(files), 'picture')} stored on the side or mirrored, "
            "as EXIF says: read upright.",
            len(files),
            tuple(files),
            advice="Nothing to do here; other programs may show them lying.",
        )


@check
def modes(material):
    """Pictures that are not plain RGB of 8 bits."""
    words = collections.Counter()
    files = []
    for seen in material.seen():
        word = _mode(seen.header)
        if word:
            words[word] += 1
            files.append(seen.path)
    if not files:
        return
    counts = [f"{count} {word}" for word, count in words.most_common()]
    yield Finding(
        "pixel_modes",
        "note",
        f"{many(len(files), 'picture')} of other pixels than plain colours: "
        f"{', '.join(counts)}.",
        len(files),
        tuple(files),
        advice="They are converted when they are read: transparency lies on "
        "white, 16 bits become 8. If some pictures of a domain are "
        "transparent and others are not, their white is learned.",
    )


@check
def gray(material):
    """Gray pictures among coloured ones."""
    sentences, files, worst = [], [], "note"
    for split, part in material.parts:
        looks = material.seen(split, part)
        grays = [_colour(seen.thumb) < GRAY for seen in looks]
        few = sum(grays) <= len(looks) / 2
        odd = [s.path for s, is_gray in zip(looks, grays) if is_gray == few]
        if not odd:
            continue
        sentences.append(
            f"{len(odd)} of {len(looks)} pictures of "
            f"{material.name_of(split, part)} are "
            f"{'gray' if few else 'coloured'}, the others "
            f"{'coloured' if few else 'gray'}"
        )
        files += odd
        # One old photo in a hundred is no fault.
        if len(odd) > 0.01 * len(looks):
            worst = "watch"
    if files:
        yield Finding(
            "gray_images",
            worst,
            f"{'; '.join(sentences)}.",
            len(files),
            tuple(files),
            advice="A network learns to take the colour away, or to make it "
            "up. Keep one sort.",
            command="aside",
        )


@check
def blank(material):
    """Pictures of one colour."""
    looks = material.seen()
    if not looks:
        return
    spreads = spread(np.stack([seen.thumb for seen in looks]))
    files = [s.path for s, value in zip(looks, spreads) if value < PLAIN]
    if files:
        yield Finding(
            "blank_images",
            "watch",
            f"{many(len(files), 'picture')} of nothing but one colour: "
            f"{shorten([path.name for path in files], 3)}.",
            len(files),
            tuple(files),
            advice="Set them aside.",
            command="aside",
        )


def _mode(header):
    """What a picture is that is not plain, in a word or two; else ""."""
    if header.transparent:
        return "with transparency"
    if header.mode.startswith("I") or header.mode == "F":
        return "of 16 bits or more"
    words = {"L": "gray", "LA": "gray", "1": "black and white", "P": "palette"}
    if header.mode in words:
        return words[header.mode]
    return "" if header.mode == "RGB" else header.mode


def _colour(thumb):
    """How far red, green and blue are apart: levels, of the upper tenth."""
    return float(np.quantile(np.ptp(thumb.reshape(THUMB**2, 3), axis=1), 0.9))
