"""Translates photos with a model that TensorFlow Serving serves.

python examples/serving_client.py photo.jpg --model ugatit-anime --out anime.png
python examples/serving_client.py photos --model ugatit-anime --out anime --grpc

Photos, JPEG or PNG, are sent as they are: the server decodes them and turns
them upright. Translations are PNG files, each written as soon as it is there,
whole or not at all. REST, the default, needs Python and nothing else; --grpc
needs `pip install "keras-gan-translate[serving]"`.
"""

import argparse
import base64
import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import sys
import urllib.parse

SIGNATURE, INPUT = "serving_bytes", "image_bytes"
OUTPUT = "translated_bytes"
SUFFIXES = (".jpg", ".jpeg", ".png")
REST_PORT, GRPC_PORT = 8501, 8500  # TensorFlow Serving's own


class Refused(Exception):
    """The server did not translate this photo."""


class Stopped(Exception):
    """There is no use in asking for any photo."""


def over_rest(host, port, model, timeout):
    """Connects to the REST interface: JSON over HTTP, files in base64.

    Args:
        host: name of the server's machine.
        port: of its REST interface.
        model: name under which it serves the model.
        timeout: seconds to wait for an answer.

    Returns:
        Function from the bytes of a photo to those of its translation, which
        raises `Refused` or `Stopped`.
    """
    path = f"/v1/models/{urllib.parse.quote(model, safe='')}:predict"

    def translate(photo):
        image = {"b64": base64.b64encode(photo).decode()}
        asked = {"signature_name": SIGNATURE, "instances": [image]}
        link = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            link.request("POST", path, json.dumps(asked))
            response = link.getresponse()
            status, answer = response.status, response.read().decode()
            if status == 200:
                (translated,) = json.loads(answer)["predictions"]
                return base64.b64decode(translated["b64"])
        except TimeoutError as error:
            raise Refused(too_slow(timeout)) from error
        except OSError as error:
            raise Stopped(no_server(host, port, error)) from error
        except (
            http.client.HTTPException,
            ValueError,
            LookupError,
            TypeError,
        ) as error:
            raise Stopped(
                f"What answers at {host}:{port} is not TensorFlow Serving's "
                f"REST interface ({error!r}). Its usual port is {REST_PORT}; "
                f"that of gRPC, for --grpc, is {GRPC_PORT}."
            ) from error
        finally:
            link.close()
        if status == 404:
            raise Stopped(no_model(model, error_in(answer)))
        raise Refused(in_words(error_in(answer)))

    return translate


def over_grpc(host, port, model, timeout):
    """Connects to the gRPC interface, which takes files as they are.

    Args and what is returned are those of `over_rest`.
    """
    try:
        import grpc
        import tensorflow as tf
        from tensorflow_serving.apis import predict_pb2
        from tensorflow_serving.apis import prediction_service_pb2_grpc as apis
    except ImportError as error:
        raise Stopped(
            f"--grpc needs more than Python ({error}). Run `pip install "
            '"keras-gan-translate[serving]"`, or leave out --grpc.'
        ) from error
    # Translations may exceed the 4 MB that gRPC takes unasked. REST goes past
    # proxies, so this does.
    options = [
        ("grpc.max_receive_message_length", -1),
        ("grpc.enable_http_proxy", 0),
    ]
    channel = grpc.insecure_channel(f"{host}:{port}", options)
    service = apis.PredictionServiceStub(channel)

    def translate(photo):
        request = predict_pb2.PredictRequest()
        request.model_spec.name = model
        request.model_spec.signature_name = SIGNATURE
        request.inputs[INPUT].CopyFrom(tf.make_tensor_proto([photo]))
        try:
            response = service.Predict(request, timeout)
        except grpc.RpcError as error:
            code, words = error.code(), in_words(error.details())
            if code == grpc.StatusCode.UNAVAILABLE:
                raise Stopped(no_server(host, port, words)) from error
            if code == grpc.StatusCode.NOT_FOUND:
                raise Stopped(no_model(model, words)) from error
            if code == grpc.StatusCode.DEADLINE_EXCEEDED:
                words = too_slow(timeout)
            raise Refused(words) from error
        return response.outputs[OUTPUT].string_val[0]

    return translate


def no_server(host, port, reason):
    """Says that there is nobody to ask."""
    return (
        f"No server answers at {host}:{port} ({reason}). Start it, or say "
        "where it is: --host, --port."
    )


