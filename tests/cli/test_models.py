import dataclasses
import inspect
import json

from keras_gan_translate import zoo
from keras_gan_translate.cli import outlines
from keras_gan_translate.cli.model_options import (
    argument_help,
    arguments,
    model_options,
)
from keras_gan_translate.gan import GAN
from keras_gan_translate.models import SRGAN
from keras_gan_translate.zoo import list_models
from tests.cli.conftest import error_of, run_cli
from tests.toys import Domains


def test_models():
    result = run_cli("models")
    assert result.exit_code == 0
    for entry in list_models():
        assert entry.name in result.output


def test_info_of_a_model():
    result = run_cli("info cyclegan")
    assert result.exit_code == 0
    assert "11,378,179" in result.output  # a generator's parameters
    assert "--num-blocks" in result.output
    assert "Cycle-Consistent" in result.output
    assert "generator, discriminator" in result.output
    assert "crop, flip" in result.output
    assert "Adam, beta_1 0.5" in result.output
    assert "LinearDecay (initial" in " ".join(result.output.split())


def test_outlines_tell_what_the_classes_would():
    entries = list_models()
    assert outlines.model_names() == tuple(info.name for info in entries)
    rows = json.loads(run_cli("models --json").stdout)
    for entry, row in zip(entries, rows):
        told = dataclasses.asdict(entry)
        real = told.pop("model_class")
        assert row == told
        outline = outlines.find_model(entry.name.upper())
        assert issubclass(real, GAN) and not issubclass(outline, GAN)
        assert outline.__name__ == real.__name__
        assert inspect.getdoc(outline) == inspect.getdoc(real)
        assert arguments(outline) == arguments(real)
        assert outline.batch_size == real.batch_size
        for kind in (None, *real.kinds):
            for exclusive in (True, False):
                given = {"kind": kind, "exclusive": exclusive}
                assert outline.data_of(given) == real.data_of(given)


def test_info_of_a_model_as_json():
    info = json.loads(run_cli("info cyclegan --json").stdout)
    assert info["parameters"]["discriminator_a"] == 2764737
    assert info["arguments"]["num_blocks"] == 9


def test_info_tells_turns_fields_and_options(monkeypatch):
    entry = dataclasses.replace(
        list_models()[0], name="domains", model_class=Domains
    )
    monkeypatch.setattr(zoo, "list_models", lambda: [entry])
    monkeypatch.setattr(outlines, "model_names", lambda: ["domains"])
    info = json.loads(run_cli("info domains --json").stdout)
    turns = "discriminator in 2 of 2 steps, generator in 1 of 2 steps"
    assert info["recipe"]["turns"] == turns
    assert info["recipe"]["batch size"] == 2
    assert info["recipe"]["smallest size"].startswith("8 pixels")
    assert info["translators"]["ab"]["takes"] == ["image", "domain"]
    assert "red, green, blue" in info["translators"]["ab"]["options"]["domain"]
    assert "red, green, blue" in info["batch"]["domain"]
    assert "--domain: " in " ".join(run_cli("info domains").output.split())


def test_every_argument_is_explained():
    for entry in list_models():
        texts = argument_help(entry.model_class)
        assert {"image_size", "filters", "loss_weights"} <= set(texts)
        assert all(texts.values())


def test_info_of_a_run(trained):
    result = run_cli("info", trained)
    assert result.exit_code == 0
    assert "1 of 1 epochs done" in result.output
    assert "generator_l1" in result.output
    info = json.loads(run_cli("info --json", trained).stdout)
    assert info["epochs"] == 1
    assert info["config"]["filters"] == 4
    assert "index.html" in info["files"]


def test_info_of_nothing_known(tmp_path):
    assert "Did you mean 'cyclegan'" in error_of(run_cli("info cyclgan"))
    assert "no folder" in error_of(run_cli("info", tmp_path / "nope"))


def test_a_text_may_be_none():
    options = {option.name: option for option in model_options(SRGAN)}
    convert = options["vgg_weights"].type.convert
    assert convert("none", None, None) is None
    assert convert("vgg.h5", None, None) == "vgg.h5"
