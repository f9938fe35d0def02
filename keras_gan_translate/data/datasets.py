"""Data sets for `fit()`: a `tf.data` pipeline, or Keras' own without it."""

import functools
import logging
import math
import weakref

from keras_gan_translate.support.shares import is_shared, own_share

logger = logging.getLogger("keras_gan_translate")


def make_dataset(source, batch_size, drop_remainder, summary, skipped):
    """Makes the data set of a `BatchSource`.

    It is a `tf.data.Dataset` where TensorFlow is installed, else a
    `keras.utils.PyDataset` of the same batches. Both have `len()`, `take(n)`,
    and begin the next epoch when they are iterated.

    Args:
        source: The `BatchSource`.
        batch_size: See `unpaired`.
        drop_remainder: See `unpaired`.
        summary: What was found, in a sentence.
        skipped: Dict of the files that cannot be read, path -> reason.

    Raises:
        ValueError: `batch_size` is less than 1.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be 1 or more, received {batch_size}")
    if drop_remainder is None:
        drop_remainder = source.augment is not False  # in training
    drop_remainder = bool(drop_remainder and source.length > batch_size)
    source.batch_size = batch_size
    steps = source.length / batch_size
    steps = math.floor(steps) if drop_remainder else math.ceil(steps)
    try:
        import tensorflow
    except ImportError:
        # Needs Keras, which the readers of images do without.
        from keras_gan_translate.data.py_dataset import BatchDataset

        dataset = BatchDataset(source, batch_size, steps)
    else:
        dataset = _tf_dataset(
            tensorflow, source, batch_size, drop_remainder, steps
        )
    dataset.kgt_source = source
    dataset.kgt_summary, dataset.kgt_skipped = summary, skipped
    # Notebooks ask for it. What it closes over keeps no data set alive.
    dataset._repr_html_ = functools.partial(_show, weakref.ref(source), summary)
    logger.info(summary)
    return dataset


def show_source(source, summary):
    """The first examples of the next epoch, for a notebook.

    No epoch is begun by looking.

    Args:
        source: The `BatchSource`.
        summary: A sentence that stands above.

    Returns:
        `Shown`.
    """
    # Draws by fields, which readers of images do without.
    from keras_gan_translate.data.showing import PAIRS, ROWS, shown_batch

    count = min(source.length, ROWS * PAIRS)
    batch = source.batch(source.next_epoch, range(count))
    return shown_batch(batch, summary)


def _show(source, summary):
    source = source()
    return show_source(source, summary)._repr_html_() if source else summary


def _tf_dataset(tf, source, batch_size, drop_remainder, steps):
    # One batch tells the keys, the shapes and the types.
    one = source.batch(source.next_epoch, [0])
    rows = batch_size if drop_remainder and not is_shared() else None
    shapes = {key: (rows, *values.shape[1:]) for key, values in one.items()}
    types = [tf.as_dtype(values.dtype) for values in one.values()]
    # TensorFlow never lets go of the functions it calls. The images hang on
    # the data set instead, which iterators and what is made of it keep alive.
    alive, at_once = weakref.ref(source), {}
    if source.decodes:
        # Batches stay in their order, however many are made at once.
        at_once["num_parallel_calls"] = tf.data.AUTOTUNE
        at_once["deterministic"] = True

    def start(_):
        return tf.numpy_function(lambda: alive().start_epoch(), [], tf.int64)

    def batches(epoch):
        positions = tf.data.Dataset.range(source.length)
        # A true batch operation, so that tf.distribute can split it.
        positions = positions.batch(batch_size, drop_remainder)
        return positions.map(lambda rows: values_at(epoch, rows), **at_once)

    def values_at(epoch, rows):
        values = tf.numpy_function(
            lambda epoch, rows: list(
                alive().batch(epoch, own_share(rows)).values()
            ),
            [epoch, rows],
            types,
        )
        return {
            key: tf.ensure_shape(value, shape)
            for (key, shape), value in zip(shapes.items(), values)
        }

    dataset = tf.data.Dataset.from_tensors(0).map(start).flat_map(batches)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(steps))
    return dataset.prefetch(tf.data.AUTOTUNE)
