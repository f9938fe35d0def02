"""Names in PyTorch's example of fast neural style.

Source: pytorch/examples, fast_neural_style/neural_style/transformer_net.py,
commit 77f55b91: TransformerNet. A convolution lies in a module with its
padding.
"""

from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "faststyle"


def recognise(shapes):
    """The arguments of `FastStyle` that follow from the network's tensors."""
    if "deconv3.conv2d.weight" not in shapes:
        return None
    return {
        "filters": shapes["conv1.conv2d.weight"][0],
        "num_blocks": sum(
            name.startswith("res") and name.endswith(".conv1.conv2d.weight")
            for name in shapes
        ),
    }


def _is_generator(layers):
    return "to_255" in layers and "block_1_1_conv" in layers


def _generator(layers, names):
    # Norms are numbered through; those of residual blocks by themselves.
    outer = ("stem", "down_1", "down_2", "up_1", "up_2")
    convolutions = ("conv1", "conv2", "conv3", "deconv1", "deconv2")
    modules = {"deconv3.conv2d": layers["head_conv"]}
    for i, (ours, theirs) in enumerate(zip(outer, convolutions), 1):
        modules[f"{theirs}.conv2d"] = layers[f"{ours}_conv"]
        modules[f"in{i}"] = layers[f"{ours}_norm"]
    for i in range(1, numbered(layers, "block_{}_add") + 1):
        for j in (1, 2):
            modules[f"res{i}.conv{j}.conv2d"] = layers[f"block_{i}_{j}_conv"]
            modules[f"res{i}.in{j}"] = layers[f"block_{i}_{j}_norm"]
    return modules


NAME_MAPS = (
    NameMap("the network of fast neural style", _is_generator, _generator),
)
