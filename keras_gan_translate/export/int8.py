"""Full int8: a LiteRT file whose convolutions and all between are integers."""

import warnings

import keras
import numpy as np
from keras import ops

from keras_gan_translate.export import flatbuffer
from keras_gan_translate.export.network import changed_copy
from keras_gan_translate.export.operators import float_operators, read_graph
from keras_gan_translate.export.spec import IMAGES, is_picture

CALIBRATION_IMAGES = 8  # at least; a hundred are better
PIXEL = np.float32(2 / 255)  # a level of a pixel, where white is 1, black -1
# What brings classes, masks and vectors in, before all becomes int8.
PREPARING = ("CAST", "ONE_HOT", "QUANTIZE")
GRAY = 128  # the pixel that stands for zero, to half a level


def integer_form(network):
    """A network of operators that the quantizer knows, with the same results.

    It has no leaky units: these become `slope * x + (1 - slope) * relu(x)`.

    Args:
        network: functional `keras.Model`.

    Returns:
        A new functional `keras.Model`; its weights are copies.
    """
    return changed_copy(network, _integer_layer)


def checked_images(images, network, fields):
    """The calibration images, brought to cover all pixel values.

    Args:
        images: uint8 array (N, H, W, 3), or None; a dict of raw arrays where
            the network has several inputs.
        network: what `translator_network` returns.
        fields: dict of its `Field`s by the names of its inputs.

    Returns:
        Dict of raw arrays by the names of the inputs.

    Raises:
        ValueError: there are too few, or they do not fit; or the network
            takes a vector.
    """
    vectors = [
        name
        for name, field in fields.items()
        if field.dtype == "float32" and not is_picture(field)
    ]
    if vectors:
        raise ValueError(
            f"int8 has no place for {', '.join(vectors)}, a vector of floats, "
            "which loses too much as it is quantized. Take dynamic_int8."
        )
    given = images if isinstance(images, dict) else {IMAGES: images}
    if missing := set(fields) - set(given):
        raise ValueError(
            f"int8 is calibrated on all that the network takes; `images` is "
            f"a dict of {', '.join(fields)}, and lacks {', '.join(missing)}."
        )
    checked = {name: np.array(given[name]) for name in fields}
    images = checked[IMAGES] if given[IMAGES] is not None else np.array([])
    size = network.inputs[list(fields).index(IMAGES)].shape[1:]
    if (
        images.ndim != 4
        or images.dtype != np.uint8
        or images.shape[3] != size[2]
    ):
        raise ValueError(
            "int8 is calibrated on images like those it will translate: "
            f"`images` is expected as uint8 (N, H, W, {size[2]}). Received: "
            f"{images.dtype} of shape {images.shape}."
        )
    if len(images) < CALIBRATION_IMAGES:
        raise ValueError(
            f"int8 is calibrated on {CALIBRATION_IMAGES} images or more, "
            f"better a hundred. Received: {len(images)}."
        )
    for wanted, found in zip(size[:2], images.shape[1:3]):
        if wanted not in (None, found):
            raise ValueError(
                f"The calibration images are of shape {images.shape[1:]}, but "
                f"the network takes {size}. Resize them."
            )
    # The quantization of the input shall be that of pixels, whatever is on
    # these images.
    for name, field in fields.items():
        if is_picture(field):
            checked[name][:, 0, 0] = 0
            checked[name][:, -1, -1] = 255
    return checked


def described(spec):
    """The spec of a file that takes pixels as they are."""
    inputs = {
        facts["input"]: (
            "uint8" if is_picture(field) else facts["dtype"],
            facts["shape"],
        )
        for facts, field in zip(spec.inputs, spec.fields.values())
    }
    return spec.described(inputs)


