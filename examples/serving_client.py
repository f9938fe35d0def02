r"""Translates photos with a model that TensorFlow Serving serves.

python examples/serving_client.py photo.jpg --model toon --out toon.png
python examples/serving_client.py photos --model toon --out toons --grpc
python examples/serving_client.py photo.jpg --model stargan \
    --facts saved_models/stargan/translator.json --set domain=blond

Photos, JPEG or PNG, are sent as they are: the server decodes them and turns
them upright. Translations are PNG files, each written as soon as it is there,
whole or not at all. REST, the default, needs Python and nothing else; --grpc
needs `pip install "keras-gan-translate[serving]"`.

What a model takes beside a photo is set by its word: a class by its name or
number, attributes by what changes of them (+Smiling,-Hat; strength=0.5 is half
of it), a style by a seed or a vector (0.5,-1), a mask or a map by a file, or
by a folder of files that are named as the photos are. The export's
translator.json knows the names, and what a seed stands for.

A photo of more pixels than the server takes is refused by it, and the line
that tells so says --reduce: that makes it smaller first, and needs
`pip install pillow`. How many pixels that are, --facts knows; without it they
are 2048 by 2048.
"""

import argparse
import base64
import concurrent.futures
import difflib
import http.client
import io
import json
import math
import os
import pathlib
import random
import re
import sys
import urllib.parse

SIGNATURE, INPUT = "serving_bytes", "image_bytes"
OUTPUT = "translated_bytes"
SUFFIXES = (".jpg", ".jpeg", ".png")
MAX_PIXELS = 2048 * 2048  # of a translation, unless its export says more
TOO_LARGE = "in all at most"  # what the server says of photos with more
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
        Function from the bytes of a photo, and what goes beside it by the
        names of the model's inputs, to the bytes of its translation. It raises
        `Refused` or `Stopped`.
    """
    path = f"/v1/models/{urllib.parse.quote(model, safe='')}:predict"

    def translate(photo, **beside):
        image = in_base64(photo)
        if beside:
            image = {INPUT: image}
            for name, value in beside.items():
                is_file = isinstance(value, bytes)
                image[name] = in_base64(value) if is_file else value
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

    def translate(photo, **beside):
        request = predict_pb2.PredictRequest()
        request.model_spec.name = model
        request.model_spec.signature_name = SIGNATURE
        for name, value in ({INPUT: photo} | beside).items():
            # Python's own numbers would become 64 bits wide.
            kind = {int: tf.int32, list: tf.float32}.get(type(value))
            tensor = tf.make_tensor_proto([value], kind)
            request.inputs[name].CopyFrom(tensor)
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


def in_base64(contents):
    """Bytes as TensorFlow Serving takes them in JSON."""
    return {"b64": base64.b64encode(contents).decode()}


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


def read_settings(settings, facts=None):
    """What goes beside the photos.

    Args:
        settings: texts "word=value".
        facts: path of the export's translator.json, or None.

    Returns:
        Function from a photo's path to a dict: a whole number, a list of
        floats or a file's bytes, by the names of the model's inputs.
    """
    known = None
    if facts:
        try:
            spec = json.loads(pathlib.Path(facts).read_bytes())
            inputs = spec.get("inputs") or []
        except (OSError, ValueError, AttributeError) as error:
            raise Stopped(
                f"'{facts}' is no translator.json: {error}"
            ) from error
        known = {x["option"]: x for x in inputs if x.get("option")}
    # Words of numbers that multiply others.
    scales = {
        facts["scaled_by"]: word
        for word, facts in (known or {}).items()
        if facts.get("scaled_by")
    }
    chosen, strengths = {}, {}
    for setting in settings:
        word, is_set, value = setting.partition("=")
        if not is_set:
            raise Stopped(f"--set takes WORD=VALUE. Received: {setting}")
        if known is not None and word not in known and word not in scales:
            near = difflib.get_close_matches(word, [*known, *scales], 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise Stopped(
                f"The model takes {', '.join([*known, *scales]) or 'nothing'} "
                f"beside a photo. Received: --set {setting}.{hint}"
            )
        if word in scales:
            strengths[scales[word]] = read_number(word, value)
            continue
        chosen[word] = read_value(word, value, (known or {}).get(word, {}))
    for word in set(known or {}) - set(chosen):
        raise Stopped(f"The model also takes {word}: --set {word}=VALUE.")
    for word, by in strengths.items():
        chosen[word] = [by * number for number in chosen[word]]

    def beside(photo):
        values = {}
        for word, value in chosen.items():
            if isinstance(value, pathlib.Path):
                values[f"{word}_bytes"] = file_for(value, photo).read_bytes()
            else:
                values[word] = value
        return values

    return beside


def read_value(word, value, facts):
    """A value: a number, a list of floats, or the path of a file or folder."""
    classes = facts.get("classes")
    if classes and facts["kind"] == "Label" and not value.isdecimal():
        lower = [name.lower() for name in classes]
        if value.lower() not in lower:
            near = difflib.get_close_matches(value.lower(), lower, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise Stopped(
                f"There is no {word} {value!r}.{hint} There are "
                f"{', '.join(classes)}."
            )
        return lower.index(value.lower())
    if facts.get("names") and re.search("[^0-9.,e+-]", value):
        return changes_of(word, value, facts)
    if facts.get("kind") == "Code" and re.fullmatch(r"-?\d+", value):
        return normal(int(value), facts["size"])
    if value.isdecimal():
        return int(value)
    try:
        return [float(number) for number in value.split(",")]
    except ValueError:
        pass
    if not pathlib.Path(value).exists():
        more = "" if facts else "; for names of classes give --facts"
        raise Stopped(f"{word}: there is no file '{value}'{more}.")
    return pathlib.Path(value)


def read_number(word, value):
    """A finite number, or words for the user."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Stopped(f"{word} is a number, such as 0.5. Received: {value}")
    return number


