"""Full int8: a LiteRT file whose convolutions and all between are integers."""

import warnings

import keras
import numpy as np
from keras import ops

from keras_gan_translate.export import flatbuffer
from keras_gan_translate.export.network import changed_copy
from keras_gan_translate.export.operators import float_operators, read_graph

CALIBRATION_IMAGES = 8  # at least; a hundred are better
PIXEL = np.float32(2 / 255)  # a level of a pixel, where white is 1, black -1
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


def checked_images(images, shape):
    """The calibration images, brought to cover all pixel values.

    Args:
        images: uint8 array (N, H, W, 3), or None.
        shape: of the network's input; open sizes are None.

    Returns:
        uint8 array (N, H, W, 3).

    Raises:
        ValueError: there are too few, or they do not fit.
    """
    images = np.array([] if images is None else images)
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
    # The quantization of the input shall be that of pixels, whatever is on
    # these images.
    images[:, 0, 0] = 0
    images[:, -1, -1] = 255
    return images


def quantize(path, images):
    """Makes a float32 file, [-1, 1] in and out, one of int8 and uint8 pixels.

    Ranges are those that AI Edge Quantizer finds in LiteRT itself while it
    translates `images`; conversion of pixels is the quantization of the input
    and the output, to half a level.

    Args:
        path: of the .tflite file, which is replaced.
        images: what `checked_images` returns.

    Raises:
        ImportError: the quantizer is missing.
    """
    quantizer, recipe, qtyping = _quantizer()
    model = flatbuffer.unpack(path)
    (signature,), graph = model.signatureDefs, model.subgraphs[0]
    # Where any size will do, LiteRT begins with a size of 1 by 1, which is
    # too small for most networks.
    graph.tensors[graph.inputs[0]].shape = [1, *images.shape[1:]]
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
    for end in ("INPUT", "OUTPUT"):
        quantization.update_quantization_recipe(
            ".*", qtyping.TFLOperationName[end], pixels
        )
    name = signature.inputs[0].name.decode()
    batches = [
        {name: image[None].astype("float32") / 127.5 - 1.0} for image in images
    ]
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
    _make_pixels(model)
    path.write_bytes(flatbuffer.pack(model))
    _report_floats(path)


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
