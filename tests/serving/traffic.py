"""Requests to a served model, good and bad, and what has to come of them."""

import base64
import dataclasses
import http.client
import io
import json
import time
from collections.abc import Callable

import grpc
import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow_serving.apis import predict_pb2

from keras_gan_translate.data import synthetic_faces

TIMEOUT = 600  # seconds, for the last of very many
PREDICT = "/tensorflow.serving.PredictionService/Predict"
ANY_SIZE = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]


@dataclasses.dataclass
class Request:
    """A request and what has to come of it.

    Attributes:
        kind: what it is, in words.
        send: function without arguments; returns a status and images, if the
            status is good, or words.
        status: HTTP's or gRPC's.
        answer: list of images, or a part of the words.
    """

    kind: str
    send: Callable
    status: int | str
    answer: list | str

    def run(self):
        """Returns its seconds and what was wrong, "" for nothing."""
        start = time.perf_counter()
        try:
            status, answer = self.send()
        except Exception as error:  # no answer at all
            status, answer = type(error).__name__, str(error)
        seconds = time.perf_counter() - start
        if status != self.status:
            right = False
        elif isinstance(self.answer, str):
            right = bool(answer) and self.answer in answer
        else:
            right = are_equal(answer, self.answer)
            answer = "other images"
        wrong = "" if right else f"{self.kind}: {status}, {answer}"
        return seconds, wrong


