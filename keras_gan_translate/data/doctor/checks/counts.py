"""How many pictures there are, and how they are shared out."""

from keras_gan_translate.data.doctor.finding import Finding, check
from keras_gan_translate.support.messages import shorten

# Small sets for which GANs were published have 100 images, and need more help
# than there is here (Zhao et al. 2020, DiffAugment). Of half of them a
# discriminator knows each.
FEW = 50
# The smaller domain is seen so often while the larger is seen once.
UNEQUAL = 3.0


@check
def few(material):
    """Domains with hardly any pictures."""
    if material.error:
        return
    split = material.first
    counts = {
        part: len(paths)
        for (of, part), paths in material.parts.items()
        if of == split
    }
    small = {part: count for part, count in counts.items() if count < FEW}
    if small:
        words = [f"{count} in {part}" for part, count in small.items()]
        yield Finding(
            "few_images",
            "watch",
            f"There are few pictures to train on: {shorten(words)}.",
            sum(small.values()),
            advice=f"Below {FEW} the discriminator knows each by heart, and "
            "what is translated then looks like one of them. Add pictures; "
            "hundreds are usual.",
        )


@check
def unequal(material):
    """Domains of which one is much larger."""
    counts = {
        part: len(material.parts[material.first, part])
        for part in material.domains
    }
    if len(counts) < 2:
        return
    small, large = min(counts, key=counts.get), max(counts, key=counts.get)
    ratio = counts[large] / max(1, counts[small])
    if ratio < UNEQUAL:
        return
    shown = (
        "the larger is seen more often"
        if "numbers" in material.splits[material.first].facts
        else f"each of {small} is shown {ratio:.0f} times in an epoch"
    )
    yield Finding(
        "unequal_domains",
        "watch",
        f"The domains are of unequal size: {large} has {counts[large]} "
        f"pictures, {small} {counts[small]}, {ratio:.1f} times fewer.",
        len(counts),
        advice=f"In training {shown}; what is learned of {small} is less "
        "certain. Add to it, or take from the other.",
    )


@check
def held_out(material):
    """Nothing to measure with."""
    if material.quick or material.only or len(material.splits) != 1:
        return
    yield Finding(
        "nothing_held_out",
        "note",
        "There is one split: nothing is held out, so that `kgt evaluate` "
        "measures on images that the model was trained with.",
        advice="Move some pictures of each domain into a test split: testA/ + "
        "testB/, or test/, beside those of training.",
    )
