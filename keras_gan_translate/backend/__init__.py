"""What differs between TensorFlow and JAX in training; nothing else does.

The rest of the package speaks `keras.ops`. Both folders have the same
functions, under the same names; the one that is not in use is never imported.
"""

import keras

BACKEND = keras.backend.backend()

if BACKEND == "jax":
    from keras_gan_translate.backend.jax import costs, devices, hosts, training
else:  # `GAN.compile` refuses whatever is neither
    from keras_gan_translate.backend.tensorflow import (
        costs,
        devices,
        hosts,
        training,
    )

accelerator_memory = costs.accelerator_memory
operations = costs.operations
step_operations = costs.step_operations

dealt = devices.dealt
devices_of = devices.devices_of
gathered = devices.gathered
num_replicas = devices.num_replicas
one_batch = devices.one_batch
own_batches = devices.own_batches
predict_on_one = devices.predict_on_one
several_devices = devices.several_devices
use_xla = devices.use_xla

ask_to_stop = hosts.ask_to_stop
asked_to_stop = hosts.asked_to_stop
host_index = hosts.host_index
joined_hosts = hosts.joined_hosts
num_hosts = hosts.num_hosts
told = hosts.told

after = training.after
apply_gradients = training.apply_gradients
assign = training.assign
copies = training.copies
fused_adam = training.fused_adam
gradients = training.gradients
input_gradients = training.input_gradients
only_if = training.only_if
repeat = training.repeat
stepping = training.stepping
trainer_step = training.trainer_step


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
