"""Batches for `fit()` on a machine without TensorFlow."""

import keras

from keras_gan_translate.support.shares import own_share


class BatchDataset(keras.utils.PyDataset):
    """The batches of a `BatchSource` as Keras' own kind of data set.

    As with `tf.data`, every iteration is the next epoch, and `resume_at` says
    which. Batches come in the order that the source has drawn, whatever
    `fit(shuffle=)` says.

    Args:
        source: The `BatchSource`.
        batch_size: Examples in a batch; the last may have fewer.
        steps: Number of batches in an epoch.
    """

    def __init__(self, source, batch_size, steps):
        super().__init__()
        self.source = source
        self.batch_size = batch_size
        self.steps = steps
        self._epoch = iter(self)

    def __len__(self):
        return self.steps

    def __iter__(self):
        epoch = self.source.start_epoch()
        for step in range(self.steps):
            first = step * self.batch_size
            end = min(first + self.batch_size, self.source.length)
            yield self.source.batch(epoch, own_share(range(first, end)))

    def on_epoch_begin(self):
        self._epoch = iter(self)

    def __getitem__(self, index):
        # `fit` asks for shuffled indices unless told not to; the source has
        # shuffled already, and a run could not be resumed exactly.
        return next(self._epoch)

    def take(self, count):
        """A data set of the first batches only, of the same epochs."""
        return BatchDataset(
            self.source, self.batch_size, min(count, self.steps)
        )
