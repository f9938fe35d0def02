"""The contract, over every model of the zoo, on the backend in use.

A model is built, compiled and fitted once, at its smallest size and width;
all checks share that. They run in order, the ones that change it last. To
run one model alone: `pytest tests/test_all_models.py -k ugatit`.
"""

import inspect
import json
import math
import pathlib

import keras
import numpy as np
import pytest
from keras import ops
from keras.src.backend import compute_output_spec

from keras_gan_translate import backend, create_model, list_models
from keras_gan_translate.data import kinds
from keras_gan_translate.networks import image_of
from keras_gan_translate.zoo import find_model
from tests.test_gan import values

NAMES = [info.name for info in list_models()]
AGREEMENT = pathlib.Path(__file__).parents[1] / "build" / "agreement"


# A Wasserstein critic's last bias: real images and fakes pull it equally. So
# they do by a hinge, as long as all of them are within its margin.
STILL = {
    ("deepfillv1", "score/bias"),
    ("pennet", "logits/bias"),
    ("stgan", "logits/bias"),
}
# Of PEN-Net's narrowest features, one channel for each dilation, two happen to
# be below zero everywhere.
STILL |= {
    ("pennet", f"transfer_1_conv_{i}/{name}")
    for i in (1, 2)
    for name in ("kernel", "bias")
}


def tiny(name, **arguments):
    """A model as small as its paper allows, with random features."""
    keras.utils.set_random_seed(3)
    model_class = find_model(name)
    # Norms over maps of 2x2 pixels, after four of pix2pixHD's halvings of 32,
    # make gradients differ by 1e-4 and features change sign.
    small = {"num_blocks": 1, "num_downs": 3, "vgg_weights": None}
    widths = ("filters", "critic_filters", "discriminator_filters")
    small |= dict.fromkeys(widths, 4)
    known = inspect.signature(model_class).parameters
    if "teacher" in known:
        small["teacher"] = tiny("cyclegan")
    arguments |= {key: small[key] for key in small if key in known}
    return create_model(name, image_size=model_class.smallest_size, **arguments)


def batch(model, count):
    """Raw examples, but for pictures, which are floats."""
    rng = np.random.default_rng(1)
    size = model.image_size
    return {
        name: rng.uniform(-1, 1, (count, *field.shape(size))).astype("float32")
        if field.reads == "image" and field.per_pixel
        else field.example(count, size, rng)
        for name, field in model.batch.items()
    }


def options(model, direction=None):
    """A value for every option of a direction, as users give it."""
    given = {}
    for word, field in model.options(direction).items():
        value = next(iter(field.choices()), None)
        if value is None:
            size, rng = model.image_size, np.random.default_rng(2)
            value = field.example(1, size, rng)[0]
        given[word] = value
    return given


def set_weights(model):
    """The same weights on every backend."""
    rng = np.random.default_rng(0)
    for weight in model.trainable_variables:
        # Kernels keep the size of features, through any number of layers.
        inputs = math.prod(weight.shape[:-1])
        deviation = max(0.05, inputs**-0.5) if len(weight.shape) > 1 else 0.05
        weight.assign(rng.normal(0, deviation, weight.shape))
    for weight in model.non_trainable_variables:
        if weight.name in ("u", "v"):  # of spectral norm: unit vectors
            vector = rng.normal(size=weight.shape)
            weight.assign(vector / np.linalg.norm(vector))
        elif weight.name == "kernel":  # of VGG
            weight.assign(rng.normal(0, 0.05, weight.shape))
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0  # the backends draw other numbers


def fixed(draw):
    """A random function of Keras that draws the same on every backend."""

    def drawn(shape, *args, dtype=None, seed=None, **kwargs):
        random = np.random.RandomState(len(shape))
        shape = tuple(int(n) for n in shape)
        return ops.cast(getattr(random, draw)(size=shape), dtype or "float32")

    return drawn


