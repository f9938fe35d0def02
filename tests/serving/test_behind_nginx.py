"""Requests that are measured, to a server and through nginx."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("simpy", reason="the extra `sizing` is missing")

from tests.serving import behind_nginx  # noqa: E402, needs SimPy

measure_server = behind_nginx.measure_server


@pytest.fixture
def photo(tmp_path, photos):
    path = tmp_path / "photo.png"
    Image.fromarray(photos[0][0]).save(path)
    return path


def test_the_command_measures_and_the_model_reads_it(
    server, photo, tmp_path, monkeypatch, capsys
):
    file = tmp_path / "times.json"
    url = f"http://127.0.0.1:{server.rest}"
    words = f"{photo} --model tiny --url {url} --out {file}".split()
    words += "--sizes 32,64 --together 1,3 --repeats 2".split()
    words += "--rate 20 --seconds 0.5".split()
    monkeypatch.setattr(sys, "argv", ["measure_server.py", *words])
    measure_server.main()
    said = capsys.readouterr().out
    assert "64 pixels, 3 together: p50" in said and "10 requests" in said
    facts = json.loads(file.read_text())
    times = behind_nginx.load_model.ServiceTimes(facts["seconds"])
    assert times.of("32", 2, 0.5) > 0 and facts["load"]["p95"] > 0
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--model", "nobody"])
    with pytest.raises(SystemExit, match="404 .*nobody"):
        measure_server.main()


def test_seconds_count_from_when_a_request_was_due(server, photo):
    bodies = measure_server.bodies_of(photo, [32])
    url = f"http://127.0.0.1:{server.rest}"
    asked = measure_server.Server(url, "tiny")
    # A thousandth of a second apart: the last wait for those before them.
    requests = np.arange(30) / 1000, ["32"] * 30
    taken = asked.under_load(bodies, requests)
    assert taken[-5:].mean() > taken[:5].mean() > 0


@pytest.mark.skipif(not behind_nginx.has_nginx(), reason="nginx is absent")
def test_nginx_passes_requests_on(server, photo):
    bodies = measure_server.bodies_of(photo, [64])
    with behind_nginx.nginx_before([server.rest, server.rest]) as url:
        asked = measure_server.Server(url, "tiny")
        alone = asked.alone(bodies, 3)["64"][1]
        with pytest.raises(RuntimeError, match="404"):
            measure_server.Server(url, "nobody").alone(bodies, 1)
    assert len(alone) == 3 and min(alone) > 0
    with pytest.raises(OSError):
        asked.alone(bodies, 1)  # nginx is gone
