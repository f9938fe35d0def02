"""New versions of a model while it is served."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

import keras
import pytest

from keras_gan_translate import create_model
from keras_gan_translate.export import saved_model
from keras_gan_translate.export.network import translator_network
from tests.export.files import SIZE, artefact, spec_of, tiny_model
from tests.serving.process import ROOT, running_server
from tests.serving.servable import Servable
from tests.serving.traffic import Traffic, are_equal, encode

FILES = {
    "saved_model.pb",
    "variables/variables.index",
    "variables/variables.data-00000-of-00001",
    "assets.extra/translator.json",
    "assets.extra/tf_serving_warmup_requests",
}
# Writes versions one after the other until it is killed.
EXPORTER = """
import sys
from tests.export.files import spec_of, tiny_model
from keras_gan_translate.export import saved_model
from keras_gan_translate.export.network import translator_network
model = tiny_model()
while True:
    saved_model.write(translator_network(model), spec_of(model), sys.argv[1])
"""


def versions(path):
    """What a server takes for versions, and the sizes of their files."""
    return {
        version.name: {
            str(file.relative_to(version)): file.stat().st_size
            for file in version.rglob("*")
            if file.is_file()
        }
        for version in path.iterdir()
        if version.name.isdecimal()
    }


class Watcher:
    """Keeps how a version looked when it was first seen."""

    def __init__(self, path):
        self.path, self.first_seen, self.ended = path, {}, False
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self.ended:
            self._look()
            time.sleep(0.0005)

    def _look(self):
        for name, files in versions(self.path).items():
            self.first_seen.setdefault(name, files)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.ended = True
        self.thread.join()
        self._look()


def test_versions_are_swapped_under_load(tmp_path, photos):
    path = tmp_path / "tiny"
    shutil.copytree(artefact("tiny"), path)
    keras.utils.set_random_seed(6)
    other = create_model("cyclegan", image_size=SIZE, filters=4, num_blocks=1)
    photo, before = photos[0]
    after = other.translate(photo)
    assert not are_equal([before], [after])
    answers, stop = [], threading.Event()

    def ask(send):
        while not stop.is_set():
            answers.append(send([encode(photo)]))
            time.sleep(0.02)

    with running_server(path) as server, Watcher(path) as watcher:
        traffic = Traffic("tiny", photos, server.rest, server.grpc)
        asking = [
            threading.Thread(target=ask, args=(send,))
            for send in (traffic.rest_files, traffic.grpc_files)
        ]
        for thread in asking:
            thread.start()
        for model in (tiny_model(), other):
            saved_model.write(translator_network(model), spec_of(model), path)
        for _ in range(300):
            status, images = answers[-1]
            if status or are_equal(images, [after]):
                break
            time.sleep(0.1)
        stop.set()
        for thread in asking:
            thread.join()
        assert server.is_alive()
    assert {status for status, _ in answers} == {None}
    is_new = [are_equal(images, [after]) for _, images in answers]
    assert is_new[-1]
    for (_, images), new in zip(answers, is_new):
        assert new or are_equal(images, [before])
    assert watcher.first_seen == versions(path)
    assert set(watcher.first_seen) == {"1", "2", "3"}


def test_an_exporter_that_is_killed_leaves_no_half_version(tmp_path):
    path = tmp_path / "tiny"
    path.mkdir()
    with Watcher(path) as watcher:
        exporter = subprocess.Popen(
            [sys.executable, "-c", EXPORTER, str(path)],
            cwd=ROOT,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        half = path / f".{exporter.pid}.2"
        while not (half / "saved_model.pb").exists():
            assert exporter.poll() is None
            time.sleep(0.001)
        exporter.send_signal(signal.SIGKILL)
        exporter.wait()
        assert half.exists() and set(versions(path)) == {"1"}
        # The next export is not hindered.
        model = tiny_model()
        saved_model.write(translator_network(model), spec_of(model), path)
    assert set(watcher.first_seen) == {"1", "2"}
    for name, files in watcher.first_seen.items():
        assert FILES <= set(files) and min(files.values()) > 0
        assert files == versions(path)[name]
        assert Servable(pathlib.Path(path, name), "tiny").warmed_up == 2


def test_half_a_version_would_be_noticed(tmp_path):
    shutil.copytree(artefact("tiny") / "1", tmp_path / "1")
    shutil.rmtree(tmp_path / "1" / "variables")
    with pytest.raises(Exception, match="variables"):
        Servable(tmp_path / "1", "tiny")
