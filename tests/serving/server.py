"""A stand-in for TensorFlow Serving, for tests.

    python -m tests.serving.server BASE_PATH --name NAME

Ours are the front end, HTTP and gRPC, and the watch over BASE_PATH. Messages
and stubs are the official ones of tensorflow-serving-api; a version is loaded
and run by TensorFlow's own loader and session, see `servable`. Once a version
is ready a line of JSON tells the ports.
"""

import argparse
import concurrent.futures
import http.server
import json
import os
import pathlib
import re
import sys
import threading
import time

import grpc
from google.protobuf import json_format
from tensorflow_serving.apis import prediction_service_pb2_grpc

from tests.serving import rest
from tests.serving.servable import Refusal, Servable

THREADS = 8  # requests that are worked on at once, of each protocol
ANY_SIZE = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]


class Versions:
    """The newest version of a model; looks for a newer one now and then."""

    def __init__(self, base_path, name, poll_seconds):
        self.base_path, self.name = pathlib.Path(base_path), name
        self.poll_seconds = poll_seconds
        self.newest, self.failures = None, []

    def watch(self):
        while True:
            self.look()
            threading.Event().wait(self.poll_seconds)

    def look(self):
        # Any number is a version, whole or not: that is the server's rule.
        paths = [p for p in self.base_path.iterdir() if p.name.isdecimal()]
        path = max(paths, key=lambda path: int(path.name), default=None)
        served = self.newest and self.newest.version
        if path is None or int(path.name) == served:
            return
        try:
            self.newest = Servable(path, self.name)
        except Exception as error:  # told by the status; asked again
            self.failures.append(f"version {path.name}: {error}")

    def get(self, name, version=None):
        newest = self.newest
        if name != self.name or (version and version != newest.version):
            wanted = f"Specific({name}, {version})" if version else None
            raise Refusal(
                grpc.StatusCode.NOT_FOUND,
                "Servable not found for request: "
                + (wanted or f"Latest({name})"),
            )
        return newest

    def status(self, name, version=None):
        version = str(self.get(name, version).version)
        words = {"error_code": "OK", "error_message": ""}
        state = {"version": version, "state": "AVAILABLE", "status": words}
        return {"model_version_status": [state], "failures": self.failures}


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """The official service over gRPC."""

    def __init__(self, versions):
        self.versions = versions

    def Predict(self, request, context):
        return self._answer(request, context, lambda s: s.predict(request))

    def GetModelMetadata(self, request, context):
        return self._answer(request, context, lambda s: s.metadata())

    def _answer(self, request, context, function):
        spec = request.model_spec
        try:
            return function(self.versions.get(spec.name, spec.version.value))
        except Refusal as refusal:
            context.abort(refusal.code, str(refusal))


class Handler(http.server.BaseHTTPRequestHandler):
    """The REST interface: status, metadata, predict."""

    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds without a byte
    MODEL = r"/v1/models/([^/:]+)(?:/versions/(\d+))?"

    def do_GET(self):
        self._answer(r"(/metadata)?", self._describe)

    def do_POST(self):
        self._answer(r":predict", self._predict)

    def _describe(self, name, version, metadata=None):
        version = int(version or 0)
        if not metadata:
            return self.server.versions.status(name, version)
        servable = self.server.versions.get(name, version)
        return json_format.MessageToDict(servable.metadata())

    def _predict(self, name, version):
        body = self.rfile.read(length := int(self.headers["Content-Length"]))
        if len(body) < length:
            self.close_connection = True
            raise Refusal(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"The body ends after {len(body)} of {length} bytes",
            )
        servable = self.server.versions.get(name, int(version or 0))
        with self.server.slots:
            start = time.monotonic()
            answer = rest.predict(servable, body)
            left = self.server.at_least - (time.monotonic() - start)
            time.sleep(max(0.0, left))
            return answer

    def _answer(self, path, function):
        status = 200
        try:
            found = re.fullmatch(self.MODEL + path, self.path)
            if not found:
                raise Refusal(
                    grpc.StatusCode.INVALID_ARGUMENT,
                    f"Malformed request: {self.command} {self.path}",
                )
            answer = function(*found.groups())
        except Refusal as refusal:
            status = rest.STATUS.get(refusal.code.name, 500)
            answer = {"error": str(refusal)}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class HTTPServer(http.server.ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def end_with_caller():
    sys.stdin.read()  # until whoever started this server is gone
    os._exit(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_path")
    parser.add_argument("--name", required=True)
    parser.add_argument("--poll-seconds", type=float, default=0.2)
    parser.add_argument("--threads", type=int, default=THREADS)
    # As if on a slower machine, which it shares with nobody.
    parser.add_argument("--at-least", type=float, default=0.0, help="seconds")
    arguments = parser.parse_args()

    versions = Versions(
        arguments.base_path, arguments.name, arguments.poll_seconds
    )
    versions.look()
    if versions.newest is None:
        sys.exit(f"No version to serve. {versions.failures}")
    threading.Thread(target=versions.watch, daemon=True).start()

    web = HTTPServer(("127.0.0.1", 0), Handler)
    web.versions = versions
    web.slots = threading.Semaphore(arguments.threads)
    web.at_least = arguments.at_least
    workers = concurrent.futures.ThreadPoolExecutor(arguments.threads)
    calls = grpc.server(workers, options=ANY_SIZE)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        PredictionService(versions), calls
    )
    ready = {
        "pid": os.getpid(),
        "grpc": calls.add_insecure_port("127.0.0.1:0"),
        "rest": web.server_port,
        "warmed_up": versions.newest.warmed_up,
    }
    calls.start()
    threading.Thread(target=end_with_caller, daemon=True).start()
    print(json.dumps(ready), flush=True)
    web.serve_forever()


if __name__ == "__main__":
    main()
