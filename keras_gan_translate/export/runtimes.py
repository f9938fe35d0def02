"""The runtimes of exported translators: each opens a file and runs it.

Every opener takes (path, threads, trust) and returns the arguments of an
`Artefact` after the path: how to run it, a function from a dict of arrays by
the names of the inputs to one; what these inputs are, a dict from the name to
(dtype, shape with None where any); and the `TranslatorSpec` that lies in the
file, if one does. `trust` is for the formats that can be programs.
"""

import contextlib
import math
import pathlib

from keras_gan_translate.export.harmless import GRAPH, check_harmless
from keras_gan_translate.export.spec import TranslatorSpec, read_spec
from keras_gan_translate.support.messages import shorten

SPEC = pathlib.Path("assets.extra", "translator.json")
SIGNATURE = "serving_default"


def open_saved_model(path, threads=None, trust=False):
    """Opens a SavedModel with `tf.saved_model.load`."""
    tf, folder = _tensorflow(threads), saved_model_folder(path)
    if not trust:
        check_harmless(folder)
    with _explained(path):
        loaded = tf.saved_model.load(folder)
        signature = loaded.signatures[SIGNATURE]
        inputs = signature.structured_input_signature[1]
        types = {name: spec.dtype for name, spec in inputs.items()}

    def run(feeds, loaded=loaded):  # which keeps the variables alive
        (output,) = signature(
            **{n: tf.constant(x, types[n]) for n, x in feeds.items()}
        ).values()
        return output.numpy()

    return {
        "run": run,
        "inputs": {
            name: (spec.dtype.name, spec.shape.as_list())
            for name, spec in inputs.items()
        },
        "spec": _saved_model_spec(folder),
    }


def open_saved_model_v1(path, threads=None, trust=False):
    """Opens a SavedModel as TensorFlow Serving does, by its tag and names."""
    tf, folder = _tensorflow(threads), saved_model_folder(path)
    if not trust:
        check_harmless(folder)
    graph = tf.Graph()
    session = tf.compat.v1.Session(graph=graph)
    with _explained(path), _quiet(tf), graph.as_default():
        loaded = tf.compat.v1.saved_model.loader.load(
            session, ["serve"], str(folder)
        )
        signature = loaded.signature_def[SIGNATURE]
        inputs = dict(signature.inputs)
        (output,) = signature.outputs.values()

    def run(feeds):
        return session.run(
            output.name, {inputs[n].name: x for n, x in feeds.items()}
        )

    return {
        "run": run,
        "inputs": {
            name: (
                tf.dtypes.as_dtype(info.dtype).name,
                tf.TensorShape(info.tensor_shape).as_list(),
            )
            for name, info in inputs.items()
        },
        "spec": _saved_model_spec(folder),
    }


