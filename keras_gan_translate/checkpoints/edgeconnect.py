"""Names in the authors' code of EdgeConnect.

Source: knazeri/edge-connect, src/networks.py, commit 3142579: files
EdgeModel_gen.pth, EdgeModel_dis.pth, InpaintingModel_gen.pth and
InpaintingModel_dis.pth.
"""

from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "edgeconnect"
PARTS = {
    "EdgeModel_gen": "edge_generator",
    "InpaintingModel_gen": "generator",
}


def recognise(shapes):
    """The arguments of `EdgeConnect` that follow from a generator's tensors."""
    edges = shapes.get("encoder.1.weight_orig")
    images = shapes.get("encoder.1.weight")
    first = edges or images
    if first is None or first[1:] not in ((3, 7, 7), (4, 7, 7)):
        return None
    kind = "weight_orig" if edges else "weight"
    last = shapes.get(f"decoder.0.{kind}")
    # Others with these names do not begin their decoder with a transposed one.
    if last != (4 * first[0], 2 * first[0], 4, 4):
        return None
    block = "middle.{}.conv_block.1." + kind
    count = 0
    while block.format(count) in shapes:
        count += 1
    return {"filters": first[0], "num_blocks": count}


def _is_generator(layers):
    first = layers.get("block_1_conv_1")
    is_dilated = getattr(first, "dilation_rate", None) == (2, 2)
    return is_dilated and "up_1_deconv" in layers  # PI-REC's has another


def _generator(layers, names):
    modules = {
        "encoder.1": layers["stem_conv"],
        "encoder.4": layers["down_1_conv"],
        "encoder.7": layers["down_2_conv"],
        "decoder.0": layers["up_1_deconv"],
        "decoder.3": layers["up_2_deconv"],
        "decoder.7": layers["head_conv"],
    }
    for i in range(numbered(layers, "block_{}_add")):
        for j, place in ((1, 1), (2, 5)):
            layer = layers[f"block_{i + 1}_conv_{j}"]
            modules[f"middle.{i}.conv_block.{place}"] = layer
    return modules


def _is_discriminator(layers):
    return "layer_5_conv" in layers and "layer_4_relu" in layers


def _discriminator(layers, names):
    modules = {f"conv{i}.0": layers[f"layer_{i}_conv"] for i in range(1, 6)}
    # The first layer is stored under two names.
    return modules | {"features.0": modules["conv1.0"]}


NAME_MAPS = (
    NameMap("EdgeConnect's generator", _is_generator, _generator),
    NameMap("EdgeConnect's discriminator", _is_discriminator, _discriminator),
)
