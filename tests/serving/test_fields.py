"""The shipped client and what a model takes beside a photo."""

import json

import numpy as np
import PIL.Image
import pytest

from keras_gan_translate.data import read_image, write_image
from keras_gan_translate.export import saved_model
from keras_gan_translate.export.network import (
    describe,
    input_facts,
    translator_network,
)
from keras_gan_translate.fields import Code
from tests.export.files import folder, spec_of
from tests.serving.process import running_server
from tests.serving.test_client import client, shipped
from tests.serving.traffic import are_equal
from tests.test_gan import seeded
from tests.toys import Changes, Domains, Holes, Styles

IMAGE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), "uint8")
HOLE = np.zeros((20, 30), "uint8")
HOLE[5:12, 5:20] = 255
SAID = {
    "domain": "Blue",
    "attributes": "-Bald,+Hat",
    "style": "7",
    "mask": "masks",
}
MEANT = {"domain": "blue", "attributes": "-bald,hat", "style": 7, "mask": HOLE}


@pytest.mark.parametrize("toy", [Domains, Changes, Styles, Holes])
def test_options_reach_the_model(toy, tmp_path):
    model, name = seeded(toy), toy.__name__
    spec = spec_of(model, name=name, inputs=input_facts(model, "ab"))
    network = translator_network(model)
    saved_model.write(network, spec, folder() / name)
    facts = tmp_path / "translator.json"
    facts.write_text(describe(spec, network).to_json())
    write_image(tmp_path / "photos" / "a.png", IMAGE)
    (tmp_path / "masks").mkdir()
    PIL.Image.fromarray(HOLE).save(tmp_path / "masks" / "a.png")
    (word,) = model.options()
    expected = model.translate(IMAGE, **{word: MEANT[word]})
    with running_server(folder() / name, name) as server:
        for flags, port in ([], server.rest), (["--grpc"], server.grpc):
            result = client(
                *["photos", "--model", name, "--out", "out", "--port", port],
                *["--facts", facts, "--set", f"{word}={SAID[word]}", *flags],
                folder=tmp_path,
                bare=not flags,
            )
            assert result.returncode == 0, result.stderr
            found = tmp_path / "out" / "a.png"
            assert are_equal([read_image(found)], [expected])
            found.unlink()


def test_seeds_are_those_of_the_library():
    for seed, size in ((0, 8), (7, 3), (-1, 1)):
        np.testing.assert_array_equal(
            np.float32(shipped.normal(seed, size)), Code(size=size).parse(seed)
        )


def test_settings_are_answered_in_words(tmp_path):
    facts = tmp_path / "translator.json"
    model = seeded(Domains)
    facts.write_text(json.dumps({"inputs": input_facts(model, "ab")}))
    for settings, match in (
        (["domian=red"], "takes domain beside a photo.*Did you mean domain"),
        (["domain=grean"], "no domain 'grean'. Did you mean green"),
        (["domain"], "takes WORD=VALUE"),
        ([], "also takes domain"),
    ):
        with pytest.raises(shipped.Stopped, match=match):
            shipped.read_settings(settings, facts)
    model = seeded(Changes)
    facts.write_text(json.dumps({"inputs": input_facts(model, "ab")}))
    for settings, match in (
        (["attributes=+Hta"], "no attributes 'Hta'. Did you mean Hat.*Bald"),
        (["attributes=Hat", "strength=much"], "strength is a number.*much"),
        (["attributes=Hat", "strenth=1"], "Did you mean strength"),
        (["strength=1"], "also takes attributes"),
    ):
        with pytest.raises(shipped.Stopped, match=match):
            shipped.read_settings(settings, facts)
    for settings in (
        ["attributes=+hat,-Bald", "strength=0.5"],
        ["strength=.25", "attributes=0,2,-2"],
    ):
        found = shipped.read_settings(settings, facts)(None)
        assert found == {"attributes": [0.0, 0.5, -0.5]}
    with pytest.raises(shipped.Stopped, match="for names of classes"):
        shipped.read_settings(["domain=red"])
    with pytest.raises(shipped.Stopped, match="is no translator.json"):
        shipped.read_settings([], tmp_path)
    assert shipped.read_settings(["domain=2"])(None) == {"domain": 2}
    assert shipped.read_settings(["style=1,-2"])(None) == {"style": [1.0, -2.0]}
