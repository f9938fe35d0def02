"""The contract, over every model of the zoo, on the backend in use."""

import inspect

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import create_model, list_models
from keras_gan_translate.networks import image_of
from keras_gan_translate.zoo import find_model
from tests.test_gan import changed, values

SIZE = 32
NAMES = [info.name for info in list_models()]


def tiny(name, **arguments):
    """A model as small as its paper allows, with random features."""
    keras.utils.set_random_seed(3)
    small = {"filters": 4, "num_blocks": 2, "vgg_weights": None}
    known = inspect.signature(find_model(name)).parameters
    arguments |= {key: small[key] for key in small if key in known}
    return create_model(name, image_size=SIZE, **arguments)


def batch(model, count=2):
    rng = np.random.default_rng(1)
    return {
        name: rng.uniform(-1, 1, (count, *field.shape(SIZE))).astype("float32")
        if field.reads == "image"
        else field.example(count, SIZE, rng)
        for name, field in model.batch.items()
    }


@pytest.fixture(scope="module", params=NAMES)
def trained(request):
    """A model after two steps; tests that change it come last."""
    model = tiny(request.param)
    model.compile(total_steps=10)
    data = batch(model)
    model.history = model.fit(
        data, batch_size=1, shuffle=False, verbose=0
    ).history
    return model


def test_logs_are_finite_and_named(trained):
    for name, history in trained.history.items():
        assert name.split("_")[0] in trained.players
        assert np.isfinite(history).all(), name
    for player in trained.players:
        assert any(name.startswith(player) for name in trained.history)
    if trained.monitor is not None:
        assert f"generator_{trained.monitor}" in trained.history


def test_config_rebuilds_the_model(trained):
    config = trained.get_config()
    rebuilt = type(trained).from_config(config)
    assert rebuilt.get_config() == config
    assert [v.shape for v in rebuilt.variables] == [
        v.shape for v in trained.variables
    ]


def test_summary_counts_every_network(trained, capsys):
    trained.summary(line_length=80)
    printed = capsys.readouterr().out
    for networks in trained.players.values():
        assert all(name in printed for name in networks)


def test_translates_any_size_in_every_direction(trained):
    image = np.random.default_rng(0).integers(0, 256, (37, 50, 3), "uint8")
    for direction in trained.directions:
        assert trained.translate(image, direction).shape == (
            37 * trained.scale,
            50 * trained.scale,
            3,
        )
    images = batch(trained)[trained.source()]
    first = trained.directions[0]
    np.testing.assert_allclose(
        trained.predict(images, verbose=0),
        image_of(trained.translate(images, first)),
        atol=1e-5,
    )


def test_attention_is_a_map_in_0_1(trained):
    if not trained.has_attention:
        pytest.skip("this model has no attention by default")
    maps = trained.attention(batch(trained)["a"])
    assert maps.shape == (2, SIZE, SIZE, 1)
    assert 0 <= maps.min() < maps.max() <= 1


def test_every_player_changes_its_own_networks_only(trained):
    data = {k: ops.array(v) for k, v in batch(trained).items()}
    for player in trained.players:
        kept = {p: values(trained.player_variables(p)) for p in trained.players}
        trained.play(player, data)
        for other in trained.players:
            variables = trained.player_variables(other)
            moved = changed(kept[other], variables)
            if other != player:
                assert not any(moved), (player, other)
            else:
                assert all(moved), [
                    v.path for v, m in zip(variables, moved) if not m
                ]


def test_saved_model_goes_on_as_if_never_saved(trained, tmp_path):
    trained.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    image = batch(trained)[trained.source()]
    # Kernels may be chosen anew for shapes that were seen before.
    np.testing.assert_allclose(
        loaded.translate(image), trained.translate(image), atol=2e-6
    )
    data = batch(trained)
    options = {"batch_size": 1, "shuffle": False, "verbose": 0}
    expected = trained.fit(data, **options).history
    assert loaded.fit(data, **options).history == expected
    for one, other in zip(
        trained.variables + trained.optimizer.variables,
        loaded.variables + loaded.optimizer.variables,
        strict=True,
    ):
        np.testing.assert_array_equal(*values([one, other]))


def test_translators_export_and_agree(trained, tmp_path):
    tf = pytest.importorskip("tensorflow", reason="Model.export needs it")
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("SavedModel and LiteRT are TensorFlow's formats")
    images = batch(trained, 1)["a"]
    for direction in trained.directions:
        network = trained.translator(direction)
        expected = np.array(image_of(network(images)))
        name = trained.translators[direction].network
        network.export(tmp_path / name, verbose=False)
        served = tf.saved_model.load(tmp_path / name)
        np.testing.assert_allclose(
            image_of(served.serve(images)), expected, atol=1e-5
        )

        path = tmp_path / f"{name}.tflite"
        network.export(
            path,
            format="litert",
            verbose=False,
            input_signature=[keras.InputSpec("float32", images.shape)],
        )
        interpreter = litert.Interpreter(str(path))
        interpreter.allocate_tensors()
        interpreter.set_tensor(0, images)
        interpreter.invoke()
        outputs = [
            interpreter.get_tensor(detail["index"])
            for detail in interpreter.get_output_details()
        ]
        (image,) = [out for out in outputs if out.shape == expected.shape]
        np.testing.assert_allclose(image, expected, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_bfloat16_keeps_losses_and_images_in_float32(name):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = tiny(name)
    finally:
        keras.config.set_dtype_policy("float32")
    data = {k: ops.array(v) for k, v in batch(model, 1).items()}
    for player in model.players:
        losses, shared = getattr(model, f"{player}_loss")(data, True)
        data |= shared
        for part in keras.tree.flatten(losses):
            assert keras.backend.standardize_dtype(part.dtype) == "float32"
            assert np.isfinite(float(part))
    image = image_of(model.translator()(data["a"]))
    assert keras.backend.standardize_dtype(image.dtype) == "float32"


def test_an_unknown_name_or_argument_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'cyclegan'"):
        create_model("cycelgan")
    with pytest.raises(ValueError, match="Did you mean 'filters'"):
        create_model("cyclegan", filter=3)


def test_the_zoo_describes_itself():
    for info in list_models():
        assert info.task and info.data in (
            "unpaired",
            "paired",
            "cartoon",
            "super_resolution",
        )
        assert "arXiv" in info.paper or "doi:" in info.paper
        assert info.description.endswith(".")
