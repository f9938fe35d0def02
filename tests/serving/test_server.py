"""An export as clients of TensorFlow Serving find it."""

import base64
import http.client
import json

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from keras_gan_translate.export import serving
from tests.serving.traffic import are_equal, b64, decode, encode


@pytest.fixture
def service(server):
    with grpc.insecure_channel(f"localhost:{server.grpc}") as channel:
        yield prediction_service_pb2_grpc.PredictionServiceStub(channel)


def ask(server, path, body=None):
    """Status and JSON of an HTTP request, a GET without a body."""
    link = http.client.HTTPConnection("localhost", server.rest, timeout=60)
    method = "GET" if body is None else "POST"
    link.request(method, f"/v1/models/{path}", body and json.dumps(body))
    response = link.getresponse()
    answer = json.load(response)
    link.close()
    return response.status, answer


def test_the_warm_up_requests_are_answered_first(server):
    assert server.warmed_up == 2


@pytest.mark.parametrize("form", ["inputs", "instances"])
@pytest.mark.parametrize("is_named", [True, False])
def test_every_form_of_json(server, photos, form, is_named):
    pairs = photos[:2]
    files = b64([encode(photo) for photo, _ in pairs])
    values = (
        (serving.BYTES, serving.IMAGE_BYTES, files),
        (serving.DEFAULT, serving.IMAGES, [pairs[0][0].tolist()]),
    )
    for signature, name, value in values:
        if is_named and form == "inputs":
            value = {name: value}
        elif is_named:
            value = [{name: item} for item in value]
        status, answer = ask(
            server, "tiny:predict", {"signature_name": signature, form: value}
        )
        assert status == 200, answer
        ((key, translated),) = answer.items()
        assert key == {"inputs": "outputs", "instances": "predictions"}[form]
        if signature == serving.BYTES:
            assert [set(item) for item in translated] == [{"b64"}] * 2
            translated = [
                decode(base64.b64decode(item["b64"])) for item in translated
            ]
        else:
            translated = list(np.array(translated, "uint8"))
        expected = [translation for _, translation in pairs][: len(translated)]
        assert are_equal(translated, expected)


def test_the_official_stub(service, photos):
    photo, translation = photos[0]
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "tiny"
    request.inputs["images"].CopyFrom(tf.make_tensor_proto(photo[None]))
    response = service.Predict(request, 60)  # signature: serving_default
    assert response.model_spec.version.value == 1
    translated = tf.make_ndarray(response.outputs["translated"])
    assert are_equal(list(translated), [translation])
    request.model_spec.version.value = 2
    with pytest.raises(grpc.RpcError, match="NOT_FOUND"):
        service.Predict(request, 60)


def test_metadata(server, service):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = "tiny"
    request.metadata_field.append("signature_def")
    response = service.GetModelMetadata(request, 60)
    found = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(found)
    assert {serving.DEFAULT, serving.BYTES} <= set(found.signature_def)
    status, answer = ask(server, "tiny/metadata")
    assert status == 200 and "serving_bytes" in json.dumps(answer)
    status, answer = ask(server, "tiny")
    assert answer["model_version_status"][0]["state"] == "AVAILABLE"
    assert ask(server, "tony")[0] == ask(server, "tiny/versions/2")[0] == 404
