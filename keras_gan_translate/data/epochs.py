"""Which images, crops and flips an epoch consists of, and its batches.

Everything is a function of (seed, epoch, position), nothing of what was drawn
before, so a run can go on at any epoch as if it had never stopped. NumPy only.
"""

import threading
import weakref

import numpy as np

from keras_gan_translate.data.images import to_float

_first_epoch = 0
_sources = weakref.WeakSet()


def resume_at(epoch):
    """Says which epoch the next iteration over every data set is.

    A data set of this library counts how often it was iterated, and its order
    and augmentation are those of that epoch. A new process that calls
    `resume_at(7)` goes on like one that has seen epochs 0 to 6. Holds for data
    sets that exist and for those still to be made. Call it before each epoch
    to be safe from Keras, which on JAX and under `tf.distribute` looks at a
    batch before the first one.

    Args:
        epoch: Number of the next epoch, from 0.

    Raises:
        ValueError: `epoch` is negative.
    """
    global _first_epoch
    if epoch < 0:
        raise ValueError(f"epoch must be 0 or more, received {epoch}.")
    _first_epoch = int(epoch)
    for source in tuple(_sources):
        source.next_epoch = _first_epoch


class BatchSource:
    """Makes batches of two domains by epoch and position.

    An epoch has as many positions as the larger domain has images; the smaller
    one is repeated, in another order each time.

    Args:
        a: Images of domain A, uint8 or float32 array of shape
            (count, height, width, 3).
        b: Images of domain B, likewise.
        paired: `a[i]` and `b[i]` belong together: they share order, crop and
            flip.
        size: (height, width) of the crops.
        augment: Crop and flip at random.
        shuffle: Draw a new order in every epoch.
        seed: Another seed, other orders, crops and flips.
    """

    def __init__(self, a, b, paired, size, augment, shuffle, seed):
        self.images = {"a": a, "b": b}
        self.paired = paired
        self.size = size
        self.augment = augment
        self.shuffle = shuffle
        self.seed = seed
        self.length = max(len(a), len(b))
        self.next_epoch = _first_epoch
        self._plan = None, None  # epoch, what `_draw_plan` returned
        self._lock = threading.Lock()
        _sources.add(self)

    def start_epoch(self):
        """The number of the epoch that begins; counts on."""
        with self._lock:
            epoch = self.next_epoch
            self.next_epoch += 1
        return np.int64(epoch)

    def batch(self, epoch, positions):
        """The images at some positions of an epoch.

        Args:
            epoch: Number of the epoch, from 0.
            positions: Integers in [0, length).

        Returns:
            `(a, b)`, float32 arrays in [-1, 1] of shape
            (len(positions), *size, 3).
        """
        plan = self._epoch_plan(int(epoch))
        return tuple(
            self._gather(self.images[domain], *plan[domain], positions)
            for domain in ("a", "b")
        )

    def _epoch_plan(self, epoch):
        with self._lock:
            if self._plan[0] != epoch:
                self._plan = epoch, self._draw_plan(epoch)
            return self._plan[1]

    def _draw_plan(self, epoch):
        """{domain: (image, top, left and flip of every position)}."""
        plan = {}
        for stream, domain in enumerate(("a", "b")):
            if domain == "b" and self.paired:
                plan["b"] = plan["a"]
                break
            # RandomState, because its streams are frozen for ever (NEP 19):
            # a run resumed under another NumPy goes on with the same data.
            seeds = np.random.SeedSequence([self.seed, epoch, stream])
            random = np.random.RandomState(np.random.MT19937(seeds))
            images = self.images[domain]
            rounds = -(-self.length // len(images))
            orders = [
                random.permutation(len(images))
                if self.shuffle
                else np.arange(len(images))
                for _ in range(rounds)
            ]
            order = np.concatenate(orders)[: self.length]
            room = np.array(images.shape[1:3]) - self.size
            if self.augment:
                crops = random.randint(0, [*room + 1, 2], (self.length, 3))
            else:
                crops = np.tile([*room // 2, 0], (self.length, 1))
            plan[domain] = order, crops
        return plan

    def _gather(self, images, order, crops, positions):
        height, width = self.size
        batch = np.empty((len(positions), height, width, 3), images.dtype)
        for row, position in enumerate(positions):
            top, left, flip = crops[position]
            image = images[order[position]]
            image = image[top : top + height, left : left + width]
            batch[row] = image[:, ::-1] if flip else image
        return to_float(batch) if batch.dtype == "uint8" else batch
