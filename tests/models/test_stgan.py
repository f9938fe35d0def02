import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.models.stgan import STGAN
from keras_gan_translate.networks.selective import (
    attribute_discriminator,
    feature_decoder,
    feature_encoder,
    selective_transfer,
)
from tests.models.training import (
    assert_close,
    count_parameters,
    import_networks,
    weights_of,
)
from tests.shared import fixture

NETWORKS = {"Genc": "encoder", "Gstu": "transfer", "Gdec": "decoder"}
ATTRIBUTES = ("a", "b", "c", "d", "e")


class Replayed(STGAN):
    """Draws what the reference drew."""

    def draw_targets(self, batch):
        return batch["b"]

    def draw_mix(self, batch):
        return 1.0 - batch["alpha"]  # it counts from the image


@pytest.fixture(scope="module")
def reference():
    """A model with the reference's weights, and the arrays of both files."""
    arrays, _ = fixture("stgan_gen")
    judge, _ = fixture("stgan_dis")
    model = Replayed(64, 4, 5, 24, ATTRIBUTES)
    import_networks(model, arrays, NETWORKS)
    import_networks(model, judge, {"D": "discriminator"})
    return model, arrays, judge


def inputs_of(arrays):
    return {
        name: ops.convert_to_tensor(arrays[f"__in__.{name}"])
        for name in ("image", "a", "b", "alpha")
    }


def test_every_feature_and_both_images_are_the_references(reference):
    model, arrays, _ = reference
    given = inputs_of(arrays)
    features = model.encoder(given["image"])
    change = given["b"] - given["a"]
    transferred = model.transfer([*features, change])
    for ours, theirs in (
        (features[0], "z1"),
        (features[-1], "z_last"),
        (transferred[0], "stu_first"),
        (transferred[3], "stu_deepest"),
        (model.composed([given["image"], change]), "edit"),
        (model.composed([given["image"], 0.0 * change]), "reconstruction"),
    ):
        expected = arrays[f"__out__.{theirs}"].transpose(0, 3, 1, 2)
        assert_close(ours, expected)


def test_losses_are_the_references(reference):
    model, arrays, _ = reference
    given = inputs_of(arrays)
    batch = given | {"attributes": given["a"]}
    with keras.StatelessScope():  # statistics stay
        change = given["b"] - given["a"]
        edit = model.composed([given["image"], change], training=True)
        critic, shared = model.discriminator_loss(batch)
        critic, d_loss = model._weigh("discriminator", critic)
        editor, _ = model.generator_loss(batch | shared)
        editor, g_loss = model._weigh("generator", editor)
    assert_close(edit, arrays["__out__.train_edit"].transpose(0, 3, 1, 2))
    for name, ours in {
        "d_loss_gan": critic["discriminator_adversarial"],
        "gp": critic["discriminator_penalty"],
        "xa_loss_att": critic["discriminator_classification"],
        "d_loss": d_loss,
        "xb_loss_gan": editor["generator_adversarial"],
        "xb_loss_att": editor["generator_classification"],
        "xa_loss_rec": editor["generator_reconstruction"],
        "g_loss": g_loss,
    }.items():
        (expected,) = arrays[f"__out__.loss_{name}"]
        # The first is what two means of 0.2 leave of each other, 0.07.
        assert float(ours) == pytest.approx(expected, rel=2e-5), name


def test_discriminator_reproduces_the_reference(reference):
    model, _, arrays = reference
    output = model.discriminator(arrays["__in__.image"])
    assert_close(output["logits"], arrays["__out__.gan"])
    assert_close(output["class_logits"], arrays["__out__.att"])


@pytest.mark.parametrize(
    ("build", "count"),
    [
        (feature_encoder, 11_148_160),
        (selective_transfer, 30_145_280),
        (feature_decoder, 33_705_331),
        (lambda: attribute_discriminator(128), 44_718_990),
    ],
    ids=["encoder", "transfer", "decoder", "discriminator"],
)
def test_full_size_has_the_papers_number_of_parameters(build, count):
    assert count_parameters(build) == count


def test_published_weights_are_recognised():
    arrays, _ = fixture("stgan_gen")
    found = recognise(weights_of(arrays))
    assert found.model == "stgan"
    assert found.arguments == {
        "filters": 4,
        "num_layers": 5,
        "use_stu": True,
        "attributes": tuple(f"attribute_{i}" for i in range(1, 6)),
    }
    assert list(found.parts) == ["encoder", "transfer", "decoder"]
    model = dataclasses.replace(
        found, arguments=found.arguments | {"dense_units": 8}
    ).load()
    image, change = arrays["__in__.image"], arrays["__in__.b"]
    change = change - arrays["__in__.a"]
    edit = model.translate(image, attributes=list(change))
    assert_close(edit, arrays["__out__.edit"].transpose(0, 3, 1, 2))


def test_without_units_it_is_attgan():
    model = STGAN(64, 4, 5, 8, ATTRIBUTES, use_stu=False)
    assert model.players["generator"] == ("encoder", "decoder")
    assert model.translator_networks == ("encoder", "decoder")
    names = {layer.name for layer in model.decoder.layers}
    assert "up_1_skip" in names and "up_2_skip" not in names
    random = np.random.default_rng(0)
    batch = {
        "image": random.uniform(-1, 1, (2, 64, 64, 3)).astype("float32"),
        "attributes": np.eye(5, dtype="float32")[:2],
    }
    for player in model.players:
        losses, shared = getattr(model, f"{player}_loss")(batch)
        assert np.isfinite(float(model._weigh(player, losses)[1]))
        batch |= shared


@pytest.mark.parametrize(("size", "layers"), [(32, 3), (64, 4), (256, 5)])
def test_small_images_have_fewer_layers(size, layers):
    model = STGAN(size, 2, dense_units=2)
    assert model.num_layers == layers and model.size_multiple == 2**layers
    assert len(model.encoder.outputs) == layers


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": None}, "built for their size.*None"),
        ({"num_layers": 1}, "2 or more.*num_layers=1"),
        ({"image_size": 96, "num_layers": 6}, "num_layers=6.*image_size=96"),
    ],
)
def test_errors_teach(arguments, message):
    with pytest.raises(ValueError, match=message):
        STGAN(**{"filters": 2, "dense_units": 2} | arguments)
