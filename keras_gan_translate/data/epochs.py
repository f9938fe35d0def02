"""Which examples, crops and flips an epoch consists of, and its batches.

Everything is a function of (seed, epoch, position), nothing of what was drawn
before, so a run can go on at any epoch as if it had never stopped. NumPy only.
"""

import threading
import weakref

import numpy as np

from keras_gan_translate.data.augmenting import OF_PHOTOS
from keras_gan_translate.data.images import to_float, to_uint8
from keras_gan_translate.data.packed import PackedImages
from keras_gan_translate.support.messages import check_choice

AUGMENTATIONS = ("crop", "flip")

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
    """Makes batches of examples by epoch and position.

    Values come in groups, one per domain; what is in one group belongs
    together and shares order, crop and flip. An epoch has as many positions as
    the largest group has examples; the smaller ones are repeated, in another
    order each time.

    Args:
        groups: List of dicts, key of the batch -> an example each: images,
            maps and masks as an array of shape (count, height, width,
            channels), or a list of arrays (height, width, channels), which
            may differ in size; or labels and the like as an array of shape
            (count,) or (count, n).
        size: (height, width) of the crops.
        augment: Crop and flip at random; or a tuple of "crop" and "flip", and
            for photos that stand alone "scale", "occlusion" and "light", see
            `augmenting`.
        shuffle: Draw a new order in every epoch.
        seed: Another seed, other orders, crops and flips.
        derive: Function that makes further values of a batch, from the dict of
            its crops to a dict; None makes none.
        draw: Dict, key of the batch -> function (random, size) that draws a
            further value for each example: another one in every epoch, the
            same ones without `augment`.
        arrange: Function (orders, random) that returns other ones: a list of
            the examples' numbers at every position, an array for each group;
            `random` is None without `shuffle`. For groups whose examples are
            to meet certain others.
        maps: Keys whose uint8 values are numbers, not the brightness of a
            picture: they are left as they are.

    Raises:
        ValueError: What is in one group differs in number or size; or what is
            no photo alone should be changed like one.
    """

    def __init__(
        self,
        groups,
        size,
        augment,
        shuffle,
        seed,
        derive=None,
        draw=None,
        arrange=None,
        maps=(),
    ):
        for group in groups:
            _check_group(group)
        chosen = augmentations(augment)
        self.photographic = [word for word in OF_PHOTOS if word in chosen]
        if self.photographic and (maps or any(len(g) > 1 for g in groups)):
            raise ValueError(
                f"{', '.join(self.photographic)} are for photos that stand "
                "alone: what belongs to them would not change with them. "
                f"Received: {', '.join(key for g in groups for key in g)}."
            )
        self.groups = groups
        self.size = size
        self.augment = augment
        self.shuffle = shuffle
        self.seed = seed
        self.derive = derive
        self.draw = draw or {}
        self.arrange = arrange
        self.maps = maps
        self.length = max(
            len(values) for group in groups for values in group.values()
        )
        self.batch_size = 1  # of the data set that is made of it
        self.files = [None] * len(groups)  # tuples of paths, where there are
        self.next_epoch = _first_epoch
        self._passed = None, 0, {}  # epoch, positions, stand-ins by length
        self._plan = None, None  # epoch, what `_draw_plan` returned
        self._lock = threading.Lock()
        _sources.add(self)

    @property
    def decodes(self):
        """Whether images are decoded when their turn comes, which takes time.

        A batch is a function of its epoch and position, so that several can
        be made at once, in any order.
        """
        return any(
            isinstance(values, PackedImages)
            for group in self.groups
            for values in group.values()
        )

    def resume_at(self, epoch, batch=0, order=0):
        """Says where in which epoch the next iteration goes on.

        The iteration has all batches, so that it is as long as any; those
        before `batch` are stand-ins, for which nothing is read.

        Args:
            epoch: Number of the epoch, from 0.
            batch: Number of its next batch, from 0.
            order: Another number, another order and other crops than the
                epoch would have had; later epochs likewise.
        """
        epoch = epoch + (order << 32)  # a number that no other epoch has
        with self._lock:
            self.next_epoch = epoch
            self._passed = epoch, batch * self.batch_size, {}

    def files_of(self, epoch, batch):
        """What a batch consists of, in words.

        Args:
            epoch: Number of the epoch, as `start_epoch` returned it.
            batch: Number of the batch in it, from 0.

        Returns:
            List of paths; where there are none, of keys and numbers.
        """
        first = batch * self.batch_size
        positions = range(first, min(first + self.batch_size, self.length))
        named = []
        for group, files, (order, _) in zip(
            self.groups, self.files, self._epoch_plan(int(epoch))
        ):
            for example in order[positions.start : positions.stop]:
                if files is None:
                    named.append(f"{' and '.join(group)} number {example}")
                else:
                    named += [str(path) for path in files[example]]
        return named

    def start_epoch(self):
        """The number of the epoch that begins; counts on."""
        with self._lock:
            epoch = self.next_epoch
            self.next_epoch += 1
        return np.int64(epoch)

    def batch(self, epoch, positions):
        """The examples at some positions of an epoch.

        Args:
            epoch: Number of the epoch, from 0.
            positions: Integers in [0, length).

        Returns:
            Dict in the order of its keys: images as float32 arrays in [-1, 1]
            of shape (len(positions), height, width, 3), other values of their
            own type.
        """
        passed, end, stand_ins = self._passed
        if int(epoch) != passed or positions[-1] >= end:
            return self._make(epoch, positions)
        count = len(positions)
        if count not in stand_ins:
            stand_ins[count] = self._make(epoch, positions)
        return stand_ins[count]

    def _make(self, epoch, positions):
        batch = {}
        plans = self._epoch_plan(int(epoch))
        for stream, (group, plan) in enumerate(zip(self.groups, plans)):
            for key, values in group.items():
                gather = self._crop if _per_pixel(values) else _pick
                batch[key] = gather(values, *plan, positions)
                if self.photographic and _per_pixel(values):
                    batch[key] = self._photographed(
                        batch[key], epoch, stream + len(self.draw), positions
                    )
        if self.derive is not None:
            batch |= self.derive(batch)
        for stream, (key, draw) in enumerate(self.draw.items()):
            batch[key] = np.stack(
                [
                    draw(self._random(epoch, stream, int(row)), self.size)
                    for row in positions
                ]
            )
        return {
            key: to_float(batch[key])
            if batch[key].dtype == "uint8" and key not in self.maps
            else batch[key]
            for key in sorted(batch)
        }

    def _epoch_plan(self, epoch):
        with self._lock:
            if self._plan[0] != epoch:
                self._plan = epoch, self._draw_plan(epoch)
            return self._plan[1]

    def _draw_plan(self, epoch):
        """(example, (top, left, flip)) of every position, for every group."""
        chosen = augmentations(self.augment)
        orders, streams, plan = [], [], []
        for stream, group in enumerate(self.groups):
            # RandomState, because its streams are frozen for ever (NEP 19):
            # a run resumed under another NumPy goes on with the same data.
            seeds = np.random.SeedSequence([self.seed, epoch, stream])
            random = np.random.RandomState(np.random.MT19937(seeds))
            numbers = np.arange(len(next(iter(group.values()))))
            orders.append(
                repeated(numbers, self.length, random if self.shuffle else None)
            )
            streams.append(random)
        if self.arrange is not None:
            orders = self.arrange(orders, streams[-1] if self.shuffle else None)
        for group, order, random in zip(self.groups, orders, streams):
            crops = np.zeros((self.length, 3), int)
            room = self._room(group)
            if room is not None:
                room = room[order]
                crops[:, :2] = room // 2
                if chosen:
                    # The flip is drawn beside the crop, from 0 and 1.
                    ends = np.column_stack([room + 1, np.full(len(room), 2)])
                    drawn = random.randint(0, ends)
                    if "crop" in chosen:
                        crops[:, :2] = drawn[:, :2]
                    if "flip" in chosen:
                        crops[:, 2] = drawn[:, 2]
            plan.append((order, crops))
        return plan

    def _room(self, group):
        """How much larger than the crop a group's images are, or None."""
        for values in group.values():
            if _per_pixel(values):
                if hasattr(values, "shape"):  # all are of one size
                    sizes = np.tile(values.shape[1:3], (len(values), 1))
                else:
                    sizes = np.array([value.shape[:2] for value in values])
                return sizes - self.size
        return None

    def _random(self, epoch, stream, position):
        # Without augmentation every epoch is the same.
        epoch = int(epoch) if augmentations(self.augment) else 0
        seeds = [self.seed, epoch, len(self.groups) + stream, position]
        seeds = np.random.SeedSequence(seeds)
        return np.random.RandomState(np.random.MT19937(seeds))

    def _crop(self, images, order, crops, positions):
        height, width = self.size
        gathered = []
        for position in positions:
            top, left, flip = crops[position]
            image = images[order[position]]
            image = image[top : top + height, left : left + width]
            gathered.append(image[:, ::-1] if flip else image)
        return np.stack(gathered)

    def _photographed(self, images, epoch, stream, positions):
        if images.dtype != "uint8":
            images = to_uint8(images)
        changed = []
        for image, position in zip(images, positions):
            random = self._random(epoch, stream, int(position))
            for word in self.photographic:
                image = OF_PHOTOS[word](image, random)
            changed.append(image)
        return np.stack(changed)