def open_litert(path, threads=None, trust=False):
    """Opens a .tflite file with LiteRT and its XNNPACK kernels."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise ImportError(
            "Running a .tflite file needs LiteRT: run `pip install "
            "ai-edge-litert`."
        ) from error
    from keras_gan_translate.export.metadata import read_metadata

    spec = read_metadata(path)
    with _explained(path):
        interpreter = Interpreter(str(path), num_threads=threads)
        inputs = {d["name"]: d for d in interpreter.get_input_details()}
        (output,) = interpreter.get_output_details()
    allocated = None

    def run(feeds):
        nonlocal allocated
        shapes = {name: x.shape for name, x in feeds.items()}
        if shapes != allocated:
            for name, shape in shapes.items():
                interpreter.resize_tensor_input(inputs[name]["index"], shape)
            interpreter.allocate_tensors()
            allocated = shapes
        for name, x in feeds.items():
            interpreter.set_tensor(inputs[name]["index"], x)
        interpreter.invoke()
        return interpreter.get_tensor(output["index"])

    return {
        "run": run,
        "inputs": {
            name: (
                details["dtype"],
                [None if n < 0 else int(n) for n in details["shape_signature"]],
            )
            for name, details in inputs.items()
        },
        "spec": spec,
    }


def open_onnx(path, threads=None, trust=False):
    """Opens an .onnx file with ONNX Runtime on the processor."""
    from keras_gan_translate.export.onnx import METADATA, open_session

    session = open_session(path, threads)
    with _explained(path):
        inputs = session.get_inputs()
        (output,) = session.get_outputs()
        text = session.get_modelmeta().custom_metadata_map.get(METADATA)

    def dtype(value):
        name = value.type.removeprefix("tensor(").removesuffix(")")
        # "tensor(float)" is 32 bits wide.
        return "float32" if name == "float" else name

    return {
        "run": lambda feeds: session.run([output.name], feeds)[0],
        "inputs": {
            value.name: (
                dtype(value),
                [n if isinstance(n, int) else None for n in value.shape],
            )
            for value in inputs
        },
        "spec": TranslatorSpec.from_json(text) if text else None,
    }


def open_keras(path, threads=None, trust=False):
    """Opens a .keras file: a `GAN` as it is, or what a network takes."""
    from keras_gan_translate import backend
    from keras_gan_translate.export.keras_file import load_keras_file
    from keras_gan_translate.inference.translating import Translating
    from keras_gan_translate.networks import image_of

    with _explained(path):
        network = load_keras_file(path)
        if isinstance(network, Translating):
            return network
        if len(network.inputs) > 1:
            raise ValueError(
                f"the network '{network.name}' takes more than an image, and "
                "only its model knows what; open the run folder, or what "
                "`model.save` wrote"
            )
        (images,) = network.inputs
    # Nobody tells by how much its layers reduce an image.
    strides = [
        layer.strides[0]
        for layer in network.layers
        if hasattr(layer, "strides") and "Transpose" not in type(layer).__name__
    ]
    return {
        "run": lambda feeds: image_of(
            backend.predict(network, feeds[images.name])
        ),
        "inputs": {images.name: (images.dtype, images.shape)},
        "size_multiple": math.prod(strides),
        "network": network,
    }


def saved_model_folder(path):
    """The folder with saved_model.pb: `path`, or the newest version in it.

    Raises:
        ValueError: there is none; says what the folder is instead.
    """
    path = pathlib.Path(path)
    if (path / GRAPH).exists():
        return path
    versions = [p.parent for p in path.glob(f"*/{GRAPH}")]
    versions = [p for p in versions if p.name.isdigit()]
    if versions:
        return max(versions, key=lambda version: int(version.name))
    if (path / "config.yaml").exists():
        raise ValueError(
            f"'{path}' is a run folder, not an exported model: `keras-gan-"
            "translate translate` takes it without --model."
        )
    inside = [p for p in path.iterdir() if p.suffix in (".tflite", ".onnx")]
    inside += [p.parents[1] for p in path.glob(f"*/*/{GRAPH}")]
    raise ValueError(
        f"'{path}' is no SavedModel: it has no {GRAPH}, and no folder "
        "named 1, 2, ... that has one. Models in it: "
        f"{shorten(sorted(map(str, inside)))}."
    )


def _saved_model_spec(folder):
    path = folder / SPEC
    return read_spec(path) if path.exists() else None


def _tensorflow(threads):
    try:
        import tensorflow as tf
    except ImportError as error:
        raise ImportError(
            "Running a SavedModel needs TensorFlow: run `pip install "
            "tensorflow`."
        ) from error
    if threads:
        try:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
        except RuntimeError as error:
            raise ValueError(
                "TensorFlow has computed in this process already and keeps "
                f"its threads. Received: threads={threads}. Open the model "
                "before anything else."
            ) from error
    return tf


@contextlib.contextmanager
def _quiet(tf):
    """Without the advice not to load as the server does."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def _explained(path):
    """Turns whatever a runtime raises on a bad file into a ValueError."""
    try:
        yield
    except ImportError:
        raise
    except Exception as error:  # runtimes have no common base
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(
            f"'{path}' cannot be opened as a translator, which makes images "
            f"of images: {reason}"
        ) from error
