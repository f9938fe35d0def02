"""The shipped client against the stand-in server."""

import contextlib
import http.server
import io
import pathlib
import runpy
import subprocess
import sys
import threading
import time
import types

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import read_image, write_image
from tests.export.files import tiny_model
from tests.serving.traffic import are_equal

CLIENT = pathlib.Path(__file__).parents[2] / "examples" / "serving_client.py"
shipped = types.SimpleNamespace(**runpy.run_path(str(CLIENT)))


def client(*arguments, folder, bare=True):
    """Runs it; REST in a Python that sees no packages."""
    options = ["-I", "-S"] if bare else []
    return subprocess.run(
        [sys.executable, *options, CLIENT, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=120,
    )


@contextlib.contextmanager
def answering(status, body, wait=0.0):
    """Within it something on localhost answers all alike; yields its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            time.sleep(wait)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path, photos):
    """Photos: one on its side, one in a subfolder, one damaged, one a GIF."""
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = Image.fromarray(photos[0][0])
    (tmp_path / "photos" / "more").mkdir(parents=True)
    pixels.save(tmp_path / "photos" / "side.jpg", exif=exif)
    write_image(tmp_path / "photos" / "more" / "face.PNG", photos[1][0])
    whole = (tmp_path / "photos" / "side.jpg").read_bytes()
    (tmp_path / "photos" / "cut.jpeg").write_bytes(whole[:500])
    pixels.save(tmp_path / "photos" / "drawing.gif")
    return tmp_path


def assert_translated(path, photo):
    expected = tiny_model().translate(read_image(photo))
    assert are_equal([read_image(path)], [expected])


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_a_folder(server, folder, protocol):
    port, flags = {
        "rest": (server.rest, []),
        "grpc": (server.grpc, ["--grpc"]),
    }[protocol]
    result = client(
        *["photos", "--model", "tiny", "--out", "out", "--port", port],
        *flags,
        folder=folder,
        bare=protocol == "rest",
    )
    assert result.returncode == 1
    assert_translated(folder / "out/side.png", folder / "photos/side.jpg")
    assert_translated(
        folder / "out/more/face.png", folder / "photos/more/face.PNG"
    )
    written = sorted(p.name for p in (folder / "out").rglob("*"))
    assert written == ["face.png", "more", "side.png"]
    assert len(result.stdout.splitlines()) == 2
    errors = [
        "photos: 1 files that are no JPEG or PNG left out",
        "photos/cut.jpeg: Image 0 of the request is damaged or cut off (500",
        "1 of 3 photos were not translated.",
    ]
    assert all(error in result.stderr for error in errors), result.stderr
    assert "node" not in result.stderr.lower()  # of the graph


def test_one_photo(server, folder):
    upright = read_image(folder / "photos/side.jpg")
    assert (
        upright.shape[:2] != Image.open(folder / "photos/side.jpg").size[::-1]
    )
    words = "photos/side.jpg --model tiny --out anime.png --port"
    result = client(*words.split(), server.rest, folder=folder)
    assert (result.returncode, result.stdout) == (0, "1/1 anime.png\n")
    assert_translated(folder / "anime.png", folder / "photos/side.jpg")


def test_unknown_model(server, folder):
    words = "photos --model tony --out out --port"
    result = client(*words.split(), server.rest, folder=folder)
    assert result.returncode == 1
    assert "no model 'tony' (Servable not found" in result.stderr
    with pytest.raises(
        shipped.Stopped, match="no model 'tony' .Servable not found"
    ):
        shipped.over_grpc("localhost", server.grpc, "tony", 60)(b"")


def test_no_server(folder):
    with answering(200, b"") as port:
        pass  # gone again
    words = f"photos --model tiny --port {port}"
    result = client(*words.split(), folder=folder)
    assert result.returncode == 1
    assert f"No server answers at localhost:{port} ([Errno" in result.stderr
    assert not (folder / "out").exists()
    with pytest.raises(
        shipped.Stopped, match=f"No server answers at localhost:{port}"
    ):
        shipped.over_grpc("localhost", port, "tiny", 60)(b"")


def test_another_server(server):
    for body in (b"<html>", b"{}", b"[]", b'{"predictions": []}', b"\xff"):
        with answering(200, body) as port:
            with pytest.raises(
                shipped.Stopped, match="not TensorFlow Serving's REST"
            ):
                shipped.over_rest("localhost", port, "tiny", 60)(b"")
    with pytest.raises(
        shipped.Stopped, match="is not TensorFlow Serving's REST"
    ):
        shipped.over_rest("localhost", server.grpc, "tiny", 60)(b"")
    with pytest.raises(shipped.Stopped, match="No server answers at"):
        shipped.over_grpc("localhost", server.rest, "tiny", 60)(b"")
    # Older servers escape an apostrophe, which is no JSON.
    with answering(500, b'{ "error": "it\\\'s broken" }') as port:
        with pytest.raises(shipped.Refused, match="s broken"):
            shipped.over_rest("localhost", port, "tiny", 60)(b"")


def test_no_answer_in_time():
    with answering(200, b"", wait=2) as port:
        with pytest.raises(
            shipped.Refused, match="in 0.2 seconds; --timeout gives"
        ):
            shipped.over_rest("localhost", port, "tiny", 0.2)(b"")


def test_where_translations_go(tmp_path):
    for name in ("a.jpg", "b/a.png", "b/.hidden.png", "b/c.png"):
        write_image(tmp_path / name, np.zeros((8, 8, 3), "uint8"))
    one, b = tmp_path / "a.jpg", tmp_path / "b"
    assert shipped.plan([one], "x.png") == [(one, pathlib.Path("x.png"))]
    assert [str(target) for _, target in shipped.plan([b], "o")] == [
        "o/a.png",
        "o/c.png",
    ]
    for inputs, out, words in (
        ([tmp_path / "gone"], "o", "no photo or folder"),
        ([b], "x.png", "one file, for 2 photos"),
        ([one, b], "o", "would both become 'o/a.png'"),
        ([b], b, "would be overwritten"),
    ):
        with pytest.raises(shipped.Stopped, match=words):
            shipped.plan(inputs, out)
    (tmp_path / "empty").mkdir()
    with pytest.raises(shipped.Stopped, match="No photo"):
        shipped.plan([tmp_path / "empty"], "o")


def test_what_is_written_stays(tmp_path, monkeypatch):
    for number in range(9):
        (tmp_path / f"{number}.jpg").write_bytes(b"%d" % number)
    target = tmp_path / "out" / "0.png"
    shipped.write(target, b"earlier")

    def translate(photo):
        if photo == b"3":
            raise shipped.Stopped("The server is gone")
        return b"translated"

    jobs = [
        (tmp_path / f"{number}.jpg", tmp_path / "out" / f"{number}.png")
        for number in range(9)
    ]
    with pytest.raises(shipped.Stopped):
        shipped.translate_all(translate, jobs, 1)
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"0.png", "1.png", "2.png"} <= written and "3.png" not in written

    def fail(*paths):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        shipped.write(target, b"later")
    assert target.read_bytes() == b"translated"
    assert {path.name for path in (tmp_path / "out").iterdir()} == written


def test_without_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_serving.apis", None)
    with pytest.raises(
        shipped.Stopped, match=r"keras-gan-translate\[serving\]"
    ):
        shipped.over_grpc("localhost", 1, "tiny", 60)


def test_a_photo_that_is_too_large_is_told_what_helps(tmp_path, capsys):
    from keras_gan_translate.export import decoding, serving

    for module in (decoding, serving):  # the words are the server's
        assert shipped.TOO_LARGE in pathlib.Path(module.__file__).read_text()
    write_image(tmp_path / "a.png", np.zeros((4, 4, 3), "uint8"))

    def refuse(photo):
        raise shipped.Refused("this model takes 9 in all at most.")

    jobs = [(tmp_path / "a.png", tmp_path / "b.png")]
    assert shipped.translate_all(refuse, jobs, 1) == 1
    assert "9 in all at most. --reduce makes it" in capsys.readouterr().err
    same = bytes
    assert shipped.translate_all(refuse, jobs, 1, reduce=same) == 1
    assert "--reduce" not in capsys.readouterr().err


def test_photos_are_made_small_enough_on_request(tmp_path):
    facts = tmp_path / "translator.json"
    facts.write_text('{"max_pixels": 6400, "scale": 2}')  # 1600 go in
    reduce = shipped.reducer(facts)
    exif = Image.Exif()
    exif[0x0112] = 6  # on its side
    Image.new("RGB", (80, 40), "red").save(tmp_path / "a.jpg", exif=exif)
    smaller = Image.open(io.BytesIO(reduce((tmp_path / "a.jpg").read_bytes())))
    assert smaller.format == "PNG" and smaller.size == (28, 56)
    assert not smaller.getexif()
    mask = Image.fromarray(np.repeat(np.uint8([[0, 7]]), 40, 0).repeat(40, 1))
    mask.save(tmp_path / "m.png")
    smaller = reduce((tmp_path / "m.png").read_bytes(), numbers=True)
    smaller = np.asarray(Image.open(io.BytesIO(smaller)))
    assert smaller.shape == (28, 56) and set(smaller.flat) == {0, 7}
    write_image(tmp_path / "small.png", np.zeros((40, 40, 3), "uint8"))
    contents = (tmp_path / "small.png").read_bytes()
    assert reduce(contents) is contents
    with pytest.raises(shipped.Refused, match="cannot be made smaller"):
        reduce(b"no photo")
    with pytest.raises(shipped.Stopped, match="no translator.json"):
        shipped.reducer(tmp_path / "small.png")
    asked = []
    jobs = [(tmp_path / "a.jpg", tmp_path / "out.png")]
    shipped.translate_all(
        lambda photo, **beside: asked.append((photo, beside)) or b"",
        jobs,
        1,
        lambda photo: {"mask_bytes": (tmp_path / "m.png").read_bytes()},
        reduce,
    )
    ((photo, beside),) = asked
    assert Image.open(io.BytesIO(photo)).size == (28, 56)
    assert Image.open(io.BytesIO(beside["mask_bytes"])).size == (56, 28)
