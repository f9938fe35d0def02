"""Names in the authors' TensorFlow code of STGAN, and of AttGAN in it.

Source: csmliu/STGAN, models.py, commit 8a206add: variables of Genc, Gstu and
Gdec, and of D, named by TF-slim in the order in which they are made.
"""

from keras_gan_translate.checkpoints.layouts import Renamed
from keras_gan_translate.checkpoints.name_map import NameMap, numbered
from keras_gan_translate.networks.selective import WIDEST

MODEL = "stgan"
PARTS = {"Genc": "encoder", "Gstu": "transfer", "Gdec": "decoder"}
SLIM = {"kernel": "weights", "bias": "biases"}


def recognise(shapes):
    """The arguments of `STGAN` that follow from a network's tensors."""
    if "Conv/BatchNorm/gamma" in shapes:  # Genc
        layers = sum(name.endswith("/weights") for name in shapes)
        return {"filters": shapes["Conv/weights"][-1], "num_layers": layers}
    if "Conv2d_transpose/weights" not in shapes:
        return None
    layers = sum(
        name.startswith("Conv2d_transpose") and name.endswith("/weights")
        for name in shapes
    )
    if "Conv/weights" in shapes:  # Gstu
        layers, use_stu = layers + 1, True
        filters = shapes[f"Conv2d_transpose_{layers - 2}/weights"][2]
    else:  # Gdec
        *_, channels = shapes[f"Conv2d_transpose_{layers - 1}/weights"]
        before = shapes[f"Conv2d_transpose_{layers - 2}/BatchNorm/gamma"][0]
        filters, use_stu = before // 2, channels > before
    *_, channels = shapes["Conv2d_transpose/weights"]
    count = channels - min(filters * 2 ** (layers - 1), WIDEST)
    return {
        "filters": filters,
        "num_layers": layers,
        # Their names are not stored.
        "attributes": tuple(f"attribute_{i + 1}" for i in range(count)),
        "use_stu": use_stu,
    }


def _slim(kind, layers):
    """TF-slim numbers layers of a kind from the second on."""
    return {
        f"{kind}_{i}" if i else kind: Renamed(layer, SLIM)
        for i, layer in enumerate(layers)
    }


def _convolutions(layers, norm, kind="Conv", pattern="layer_{}"):
    count = numbered(layers, f"{pattern}_norm")
    named = [pattern.format(i) for i in range(1, count + 1)]
    suffix = "conv" if kind == "Conv" else "deconv"
    modules = _slim(kind, [layers[f"{name}_{suffix}"] for name in named])
    norms = [layers[f"{name}_norm"] for name in named]
    return modules | {f"{m}/{norm}": n for m, n in zip(modules, norms)}


def _is_encoder(layers):
    norm = type(layers.get("layer_1_norm")).__name__
    return norm == "BatchNormalization"


def _encoder(layers, names):
    return _convolutions(layers, "BatchNorm")


def _is_transfer(layers):
    return "unit_1_candidate" in layers


def _transfer(layers, names):
    count = numbered(layers, "unit_{}_deconv")
    units = [f"unit_{i}" for i in reversed(range(1, count + 1))]
    gates = ("reset", "update", "candidate")
    return _slim(
        "Conv", [layers[f"{unit}_{gate}"] for unit in units for gate in gates]
    ) | _slim("Conv2d_transpose", [layers[f"{u}_deconv"] for u in units])


def _is_decoder(layers):
    return "head_deconv" in layers and "inject" in layers


def _decoder(layers, names):
    modules = _convolutions(layers, "BatchNorm", "Conv2d_transpose", "up_{}")
    count = numbered(layers, "up_{}_deconv")
    head = Renamed(layers["head_deconv"], SLIM)
    return modules | {f"Conv2d_transpose_{count}": head}


def _is_discriminator(layers):
    return "layer_1_norm" in layers and "class_logits" in layers


def _discriminator(layers, names):
    dense = ("logits_hidden", "logits", "class_logits_hidden", "class_logits")
    heads = _slim("flatten_fully_connected", [layers[name] for name in dense])
    return _convolutions(layers, "InstanceNorm") | {
        f"{module}/fully_connected": layer for module, layer in heads.items()
    }


NAME_MAPS = tuple(
    NameMap(f"STGAN's {title}", fits, modules, "tensorflow")
    for title, fits, modules in (
        ("encoder", _is_encoder, _encoder),
        ("selective transfer units", _is_transfer, _transfer),
        ("decoder", _is_decoder, _decoder),
        ("discriminator", _is_discriminator, _discriminator),
    )
)
