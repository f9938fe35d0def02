"""The measurement of a served model, and the model that reads it."""

import json
import sys

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
    assert "status: p50" in said
    facts = json.loads(file.read_text())
    times = behind_nginx.load_model.ServiceTimes(facts["seconds"])
    assert times.of("32", 2, 0.5) > 0 and facts["load"]["p95"] > 0
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--model", "nobody"])
    with pytest.raises(SystemExit, match="404 .*nobody"):
        measure_server.main()
