import fnmatch
import http.client
import json
import pathlib
import re
import threading
import tomllib

import pytest

from keras_gan_translate.export.spec import TranslatorSpec
from keras_gan_translate.web import server as web
from tests.web.litert import make_litert

ROOT = pathlib.Path(__file__).parents[2]
SPEC = TranslatorSpec(
    *("anime", "ugatit", "Kim et al. 2020", "ab", 64, 4, 1, "uint8"),
    *("cover", "not stated", "0", None),
)


@pytest.fixture
def litert(tmp_path):
    return make_litert(tmp_path)


@pytest.fixture
def server(litert, tmp_path, monkeypatch):
    monkeypatch.setattr(web, "read_spec", lambda path: SPEC)
    model = tmp_path / "anime.tflite"
    model.write_bytes(b"\0model")
    with web.PageServer(model, litert) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(server, path, method="GET", **headers):
    """(status, headers, body) of a request whose path is sent as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, 10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "path, kind, body",
    [
        ("/", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/index.html?from=code", "text/html; charset=utf-8", b"<!doctype"),
        ("/app.js", "text/javascript; charset=utf-8", b"//"),
        ("/style.css", "text/css; charset=utf-8", b":root"),
        ("/model.tflite", "application/octet-stream", b"\0model"),
        (
            "/node_modules/@litertjs/core/wasm/litert.wasm",
            "application/wasm",
            b"core/wasm/litert.wasm",
        ),
    ],
)
def test_what_is_served(server, path, kind, body):
    status, headers, found = ask(server, path)
    assert status == 200 and found.startswith(body)
    assert headers["Content-Type"] == kind
    assert headers["Content-Length"] == str(len(found))
    status, again, found = ask(server, path, "HEAD")
    assert status == 200 and found == b""
    assert again["Content-Length"] == headers["Content-Length"]


def test_the_facts_are_the_file_s(server):
    _, headers, body = ask(server, "/translator.json")
    assert TranslatorSpec.from_json(body) == SPEC
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "path",
    [
        "/package.json",
        "/node_modules/",
        "/node_modules/@litertjs/core/package.json",
        "/../web.py",
        "/%2e%2e/web.py",
        "//etc/passwd",
        "/node_modules/@litertjs/../../../anime.tflite",
        "/<script>",
    ],
)
def test_nothing_else_is_served(server, path):
    status, headers, body = ask(server, path)
    assert status == 404 and b"<" not in body
    assert headers["Content-Type"].startswith("text/plain")


def test_nothing_is_taken_in(server):
    for method in ("POST", "PUT", "DELETE"):
        assert ask(server, "/", method)[0] == 501


@pytest.mark.parametrize("path", ["/", "/model.tflite", "/none"])
def test_headers(server, path):
    headers = ask(server, path)[1]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "connect-src 'self'"} <= set(policy)
    assert "frame-ancestors 'none'" in policy
    assert not re.search("https?:|'unsafe-", " ".join(policy))


@pytest.mark.parametrize(
    "host, status",
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("192.168.1.7:8000", 200),
        ("[::1]:8000", 200),
        ("evil.example:8000", 403),
        ("", 403),
        ("[", 403),
    ],
)
def test_names_of_others_are_refused(server, host, status):
    assert ask(server, "/model.tflite", Host=host)[0] == status


def test_a_model_that_went_away(server, tmp_path):
    (tmp_path / "anime.tflite").unlink()
    status, _, body = ask(server, "/model.tflite")
    assert status == 404 and body == b"anime.tflite is no longer there."


def test_loopback_only_unless_asked(server):
    assert server.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken(server, litert, tmp_path):
    with pytest.raises(ValueError, match=f"port {server.port} .*--port"):
        web.PageServer(tmp_path / "x.tflite", litert, port=server.port)


def test_litert_js_is_found_or_explained(litert, tmp_path, monkeypatch):
    for given in (tmp_path / "npm", litert.parent, litert):
        assert web.find_litert(given) == litert
    (litert / "core/wasm/litert.wasm").unlink()
    with pytest.raises(ValueError) as refused:
        web.find_litert(litert)
    assert (
        f"npm install --no-save --prefix '{litert}' @litertjs/core@"
    ) in str(refused.value)

    monkeypatch.setattr(web, "LITERT", ("no/such.js",))
    monkeypatch.setattr(pathlib.Path, "home", lambda: tmp_path)
    with pytest.raises(ValueError, match="keras-gan-translate' @litertjs"):
        web.find_litert()


def test_files_that_are_none_of_ours(tmp_path):
    with pytest.raises(ValueError, match=r"no .tflite file"):
        web.read_spec(tmp_path / "none.tflite")


def test_the_page_is_installed_whole(monkeypatch, tmp_path):
    """All of it is in the wheel, and found where pip puts it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    ((place, patterns),) = project["tool"]["setuptools"]["data-files"].items()
    there = {path.name for path in web.page_folder().iterdir()}
    for name in (*web.PAGE, "package.json"):
        path = f"examples/selfie_web/{name}"
        assert name in there
        assert any(fnmatch.fnmatch(path, pattern) for pattern in patterns)

    class File(type(pathlib.PurePosixPath())):
        def locate(self):
            return tmp_path / self

    installed = [File(place, "app.js"), File(place, "index.html")]
    monkeypatch.setattr(web.importlib.metadata, "files", lambda _: installed)
    monkeypatch.setattr(
        web, "__file__", str(tmp_path / "lib" / "web" / "server.py")
    )
    assert web.page_folder() == tmp_path / place
    installed.clear()
    with pytest.raises(ValueError, match="did not come with"):
        web.page_folder()


def test_versions_are_exact():
    package = json.loads((web.page_folder() / "package.json").read_text())
    for version in package["dependencies"].values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_the_page_names_no_other_address():
    for path in web.page_folder().glob("*.*"):
        if path.suffix in (".html", ".js", ".css"):
            assert not re.search(r"https?://|//\w+\.\w", path.read_text()), path