def repeated(values, length, random=None):
    """An array of values until there are so many, each round anew in order.

    Args:
        values: Array, not empty.
        length: How many there shall be.
        random: A `numpy.random.RandomState` for another order in every round;
            None keeps theirs.
    """
    rounds = max(1, -(-length // len(values)))
    parts = [
        values if random is None else random.permutation(values)
        for _ in range(rounds)
    ]
    return np.concatenate(parts)[:length]


def augmentations(augment):
    """`augment`, a truth value or words, as the tuple of the words.

    Raises:
        ValueError: A word is unknown.
    """
    if isinstance(augment, (tuple, list)):
        for word in augment:
            check_choice("augment", word, (*AUGMENTATIONS, *OF_PHOTOS))
        return tuple(augment)
    return AUGMENTATIONS if augment else ()


def _per_pixel(values):
    """Whether every example has a height, a width and channels."""
    if hasattr(values, "ndim"):
        return values.ndim == 4
    return np.ndim(values[0]) == 3


def _pick(values, order, crops, positions):
    return np.stack([values[order[position]] for position in positions])


def _check_group(group):
    counts = {key: len(values) for key, values in group.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(f"What belongs together differs in number: {counts}.")
    pixels = [values for values in group.values() if _per_pixel(values)]
    for values in pixels[1:]:
        for i, (one, other) in enumerate(zip(pixels[0], values)):
            if one.shape[:2] != other.shape[:2]:
                raise ValueError(
                    "What belongs together and shares its crops differs in "
                    f"size: {one.shape[:2]} and {other.shape[:2]} (example {i})"
                    "."
                )
