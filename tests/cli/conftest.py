import socket

import pytest
from click.testing import CliRunner

from keras_gan_translate.cli import main
from keras_gan_translate.web import server as web
from tests.web.litert import make_litert

TRAIN = (
    "train pix2pix synthetic:6 --image-size 32 --filters 4 --batch-size 2 "
    "--epochs 1"
)


def forbid_sockets(patch):
    class Refused(socket.socket):
        def __init__(self, *args, **kwargs):
            raise AssertionError("a socket was opened")

    patch.setattr(socket, "socket", Refused)


def run_cli(*args):
    """Runs a command line, words or strings of them; the click result."""
    words = [
        word
        for arg in args
        for word in (arg.split() if isinstance(arg, str) else [str(arg)])
    ]
    return CliRunner().invoke(main, words)


def error_of(result):
    """The one red line of a failed command."""
    assert result.exit_code in (1, 2), result.output
    assert "Traceback" not in result.stderr
    return " ".join(result.stderr.split())


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A run folder of one epoch, trained while sockets are forbidden."""
    folder = tmp_path_factory.mktemp("runs") / "faces"
    with pytest.MonkeyPatch.context() as patch:
        forbid_sockets(patch)
        result = run_cli(TRAIN, "--out", folder)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def litert(tmp_path):
    return make_litert(tmp_path)


@pytest.fixture
def stopped(monkeypatch):
    """Servers that end at once, by Ctrl+C; a list of them."""
    servers = []

    def serve_forever(server):
        servers.append(server)
        raise KeyboardInterrupt

    monkeypatch.setattr(web.PageServer, "serve_forever", serve_forever)
    return servers
