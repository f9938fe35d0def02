"""Data sets for training: `tf.data.Dataset`s of {"a": ..., "b": ...}."""

import logging
import math
import weakref

import numpy as np

from keras_gan_translate.data.epochs import BatchSource
from keras_gan_translate.data.layouts import find_layout, match_folders
from keras_gan_translate.data.store import decode_images
from keras_gan_translate.messages import check_choice

logger = logging.getLogger("keras_gan_translate")


def unpaired(
    folder_a,
    folder_b=None,
    *,
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    domains=None,
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads two unpaired sets of images for training.

    All files are decoded once, here, so damaged ones are known before the
    first step: they are skipped with a warning. An epoch has as many examples
    as the larger domain; the smaller one is repeated in another order each
    time. Order, crops and flips depend on the seed, the epoch and the
    position alone; see `resume_at`.

    Args:
        folder_a: Folder of domain A; without `folder_b` a folder with both
            domains in one of the layouts of `find_layout`.
        folder_b: Folder of domain B.
        image_size: Height and width in pixels; one number or (height, width).
        load_size: Size before the random crop; 286/256 of `image_size` as in
            the CycleGAN paper, if not given. Not used without `augment`.
        batch_size: Examples in a batch.
        split: `"train"`, `"val"` or `"test"`.
        domains: Names of the folders that are A and B, where there are more
            than two.
        how: `"cover"`, `"letterbox"` or `"stretch"`, see `resize_image`.
        augment: Crop and flip at random.
        shuffle: Draw a new order in every epoch.
        drop_remainder: Leave out a smaller last batch. By default in training
            (`augment`), because XLA compiles anew for every shape, unless
            there is only that batch.
        seed: Another seed, other orders, crops and flips.

    Returns:
        A `tf.data.Dataset` of dicts of "a" and "b", float32 in [-1, 1] of
        shape (batch, height, width, 3). Its attribute `kgt_summary` says in a
        sentence what was found, `kgt_skipped` is a dict of the files that
        cannot be read.

    Raises:
        ValueError: A folder is missing, its layout unknown, an option wrong,
            or there is no usable image.
        ImportError: TensorFlow is missing.
    """
    if folder_b is None:
        layout = find_layout(folder_a, "unpaired", split, domains)
    else:
        layout = match_folders(folder_a, folder_b, "unpaired", split)
    size, load = crop_and_load_size(image_size, load_size, augment)
    stores = [
        decode_images([(path,) for path in files], load, how, where=where)
        for files, where in (
            (layout.files_a, layout.where_a),
            (layout.files_b, layout.where_b),
        )
    ]
    a, b = (store.images[:, 0] for store in stores)
    return make_dataset(
        BatchSource(a, b, False, size, augment, shuffle, seed),
        batch_size,
        drop_remainder,
        layout.summary,
        stores[0].skipped | stores[1].skipped,
    )


def paired(
    folder_a,
    folder_b=None,
    *,
    direction="ab",
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    domains=None,
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads pairs of images for training.

    Both images of a pair get the same crop and flip. The rest is as in
    `unpaired`.

    Args:
        folder_a: Folder of the images A; without `folder_b` a folder with the
            pairs in one of the layouts of `find_layout`, side by side (A is
            the left half) or by equal file names.
        folder_b: Folder of the images B, named as their partners in A.
        direction: `"ab"` translates A into B; `"ba"` swaps the two.
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`.
        split: As in `unpaired`.
        domains: As in `unpaired`.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A `tf.data.Dataset` as in `unpaired`; "a" is the source, "b" the
        target.

    Raises:
        ValueError: As in `unpaired`, or nothing is paired.
        ImportError: TensorFlow is missing.
    """
    check_choice("direction", direction, ("ab", "ba"))
    if folder_b is None:
        layout = find_layout(folder_a, "paired", split, domains)
    else:
        layout = match_folders(folder_a, folder_b, "paired", split)
    size, load = crop_and_load_size(image_size, load_size, augment)
    if layout.halves:
        files = [(path,) for path in layout.files_a]
    else:
        files = list(zip(layout.files_a, layout.files_b))
    store = decode_images(files, load, how, layout.halves, layout.where_a)
    a, b = store.images[:, 0], store.images[:, 1]
    if direction == "ba":
        a, b = b, a
    return make_dataset(
        BatchSource(a, b, True, size, augment, shuffle, seed),
        batch_size,
        drop_remainder,
        f"{layout.summary}; direction {direction}",
        store.skipped,
    )


def make_dataset(source, batch_size, drop_remainder, summary, skipped):
    """Makes the `tf.data.Dataset` of a `BatchSource`.

    Args:
        source: The `BatchSource`.
        batch_size: See `unpaired`.
        drop_remainder: See `unpaired`.
        summary: What was found, in a sentence.
        skipped: Dict of the files that cannot be read, path -> reason.

    Raises:
        ValueError: `batch_size` is less than 1.
        ImportError: TensorFlow is missing.
    """
    tf = _tensorflow()
    if batch_size < 1:
        raise ValueError(f"batch_size must be 1 or more, received {batch_size}")
    if drop_remainder is None:
        drop_remainder = source.augment
    drop_remainder = bool(drop_remainder and source.length > batch_size)
    steps = source.length / batch_size
    steps = math.floor(steps) if drop_remainder else math.ceil(steps)
    shape = (batch_size if drop_remainder else None, *source.size, 3)

    # TensorFlow never lets go of the functions it calls. The images hang on
    # the data set instead, which iterators and what is made of it keep alive.
    alive = weakref.ref(source)

    def start(_):
        return tf.numpy_function(lambda: alive().start_epoch(), [], tf.int64)

    def batches(epoch):
        positions = tf.data.Dataset.range(source.length)
        # A true batch operation, so that tf.distribute can split it.
        positions = positions.batch(batch_size, drop_remainder)
        return positions.map(lambda rows: images(epoch, rows))

    def images(epoch, rows):
        a, b = tf.numpy_function(
            lambda *position: alive().batch(*position),
            [epoch, rows],
            [tf.float32, tf.float32],
        )
        return {"a": tf.ensure_shape(a, shape), "b": tf.ensure_shape(b, shape)}

    dataset = tf.data.Dataset.from_tensors(0).map(start).flat_map(batches)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(steps))
    dataset = dataset.prefetch(tf.data.AUTOTUNE)
    dataset.kgt_source = source
    dataset.kgt_summary, dataset.kgt_skipped = summary, skipped
    logger.info(summary)
    return dataset


