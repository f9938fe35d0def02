"""ONNX files, made by Keras' own export and opened by ONNX Runtime."""

import importlib.util
import warnings

from keras_gan_translate.export.spec import TRANSLATED
from keras_gan_translate.support.files import written_aside

PACKAGES = ("onnx", "onnxruntime", "tf2onnx")
METADATA = "kgt_translator"  # the key of the description inside the file
DIMENSIONS = ("batch", "height", "width", "channels")


def write(network, spec, path):
    """Writes a translator as an ONNX file; the file is whole or not there.

    Inputs are called as in `TranslatorSpec.inputs`, "images" where it is one
    alone, the output `translated`; their free dimensions are named too. The
    description of the translator lies in the file's metadata. ONNX Runtime
    has opened the file before it gets its name.

    Args:
        network: what `translator_network` returns.
        spec: its `TranslatorSpec`.
        path: the file, ending in .onnx.

    Raises:
        ImportError: a package of the extra `onnx` is missing.
        ValueError: Keras computes with something else than TensorFlow, or
            ONNX Runtime refuses the file.
    """
    check_packages()
    from keras_gan_translate.export.network import (
        check_backend,
        describe,
        signature_of,
    )

    check_backend("An .onnx file")
    spec = describe(spec, network)
    with written_aside(path) as aside:
        with warnings.catch_warnings():
            # Keras looks for NumPy's old names as it patches tf2onnx.
            warnings.simplefilter("ignore", FutureWarning)
            network.export(
                aside,
                format="onnx",
                verbose=False,
                input_signature=signature_of(network),
            )
        _describe(aside, spec)
        open_session(aside)


def open_session(path, threads=None):
    """An ONNX Runtime session on the processor.

    Args:
        path: an .onnx file.
        threads: number of threads; None leaves it to the runtime.

    Raises:
        ImportError: ONNX Runtime is missing.
        ValueError: the runtime refuses the file.
    """
    check_packages(["onnxruntime"])
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # errors come as exceptions
    if threads:
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # its exceptions have no base of their own
        raise ValueError(
            f"ONNX Runtime {onnxruntime.__version__} cannot open '{path}': "
            f"{error}"
        ) from error


def check_packages(names=PACKAGES):
    """Raises an ImportError that says how to get the packages missing."""
    missing = [n for n in names if importlib.util.find_spec(n) is None]
    if missing:
        raise ImportError(
            f"ONNX needs {', '.join(missing)}: run `pip install "
            "'keras-gan-translate[onnx]'`."
        )


def _describe(path, spec):
    """Names what the file takes and gives, and says what it is."""
    import onnx

    model = onnx.load(path)
    graph, (output,) = model.graph, model.graph.output
    for node in graph.node:
        for i, name in enumerate(node.output):
            if name == output.name:
                node.output[i] = TRANSLATED
    output.name = TRANSLATED
    for value in (*graph.input, output):
        # Of what is no image the batch is named alone.
        for dimension, name in zip(
            value.type.tensor_type.shape.dim, DIMENSIONS
        ):
            if not dimension.HasField("dim_value"):
                larger = value is output and name in ("height", "width")
                larger = larger and spec.scale > 1
                dimension.dim_param = f"output_{name}" if larger else name
    onnx.helper.set_model_props(model, {METADATA: spec.to_json()})
    onnx.save(model, path)
