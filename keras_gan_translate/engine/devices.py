"""Several devices, among which every batch is dealt out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras
import numpy as np

from keras_gan_translate import backend
from keras_gan_translate.engine.batches import examples_of, source_of
from keras_gan_translate.engine.fitting import num_batches
from keras_gan_translate.support.shares import check_hosts, shared


@contextlib.contextmanager
def devices(
    count: int | None = None,
    hosts: int = 1,
    host_index: int = 0,
    coordinator: str | None = None,
) -> Iterator[list[str]]:
    """Within it models train on several devices, of one host or of several.

    A batch is dealt out to them in equal shares, and the result is that of one
    device with the whole batch: `keras.distribution.DataParallel` on JAX,
    `tf.distribute.MirroredStrategy` on TensorFlow. Build, compile and fit the
    model within it.

    On several hosts, which need JAX, one process runs the same program on
    each of them, before anything else of JAX is used. Data sets of this
    library give each its share of every batch, and host 0 alone writes:
    callbacks that write are given to that one.

    Args:
        count: number of devices, of each host; None means one, or all that
            each of several hosts has.
        hosts: number of hosts.
        host_index: number of this one, from 0.
        coordinator: "HOST:PORT" of host 0, where the others find it.

    Yields:
        Names of the devices; empty if it is one.

    Raises:
        ValueError: there are not so many devices, the hosts do not find each
            other, or one of them is lost.

    Example:
        with kgt.devices(2):
            model = kgt.create_model("cyclegan", image_size=256)
            model.compile()
            model.fit(dataset, epochs=100)
    """
    check_hosts(count, hosts, host_index, coordinator)
    if hosts == 1 and (count or 1) == 1:
        yield []
        return
    with contextlib.ExitStack() as stack:
        if hosts > 1:
            stack.enter_context(
                backend.joined_hosts(hosts, host_index, coordinator)
            )
            stack.enter_context(shared(host_index, hosts))
        names, scope = backend.several_devices(count)
        stack.enter_context(scope)
        yield names


def check_shares(model, data, batch_size=None, options=None):
    """Says at once which batch cannot be dealt out to a model's devices.

    Args:
        model: a compiled `GAN`.
        data: as `fit` gets it.
        batch_size: as `fit` gets it.
        options: the others that `fit` gets, a dict.

    Raises:
        ValueError: one cannot, or a share of it is less than what the method
            needs.
    """
    count = backend.devices_of(model)
    if count == 1 or data is None:
        return
    if backend.num_hosts() > 1 and source_of(data) is None:
        raise ValueError(
            "On several hosts training reads data sets of this library, which "
            "give each host its share: kgt.data.unpaired(...) and its like, "
            f"or from_arrays. Received: {type(data).__name__}."
        )
    options = options or {}
    check_batch(model, examples_of(data, batch_size), count)
    last = _last_batch(data, batch_size, options)
    if last % count:
        raise ValueError(
            f"The last batch of an epoch has {last} examples, which {count} "
            "devices cannot share equally: leave it out (drop_remainder=True, "
            "or steps_per_epoch)."
        )
    held_out = options.get("validation_data")
    if held_out is not None:
        size = options.get("validation_batch_size") or batch_size
        steps = {"steps_per_epoch": options.get("validation_steps")}
        check_shares(model, held_out, size, steps)


def check_batch(model, size, count):
    """Says whether devices can share a batch.

    Args:
        model: a `GAN`, or its class.
        size: number of examples in a batch; None if that is not known.
        count: number of devices, 2 or more.

    Raises:
        ValueError: they cannot share it equally, or a share is too small.
    """
    if size is None:
        return
    if size % count:
        least = -(-size // count) * count
        raise ValueError(
            f"A batch of {size} cannot be dealt out to {count} devices in "
            f"equal shares: choose a batch size that {count} divides, such as "
            f"{least}."
        )
    shares = backend.own_batches(count)
    if size // shares < model.smallest_batch:
        raise ValueError(
            f"{getattr(model, '__name__', type(model).__name__)} needs "
            f"{model.smallest_batch} examples or more on every device, and a "
            f"batch of {size} leaves {size // shares}: choose "
            f"{shares * model.smallest_batch}, or fewer devices, or JAX."
        )


def _last_batch(data, batch_size, options):
    """Number of examples in the last batch; 0 if it is like all others."""
    source = source_of(data)
    if source is not None:
        length = source.length
    elif isinstance(data, (dict, list, tuple, np.ndarray)):
        length = len(keras.tree.flatten(data)[0])
    else:
        return 0
    size = examples_of(data, batch_size)
    steps = num_batches(data, batch_size, options)
    return max(0, length - (steps - 1) * size) if steps else 0
