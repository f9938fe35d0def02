"""The verbs that serve the page on which one paints."""

import keras
import pytest

from keras_gan_translate import create_model, export
from keras_gan_translate.web import server as web
from tests.cli.conftest import error_of, run_cli
from tests.toys import Holes, Maps
from tests.web.test_fields import exported

pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")
if keras.backend.backend() != "tensorflow":
    pytest.skip("exports are written with TensorFlow", allow_module_level=True)

pytestmark = pytest.mark.usefixtures("stopped")


def run_page(verb, litert, *words):
    return run_cli(f"{verb} --port 0 --litert-js", litert, *words)


@pytest.mark.parametrize("verb, toy", [("paint", Maps), ("edit", Holes)])
def test_an_export_is_served(litert, stopped, verb, toy):
    result = run_page(verb, litert, exported(toy))
    assert result.exit_code == 0, result.output
    (server,) = stopped
    assert server.files["/"].name == web.PAINT
    assert f"http://127.0.0.1:{server.port}/" in result.stdout


def test_the_other_verb_is_named(litert, trained):
    error = error_of(run_page("edit", litert, exported(Maps)))
    assert "0 to 2: `kgt paint` serves the page for it" in error
    error = error_of(run_page("paint", litert, exported(Holes)))
    assert "what is painted on it: `kgt edit` serves" in error
    for verb in ("paint", "edit"):
        # Before it is exported, which takes its time.
        error = error_of(run_page(verb, litert, trained))
        assert "nothing that is painted: `kgt web` serves" in error
        assert "Comparing" not in error


def test_a_whole_model_and_the_folder_of_its_export(
    litert, stopped, tmp_path, monkeypatch
):
    model = create_model(
        "contextencoder", image_size=32, filters=4, bottleneck_filters=8
    )
    path = tmp_path / "my filler.keras"
    model.save(path)
    result = run_page("edit", litert, path)
    assert result.exit_code == 0, result.output
    file = tmp_path / "web" / "my-filler-ab" / "my-filler-float32.tflite"
    assert stopped[0].files["/model.tflite"] == file
    assert stopped[0].spec.image_size == 32

    error = error_of(run_page("edit", litert, path, "--which last"))
    assert "holds one model" in error
    monkeypatch.setattr(export, "export_translator", None)  # not once more
    assert run_page("edit", litert, path).exit_code == 0
    assert run_page("edit", litert, file.parent).exit_code == 0
    assert stopped[2].files["/model.tflite"] == file
    error = error_of(run_page("edit", litert, file.parent, "--which last"))
    assert "--which: of a run, while" in error
