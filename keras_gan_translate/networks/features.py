"""What a network sees at each of its resolutions."""

import keras

# What adds, gathers or activates; of it alone a network decides something.
KINDS = (
    keras.layers.Add,
    keras.layers.Concatenate,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ReLU,
)


def last_features(network, size=256):
    """The last features that a network makes at each of its resolutions.

    Its picture is made of them: sums and what is activated, not what linear
    layers make of that. Padded maps have sizes in between and are passed over;
    so is what has three channels or fewer, as pictures, logits and heatmaps
    have. What is inside of a network in it stays there.

    Args:
        network: Functional `keras.Model` from images (N, H, W, C).
        size: Height and width of images that it takes, where it takes any.

    Returns:
        Dict from the stride, how many times smaller they are than the image,
        to a symbolic tensor (N, h, w, c); the largest stride first. Empty if
        the network's layers are not known.
    """
    if not isinstance(network, keras.Model) or not hasattr(
        network, "operations"
    ):
        return {}
    image = network.inputs[0]
    size = image.shape[1] or size
    tensors = [
        tensor
        for operation in network.operations
        if isinstance(operation, KINDS) or _activates(operation)
        for tensor in keras.tree.flatten(operation.output)
        if len(tensor.shape) == 4
        and (tensor.shape[-1] or 0) > 3
        and tensor is not image
    ]
    if not tensors:
        return {}
    # Sizes follow from a fixed one; the network's own may be open.
    fixed = keras.Input((size, size, image.shape[-1]))
    shapes = [
        made.shape for made in keras.Model(network.inputs, tensors)([fixed])
    ]
    found = {}
    for tensor, (_, height, width, _) in zip(tensors, shapes):
        if height == width and height and size % height == 0:
            found[size // height] = tensor
    return dict(sorted(found.items(), reverse=True))


def _activates(operation):
    activation = getattr(operation, "activation", None)
    return activation not in (None, keras.activations.linear)
