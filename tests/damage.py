"""What happens to files: bits that flip, ends that are lost."""

import numpy as np


def damages(content, count, seed=0):
    """Damaged copies of a file's bytes: three of four flips, else cuts.

    Args:
        content: bytes.
        count: number of copies.
        seed: another seed, other places.

    Yields:
        (what was done in words, bytes)
    """
    random = np.random.default_rng(seed)
    for number in range(count):
        place = int(random.integers(len(content)))
        if number % 4 == 3:
            yield f"cut at {place}", content[:place]
        else:
            bit = int(random.integers(8))
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            yield f"bit {bit} of byte {place}", bytes(changed)