def quantize(path, images, fields):
    """Makes a float32 file, [-1, 1] in and out, one of int8 and uint8 pixels.

    Ranges are those that AI Edge Quantizer finds in LiteRT itself while it
    translates `images`; conversion of pixels is the quantization of the input
    and the output, to half a level. What is no picture goes in as it is.

    Args:
        path: of the .tflite file, which is replaced.
        images: what `checked_images` returns.
        fields: dict of the network's `Field`s by the names of its inputs.

    Raises:
        ImportError: the quantizer is missing.
    """
    quantizer, recipe, qtyping = _quantizer()
    model = flatbuffer.unpack(path)
    (signature,), graph = model.signatureDefs, model.subgraphs[0]
    # Where any size will do, LiteRT begins with a size of 1 by 1, which is
    # too small for most networks.
    for index in graph.inputs:
        tensor = graph.tensors[index]
        values = images[tensor.name.decode()]
        tensor.shape = [tensor.shape[0], *values.shape[1:]]
    quantization = quantizer.Quantizer(
        flatbuffer.pack(model), recipe.static_wi8_ai8()
    )
    pixels = qtyping.OpQuantizationConfig(
        qtyping.TensorQuantizationConfig(
            num_bits=8,
            symmetric=False,
            granularity=qtyping.QuantGranularity.TENSORWISE,
            dtype=qtyping.TensorDataType.UINT,
        ),
        compute_precision=qtyping.ComputePrecision.INTEGER,
    )
    pictures = [name for name in fields if is_picture(fields[name])]
    for end, names in (("INPUT", pictures), ("OUTPUT", [".*"])):
        for name in names:
            quantization.update_quantization_recipe(
                name, qtyping.TFLOperationName[end], pixels
            )
    batch_size = graph.tensors[graph.inputs[0]].shape[0]
    batches = _batches(images, pictures, batch_size)
    with warnings.catch_warnings():
        # LiteRT's, that to keep all tensors is for debugging only.
        warnings.simplefilter("ignore", UserWarning)
        ranges = quantization.calibrate(
            {signature.signatureKey.decode(): batches}
        )
    path.write_bytes(
        quantization.quantize(
            ranges, enable_progress_bar=False, enable_progress_report=False
        ).quantized_model
    )
    model = flatbuffer.unpack(path)
    _make_pixels(model, pictures)
    path.write_bytes(flatbuffer.pack(model))
    _report_floats(path, () if len(pictures) == len(fields) else PREPARING)


def _batches(images, pictures, batch_size):
    """Calibration images as dicts of what the float32 file takes."""
    count = len(images[IMAGES]) // batch_size * batch_size

    def batch(i):
        values = {n: v[i : i + batch_size] for n, v in images.items()}
        for name in pictures:
            values[name] = values[name].astype("float32") / 127.5 - 1.0
        return values

    return [batch(i) for i in range(0, count, batch_size)]


def _make_pixels(model, pictures):
    """Makes the uint8 input and output mean pixels, whatever their range was.

    Both are next to a QUANTIZE operator, which converts from any scale to any
    other; what was calibrated is on its other side.
    """
    (signature,), graph = model.signatureDefs, model.subgraphs[0]
    for entry in (*signature.inputs, *signature.outputs):
        # The quantizer calls the tensors it makes by names of its own.
        graph.tensors[entry.tensorIndex].name = entry.name
    inputs = [
        index
        for index in graph.inputs
        if graph.tensors[index].name.decode() in pictures
    ]
    for index in (*inputs, *graph.outputs):
        quantization = graph.tensors[index].quantization
        level, gray = quantization.scale[0], quantization.zeroPoint[0]
        # A range of [-1, 1] may have become 2 / 255 and 127, or 128, or
        # TANH's 2 / 256: less than a level from pixels.
        if abs(level / PIXEL - 1) > 0.01 or gray not in (GRAY - 1, GRAY):
            quantization.scale = np.array([PIXEL])
            quantization.zeroPoint = np.array([GRAY])


def _report_floats(path, expected):
    remaining = [
        operator
        for operator in float_operators(read_graph(path).operators)
        if operator.name not in expected
    ]
    if remaining:
        names = sorted({operator.name for operator in remaining})
        warnings.warn(
            f"{len(remaining)} operators of the int8 file still compute in "
            f"floats between the quantized ones: {', '.join(names)}.",
            stacklevel=4,
        )


class _IntegerLeakyReLU(keras.layers.LeakyReLU):
    def call(self, inputs):
        slope = self.negative_slope
        return slope * inputs + (1.0 - slope) * ops.relu(inputs)


class _IntegerPReLU(keras.layers.PReLU):
    def call(self, inputs):
        slope = ops.convert_to_tensor(self.alpha)
        return slope * inputs + (1.0 - slope) * ops.relu(inputs)


INTEGER_LAYERS = {
    keras.layers.LeakyReLU: _IntegerLeakyReLU,
    keras.layers.PReLU: _IntegerPReLU,
}


def _integer_layer(layer):
    kind = INTEGER_LAYERS.get(type(layer), type(layer))
    return kind.from_config(layer.get_config())


def _quantizer():
    try:
        from ai_edge_quantizer import qtyping, quantizer, recipe
    except ImportError as error:
        raise ImportError(
            "int8 needs AI Edge Quantizer: run `pip install "
            "'keras-gan-translate[litert]'`."
        ) from error
    return quantizer, recipe, qtyping
