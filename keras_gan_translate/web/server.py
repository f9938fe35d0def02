"""The pages that translate photos in the browser, and their server."""

import dataclasses
import html
import http.server
import importlib.metadata
import ipaddress
import json
import pathlib
import re
import shutil
import socket
import urllib.parse

from keras_gan_translate.export.metadata import read_metadata
from keras_gan_translate.export.spec import IMAGES

MODEL, SPEC = "model.tflite", "translator.json"  # beside the page, as served
PHOTOS, PAINT = "index.html", "paint.html"  # the pages
PAGE = (PHOTOS, "app.js", PAINT, "paint.js", "paint.css", "style.css")
PAGE += ("aligning.js", "camera.js", "controls.js", "faces.js", "live.js")
PAGE += ("page.js", "painting.js", "photos.js", "picture.js", "recording.js")
PAGE += ("smoothing.js", "translator.js")
# What finds faces, as served: MediaPipe's two networks.
FACES = ("face-boxes.tflite", "face-mesh.tflite")
# Beside the model, what reads an option off a picture; its word in place.
ENCODER = "encoder-{}.tflite"
# What the page loads of LiteRT.js, below node_modules/@litertjs/.
LITERT = ("core/dist/*.js", "core/wasm/*.js", "core/wasm/*.wasm")
LITERT += ("wasm-utils/dist/*.js",)
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".tflite": "application/octet-stream",
}
HEADERS = {
    # Both, or browsers give no memory that is shared between threads.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",  # the next model has the same address
}


class PageServer(http.server.ThreadingHTTPServer):
    """Serves a page, one translator and LiteRT.js; nothing else.

    It answers from a table of addresses made beforehand, so that no path in
    a request is ever looked up on the disk, and takes nothing in.

    Attributes:
        spec: the `TranslatorSpec` of the translator; what an encoder beside
            it reads off pictures has the fact `encoder_file`.
        port: the number of its port.

    Args:
        model: .tflite file that this library exported for one image size.
        litert: folder of LiteRT.js, as `find_litert` returns it.
        host: address to listen at; "" for all of this machine's.
        port: 0 for one that is free.
        page: which page is at "/": `PHOTOS` or `PAINT`.
        faces: the two files that find faces, as `networks.files` of
            `data.faces` returns them; none if the page shall not find any.

    Raises:
        ValueError: the model is none of ours or takes any size, or the port
            is taken.
    """

    daemon_threads = True  # a browser that stays connected keeps nobody

    def __init__(
        self,
        model,
        litert,
        host="127.0.0.1",
        port=0,
        page=PHOTOS,
        faces=(),
    ):
        self.spec = read_spec(model)
        folder = page_folder()
        self.files = {f"/{name}": folder / name for name in PAGE}
        self.files["/"] = folder / page
        self.files[f"/{MODEL}"] = pathlib.Path(model)
        self._add_encoders(pathlib.Path(model).parent)
        self._faces = list(FACES[: len(faces)])
        for name, path in zip(self._faces, faces, strict=True):
            self.files[f"/{name}"] = pathlib.Path(path)
        for pattern in LITERT:
            for path in pathlib.Path(litert).glob(pattern):
                name = path.relative_to(litert).as_posix()
                self.files[f"/node_modules/@litertjs/{name}"] = path
        self.policy = _policy((folder / page).read_text(encoding="utf-8"))
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            raise ValueError(
                f"Nothing can be served at port {port} of "
                f"'{host or 'this machine'}': {error.strerror}. Choose "
                "another with --port; 0 takes one that is free."
            ) from error
        self.port = self.server_address[1]

    @property
    def facts(self):
        """What translator.json says, and which files find faces; JSON."""
        if not self._faces:
            return self.spec.to_json()
        return json.dumps(
            json.loads(self.spec.to_json()) | {"faces": self._faces}
        )

    def _add_encoders(self, folder):
        """Serves the encoders that lie beside the model, and tells of them."""
        inputs = []
        for facts in self.spec.inputs:
            name = ENCODER.format(facts.get("option"))
            if facts.get("encoder") and (folder / name).is_file():
                self.files[f"/{name}"] = folder / name
                facts = facts | {"encoder_file": name}
            inputs.append(facts)
        self.spec = dataclasses.replace(self.spec, inputs=tuple(inputs))


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "keras-gan-translate", ""
    timeout = 60  # seconds that a connection may be idle

    def do_GET(self):
        self._answer(with_body=True)

    def do_HEAD(self):
        self._answer(with_body=False)

    def log_message(self, *_):
        """The terminal shows the address, and no log."""

    def _answer(self, with_body):
        address = urllib.parse.urlsplit(self.path).path
        if not _is_own_name(self.headers.get("Host", "")):
            self._refuse(403, "Open the page by the address in the terminal.")
        elif address == f"/{SPEC}":
            text = self.server.facts.encode()
            self._start(200, TYPES[".json"], len(text))
            if with_body:
                self.wfile.write(text)
        elif address in self.server.files:
            path = self.server.files[address]
            try:
                file = open(path, "rb")
            except OSError:
                self._refuse(404, f"{path.name} is no longer there.")
                return
            with file:
                size = path.stat().st_size
                self._start(200, TYPES[path.suffix], size)
                if with_body:
                    shutil.copyfileobj(file, self.wfile)
        else:
            self._refuse(404, f"There is no {html.escape(address)} here.")

    def _refuse(self, status, reason):
        body = reason.encode()
        self._start(status, "text/plain; charset=utf-8", len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _start(self, status, kind, size):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(size))
        self.send_header("Content-Security-Policy", self.server.policy)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()


