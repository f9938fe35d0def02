"""A version of a served model, loaded and run as TensorFlow Serving does."""

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    predict_pb2,
    prediction_log_pb2,
)

WARM_UP = "assets.extra/tf_serving_warmup_requests"


class Refusal(Exception):
    """An answer that is none: gRPC's status code and words."""

    def __init__(self, code, words):
        super().__init__(words)
        self.code = code


class Servable:
    """The server's way to a version: the v1 loader, tag `serve`, a session.

    It is loaded once its warm-up requests are answered.
    """

    def __init__(self, path, name):
        self.name, self.version = name, int(path.name)
        self.graph = tf.Graph()
        with self.graph.as_default():
            self.session = tf.compat.v1.Session(graph=self.graph)
            self.signatures = tf.compat.v1.saved_model.loader.load(
                self.session, ["serve"], str(path)
            ).signature_def
            self.session._extend_graph()  # `_call_tf_sessionrun` does not
        self.warmed_up = self._warm_up(path / WARM_UP)

    def signature(self, name):
        name = name or "serving_default"
        if name not in self.signatures:
            raise Refusal(
                grpc.StatusCode.FAILED_PRECONDITION,
                f'Serving signature key "{name}" not found.',
            )
        return self.signatures[name]

    def predict(self, request):
        """PredictResponse to a PredictRequest."""
        signature = self.signature(request.model_spec.signature_name)
        if set(request.inputs) != set(signature.inputs):
            raise Refusal(
                grpc.StatusCode.INVALID_ARGUMENT,
                "input size does not match signature: sent "
                f"{sorted(request.inputs)}, required "
                f"{sorted(signature.inputs)}",
            )
        feeds = {
            self._tensor(signature.inputs[name]): _array(proto)
            for name, proto in request.inputs.items()
        }
        names = list(request.output_filter) or list(signature.outputs)
        fetches = [self._tensor(signature.outputs[name]) for name in names]
        try:
            # Not `session.run`, which checks shapes; the server does not.
            arrays = self.session._call_tf_sessionrun(
                None, feeds, fetches, [], None
            )
        except tf.errors.OpError as error:
            code = next(
                code
                for code in grpc.StatusCode
                if code.value[0] == error.error_code
            )
            raise Refusal(code, error.message) from error
        response = predict_pb2.PredictResponse()
        response.model_spec.name = self.name
        response.model_spec.version.value = self.version
        response.model_spec.signature_name = request.model_spec.signature_name
        for name, array in zip(names, arrays):
            response.outputs[name].CopyFrom(tf.make_tensor_proto(array))
        return response

    def metadata(self):
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.name = self.name
        response.model_spec.version.value = self.version
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, signature in self.signatures.items():
            signatures.signature_def[name].CopyFrom(signature)
        response.metadata["signature_def"].Pack(signatures)
        return response

    def _warm_up(self, file):
        """How many recorded requests were answered."""
        count = 0
        records = tf.data.TFRecordDataset(str(file))
        for record in records.as_numpy_iterator():
            log = prediction_log_pb2.PredictionLog.FromString(record)
            if log.WhichOneof("log_type") != "predict_log":
                raise ValueError(f"Warm-up of another kind: {log}")
            self.predict(log.predict_log.request)
            count += 1
        return count

    def _tensor(self, info):
        return self.graph.get_tensor_by_name(info.name)._as_tf_output()


def _array(proto):
    try:
        return np.asarray(tf.make_ndarray(proto))
    except (ValueError, TypeError, KeyError) as error:
        raise Refusal(
            grpc.StatusCode.INVALID_ARGUMENT,
            f"Tensor proto parsing failed: {error}",
        ) from error
