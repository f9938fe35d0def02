"""Training steps of a reference implementation, replayed."""

import math

import keras
import numpy as np
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.layouts import tensors_of


def detailed(model_class):
    """A model that logs every part of a loss by itself."""

    class Detailed(model_class):
        def _weigh(self, player, losses):
            total = super()._weigh(player, losses)[1]
            parts = {}
            for name, value in losses.items():
                if not isinstance(value, dict):
                    value = {"": value}
                for part, scalar in value.items():
                    parts[f"{player}_{name}_{part}"] = scalar
            return parts, total

    return Detailed


def import_networks(model, arrays, names):
    """Loads `<reference network>/<tensor>` arrays into the model's networks."""
    for reference, network in names.items():
        import_weights(getattr(model, network), part(arrays, reference))


def part(arrays, prefix):
    prefix += "/"
    return {
        key.removeprefix(prefix): array
        for key, array in arrays.items()
        if key.startswith(prefix)
    }


def three_steps(model, arrays):
    """The logs of three compiled steps on the fixture's one batch."""
    a, b = (
        arrays[f"__in__.real_{domain}"].transpose(0, 2, 3, 1) for domain in "AB"
    )
    return replay(model, [{"a": a, "b": b}] * 3)


def replay(model, batches, before_step=lambda batch: None, **options):
    """The logs of a compiled step on each of the batches."""
    model.compile(jit_compile=backend.BACKEND == "jax", **options)
    steps = []
    for batch in batches:
        before_step(batch)
        model.reset_metrics()
        steps.append(model.train_on_batch(batch, return_dict=True))
    return steps


def losses_before(model, batch):
    """All players' losses of a batch, whose turn it may be; changes nothing."""
    batch, logs = dict(batch), {}
    with keras.StatelessScope():
        batch |= model.made(batch, True)
        for player in model.players:
            losses, shared = getattr(model, f"{player}_loss")(batch, True)
            logs |= model._weigh(player, losses)[0]
            batch |= shared
    return {name: float(value) for name, value in logs.items()}


def batches_of(arrays, names, step="_step"):
    """The batches of a fixture that has one, and random numbers, per step.

    `names` maps a reference name to ours. What is no field of the model's
    goes along in the batch, where a test's model finds what it would draw.
    """
    batches = []
    while f"__in__.{next(iter(names))}{step}{len(batches) + 1}" in arrays:
        k = len(batches) + 1
        batches.append(
            {
                ours: _raw(arrays[f"__in__.{theirs}{step}{k}"])
                for theirs, ours in names.items()
            }
        )
    return batches


def _raw(array):
    """Channels last; numbers of classes as int32."""
    array = channels_last(array)
    return array if array.dtype.kind == "f" else array.astype("int32")


def channels_last(array):
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def assert_close(output, expected, tolerance=1e-4):
    """A forward pass against the fixture's, channels first there."""
    expected = channels_last(expected)
    output = ops.convert_to_numpy(output)
    assert output.shape == expected.shape
    error = np.abs(output - expected).max() / expected.std()
    assert error <= tolerance, error


def weights_of(arrays):
    """The weights of a fixture of one network."""
    return {key: array for key, array in arrays.items() if key[:2] != "__"}


def count_parameters(build):
    """Of the network that `build` returns, without making its weights."""
    with keras.StatelessScope(initialize_variables=False):
        network = build()
    shapes = [variable.shape for variable in network.trainable_variables]
    # Else the next scope that ends would initialize them.
    keras.utils.clear_session()
    return sum(map(math.prod, shapes))


def tiny_vgg(arrays, network, names):
    """Features of a fixture's narrow VGG, which sees images as they are.

    Args:
        arrays: of the fixture.
        network: of the reference; its convolutions are numbered as in
            torchvision, pooling and ReLU included.
        names: of the layers, as in `VGGFeatures`, ":linear" included.
    """
    kernels = {
        int(name.split(".")[-2]): name.removesuffix(".weight")
        for name in part(arrays, network)
        if name.endswith(".weight")
    }
    image = x = keras.Input((None, None, 3))
    features, block, index, last = {}, 1, 0, -2
    for number in sorted(kernels):
        if number > last + 2:  # a pooling lies between
            index = 0
            if last >= 0:
                block += 1
                x = keras.layers.MaxPooling2D(2)(x)
        index, last = index + 1, number
        weight, bias = (
            arrays[f"{network}/{kernels[number]}.{kind}"]
            for kind in ("weight", "bias")
        )
        layer = keras.layers.Conv2D(len(bias), 3, padding="same")
        linear = layer(x)
        x = keras.layers.ReLU()(linear)
        layer.set_weights([weight.transpose(2, 3, 1, 0), bias])
        name = f"block{block}_conv{index}"
        features |= {name: x, f"{name}:linear": linear}
    features = {name: features[name] for name in features if name in names}
    assert set(features) == set(names)
    model = keras.Model(image, features)
    model.trainable = False
    return model