class Traffic:
    """Requests to a model that a server serves.

    Args:
        name: of the model.
        photos: pairs of an image, uint8 array (H, W, 3), and its translation.
        rest: port of the REST interface.
        grpc_port: port of gRPC.
    """

    def __init__(self, name, photos, rest, grpc_port):
        self.name, self.photos = name, photos
        self.port = rest
        channel = grpc.insecure_channel(f"localhost:{grpc_port}", ANY_SIZE)
        self.call = channel.unary_unary(PREDICT)  # bytes to bytes

    def good(self):
        """A request of every kind for every photo; all have to be answered."""
        for number, (photo, translation) in enumerate(self.photos):
            file, expected = encode(photo), [translation]
            for kind, send, arguments in (
                ("REST files", self.rest_files, [file]),
                ("gRPC files", self.grpc_files, [file]),
                ("REST images", self.rest_images, photo[None]),
                ("gRPC images", self.grpc_images, photo[None]),
            ):
                yield bind(kind, send, arguments, None, expected)
            if number:  # of two sizes
                other, its_translation = self.photos[number - 1]
                files = [file, encode(other)]
                both = [translation, its_translation]
                yield bind("REST 2 files", self.rest_files, files, None, both)
                yield bind("gRPC 2 files", self.grpc_files, files, None, both)

    def bad(self):
        """A request of every bad kind; each has to be refused."""
        photo = self.photos[0][0]
        file = encode(photo)
        for kind, contents, words in (
            ("no image", b"<html>404</html>", "neither JPEG nor PNG"),
            ("empty file", b"", "neither JPEG nor PNG"),
            ("half an image", file[: len(file) // 2], "damaged or cut off"),
            ("broken image", broken(file), "Invalid PNG data"),
        ):
            files = [file, contents]
            if "Invalid" not in words:
                words = "Image 1 of the request is " + words
            yield bind(f"REST {kind}", self.rest_files, files, 400, words)
            code = "INVALID_ARGUMENT"
            yield bind(f"gRPC {kind}", self.grpc_files, files, code, words)
        for kind, images, words in (
            ("gray images", photo[None, :, :, :1], "have the shape [1 "),
            ("an image that is no batch", photo, "have the shape ["),
            ("a row", photo[0], "have the shape ["),
            ("tiny image", photo[None, :2, :2], "have 2 by 2 pixels"),
            ("no images", photo[None][:0], "has no images"),
        ):
            yield bind(f"gRPC {kind}", self.grpc_images, images, code, words)
            if images.size:  # JSON knows no shape of nothing
                yield bind(f"REST {kind}", self.rest_images, images, 400, words)
        floats = photo[None].astype("float32")
        yield bind("gRPC floats", self.grpc_images, floats, code, "uint8")
        yield bind("REST floats", self.rest_images, floats + 0.5, 400, "")
        whole = self.body("serving_bytes", "image_bytes", b64([file]))
        for kind, body, length in (
            ("half a body", whole[: len(whole) // 2], None),
            ("a body that ends early", whole[:-9], len(whole)),
            ("no body", b"", None),
            ("deep nesting", b'{"instances":' + b"[" * 50_000, None),
        ):
            yield Request(
                f"REST {kind}",
                lambda body=body, length=length: self.post(body, length),
                400,
                "",
            )
        body = self.body("serving_bites", "image_bytes", b64([file]))
        yield bind("REST unknown signature", self.post, body, 400, "bites")
        body = self.body("serving_bytes", "file", b64([file]))
        yield bind("REST unknown input", self.post, body, 400, "")
        yield Request(
            "REST unknown model",
            lambda: self.post(whole, name="nobody"),
            404,
            "nobody",
        )
        for kind, changed, code, words in (
            ("signature", {"signature": "bites"}, "FAILED_PRECONDITION", ""),
            ("input", {"name": "file"}, "INVALID_ARGUMENT", ""),
            ("model", {"model": "nobody"}, "NOT_FOUND", "nobody"),
        ):
            request = self.request(np.array([file], object), **changed)
            send = self.call_raw
            yield bind(f"gRPC unknown {kind}", send, request, code, words)
        half = self.request(np.array([file], object))[:-9]
        yield bind("gRPC cut-off", self.call_raw, half, "INTERNAL", "")

    def rest_files(self, files):
        return self.post(self.body("serving_bytes", "image_bytes", b64(files)))

    def rest_images(self, images):
        return self.post(
            self.body("serving_default", "images", images.tolist())
        )

    def grpc_files(self, files):
        return self.call_raw(self.request(np.array(files, object)))

    def grpc_images(self, images):
        return self.call_raw(
            self.request(images, signature="serving_default", name="images")
        )

    def body(self, signature, name, values):
        asked = {"signature_name": signature, "inputs": {name: values}}
        return json.dumps(asked).encode()

    def post(self, body, length=None, name=None):
        """Sends a body, of which `length` is claimed."""
        path = f"/v1/models/{name or self.name}:predict"
        link = http.client.HTTPConnection("localhost", self.port, TIMEOUT)
        link.putrequest("POST", path)
        link.putheader("Content-Length", length or len(body))
        link.endheaders(body)
        if length:
            link.sock.shutdown(1)  # nothing more will come
        response = link.getresponse()
        answer = json.loads(response.read())
        link.close()
        if response.status != 200:
            return response.status, answer["error"]
        values = answer["outputs"]
        if isinstance(values[0], dict):
            return None, [decode(base64.b64decode(v["b64"])) for v in values]
        return None, list(np.array(values, "uint8"))

    def request(
        self,
        array,
        signature="serving_bytes",
        name="image_bytes",
        model=None,
    ):
        request = predict_pb2.PredictRequest()
        request.model_spec.name = model or self.name
        request.model_spec.signature_name = signature
        request.inputs[name].CopyFrom(tf.make_tensor_proto(array))
        return request.SerializeToString()

    def call_raw(self, request):
        try:
            answer = self.call(request, TIMEOUT)
        except grpc.RpcError as error:
            return error.code().name, error.details()
        response = predict_pb2.PredictResponse.FromString(answer)
        (array,) = map(tf.make_ndarray, response.outputs.values())
        return None, list(map(decode, array) if array.ndim == 1 else array)


def bind(kind, send, argument, status, answer):
    return Request(kind, lambda: send(argument), status, answer)


def some_photos(count, size=64):
    """Drawn faces of different sizes, up to `size` pixels."""
    chance = np.random.default_rng(0)
    (faces,) = synthetic_faces(count, size, styles=("photo",))
    sizes = chance.integers(size // 2, size, (count, 2), endpoint=True)
    return [
        face[:height, :width] for face, (height, width) in zip(faces, sizes)
    ]


def encode(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def broken(png):
    """Whole chunks, but other bytes among the pixels."""
    middle = len(png) // 2
    return png[:middle] + bytes(8) + png[middle + 8 :]


def decode(contents):
    return np.array(Image.open(io.BytesIO(contents)))


def b64(files):
    return [{"b64": base64.b64encode(file).decode()} for file in files]


def are_equal(images, expected):
    """Of the same sizes, and nowhere different by more than 1 of 255."""
    return len(images) == len(expected) and all(
        a.shape == b.shape
        and a.dtype == b.dtype == np.uint8
        and np.abs(a.astype(int) - b).max() <= 1
        for a, b in zip(images, expected)
    )
