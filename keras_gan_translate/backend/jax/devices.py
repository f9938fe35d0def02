"""Devices, and the shares of a batch that they compute."""

import contextlib
import functools
import weakref

import jax
import keras

_predictors = weakref.WeakKeyDictionary()  # network -> its compiled function


def use_xla():
    """Whether compiled steps pay here: always on JAX."""
    return True


def num_replicas():
    """Number of devices among which `tf.distribute` splits a batch.

    JAX splits it, too, but a step is written as if it were one device's.
    """
    return 1


def several_devices(count):
    """As on TensorFlow."""
    hosts = {}
    for device in jax.devices():
        name = f"{device.platform}:{device.id}"
        hosts.setdefault(device.process_index, []).append(name)
    fewest = min(map(len, hosts.values()))
    if count is not None and count > fewest:
        own = hosts[jax.process_index()]
        raise ValueError(
            f"{count} devices were asked for, and JAX sees {len(own)} here: "
            f"{', '.join(own)}. Ask for as many, or make the others visible "
            "(CUDA_VISIBLE_DEVICES); a CPU is one device, however many cores "
            "it has, unless XLA_FLAGS="
            f"--xla_force_host_platform_device_count={count} says otherwise."
        )
    # Host after host, as the shares of a batch come.
    names = [
        name for i in sorted(hosts) for name in hosts[i][: count or fewest]
    ]
    distribution = keras.distribution.DataParallel(
        devices=names, auto_shard_dataset=False
    )
    return names, distribution.scope()


def devices_of(model):
    """As on TensorFlow.

    Raises:
        ValueError: it was built for several, and they are not in use.
    """
    count = len(model.variables[0].value.sharding.device_set)
    distribution = keras.distribution.distribution()
    used = distribution.device_mesh.devices.size if distribution else 1
    if count != used:
        raise ValueError(
            f"The model was built on {count} devices and is to be trained on "
            f"{used}: build, compile and fit it within the same "
            "`with devices(...)`."
        )
    return count


def own_batches(count):
    """As on TensorFlow; here it is one, wherever its parts lie."""
    return 1


def one_batch(model):
    """As on TensorFlow; here it is one batch in any case."""
    return contextlib.nullcontext()


def gathered(values):
    """As on TensorFlow."""
    return values


def dealt(values):
    """As on TensorFlow."""
    return values


def predict_on_one(network, inputs):
    """As on TensorFlow."""
    if keras.distribution.distribution() is None:
        network.jit_compile = True
        return network.predict_on_batch(inputs)
    if network not in _predictors:
        _predictors[network] = jax.jit(
            functools.partial(_call, weakref.ref(network))
        )
    groups = network.trainable_variables, network.non_trainable_variables
    # This device's own copies.
    values = [[v.value.addressable_data(0) for v in group] for group in groups]
    return _predictors[network](*values, inputs)


def _call(network, trainable, others, inputs):
    return network().stateless_call(trainable, others, inputs, training=False)[
        0
    ]