def read_spec(model):
    """The `TranslatorSpec` of a .tflite file that the page can run.

    Raises:
        ValueError: there is no such file, it is none of ours, or it is for
            images of any size, which LiteRT.js cannot run.
    """
    path = pathlib.Path(model)
    if path.suffix != ".tflite" or not path.is_file():
        raise ValueError(
            f"'{path}' is no .tflite file. `kgt export` writes them."
        )
    spec = read_metadata(path)
    if spec is None:
        raise ValueError(
            f"'{path}' does not say what it translates: it was not exported "
            "by this library, or long ago. Export it again."
        )
    if spec.image_size is None:
        raise ValueError(
            f"'{path}' takes images of any size; in a browser LiteRT runs "
            "files of one size only. Export it again, with --image-size 256 "
            "or another."
        )
    if spec.batch_size != 1:
        raise ValueError(
            f"'{path}' takes {spec.batch_size} images at once, the page one. "
            "Export it again, without --batch-size."
        )
    return spec


def check_paint(fields, name, edits):
    """Refuses translators that the page on which one paints has no use for.

    Args:
        fields: dict of its `Field`s, as `TranslatorSpec.fields`.
        name: what it is called in the error.
        edits: whether a photo is to be opened and painted on; else a map is
            painted, of which a picture is made.

    Raises:
        ValueError: it takes nothing of the kind; says what serves it.
    """
    others = dict(fields)
    source = others.pop(IMAGES)
    if source.control == "brush":
        verb = "paint"
    else:
        brushed = any(field.control == "brush" for field in others.values())
        verb = "edit" if brushed else "web"
    if verb == ("edit" if edits else "paint"):
        return
    takes = {
        "paint": f"makes pictures of {source.describe()}",
        "edit": "takes a photo, and what is painted on it",
        "web": "takes a photo, and nothing that is painted",
    }
    raise ValueError(
        f"'{name}' {takes[verb]}: `kgt {verb}` serves the page for it."
    )


def page_folder():
    """The folder of the page: examples/selfie_web, or where pip put it.

    Raises:
        ValueError: it is in neither place.
    """
    checkout = pathlib.Path(__file__).parents[2] / "examples" / "selfie_web"
    if checkout.is_dir():
        return checkout
    try:
        installed = importlib.metadata.files("keras-gan-translate") or ()
    except importlib.metadata.PackageNotFoundError:
        installed = ()
    for file in installed:
        if file.parts[-2:] == ("selfie_web", PHOTOS):
            return pathlib.Path(file.locate()).parent
    raise ValueError(
        "The page, examples/selfie_web, did not come with this installation. "
        "Install keras-gan-translate again."
    )


def find_litert(folder=None):
    """Finds LiteRT.js, which `npm` brings and the library never fetches.

    Args:
        folder: where to look: what was given to `npm --prefix`, its
            node_modules, or @litertjs in it. None for the page's folder and
            the user's cache.

    Returns:
        The folder @litertjs, with `core` and `wasm-utils`.

    Raises:
        ValueError: it is not there; says which command brings it.
    """
    cache = pathlib.Path.home() / ".cache" / "keras-gan-translate"
    roots = [pathlib.Path(folder)] if folder else [page_folder(), cache]
    for root in roots:
        for below in ("node_modules/@litertjs", "@litertjs", "."):
            found = root / below
            if all(any(found.glob(pattern)) for pattern in LITERT):
                return found
    packages = " ".join(
        f"{name}@{version}" for name, version in _packages().items()
    )
    raise ValueError(
        "LiteRT.js, which runs the model in the browser, is not in "
        f"{' or '.join(repr(str(root)) for root in roots)}. Get it once, "
        f"38 MB: npm install --no-save --prefix '{roots[-1]}' {packages}"
    )


def lan_address():
    """This machine's own address in its network, as text.

    Nothing is sent: the address is the one that packets would leave from.

    Raises:
        ValueError: it is in no network.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # of no machine: RFC 5737
        except OSError as error:
            raise ValueError(
                "This machine is in no network that a phone could be in: "
                f"{error.strerror}. Connect it, or leave out --lan."
            ) from error
        return probe.getsockname()[0]


def _packages():
    """The npm packages of the page, and their one version."""
    text = (page_folder() / "package.json").read_text(encoding="utf-8")
    return json.loads(text)["dependencies"]


def _policy(page):
    """The page's own Content-Security-Policy, for all that is served.

    Workers have none but the one that they were served with.
    """
    (policy,) = re.findall(
        r'http-equiv="Content-Security-Policy"\s+content="([^"]+)"', page
    )
    return f"{' '.join(policy.split())}; frame-ancestors 'none'"


def _is_own_name(host):
    """Whether a request's Host is an address or localhost.

    A page of somebody else whose domain name leads here would read the model.
    """
    try:
        name = urllib.parse.urlsplit(f"//{host}").hostname
        return name == "localhost" or bool(ipaddress.ip_address(name))
    except ValueError:
        return False