def no_model(model, words):
    """Says that the server answers, but serves something else."""
    return (
        f"The server has no model '{model}' ({words[:200]}). --model is the "
        "name that the server was started with."
    )


def too_slow(seconds):
    """Says that the answer did not come in time."""
    return f"No answer in {seconds:g} seconds; --timeout gives it more."


def error_in(answer):
    """The error of a JSON answer, which is not always valid JSON."""
    try:
        return json.loads(answer)["error"]
    except (ValueError, LookupError, TypeError):
        return answer


def in_words(error):
    """What a model's graph says, without where in the graph it says so."""
    sentence = error.partition("\n\t [[")[0]
    return re.sub(r"^assertion failed: \[(.*)\]$", r"\1", sentence)


def plan(inputs, out):
    """Pairs of a photo and where its translation goes; names are kept.

    Args:
        inputs: photos, and folders of them.
        out: folder; or, for one photo, the PNG file.
    """
    pairs = []
    for path in map(pathlib.Path, inputs):
        if path.is_dir():
            files = sorted(p for p in path.rglob("[!.]*") if p.is_file())
            found = [p for p in files if p.suffix.lower() in SUFFIXES]
            pairs += [(photo, photo.relative_to(path)) for photo in found]
            if left := len(files) - len(found):
                warn(f"{path}: {left} files that are no JPEG or PNG left out")
        elif path.exists():
            pairs.append((path, path.name))
        else:
            raise Stopped(f"There is no photo or folder '{path}'.")
    if not pairs:
        raise Stopped(f"No photo (*{', *'.join(SUFFIXES)}) in what was given.")
    out = pathlib.Path(out)
    is_file = out.suffix.lower() == ".png" and not out.is_dir()
    if is_file and len(pairs) > 1:
        raise Stopped(f"--out {out} is one file, for {len(pairs)} photos.")
    jobs = {}
    for photo, name in pairs:
        target = out if is_file else (out / name).with_suffix(".png")
        if target in jobs:
            raise Stopped(
                f"'{jobs[target]}' and '{photo}' would both become "
                f"'{target}'. Translate them into different folders (--out)."
            )
        if target.exists() and target.samefile(photo):
            raise Stopped(f"'{photo}' would be overwritten; change --out.")
        jobs[target] = photo
    return [(photo, target) for target, photo in jobs.items()]


def translate_all(translate, jobs, at_once):
    """Translates photos, some at once, and tells of each; counts failures."""
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(at_once) as threads:

        def run(photo, target):
            write(target, translate(photo.read_bytes()))

        futures = {threads.submit(run, *job): job for job in jobs}
        done = concurrent.futures.as_completed(futures)
        try:
            for number, future in enumerate(done, 1):
                photo, target = futures[future]
                try:
                    future.result()
                    print(f"{number}/{len(jobs)} {target}", flush=True)
                except (Refused, OSError) as error:
                    warn(f"{number}/{len(jobs)} {photo}: {error}")
                    failures += 1
        finally:  # where it stopped, what is under way is still written
            threads.shutdown(cancel_futures=True)
    return failures


def write(path, contents):
    """Writes a file aside and renames it, so that there is no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        aside.write_bytes(contents)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def warn(words):
    """Prints to where errors go."""
    print(words, file=sys.stderr, flush=True)


def main():
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photos", nargs="+", help="photos or folders")
    parser.add_argument("--model", required=True, help="name it is served as")
    parser.add_argument("--out", default="out", help="folder, or a .png file")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, help="default: 8501, --grpc: 8500")
    parser.add_argument("--grpc", action="store_true", help="instead of REST")
    parser.add_argument("--jobs", type=int, default=4, help="asked at once")
    parser.add_argument("--timeout", type=float, default=300, help="seconds")
    options = parser.parse_args()
    connect = over_grpc if options.grpc else over_rest
    port = options.port or (GRPC_PORT if options.grpc else REST_PORT)
    try:
        jobs = plan(options.photos, options.out)
        translate = connect(options.host, port, options.model, options.timeout)
        failures = translate_all(translate, jobs, options.jobs)
    except Stopped as stopped:
        sys.exit(str(stopped))
    except KeyboardInterrupt:
        sys.exit("Stopped; what is written stays.")
    if failures:
        sys.exit(f"{failures} of {len(jobs)} photos were not translated.")


if __name__ == "__main__":
    main()