def assert_losses(steps, expected, names, tolerances):
    """Compares named losses step by step; those of the steps that have them.

    `names` maps a reference name to (weight, our names to be added up), or to
    a list of other reference names with their weights, whose sum it is.
    """
    assert set(names) == set().union(*expected)
    for step, reference, tolerance in zip(
        steps, expected, tolerances, strict=True
    ):

        def value_of(name, step=step):
            if isinstance(names[name], list):
                return sum(w * value_of(part) for w, part in names[name])
            weight, ours = names[name]
            return weight * sum(float(step[one]) for one in ours)

        assert set(reference) <= set(names)
        for name in reference:
            value = value_of(name)
            error = abs(value - reference[name]) / abs(reference[name])
            assert error <= tolerance, (name, value, reference[name], error)


def assert_weights(network, arrays, start, tolerance, partial=False):
    """Weights after three steps, against what they moved in them.

    `partial` fixtures have but some of them.
    """
    reference, before = (keras.models.clone_model(network) for _ in range(2))
    import_weights(reference, start | arrays if partial else arrays)
    import_weights(before, start)
    for ours, theirs, first in zip(
        network.weights, reference.weights, before.weights
    ):
        if ours.name == "bias":
            continue  # before an instance norm its gradient is noise
        ours, theirs, first = (
            ops.convert_to_numpy(v) for v in (ours, theirs, first)
        )
        # Adam steps by the sign where a gradient is rounding noise, so single
        # weights may differ by a whole step; the distance may not.
        moved = np.linalg.norm(theirs - first)
        if partial and not moved:
            continue
        error = np.linalg.norm(ours - theirs)
        assert error <= tolerance * moved, (ours.shape, error, moved)


def places_of(modules):
    """Reference name -> a `layouts.Tensor`; `modules` as `NameMap`'s are."""
    return {
        f"{module}.{name}": tensor
        for module, layer in modules.items()
        for name, tensor in tensors_of(layer)[0].items()
    }


def fill(places, arrays):
    """Writes a reference's weights to their places."""
    for name, tensor in places.items():
        tensor.variable.assign(tensor.convert(arrays[name]))


def assert_moved(found, tolerance):
    """What `moves` finds: a difference within the tolerance of the movement.

    Or within ten times what float32 differs there from float64.
    """
    for name, error, moved, drift in found:
        allowed = max(tolerance, 10 * drift) * moved
        assert error <= allowed, (name, error, allowed)


def moves(places, arrays, info, network, as_theirs=lambda *_: None):
    """By how much a network's tensors differ after the last step.

    A fixture has some tensors after the steps, and of every one its sum and
    the length of what it moved.

    Args:
        places: of `places_of`; biases whose gradient is noise may lack.
        arrays: of the fixture.
        info: of the fixture.
        network: its name in it.
        as_theirs: function from a name, our values and those before the
            steps, to what the reference keeps of them, None if just them.

    Returns:
        List of (name, largest difference, length of the reference's movement,
        relative difference of float32 and float64 there).
    """
    start, after = part(arrays, network), part(arrays, f"__after__.{network}")
    assert after
    (checks,) = (
        value
        for name, value in info["after_checks"][network].items()
        if name.startswith("per_tensor")
    )
    found = []
    for name, (total, moved, drift) in checks.items():
        if name in info["after_skipped"][network]:
            continue
        tensor = places[name]
        ours, first = (
            np.array(values, "float64")
            for values in (
                ops.convert_to_numpy(tensor.variable),
                tensor.convert(start[name]),
            )
        )
        theirs = as_theirs(name, ours, first)
        ours = ours if theirs is None else theirs
        errors = [
            abs(np.linalg.norm(ours - first) - moved),
            abs(ours.sum() - total) / ours.size**0.5,
        ]
        if name in after:
            errors.append(np.linalg.norm(ours - tensor.convert(after[name])))
        found.append((name, max(errors), moved, drift))
    return found
