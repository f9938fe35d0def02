"""Names in the authors' PyTorch code of CoGAN.

Source: mingyuliutw/CoGAN, cogan_pytorch/src, commit f940c283: CoGen28x28 and
CoDis28x28, for digits and, with classes, for domain adaptation.
"""

from keras_gan_translate.checkpoints.name_map import NameMap, numbered

MODEL = "cogan"
PARTS = {"gen": "generator"}


def recognise(shapes):
    """The arguments of `CoGAN` that follow from a generator's tensors."""
    if "dconv4_a.weight" not in shapes:
        return None
    return {
        "image_size": 28,
        "filters": shapes["dconv3.weight"][1],
        "channels": shapes["dconv4_a.weight"][1],
        "latent_size": shapes["dconv0.weight"][0],
    }


def _is_generator(layers):
    return "image_a_deconv" in layers and "image_b_deconv" in layers


def _generator(layers, names):
    stages = numbered(layers, "stage_{}_deconv")
    modules = {}
    for i in range(stages):
        modules[f"dconv{i}"] = layers[f"stage_{i + 1}_deconv"]
        modules[f"bn{i}"] = layers[f"stage_{i + 1}_norm"]
        modules[f"prelu{i}"] = layers[f"stage_{i + 1}_prelu"]
    for domain in "ab":
        modules[f"dconv{stages}_{domain}"] = layers[f"image_{domain}_deconv"]
    return modules


def _is_discriminator(layers):
    return "shared" in layers and "a_conv" in layers


def _discriminator(layers, names):
    shared = {layer.name: layer for layer in layers["shared"].layers}
    modules = {
        "conv0_a": layers["a_conv"],
        "conv0_b": layers["b_conv"],
        "conv1": shared["layer_1_conv"],
        "conv2": shared["whole_conv"],
        "prelu2": shared["whole_prelu"],
        "conv3": shared["logits"],
    }
    if "class_logits" in shared:
        modules["conv_cl"] = shared["class_logits"]
    return modules


NAME_MAPS = (
    NameMap("CoGAN's generators", _is_generator, _generator),
    NameMap("CoGAN's discriminators", _is_discriminator, _discriminator),
)
