"""Names in the authors' code of PI-REC.

Source: youyuge34/PI-REC, src/networks.py, commit 9f8f1ad: generator and
refiner are of one class.
"""

from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "pirec"


def recognise(shapes):
    """The arguments of `PIREC` that follow from a generator's tensors."""
    first = shapes.get("encoder.1.weight")
    if first is None or first[1:] != (4, 7, 7):
        return None
    # EdgeConnect's begins its decoder with a transposed convolution.
    if shapes.get("decoder.2.weight") != (2 * first[0], 4 * first[0], 3, 3):
        return None
    count = 0
    while f"middle.{count}.conv_block.1.weight" in shapes:
        count += 1
    return {"filters": first[0], "num_blocks": count}


def _is_generator(layers):
    return "up_1_double" in layers and "up_2_deconv" in layers


def _generator(layers, names):
    modules = {
        "encoder.1": layers["stem_conv"],
        "encoder.4": layers["down_1_conv"],
        "encoder.7": layers["down_2_conv"],
        "decoder.2": layers["up_1_conv"],
        "decoder.5": layers["up_2_deconv"],
        "decoder.9": layers["head_conv"],
    }
    for i in range(numbered(layers, "block_{}_add")):
        for j, place in ((1, 1), (2, 5)):
            layer = layers[f"block_{i + 1}_conv_{j}"]
            modules[f"middle.{i}.conv_block.{place}"] = layer
    return modules


NAME_MAPS = (NameMap("PI-REC's generator", _is_generator, _generator),)
