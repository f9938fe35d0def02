"""LiteRT (.tflite) files, made by Keras' own export; builtin operators only."""

import dataclasses
import re
import warnings

import keras
import numpy as np

from keras_gan_translate.export import flatbuffer
from keras_gan_translate.export.metadata import add_metadata
from keras_gan_translate.export.network import check_backend
from keras_gan_translate.export.operators import (
    check_builtin,
    float_operators,
    read_graph,
    refusal,
)
from keras_gan_translate.files import written_aside
from keras_gan_translate.messages import check_choice
from keras_gan_translate.networks import image_of

PRECISIONS = ("float32", "float16", "dynamic_int8", "int8")
CALIBRATION_IMAGES = 8  # at least; a hundred are better
PIXEL = np.float32(2 / 255)  # a level of a pixel, where white is 1, black -1
GRAY = 128  # the pixel that stands for zero, to half a level


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
    in [-1, 1] unless it is "int8", for casts may stay on the processor there.

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
    """
    check_choice("precision", precision, PRECISIONS)
    check_backend("A .tflite file")
    shape = (1, *network.input_shape[1:])
    options = {}
    if precision == "int8":
        options = _calibration(_checked_images(images, shape))
        spec = dataclasses.replace(spec, dtype="uint8")
    elif mobile:
        spec = dataclasses.replace(spec, dtype="float32")
    if mobile or precision == "int8":
        network = _float_network(network, shape, mobile)
    with written_aside(path) as aside:
        _convert(network, shape, aside, precision, options)
        check_builtin(aside)
        model = flatbuffer.unpack(aside)
        if precision == "int8":
            _make_pixels(model)
        _name(model)
        add_metadata(model, spec)
        aside.write_bytes(flatbuffer.pack(model))
        if precision == "int8":
            _report_floats(aside)


def mobile_form(network):
    """A network for the GPUs of phones, with the weights of another.

    Layers that can, normalize such that float16 holds every value. In float32
    the network computes the same.

    Args:
        network: functional `keras.Model`.

    Returns:
        A new functional `keras.Model`; its weights are copies.
    """

    def form(layer):
        layer = layer.__class__.from_config(layer.get_config())
        if hasattr(layer, "half_safe"):
            layer.half_safe = True
        return layer

    copy = keras.models.clone_model(network, clone_function=form)
    copy.set_weights(network.get_weights())
    return copy


def _float_network(network, shape, mobile):
    """The generator inside the conversions: [-1, 1] to [-1, 1], float32."""
    (generator,) = (
        layer for layer in network.layers if isinstance(layer, keras.Model)
    )
    if mobile:
        if None in shape:
            raise ValueError(
                "A mobile export needs one size, for GPUs of phones take no "
                f"other; the network takes images of shape {shape}. Give it "
                "an image_size."
            )
        generator = mobile_form(generator)
    images = keras.Input(shape[1:], batch_size=1, name="images")
    return keras.Model(images, image_of(generator(images, training=False)))


def _convert(network, shape, path, precision, options):
    import tensorflow as tf

    operators = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if precision == "int8":
        operators.insert(0, tf.lite.OpsSet.TFLITE_BUILTINS_INT8)
    target = {"supported_ops": operators}
    if precision == "float16":
        target["supported_types"] = [tf.float16]
    if precision != "float32":
        options = {**options, "optimizations": [tf.lite.Optimize.DEFAULT]}
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


def _checked_images(images, shape):
    """The calibration images, brought to cover all pixel values."""
    images = np.asarray([] if images is None else images)
    if images.ndim != 4 or images.dtype != np.uint8 or images.shape[3] != 3:
        raise ValueError(
            "int8 is calibrated on images like those it will translate: "
            "`images` is expected as uint8 (N, H, W, 3). Received: "
            f"{images.dtype} of shape {images.shape}."
        )
    if len(images) < CALIBRATION_IMAGES:
        raise ValueError(
            f"int8 is calibrated on {CALIBRATION_IMAGES} images or more, "
            f"better a hundred. Received: {len(images)}."
        )
    for wanted, size in zip(shape[1:3], images.shape[1:3]):
        if wanted not in (None, size):
            raise ValueError(
                f"The calibration images are of shape {images.shape[1:]}, but "
                f"the network takes {shape[1:]}. Resize them."
            )
    images = images.copy()
    # The quantization of the input shall be that of pixels, whatever is on
    # these images.
    images[0, 0, 0] = 0
    images[0, -1, -1] = 255
    return images


def _calibration(images):
    import tensorflow as tf

    def batches():
        for image in images:
            yield [image[None].astype("float32") / 127.5 - 1.0]

    return {
        "representative_dataset": batches,
        "inference_input_type": tf.uint8,
        "inference_output_type": tf.uint8,
    }


def _name(model):
    """Calls the input `images` and the output `translated`."""
    (signature,), graph = model.signatureDefs, model.subgraphs[0]
    for name, (entry,), (index,) in (
        ("images", signature.inputs, graph.inputs),
        ("translated", signature.outputs, graph.outputs),
    ):
        entry.name = graph.tensors[index].name = name


def _make_pixels(model):
    """Makes the uint8 input and output mean pixels, whatever their range was.

    Both are next to a QUANTIZE operator, which converts from any scale to any
    other; what was calibrated is on its other side.
    """
    graph = model.subgraphs[0]
    for index in (*graph.inputs, *graph.outputs):
        quantization = graph.tensors[index].quantization
        level, gray = quantization.scale[0], quantization.zeroPoint[0]
        # A range of [-1, 1] may have become 2 / 255 and 127, or 128, or
        # TANH's 2 / 256: less than a level from pixels.
        if abs(level / PIXEL - 1) > 0.01 or gray not in (GRAY - 1, GRAY):
            quantization.scale = np.array([PIXEL])
            quantization.zeroPoint = np.array([GRAY])


def _report_floats(path):
    remaining = float_operators(read_graph(path).operators)
    if remaining:
        warnings.warn(
            f"{len(remaining)} operators of '{path}' still compute in floats "
            "between the quantized ones: "
            f"{', '.join(sorted({operator.name for operator in remaining}))}.",
            stacklevel=3,
        )
