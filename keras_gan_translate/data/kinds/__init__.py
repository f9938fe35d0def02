"""Kinds of data: one per file; every module of this folder is found."""

# Kinds of data in which B holds the true translation of A.
ALIGNED = ("paired", "super_resolution")


def is_aligned(name):
    """Whether the target of a kind's batch is the source's true translation.

    Args:
        name: of the kind; one that is not known is not.
    """
    return name in ALIGNED
