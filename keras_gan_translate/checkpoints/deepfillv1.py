"""Names in the authors' TensorFlow code of DeepFill v1, and a PyTorch port.

Sources: JiahuiYu/generative_inpainting, branch v1.0.0, inpaint_model.py,
commit 06cd62cf (variables of "inpaint_net", "discriminator_local",
"dout_local_fc" and their like); daa233/generative-inpainting-pytorch,
model/networks.py, commit c6cdaea0.
"""

from keras_gan_translate.checkpoints.deepfillv2 import (
    NAMES,
    convolutions,
    tensorflow_modules,
)
from keras_gan_translate.checkpoints.layouts import AfterFlatten
from keras_gan_translate.checkpoints.name_map import NameMap

MODEL = "deepfillv1"
_PORT = "fine_generator.allconv12.conv.weight"


def recognise(shapes):
    """The arguments of `DeepFillV1` that follow from a generator's tensors."""
    if _PORT in shapes:
        return {"filters": shapes[_PORT][0] // 4, "port": True}
    for name, axis in NAMES:
        # No gates: as many channels go in as come out.
        if name in shapes and len(set(shapes[name])) == 2:
            return {"filters": shapes[name][axis] // 4}
    return None


def _is_generator(layers):
    return "pmconv6_act" in layers and "attention" in layers


def _is_critic(layers):
    return "score" in layers and "conv4_act" in layers


def _torch(layers, names):
    modules = {}
    for name, layer in convolutions(layers).items():
        part = "coarse" if name.startswith("conv") else "fine"
        name = name.removeprefix("x").removesuffix("_upsample")
        modules[f"{part}_generator.{name}.conv"] = layer
    return modules


def _torch_critic(layers, names):
    modules = {
        f"dis_conv_module.{name}.conv": layer
        for name, layer in convolutions(layers).items()
    }
    shape = layers["flatten"].input.shape[1:]
    return modules | {"linear": AfterFlatten(layers["score"], shape)}


def _tensorflow_critic(layers, names):
    part = "global" if any("global" in name for name in names) else "local"
    modules = {
        f"discriminator_{part}/{name}": layer
        for name, layer in convolutions(layers).items()
    }
    return modules | {f"dout_{part}_fc": layers["score"]}


NAME_MAPS = (
    NameMap("DeepFill v1's generator in PyTorch", _is_generator, _torch),
    NameMap(
        "DeepFill v1's generator",
        _is_generator,
        tensorflow_modules,
        "tensorflow",
    ),
    NameMap("DeepFill v1's critic in PyTorch", _is_critic, _torch_critic),
    NameMap(
        "DeepFill v1's critic", _is_critic, _tensorflow_critic, "tensorflow"
    ),
)