def _tensorflow():
    try:
        import tensorflow
    except ImportError as error:
        raise ImportError(
            "Data sets are tf.data pipelines and need TensorFlow, on the JAX "
            "backend too: run `pip install tensorflow`. Without it, train on "
            "arrays with fit() itself."
        ) from error
    return tensorflow


def crop_and_load_size(image_size, load_size, augment):
    """(height, width) of the crops and of the images they are cut from.

    Args:
        image_size: See `unpaired`.
        load_size: See `unpaired`.
        augment: See `unpaired`.

    Raises:
        ValueError: A size is no size, or the crop larger than its image.
    """
    size = height_and_width("image_size", image_size)
    if not augment:
        return size, size
    if load_size is None:
        return size, tuple(round(side * 286 / 256) for side in size)
    load = height_and_width("load_size", load_size)
    if min(np.subtract(load, size)) < 0:
        raise ValueError(
            f"load_size={load_size} must not be smaller than "
            f"image_size={image_size}: the images are cropped from it."
        )
    return size, load


def height_and_width(name, size):
    """(height, width) of a size, one number or two, checked."""
    pair = (size, size) if np.ndim(size) == 0 else tuple(size)
    if len(pair) != 2 or min(pair) < 1:
        raise ValueError(
            f"{name} must be a number of pixels or (height, width), received "
            f"{size!r}."
        )
    return tuple(int(side) for side in pair)
