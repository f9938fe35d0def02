"""What differs between TensorFlow and JAX in training; nothing else does.

The rest of the package speaks `keras.ops`. Both modules have the same
functions, under the same names; the one that is not in use is never imported.
"""

import keras

BACKEND = keras.backend.backend()

if BACKEND == "jax":
    from keras_gan_translate.backend.jax import (
        apply_gradients,
        ask_to_stop,
        asked_to_stop,
        assign,
        copies,
        dealt,
        devices_of,
        fused_adam,
        gathered,
        gradients,
        host_index,
        input_gradients,
        joined_hosts,
        num_hosts,
        num_replicas,
        one_batch,
        only_if,
        own_batches,
        predict_on_one,
        repeat,
        several_devices,
        stepping,
        told,
        trainer_step,
        use_xla,
    )
else:  # `GAN.compile` refuses whatever is neither
    from keras_gan_translate.backend.tensorflow import (
        apply_gradients,
        ask_to_stop,
        asked_to_stop,
        assign,
        copies,
        dealt,
        devices_of,
        fused_adam,
        gathered,
        gradients,
        host_index,
        input_gradients,
        joined_hosts,
        num_hosts,
        num_replicas,
        one_batch,
        only_if,
        own_batches,
        predict_on_one,
        repeat,
        several_devices,
        stepping,
        told,
        trainer_step,
        use_xla,
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