def changes_of(word, value, facts):
    """'+Smiling,-Hat' as a number for each of the names."""
    names = facts["names"]
    lower = {name.lower(): i for i, name in enumerate(names)}
    numbers = [0.0] * len(names)
    minus = -1.0 if facts.get("control") == "changes" else 0.0
    for part in filter(None, map(str.strip, value.split(","))):
        name = part if part.lower() in lower else part.lstrip("+-")
        if name.lower() not in lower:
            near = difflib.get_close_matches(name.lower(), lower, 1)
            hint = f" Did you mean {names[lower[near[0]]]}?" if near else ""
            raise Stopped(
                f"There is no {word} {name!r}.{hint} There are "
                f"{', '.join(names)}."
            )
        is_lost = name != part and part[0] == "-"
        numbers[lower[name.lower()]] = minus if is_lost else 1.0
    return numbers


def file_for(path, photo):
    """The file beside a photo: the one, or of a folder that of its name."""
    if not path.is_dir():
        return path
    found = sorted(p for p in path.iterdir() if p.stem == photo.stem)
    if not found:
        raise Refused(f"'{path}' holds no file named {photo.stem}.*")
    return found[0]


def normal(seed, count):
    """The numbers that a seed stands for, as the library draws them.

    Mersenne Twister, seeded by its first generator, and Marsaglia's polar
    method: NumPy's RandomState, which never changes.
    """
    state = [seed % 2**32]
    for i in range(1, 624):
        last = state[-1] ^ (state[-1] >> 30)
        state.append((1812433253 * last + i) % 2**32)
    twister = random.Random()
    twister.setstate((3, (*state, 624), None))
    numbers = []
    while len(numbers) < count:
        x, y = (2 * twister.random() - 1 for _ in range(2))
        square = x * x + y * y
        if 0 < square < 1:
            factor = math.sqrt(-2 * math.log(square) / square)
            numbers += [factor * y, factor * x]
    return numbers[:count]


def reducer(facts=None):
    """What makes files small enough for the server.

    Args:
        facts: path of the export's translator.json, or None.

    Returns:
        Function from a photo's bytes, or those of a mask or map with
        `numbers`, to them, or to those of a smaller PNG, turned upright.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise Stopped("--reduce needs Pillow: run `pip install pillow`.") from (
            error
        )
    try:
        spec = json.loads(pathlib.Path(facts).read_bytes()) if facts else {}
        scale = spec.get("scale", 1)
        most = spec.get("max_pixels", MAX_PIXELS) // scale**2
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise Stopped(f"'{facts}' is no translator.json: {error}") from error

    def reduce(contents, numbers=False):
        try:
            image = Image.open(io.BytesIO(contents), formats=("JPEG", "PNG"))
            if image.width * image.height <= most:
                return contents
            factor = math.sqrt(most / (image.width * image.height))
            image = ImageOps.exif_transpose(image)
            size = [max(1, int(side * factor)) for side in image.size]
            how = Image.Resampling.NEAREST
            if not numbers:
                image, how = image.convert("RGB"), Image.Resampling.LANCZOS
            smaller = io.BytesIO()
            image.resize(size, how).save(smaller, "PNG")
            return smaller.getvalue()
        except Exception as error:  # damaged bytes raise anything
            raise Refused(f"it cannot be made smaller: {error}") from error

    return reduce


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


def translate_all(
    translate, jobs, at_once, beside=lambda photo: {}, reduce=None
):
    """Translates photos, some at once, and tells of each; counts failures."""
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(at_once) as threads:

        def run(photo, target):
            contents, values = photo.read_bytes(), beside(photo)
            if reduce:
                contents = reduce(contents)
                for name, value in values.items():
                    if isinstance(value, bytes):
                        values[name] = reduce(value, numbers=True)
            write(target, translate(contents, **values))

        futures = {threads.submit(run, *job): job for job in jobs}
        done = concurrent.futures.as_completed(futures)
        try:
            for number, future in enumerate(done, 1):
                photo, target = futures[future]
                try:
                    future.result()
                    print(f"{number}/{len(jobs)} {target}", flush=True)
                except (Refused, OSError) as error:
                    large = TOO_LARGE in str(error) and not reduce
                    hint = " --reduce makes it smaller first." if large else ""
                    warn(f"{number}/{len(jobs)} {photo}: {error}{hint}")
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
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="WORD=VALUE",
        help="what the model takes beside a photo",
    )
    parser.add_argument(
        "--reduce", action="store_true", help="make photos small enough"
    )
    parser.add_argument("--facts", help="translator.json of the export")
    options = parser.parse_args()
    connect = over_grpc if options.grpc else over_rest
    port = options.port or (GRPC_PORT if options.grpc else REST_PORT)
    try:
        beside = read_settings(options.set, options.facts)
        jobs = plan(options.photos, options.out)
        translate = connect(options.host, port, options.model, options.timeout)
        reduce = reducer(options.facts) if options.reduce else None
        failures = translate_all(translate, jobs, options.jobs, beside, reduce)
    except Stopped as stopped:
        sys.exit(str(stopped))
    except KeyboardInterrupt:
        sys.exit("Stopped; what is written stays.")
    if failures:
        sys.exit(f"{failures} of {len(jobs)} photos were not translated.")


if __name__ == "__main__":
    main()