@pytest.fixture(scope="module", params=NAMES)
def trained(request):
    """A model after three steps of those of its players that play least."""
    model = tiny(request.param)
    set_weights(model)
    before = {
        player: values(model.player_variables(player))
        for player in model.players
    }
    model.compile(total_steps=10, ema_momentum=0.5)
    examples = max(min(2, model.batch_size), model.smallest_batch)
    period = max(model.turns.values(), default=1)
    data = batch(model, 3 * period * examples)

    def fit():
        seen = []
        keep = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda _, logs: seen.append(dict(logs))
        )
        history = model.fit(
            data,
            batch_size=examples,
            shuffle=False,
            verbose=0,
            callbacks=[keep],
        ).history
        return history, seen

    variables = model.variables + model.optimizer.variables
    state = values(variables)
    with pytest.MonkeyPatch.context() as patch:
        for draw in ("normal", "uniform"):
            patch.setattr(keras.random, draw, fixed(draw))
        # How far rounding drifts: the same from weights that differ by it.
        rng = np.random.default_rng(7)
        for weight in model.trainable_variables:
            (value,) = values([weight])
            weight.assign(value * (1 + 1e-7 * rng.choice([-1, 1], value.shape)))
        _, moved = fit()
        for variable, value in zip(variables, state, strict=True):
            variable.assign(value)
        history, seen = fit()
    # Not by `setattr`, by which Keras would track them.
    vars(model).update(
        before=before, examples=examples, fed=data, history=history, seen=seen
    )
    vars(model)["drift"] = [
        {name: abs(one[name] - other[name]) for name in one}
        for one, other in zip(seen, moved, strict=True)
    ]
    return model


def test_logs_are_finite_and_named(trained):
    for name, history in trained.history.items():
        assert name.split("_")[0] in trained.players or name == "loss"
        assert np.isfinite(history).all(), name
    if trained.monitor is not None:
        assert f"generator_{trained.monitor}" in trained.history


def test_losses_agree_with_the_other_backend(trained):
    name = type(trained).__name__.lower()
    steps = [
        {loss: [float(logs[loss]), float(drift[loss])] for loss in logs}
        for logs, drift in zip(trained.seen, trained.drift)
    ]
    AGREEMENT.mkdir(parents=True, exist_ok=True)
    own = AGREEMENT / f"{name}.{backend.BACKEND}.json"
    own.write_text(json.dumps(steps))
    (other,) = {"tensorflow", "jax"} - {backend.BACKEND}
    other = AGREEMENT / f"{name}.{other}.json"
    if not other.exists():
        pytest.skip("the other backend has not run yet: it will compare")
    for step, (ours, theirs) in enumerate(
        zip(steps, json.loads(other.read_text()), strict=True)
    ):
        assert ours.keys() == theirs.keys()
        for loss, (value, drift) in ours.items():
            # Rounding grows with every step, as the fixtures' tolerances do:
            # to ten times what it was seen to do.
            expected, their_drift = theirs[loss]
            allowed = pytest.approx(
                expected,
                rel=(1e-5, 2e-4, 1e-3)[min(step, 2)],
                abs=max(1e-6, 10 * drift, 10 * their_drift),
            )
            assert value == allowed, (name, step, loss)


def test_every_player_learns_with_all_its_networks(trained):
    model = type(trained).__name__.lower()
    for player in trained.players:
        if not int(trained.optimizer[player].iterations):
            continue  # not of this stage
        variables = trained.player_variables(player)
        still = [
            variable.path
            for variable, before in zip(variables, trained.before[player])
            if np.array_equal(values([variable])[0], before)
            and (model, variable.path) not in STILL
        ]
        assert not still, (player, still)


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
    for direction in trained.directions:
        source = trained.source(direction)
        if source is None:
            continue  # it makes images of nothing
        field, size = trained.field(source), trained.fixed_size
        rng = np.random.default_rng(0)
        image = field.example(1, size or 64, rng)[0]
        given = options(trained, direction)
        if size is None:
            image = image[:37, :50]
        for word, value in given.items():
            if trained.options(direction)[word].per_pixel:
                value = trained.options(direction)[word].example(1, 64, rng)[0]
                given[word] = value[: image.shape[0], : image.shape[1]]
        translated = trained.translate(image, direction, **given)
        height, width = image.shape[:2]
        assert translated.dtype == np.uint8
        assert translated.shape == (
            height * trained.scale,
            width * trained.scale,
            3,
        )


