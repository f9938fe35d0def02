"""The predict JSON of TensorFlow Serving's REST interface."""

import base64
import binascii
import json

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2

from tests.serving.servable import Refusal

STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
}


def predict(servable, body):
    """Answer, a JSON value, to a body, bytes."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _refusal(f"JSON Parse error: {error}") from error
    if not isinstance(asked, dict):
        raise _refusal("JSON Value: Is not object")
    name = asked.get("signature_name", "serving_default")
    if name not in servable.signatures:
        raise _refusal(
            f'Serving signature name: "{name}" not found in signature def'
        )
    infos = servable.signature(name).inputs
    if ("instances" in asked) == ("inputs" in asked):
        raise _refusal("Missing 'inputs' or 'instances' key, or both there")
    by_row = "instances" in asked
    if by_row:
        inputs = _columns(asked["instances"], infos)
    else:
        inputs = asked["inputs"]
        if not isinstance(inputs, dict) or set(inputs) == {"b64"}:
            inputs = {next(iter(infos)): inputs}
    request = predict_pb2.PredictRequest()
    request.model_spec.signature_name = name
    for key, value in inputs.items():
        if key not in infos:
            raise _refusal(f"JSON object: does not have named input: {key}")
        request.inputs[key].CopyFrom(_tensor(value, infos[key].dtype))
    outputs = {
        key: _values(tf.make_ndarray(tensor), key)
        for key, tensor in servable.predict(request).outputs.items()
    }
    if len(outputs) == 1:
        (values,) = outputs.values()
    elif by_row:
        rows = zip(*outputs.values(), strict=True)
        values = [dict(zip(outputs, row)) for row in rows]
    else:
        values = outputs
    return {"predictions" if by_row else "outputs": values}


def _columns(instances, infos):
    """Lists by the names of inputs, of a list of instances."""
    if not isinstance(instances, list) or not instances:
        raise _refusal("Expecting 'instances' to be a list with values")
    are_named = [
        isinstance(instance, dict) and set(instance) != {"b64"}
        for instance in instances
    ]
    if not any(are_named):
        return {next(iter(infos)): instances}
    if not all(are_named) or any(set(i) != set(infos) for i in instances):
        raise _refusal(f"keys of instances must be equal to: {sorted(infos)}")
    return {name: [i[name] for i in instances] for name in infos}


def _tensor(value, dtype):
    dtype = tf.as_dtype(dtype)
    try:
        if dtype == tf.string:
            array = np.array(_decode(value), object)
        else:
            array = np.array(value)
            kinds = "iu" if dtype.is_integer else "iuf"
            if array.size and array.dtype.kind not in kinds:
                raise _refusal(f"JSON Value is not of type: {dtype.name}")
            array = array.astype(dtype.as_numpy_dtype)
        return tf.make_tensor_proto(array, dtype)
    except (ValueError, TypeError, binascii.Error) as error:
        raise _refusal(f"JSON Value: {error}") from error


def _decode(value):
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if isinstance(value, dict) and set(value) == {"b64"}:
        return base64.b64decode(value["b64"], validate=True)
    if isinstance(value, str):
        return value.encode()
    raise _refusal("JSON Value is not of expected type: string")


def _values(array, name):
    if array.dtype != object:
        return array.tolist()
    if array.ndim:
        return [_values(np.asarray(item, object), name) for item in array]
    if name.endswith("_bytes"):
        return {"b64": base64.b64encode(array.item()).decode()}
    return array.item().decode()


def _refusal(words):
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, words)
