import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.engine.batches import as_batch
from keras_gan_translate.models.edgeconnect import EdgeConnect, luminance
from keras_gan_translate.networks.edgeconnect import (
    edge_discriminator,
    edge_generator,
    inpainting_generator,
)
from tests.models.training import (
    assert_close,
    assert_losses,
    channels_last,
    count_parameters,
    detailed,
    import_networks,
    replay,
    weights_of,
)
from tests.shared import fixture


def tiny(**arguments):
    options = {"filters": 4, "num_blocks": 1, "vgg_weights": None}
    return EdgeConnect(**{"image_size": 32} | options | arguments)


def batch(model, size=32):
    random = np.random.default_rng(0)
    return {
        name: field.example(2, size, random)
        for name, field in model.batch.items()
    }


@pytest.mark.parametrize(
    ("build", "count"),
    [
        (edge_generator, 10_761_089),
        (inpainting_generator, 10_774_595),
        (lambda: edge_discriminator(2), 2_762_752),
        (lambda: edge_discriminator(3), 2_763_776),
    ],
    ids=["edge_generator", "generator", "edge_discriminator", "discriminator"],
)
def test_full_size_has_the_papers_number_of_parameters(build, count):
    assert count_parameters(build) == count


@pytest.mark.parametrize(
    ("name", "build"),
    [("edge", edge_generator), ("inpaint", inpainting_generator)],
)
def test_generators_reproduce_the_reference(name, build):
    arrays, _ = fixture(f"edgeconnect_gen_{name}")
    network = import_weights(build(8), weights_of(arrays))
    outputs = backend.predict(network, channels_last(arrays["__in__.x"]))
    if name == "inpaint":  # in [0, 1] there
        outputs = (outputs + 1.0) / 2.0
    assert_close(outputs, arrays["__out__.out"])


def test_discriminator_reproduces_the_reference():
    arrays, _ = fixture("edgeconnect_dis")
    network = import_weights(edge_discriminator(4, 8), weights_of(arrays))
    features = network(channels_last(arrays["__in__.x"]))
    for i, output in enumerate(features):
        assert_close(output, arrays[f"__out__.feat{i}"])
    assert_close(ops.sigmoid(features[-1]), arrays["__out__.prob"])


class Given(detailed(EdgeConnect)):
    """Takes gray images and edges from its batch, as the fixture has them."""

    def compile(self, **options):
        super().compile(stage="edge", **options)

    def sketch(self, batch):
        return {"gray": batch["gray"], "edges": batch["edges"]}


def test_three_steps_of_the_references_edge_model():
    arrays, info = fixture("train_edgeconnect_edge")
    model = Given(image_size=64, filters=8, num_blocks=2, vgg_weights=None)
    import_networks(
        model,
        arrays,
        {"generator": "edge_generator", "discriminator": "edge_discriminator"},
    )
    gray, edges, mask = (
        channels_last(arrays[f"__in__.{key}"])
        for key in ("image_gray", "edges", "mask")
    )
    image = np.repeat(gray, 3, axis=-1)
    one = {"image": image, "mask": mask, "gray": gray, "edges": edges}
    assert_losses(
        replay(model, 3 * [one]),
        info["losses_per_step"],
        {
            "l_d1": (
                0.5,
                ["judge_adversarial_real", "judge_adversarial_fake"],
            ),
            "l_g1": (1, ["drawer_adversarial_"]),
            "l_fm": (10, ["drawer_feature_matching_"]),
            "gen_loss": [(1, "l_g1"), (1, "l_fm")],
        },
        (1e-5, 2e-4, 1e-3),
    )


@pytest.mark.parametrize("stage", EdgeConnect.stages)
def test_a_stage_trains_its_networks_alone(stage):
    model = tiny()
    networks = [name for (name,) in model.players.values()]
    before = [
        [np.array(v) for v in getattr(model, name).trainable_variables]
        for name in networks
    ]
    model.compile(stage=stage, run_eagerly=True)
    logs = model.train_on_batch(batch(model), return_dict=True)
    moved = {
        name
        for name, values in zip(networks, before)
        if any(
            (np.array(now) != value).any()
            for now, value in zip(
                getattr(model, name).trainable_variables, values
            )
        )
    }
    edge, fill = set(networks[:2]), set(networks[2:])
    expected = {"edge": edge, "joint": edge | fill}.get(stage, fill)
    assert moved == expected
    players = {log.split("_")[0] for log in logs if log != "loss"}
    assert players == {
        player for player, (name,) in model.players.items() if name in expected
    }


def test_holes_are_filled_along_predicted_edges_or_true_ones():
    model = tiny()
    data = as_batch(model, batch(model))
    data |= model.sketch(data)
    hole = ops.convert_to_numpy(data["mask"])
    seen = {}

    def look(inputs, training):
        seen[model.stage] = ops.convert_to_numpy(inputs)
        return data["image"]

    model.generator = look
    for model.stage in ("true", "predicted"):
        model._filling(data, training=False)
    edges = ops.convert_to_numpy(data["edges"])
    known = (1 - hole)[..., 0] > 0
    np.testing.assert_array_equal(seen["true"][..., 3:], edges)
    np.testing.assert_array_equal(
        seen["predicted"][..., 3][known], edges[..., 0][known]
    )
    assert (seen["predicted"][..., 3] != edges[..., 0])[~known].any()
    for inputs in seen.values():  # white in the hole
        assert (inputs[..., :3][~known] == 1.0).all()


def test_gray_is_what_eyes_see():
    image = np.array([[[[1.0, -1.0, -1.0], [1.0, 1.0, 1.0]]]], "float32")
    gray = ops.convert_to_numpy(luminance(image))
    np.testing.assert_allclose(gray.ravel(), [0.2125, 1.0], rtol=1e-6)


def test_known_pixels_stay_and_missing_ones_are_not_seen():
    keras.utils.set_random_seed(0)
    model = tiny()
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (40, 48, 3), "uint8")
    mask = np.zeros((40, 48), "uint8")
    mask[8:20, 10:30] = 255
    hole = mask > 0
    one = model.translate(image, mask=mask)
    np.testing.assert_array_equal(one[~hole], image[~hole])
    image[hole] = 255 - image[hole]
    np.testing.assert_array_equal(model.translate(image, mask=mask), one)


@pytest.mark.parametrize("name", ["edge", "inpaint"])
def test_published_weights_are_recognised(name):
    arrays, _ = fixture(f"edgeconnect_gen_{name}")
    found = recognise(weights_of(arrays))
    arguments = {"filters": 8, "num_blocks": 8}
    assert (found.model, found.arguments) == ("edgeconnect", arguments)


def test_vgg_is_left_out_without_its_losses():
    model = tiny(loss_weights={"perceptual": 0.0, "style": 0.0})
    terms, _ = model.generator_loss(as_batch(model, batch(model)))
    assert model.features is None and set(terms) == {"l1", "adversarial"}
