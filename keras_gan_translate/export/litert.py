"""LiteRT (.tflite) files, made by Keras' own export; builtin operators only."""

import dataclasses
import re

import keras

from keras_gan_translate.export import flatbuffer, int8
from keras_gan_translate.export.metadata import add_metadata
from keras_gan_translate.export.network import changed_copy, check_backend
from keras_gan_translate.export.operators import (
    check_builtin,
    refusal,
)
from keras_gan_translate.networks import image_of
from keras_gan_translate.support.files import written_aside
from keras_gan_translate.support.messages import check_choice

PRECISIONS = ("float32", "float16", "dynamic_int8", "int8")


def write(network, spec, path, precision="float32", images=None, mobile=False):
    """Writes a translator as a .tflite file; it is whole or not there.

    The file takes one image of the network's size; where this is open it
    takes any after `resize_tensor_input`. Its description is in it.

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
            8 or more, for "int8"; otherwise unused.
        mobile: whether it is for the GPUs of phones; of one size only.

    Raises:
        ValueError: an unknown precision, images that are missing or do not
            fit, a mobile file without a size, or a network that needs
            operators which LiteRT does not have.
        ImportError: the quantizer, for "int8", is missing.
    """
    check_choice("precision", precision, PRECISIONS)
    check_backend("A .tflite file")
    shape = (1, *network.input_shape[1:])
    if mobile and None in shape:
        raise ValueError(
            "A mobile export needs one size, for GPUs of phones take no "
            f"other; the network takes images of shape {shape}. Give it an "
            "image_size."
        )
    if precision == "int8":
        images = int8.checked_images(images, shape)
        network = _float_network(network, shape, int8.integer_form)
        spec = dataclasses.replace(spec, dtype="uint8")
    elif mobile:
        network = _float_network(network, shape, mobile_form)
        spec = dataclasses.replace(spec, dtype="float32")
    with written_aside(path) as aside:
        _convert(network, shape, aside, precision)
        check_builtin(aside)
        if precision == "int8":
            int8.quantize(aside, images)
        model = flatbuffer.unpack(aside)
        _name(model)
        add_metadata(model, spec)
        aside.write_bytes(flatbuffer.pack(model))


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


def _float_network(network, shape, form):
    """The generator inside the conversions: [-1, 1] to [-1, 1], float32."""
    (generator,) = (
        layer for layer in network.layers if isinstance(layer, keras.Model)
    )
    images = keras.Input(shape[1:], batch_size=1, name="images")
    translated = image_of(form(generator)(images, training=False))
    return keras.Model(images, translated)


def _convert(network, shape, path, precision):
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
            input_signature=[
                keras.InputSpec(network.input.dtype, shape, name="images")
            ],
            target_spec=target,
            **options,
        )
    except Exception as error:  # the converter's exceptions have no base
        strange = re.findall(r"tf\.(\w+)' op is neither|Flex(\w+)", str(error))
        if not strange:
            raise
        names = {f"Flex{name or other}" for name, other in strange}
        raise refusal(dict.fromkeys(sorted(names), "the graph")) from error


def _name(model):
    """Calls the input `images` and the output `translated`."""
    (signature,), graph = model.signatureDefs, model.subgraphs[0]
    for name, (entry,), (index,) in (
        ("images", signature.inputs, graph.inputs),
        ("translated", signature.outputs, graph.outputs),
    ):
        entry.name = graph.tensors[index].name = name