def test_attention_is_a_map_in_0_1(trained):
    if not trained.has_attention:
        pytest.skip("this model has no attention by default")
    # As first made: the suite's small scales, layer by layer, leave nothing of
    # an image in a deep network that has moving statistics.
    model = tiny(type(trained).__name__.lower())
    size = model.image_size
    maps = model.attention(trained.fed[trained.source()][:2])
    assert maps.shape == (2, size, size, 1)
    assert 0 <= maps.min() < maps.max() <= 1


def test_translators_export_and_agree(trained, tmp_path):
    pytest.importorskip("tensorflow", reason="Model.export needs it")
    pytest.importorskip("ai_edge_litert.interpreter")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("SavedModel and LiteRT are TensorFlow's formats")
    if trained.source() is None:
        with pytest.raises(ValueError, match="makes images of no image"):
            trained.export_translator(tmp_path / "export")
        return
    # The gate opens what it writes and compares it with the model.
    rows = trained.export_translator(tmp_path / "export", threads=())
    assert [row["format"] for row in rows] == ["saved_model", "litert"]
    assert all(row["passed"] for row in rows)


def test_saved_model_goes_on_as_if_never_saved(trained, tmp_path):
    path = tmp_path / "model.keras"
    trained.save(path)
    loaded = keras.saving.load_model(path)
    for one, other in zip(
        trained.variables + trained.optimizer.variables,
        loaded.variables + loaded.optimizer.variables,
        strict=True,
    ):
        np.testing.assert_array_equal(*values([one, other]))
    arguments = {
        "batch_size": trained.examples,
        "shuffle": False,
        "verbose": 0,
    }
    expected = trained.fit(trained.fed, **arguments).history
    state = values(trained.variables + trained.optimizer.variables)
    # The compiled step once more, from what was saved.
    trained.load_weights(path)
    assert trained.fit(trained.fed, **arguments).history == expected
    for value, variable in zip(
        state, trained.variables + trained.optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(value, values([variable])[0])


@pytest.mark.parametrize("name", NAMES)
def test_bfloat16_keeps_losses_and_images_in_float32(name):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = tiny(name)
    finally:
        keras.config.set_dtype_policy("float32")
    raw = batch(model, 2)

    rng = np.random.default_rng(0)

    def losses(raw):
        data = {k: model.batch[k].prepare(raw[k]) for k in model.batch}
        data |= model.made(data, True)
        found = {}
        for player in model.players:
            found[player], shared = getattr(model, f"{player}_loss")(data, True)
            data |= shared
        inputs = [
            field.prepare(raw[key])
            if key in raw
            else field.prepare(
                ops.convert_to_tensor(field.example(2, model.image_size, rng))
            )
            for key, field in model.inputs().items()
        ]
        inputs = inputs[0] if len(inputs) == 1 else inputs
        return found, image_of(model.translator()(inputs))

    specs = {
        key: keras.KerasTensor(value.shape, value.dtype.name)
        for key, value in raw.items()
    }
    # Types are known without computing anything.
    found = compute_output_spec(losses, specs)
    for part in keras.tree.flatten(found):
        assert keras.backend.standardize_dtype(part.dtype) == "float32"


def test_an_unknown_name_or_argument_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'cyclegan'"):
        create_model("cycelgan")
    with pytest.raises(ValueError, match="Did you mean 'filters'"):
        create_model("cyclegan", filter=3)


def test_the_zoo_describes_itself():
    for info in list_models():
        assert info.task and info.data in kinds.names()
        assert "arXiv" in info.paper or "doi:" in info.paper
        assert info.description.endswith(".")
