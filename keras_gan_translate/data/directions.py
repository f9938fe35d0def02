"""Which of two sets of images is A, the source, as their names tell."""

import re

# What people call the two; the first is translated into the second.
SOURCES = frozenset(
    "before input inputs source src original lq lr low lowres bad noisy noise "
    "blur blurred blurry hazy haze fog foggy rain rainy degraded damaged "
    "compressed conditioning raw".split()
)
TARGETS = frozenset(
    "after output outputs target targets tgt edited result results gt hq hr "
    "high highres good truth groundtruth clean clear sharp enhanced restored "
    "denoised retouched".split()
)
# Drawings, and the pictures that they are made into.
DRAWINGS = frozenset(
    "sketch sketches edge edges line lines lineart drawing drawings".split()
)
PICTURES = frozenset("image images img imgs photo photos picture".split())
# What is known of each pixel of a picture; either is made of the other.
MAPS = frozenset(
    "label labels mask masks depth normal normals seg segmentation parsing "
    "pose poses annotation annotations".split()
)
CARTOONS = frozenset(
    "cartoon cartoons anime comic comics toon toons manga painting "
    "paintings illustration illustrations art".split()
)


def in_order(names, words=((SOURCES, TARGETS),)):
    """The two names as (source, target), if they tell.

    Args:
        names: two, of folders or of columns.
        words: pairs of sets, what sources are called and what targets are.

    Returns:
        The names in their order, or None where they say nothing.
    """
    one, other = names
    for sources, targets in words:
        for source, target in ((one, other), (other, one)):
            if _is_of(source, sources, targets) and _is_of(
                target, targets, sources
            ):
                return source, target
    return None


def belong_together(names):
    """Whether two names are those of parts: A and B, before and after."""
    words = [words_of(name) for name in names]
    return (
        {"".join(sorted(found)) for found in words} == {"a", "b"}
        or in_order(names) is not None
        or all(found & (DRAWINGS | MAPS | PICTURES) for found in words)
    )


def words_of(name):
    """The words of a name, in lower case: "DIV2K_train_HR" has three."""
    return {word.lower() for word in re.split(r"[\W_]+", str(name))}


def _is_of(name, words, others):
    found = words_of(name)
    return bool(found & words) and not found & others
