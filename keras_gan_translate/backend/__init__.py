"""What differs between TensorFlow and JAX in training; nothing else does.

The rest of the package speaks `keras.ops`. Both folders have the same
functions, under the same names; the one that is not in use is never imported.
"""

import keras

BACKEND = keras.backend.backend()

if BACKEND == "jax":
    from keras_gan_translate.backend.jax.costs import (
        accelerator_memory,
        operations,
        step_operations,
    )
    from keras_gan_translate.backend.jax.devices import (
        dealt,
        devices_of,
        gathered,
        num_replicas,
        one_batch,
        own_batches,
        predict_on_one,
        several_devices,
        use_xla,
    )
    from keras_gan_translate.backend.jax.hosts import (
        ask_to_stop,
        asked_to_stop,
        host_index,
        joined_hosts,
        num_hosts,
        told,
    )
    from keras_gan_translate.backend.jax.training import (
        apply_gradients,
        assign,
        copies,
        fused_adam,
        gradients,
        input_gradients,
        only_if,
        repeat,
        stepping,
        trainer_step,
    )
else:  # `GAN.compile` refuses whatever is neither
    from keras_gan_translate.backend.tensorflow.costs import (
        accelerator_memory,
        operations,
        step_operations,
    )
    from keras_gan_translate.backend.tensorflow.devices import (
        dealt,
        devices_of,
        gathered,
        num_replicas,
        one_batch,
        own_batches,
        predict_on_one,
        several_devices,
        use_xla,
    )
    from keras_gan_translate.backend.tensorflow.hosts import (
        ask_to_stop,
        asked_to_stop,
        host_index,
        joined_hosts,
        num_hosts,
        told,
    )
    from keras_gan_translate.backend.tensorflow.training import (
        apply_gradients,
        assign,
        copies,
        fused_adam,
        gradients,
        input_gradients,
        only_if,
        repeat,
        stepping,
        trainer_step,
    )


def predict(network, inputs, training=False):
    """A network's output as NumPy arrays, compiled once per shape.

    Args:
        network: `keras.Model`.
        inputs: array, or a list of them for a network of several inputs.
        training: passed on to the network, whose state stays as it is.

    Returns:
        Array, or dict of arrays, as the network returns.
    """
    if training:
        # The scope throws away what training would update.
        with keras.StatelessScope():
            output = network(inputs, training=True)
    else:
        output = predict_on_one(network, inputs)
    return keras.tree.map_structure(keras.ops.convert_to_numpy, output)
