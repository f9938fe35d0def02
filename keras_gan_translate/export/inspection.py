"""What an exported file says of itself, read without running it."""

import collections
import contextlib
import dataclasses
import pathlib

from keras_gan_translate.export import runtimes
from keras_gan_translate.export.artefacts import format_of
from keras_gan_translate.export.harmless import read_graph
from keras_gan_translate.export.spec import TranslatorSpec, read_spec


def inspect_artefact(path, gpu=False):
    """Describes an artefact of any format.

    Args:
        path: a SavedModel folder, or a .tflite, .onnx or .keras file.
        gpu: whether to list what the GPU of a phone would not take of it;
            .tflite only.

    Returns:
        Dict: `path`, `format`, `bytes`, `spec` (dict or None), `signatures`
        (list of dicts: `name`, `inputs`, `outputs`, these lists of dicts
        `name`, `dtype`, `shape`, None where a size is open); of a .tflite
        also `weights` (dtype -> bytes), `operators` (as of
        `operators.count_operators`) and, with `gpu`, `gpu`, a list of dicts
        (as of `gpu_check.Finding`); of a .keras `parameters` (network ->
        number).

    Raises:
        ImportError: what reads that format is missing.
        ValueError: the file is absent, damaged or of another format, or `gpu`
            is asked of another format.
    """
    format = format_of(path)
    if gpu and format != "litert":
        raise ValueError(
            "--check-gpu is about .tflite files, which phones run. Received: "
            f"'{path}'."
        )
    described = DESCRIBE[format](path)
    if gpu:
        from keras_gan_translate.export.gpu_check import check_gpu

        described["gpu"] = [dataclasses.asdict(f) for f in check_gpu(path)]
    spec = described.pop("spec", None)
    return {
        "path": str(path),
        "format": format,
        "bytes": _size(pathlib.Path(path)),
        "spec": None if spec is None else dataclasses.asdict(spec),
        **described,
    }


def _describe_litert(path):
    from keras_gan_translate.export.metadata import read_metadata
    from keras_gan_translate.export.operators import count_operators, read_graph

    graph = read_graph(path)
    weights = collections.Counter()
    constants = {
        tensor.name: tensor
        for operator in graph.operators
        for tensor in operator.inputs
        if tensor.values is not None
    }
    for tensor in constants.values():
        weights[tensor.dtype] += tensor.values.nbytes
    return {
        "spec": read_metadata(path),
        "signatures": [
            {
                "name": "serving_default",
                "inputs": [_litert_tensor(t) for t in graph.inputs],
                "outputs": [_litert_tensor(t) for t in graph.outputs],
            }
        ],
        "weights": dict(weights),
        "operators": count_operators(graph.operators),
    }


def _litert_tensor(tensor):
    row = _tensor(tensor.name, tensor.dtype, tensor.shape)
    if tensor.scale is not None:
        row["scale"] = float(tensor.scale[0])
        row["zero_point"] = tensor.zero_point
    return row


def _describe_saved_model(path):
    folder = runtimes.saved_model_folder(path)
    saved = read_graph(folder)
    from tensorflow.dtypes import as_dtype

    with _explained(path):
        (graph,) = saved.meta_graphs

    def tensors(infos):
        return [
            _tensor(
                name,
                as_dtype(info.dtype).name,
                [d.size for d in info.tensor_shape.dim],
            )
            for name, info in sorted(infos.items())
        ]

    spec = folder / runtimes.SPEC
    return {
        "spec": read_spec(spec) if spec.exists() else None,
        "signatures": [
            {
                "name": name,
                "inputs": tensors(signature.inputs),
                "outputs": tensors(signature.outputs),
            }
            for name, signature in sorted(graph.signature_def.items())
            if not name.startswith("__")
        ],
    }


def _describe_onnx(path):
    from keras_gan_translate.export.onnx import METADATA, check_packages

    check_packages(["onnx"])
    import onnx

    with _explained(path):
        model = onnx.load(path, load_external_data=False)
        onnx.checker.check_model(model)
    texts = {entry.key: entry.value for entry in model.metadata_props}

    def tensors(values):
        return [
            _tensor(
                value.name,
                onnx.helper.tensor_dtype_to_np_dtype(
                    value.type.tensor_type.elem_type
                ).name,
                [
                    d.dim_value if d.HasField("dim_value") else -1
                    for d in value.type.tensor_type.shape.dim
                ],
            )
            for value in values
        ]

    return {
        "spec": TranslatorSpec.from_json(texts[METADATA])
        if METADATA in texts
        else None,
        "signatures": [
            {
                "name": model.graph.name,
                "inputs": tensors(model.graph.input),
                "outputs": tensors(model.graph.output),
            }
        ],
    }


def _describe_keras(path):
    import keras

    from keras_gan_translate.export.keras_file import load_keras_file

    model = load_keras_file(path)
    networks = {
        layer.name: layer
        for layer in model.layers
        if isinstance(layer, keras.Model)
    } or {model.name: model}
    return {
        "signatures": [
            {
                "name": name,
                "inputs": [
                    _tensor(t.name, t.dtype, t.shape) for t in network.inputs
                ],
                "outputs": [
                    _tensor(t.name, t.dtype, t.shape) for t in network.outputs
                ],
            }
            for name, network in networks.items()
        ],
        "parameters": {
            name: network.count_params() for name, network in networks.items()
        },
    }


DESCRIBE = {
    "litert": _describe_litert,
    "saved_model": _describe_saved_model,
    "onnx": _describe_onnx,
    "keras": _describe_keras,
}


def _tensor(name, dtype, shape):
    shape = [None if size in (None, -1) else int(size) for size in shape]
    return {"name": name, "dtype": dtype, "shape": shape}


def _size(path):
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


@contextlib.contextmanager
def _explained(path):
    """Turns what a parser raises on a bad file into a ValueError."""
    try:
        yield
    except Exception as error:  # parsers have no common base
        reason = " ".join(str(error).split())[:200]
        raise ValueError(
            f"'{path}' is damaged, or not what its name says: {reason}"
        ) from error
