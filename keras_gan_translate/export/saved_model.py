"""SavedModels for TensorFlow Serving, which polls the folder they appear in.

A version, NAME/1/, holds the graph and the weights as TensorFlow writes them
and, in assets.extra/, the `TranslatorSpec` and the warm-up requests.
"""

import pathlib

import numpy as np

from keras_gan_translate.export.network import (
    check_backend,
    describe,
    made_up,
)
from keras_gan_translate.export.spec import is_picture
from keras_gan_translate.support.files import folder_written_aside

EXTRA = "assets.extra"  # where the server itself looks for WARM_UP
SPEC, WARM_UP = "translator.json", "tf_serving_warmup_requests"
WARM_UP_SIZE = 256  # pixels, where the network takes any size


def write(network, spec, path, version=None):
    """Writes a version of a served model; it is there whole or not at all.

    Its signatures are those of `serving.signatures`; only the translator's
    own weights go in. A server that finds the version first answers the
    warm-up requests, so that no user waits for what the first ones cost.

    Args:
        network: what `translator_network` returns.
        spec: its `TranslatorSpec`.
        path: folder of the model's versions, the server's model_base_path;
            its name is the one under which the model is served.
        version: number of the version; the next that is free if None.

    Returns:
        `pathlib.Path` of the version.

    Raises:
        ValueError: Keras computes with something else than TensorFlow, or
            the version is there already.
    """
    check_backend("A SavedModel")
    import tensorflow as tf

    from keras_gan_translate.export import serving

    path = pathlib.Path(path)
    folder = path / str(version or next_version(path))
    if folder.exists():
        raise ValueError(
            f"'{folder}' exists, and a server may be using it. Take another "
            f"version; the next is {next_version(path)}."
        )
    module = tf.Module()
    module.weights = [variable.value for variable in network.variables]
    spec = describe(spec, network)
    functions = serving.signatures(network, spec)
    with folder_written_aside(folder) as aside:
        tf.saved_model.save(module, str(aside), signatures=functions)
        extra = aside / EXTRA
        extra.mkdir()
        (extra / SPEC).write_text(spec.to_json(), encoding="utf-8")
        with tf.io.TFRecordWriter(str(extra / WARM_UP)) as records:
            for request in warm_up_requests(spec):
                records.write(request)
    return folder


def next_version(path):
    """The number after the last version in a folder; 1 if there is none."""
    path = pathlib.Path(path)
    names = [p.name for p in path.iterdir()] if path.is_dir() else []
    return 1 + max([int(name) for name in names if name.isdecimal()], default=0)


def warm_up_requests(spec):
    """A request for each signature: a drawn face of the training's size.

    What is no picture, and what goes beside one, is made up by its field.

    Args:
        spec: a `TranslatorSpec`.

    Returns:
        List of serialized `PredictionLog`s of TensorFlow Serving.
    """
    from keras_gan_translate.export import serving

    multiple = spec.size_multiple
    size = spec.image_size or -(-WARM_UP_SIZE // multiple) * multiple
    arrays, files = {}, {}
    for name, field in spec.fields.items():
        value = made_up(field, 1, size)
        if field.per_pixel:
            files[serving.bytes_name(name)] = np.array([_png(value[0])])
        else:
            files[name] = value
        if is_picture(field) and spec.dtype == "float32":
            value = value.astype("float32") / 127.5 - 1.0
        arrays[name] = value
    return [
        _prediction_log(spec.name, serving.DEFAULT, arrays),
        _prediction_log(spec.name, serving.BYTES, files),
    ]


def _png(value):
    import tensorflow as tf

    wide = value.dtype != np.uint8 and value.max() > 255
    return tf.io.encode_png(value.astype("uint16" if wide else "uint8")).numpy()


def _prediction_log(model, signature, inputs):
    """A serialized PredictionLog of one PredictRequest.

    TensorFlow ships TensorProto, and not the server's own messages around
    it: prediction_log.proto, predict.proto, model.proto.
    """
    import tensorflow as tf

    model_spec = _field(1, model.encode()) + _field(3, signature.encode())
    request = _field(1, model_spec)
    for name, value in sorted(inputs.items()):
        tensor = tf.make_tensor_proto(value).SerializeToString()
        request += _field(2, _field(1, name.encode()) + _field(2, tensor))
    return _field(6, _field(1, request))  # predict_log, its request


def _field(number, value):
    """A field of a protocol buffer: its number and wire type 2, the bytes."""
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(number):
    """Seven bits a byte, the lowest first; the eighth says that more come."""
    *lower, last = (
        number >> shift & 0x7F
        for shift in range(0, max(1, number.bit_length()), 7)
    )
    return bytes([*(byte | 0x80 for byte in lower), last])
