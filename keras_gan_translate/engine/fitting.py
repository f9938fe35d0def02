"""Callbacks in an epoch of which an earlier training has had a part."""

import math

import keras


class Callbacks(keras.callbacks.CallbackList):
    """Tells no callback of batches that are passed over.

    They see an epoch's own numbers: the first batch that is trained is
    number 7 where seven were trained before.
    """

    silent = False

    def on_train_batch_begin(self, batch, logs=None):
        self.silent = self.model.batches_to_pass > 0
        if not self.silent:
            super().on_train_batch_begin(batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        if not self.silent:
            super().on_train_batch_end(batch, logs)


def release(callbacks):
    """Tells callbacks that `fit` has ended, however it ended."""
    for callback in callbacks.callbacks:
        if hasattr(callback, "release"):
            callback.release()


def num_batches(data, batch_size, options):
    """How many batches an epoch has, None where only its end tells.

    Args:
        data: as `fit` gets it.
        batch_size: as `fit` gets it.
        options: the others that `fit` gets, a dict.
    """
    if options.get("steps_per_epoch"):
        return options["steps_per_epoch"]
    if hasattr(data, "cardinality"):
        count = int(data.cardinality())
        return count if count >= 0 else None
    if isinstance(data, keras.utils.PyDataset):
        return data.num_batches
    arrays = keras.tree.flatten(data)
    if not arrays or not hasattr(arrays[0], "shape"):
        return None
    share = 1.0 - (options.get("validation_split") or 0.0)
    return math.ceil(int(len(arrays[0]) * share) / (batch_size or 32))
