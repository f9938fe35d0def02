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
    """Makes batches of images by epoch and position.

    Images come in groups, one per domain; what is in one group belongs
    together and shares order, crop and flip. An epoch has as many positions as
    the largest group has images; the smaller ones are repeated, in another
    order each time.

    Args:
        groups: List of dicts, key of the batch -> images: uint8 or float32
            array of shape (count, height, width, 3), or a list of uint8 arrays
            of shape (height, width, 3), which may differ in size.
        size: (height, width) of the crops.
        augment: Crop and flip at random.
        shuffle: Draw a new order in every epoch.
        seed: Another seed, other orders, crops and flips.
        derive: Function that makes further images of a batch, from the dict of
            its crops to a dict; None makes none.
    """

    def __init__(self, groups, size, augment, shuffle, seed, derive=None):
        self.groups = groups
        self.size = size
        self.augment = augment
        self.shuffle = shuffle
        self.seed = seed
        self.derive = derive
        self.length = max(
            len(images) for group in groups for images in group.values()
        )
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
            Dict in the order of its keys, float32 arrays in [-1, 1] of shape
            (len(positions), height, width, 3).
        """
        batch = {}
        for group, plan in zip(self.groups, self._epoch_plan(int(epoch))):
            for key, images in group.items():
                batch[key] = self._gather(images, *plan, positions)
        if self.derive is not None:
            batch |= self.derive(batch)
        return {
            key: to_float(batch[key])
            if batch[key].dtype == "uint8"
            else batch[key]
            for key in sorted(batch)
        }

    def _epoch_plan(self, epoch):
        with self._lock:
            if self._plan[0] != epoch:
                self._plan = epoch, self._draw_plan(epoch)
            return self._plan[1]

    def _draw_plan(self, epoch):
        """(image, (top, left, flip)) of every position, for every group."""
        plan = []
        for stream, group in enumerate(self.groups):
            # RandomState, because its streams are frozen for ever (NEP 19):
            # a run resumed under another NumPy goes on with the same data.
            seeds = np.random.SeedSequence([self.seed, epoch, stream])
            random = np.random.RandomState(np.random.MT19937(seeds))
            images = next(iter(group.values()))
            rounds = -(-self.length // len(images))
            orders = [
                random.permutation(len(images))
                if self.shuffle
                else np.arange(len(images))
                for _ in range(rounds)
            ]
            order = np.concatenate(orders)[: self.length]
            sizes = np.array([image.shape[:2] for image in images])
            room = (sizes - self.size)[order]
            crops = np.zeros((self.length, 3), int)
            if self.augment:
                # The flip is drawn beside the crop, from 0 and 1.
                ends = np.column_stack([room + 1, np.full(self.length, 2)])
                crops = random.randint(0, ends)
            else:
                crops[:, :2] = room // 2
            plan.append((order, crops))
        return plan

    def _gather(self, images, order, crops, positions):
        height, width = self.size
        gathered = []
        for position in positions:
            top, left, flip = crops[position]
            image = images[order[position]]
            image = image[top : top + height, left : left + width]
            gathered.append(image[:, ::-1] if flip else image)
        return np.stack(gathered)
