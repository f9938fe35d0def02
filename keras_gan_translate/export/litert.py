"""LiteRT (.tflite) files, made by Keras' own export; builtin operators only."""

import dataclasses
import re

import keras
import numpy as np

from keras_gan_translate.export import flatbuffer, int8
from keras_gan_translate.export.metadata import add_metadata
from keras_gan_translate.export.network import (
    changed_copy,
    check_backend,
    describe,
    float_network,
    input_names,
    signature_of,
)
from keras_gan_translate.export.operators import (
    check_builtin,
    refusal,
)
from keras_gan_translate.export.spec import IMAGES, TRANSLATED
from keras_gan_translate.support.files import written_aside
from keras_gan_translate.support.messages import check_choice

PRECISIONS = ("float32", "float16", "dynamic_int8", "int8")


def write(
    network,
    spec,
    path,
    precision="float32",
    images=None,
    mobile=False,
    batch_size=1,
):
    """Writes a translator as a .tflite file; it is whole or not there.

    The file takes images of the network's size; where this is open it takes
    any after `resize_tensor_input`. Its description is in it. Inputs are
    called as in `TranslatorSpec.inputs`, "images" where it is one alone.

    Precisions: "float32"; "float16" and "dynamic_int8" store the weights in
    half and a quarter of the bytes and compute in float32 and, convolutions
    by the latter, in int8; "int8" computes in int8 throughout and takes and
    gives uint8, where conversion of pixels is the quantization itself, to
    half a level. It quantizes by the values that `images` bring about.

    A mobile file is for the GPUs of phones. It normalizes such that float16
    holds every value (`layers.half_safe`) and takes and gives float32 images
    in [-1, 1], for casts may stay on the processor there. An "int8" file is
    not for them, and the same whether mobile or not.

    Args:
        network: what `translator_network` returns.
        spec: its `TranslatorSpec`.
        path: the file, ending in .tflite.
        precision: one of `PRECISIONS`.
        images: uint8 array (N, H, W, 3) of images as the file will get them,
            8 or more, for "int8"; otherwise unused. A dict of raw arrays by
            the names of the inputs where these are several.
        mobile: whether it is for the GPUs of phones; of one size only.
        batch_size: number of images that it takes at once.

    Raises:
        ValueError: an unknown precision, images that are missing or do not
            fit, a mobile file without a size, or a network that needs
            operators which LiteRT does not have.
        ImportError: the quantizer, for "int8", is missing.
    """
    check_choice("precision", precision, PRECISIONS)
    check_backend("A .tflite file")
    sizes = [tensor.shape[1:] for tensor in network.inputs]
    if mobile and any(None in size for size in sizes):
        raise ValueError(
            "A mobile export needs one size, for GPUs of phones take no "
            f"other; the network takes images of shape {sizes[0]}. Give it "
            "an image_size."
        )
    if precision == "int8":
        images = int8.checked_images(images, network, spec.fields)
        form, facts = int8.integer_form, {"dtype": "uint8"}
    elif mobile:
        form, facts = mobile_form, {"dtype": "float32"}
    else:
        form, facts = None, {}
    if form:
        network = float_network(network, spec.fields, form, batch_size)
    spec = dataclasses.replace(spec, batch_size=batch_size, **facts)
    spec = describe(spec, network, batch_size)
    with written_aside(path) as aside:
        _write(network, batch_size, aside, precision)
        if precision == "int8":
            int8.quantize(aside, images, spec.fields)
            spec = int8.described(spec)
        model = flatbuffer.unpack(aside)
        add_metadata(model, spec)
        aside.write_bytes(flatbuffer.pack(model))


def write_encoder(model, encoder, path, image_size, precision="float32"):
    """Writes a network that reads a style off a picture as a .tflite file.

    It takes one float32 image in [-1, 1] and gives the code of its style, as
    the translators beside it take it; it has no description of its own.

    Args:
        model: a `GAN`.
        encoder: attribute of the model that holds the network.
        path: the file, ending in .tflite.
        image_size: height and width of the picture in pixels.
        precision: one of `PRECISIONS` but "int8".
    """
    picture = keras.Input((image_size, image_size, 3), 1, name=IMAGES)
    code = getattr(model, encoder)(picture, training=False)
    network = keras.Model(picture, code, name="encoder")
    with model.averaged_weights(), written_aside(path) as aside:
        _write(network, 1, aside, precision)


def mobile_form(network):
    """A network for the GPUs of phones, with the weights of another.

    Layers that can, normalize such that float16 holds every value. In float32
    the network computes the same.

    Args:
        network: functional `keras.Model`.

    Returns:
        A new functional `keras.Model`; its weights are copies.
    """

    def half_safe(layer):
        layer = layer.__class__.from_config(layer.get_config())
        if hasattr(layer, "half_safe"):
            layer.half_safe = True
        return layer

    return changed_copy(network, half_safe)


def _write(network, batch_size, path, precision):
    _convert(network, batch_size, path, precision)
    check_builtin(path)
    _name(path, network)


def _convert(network, batch_size, path, precision):
    import tensorflow as tf

    target = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}
    options = {}
    if precision == "float16":
        target["supported_types"] = [tf.float16]
    if precision in ("float16", "dynamic_int8"):
        options["optimizations"] = [tf.lite.Optimize.DEFAULT]
    try:
        network.export(
            path,
            format="litert",
            verbose=False,
            input_signature=signature_of(network, batch_size),
            target_spec=target,
            **options,
        )
    except Exception as error:  # the converter's exceptions have no base
        strange = re.findall(r"tf\.(\w+)' op is neither|Flex(\w+)", str(error))
        if not strange:
            raise
        names = {f"Flex{name or other}" for name, other in strange}
        raise refusal(dict.fromkeys(sorted(names), "the graph")) from error


def _name(path, network):
    """Calls the inputs and the output of a file as an export's are called."""
    model = flatbuffer.unpack(path)
    (signature,), graph = model.signatureDefs, model.subgraphs[0]
    names = input_names(network)
    indices = {}
    for entry in signature.inputs:
        # Keras hands the names on, but not that of an input which is alone.
        name = names[0] if len(names) == 1 else entry.name.decode()
        entry.name = graph.tensors[entry.tensorIndex].name = name
        indices[name] = entry.tensorIndex
    graph.inputs = np.array([indices[name] for name in names], "int32")
    (entry,) = signature.outputs
    entry.name = graph.tensors[entry.tensorIndex].name = TRANSLATED
    path.write_bytes(flatbuffer.pack(model))
