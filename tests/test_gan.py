"""What the contract promises, shown with toys, on the backend in use."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import backend
from tests.toys import (
    Conditional,
    Critic,
    Lazy,
    Maker,
    Noisy,
    Staged,
    Toy,
    batch,
    images,
)

XLA = [False, True] if backend.BACKEND == "tensorflow" else [True]


def values(variables):
    return [ops.convert_to_numpy(v) for v in variables]


def changed(before, variables):
    return [not np.array_equal(x, y) for x, y in zip(before, values(variables))]


def seeded(model_class, **arguments):
    keras.utils.set_random_seed(5)
    return model_class(**arguments)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_player_changes_its_own_networks_and_no_other(player):
    model = seeded(Toy)
    model.compile()
    other = {"generator": "discriminator", "discriminator": "generator"}
    own, others = (model.player_variables(p) for p in (player, other[player]))
    before, kept = values(own), values(others)
    model.play(player, {k: ops.array(v) for k, v in batch().items()})
    assert all(changed(before, own))
    assert not any(changed(kept, others))


def test_logs_are_unweighted_means_over_the_epoch():
    model = seeded(Toy)
    model.compile(optimizer=keras.optimizers.SGD(0.0))
    data = batch(4)
    history = model.fit(data, batch_size=2, shuffle=False, verbose=0).history
    assert sorted(history) == [
        "discriminator_adversarial",
        "generator_adversarial",
        "generator_l1",
        "loss",
    ]
    fake = ops.convert_to_numpy(model.generator(data["a"]))
    assert history["generator_l1"][0] == pytest.approx(
        float(np.abs(fake - data["b"]).mean()), rel=1e-5
    )


def test_loss_weights_act_on_the_gradient_not_on_the_logs():
    gradients, logged = [], []
    for weights in ({"l1": 1.0}, {"l1": 3.0}):
        model = seeded(Toy, loss_weights=weights)
        model.generator_loss = lambda batch, training=True, m=model: (
            {"l1": ops.mean(ops.abs(m.generator(batch["a"]) - batch["b"]))},
            {},
        )
        model.compile(optimizer=keras.optimizers.SGD(1.0))
        bias = model.generator.get_layer("out").bias
        before = ops.convert_to_numpy(bias)
        data = {k: ops.array(v) for k, v in batch().items()}
        logged.append(float(model.play("generator", data)["generator_l1"]))
        gradients.append(before - ops.convert_to_numpy(bias))
    np.testing.assert_allclose(3 * gradients[0], gradients[1], rtol=1e-5)
    assert logged[0] == logged[1]


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("jit_compile", XLA)
def test_fit_validates_and_runs_callbacks(jit_compile, steps):
    model = seeded(Toy)
    model.compile(jit_compile=jit_compile, steps_per_execution=steps)
    seen = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(set(logs))
    )
    model.fit(
        batch(6),
        batch_size=2,
        epochs=2,
        validation_data=(batch(2),),
        callbacks=[callback],
        verbose=0,
    )
    assert len(seen) == 2
    assert "val_generator_l1" in seen[0] and "generator_l1" in seen[0]
    logs = model.train_on_batch(batch(2), return_dict=True)
    assert np.isfinite(list(logs.values())).all()


def test_fit_takes_pairs_of_arrays_and_uint8():
    def run(a, b):
        model = seeded(Toy)
        model.compile()
        return model.fit(a, b, verbose=0, shuffle=False).history

    data = {k: np.rint(v * 127.5 + 127.5) for k, v in batch().items()}
    floats = run(*(v.astype("float32") / 127.5 - 1 for v in data.values()))
    uint8 = run(*(v.astype("uint8") for v in data.values()))
    for name in floats:
        assert floats[name] == pytest.approx(uint8[name], rel=1e-6)


@pytest.mark.parametrize("jit_compile", XLA)
def test_critic_steps_five_times_with_second_order_gradients(jit_compile):
    model = seeded(Critic)
    model.compile(jit_compile=jit_compile)
    history = model.fit(batch(), epochs=30, verbose=0).history
    assert int(model.optimizer["critic"].iterations) == 150
    assert int(model.optimizer["generator"].iterations) == 30
    # Only a gradient through the gradient lowers the penalty.
    penalties = history["critic_penalty"]
    assert penalties[-1] < 0.5 * penalties[0]


@pytest.mark.parametrize("jit_compile", XLA)
def test_regulariser_acts_in_every_sixteenth_step(jit_compile):
    model = seeded(Lazy)
    model.compile(jit_compile=jit_compile)
    penalties = [
        model.fit(batch(), verbose=0).history["discriminator_r1"][0]
        for _ in range(18)
    ]
    assert [i for i, p in enumerate(penalties) if p] == [0, 16]


@pytest.mark.parametrize("jit_compile", XLA)
def test_stage_is_chosen_at_compile_and_saved(jit_compile, tmp_path):
    model = seeded(Staged)
    model.compile(stage="pretrain", jit_compile=jit_compile)
    assert set(model.fit(batch(), verbose=0).history) == {
        "generator_adversarial",
        "generator_l1",
        "loss",
    }
    model.save(tmp_path / "model.keras")
    assert keras.saving.load_model(tmp_path / "model.keras").stage == "pretrain"
    model.compile(jit_compile=jit_compile)
    history = model.fit(batch(), verbose=0).history
    assert "discriminator_adversarial" in history
    with pytest.raises(ValueError, match="Did you mean 'pretrain'"):
        model.compile(stage="pretrained")


@pytest.mark.parametrize("jit_compile", XLA)
def test_labels_reach_a_conditional_generator(jit_compile):
    model = seeded(Conditional)
    model.compile(jit_compile=jit_compile)
    data = {"a": images(), "label": np.array([0, 1, 1, 0])}
    history = model.fit(data, verbose=0).history
    assert np.isfinite(history["generator_l1"]).all()


@pytest.mark.parametrize("jit_compile", XLA)
def test_noise_and_no_discriminator(jit_compile):
    model = seeded(Noisy)
    model.compile(jit_compile=jit_compile, optimizer=keras.optimizers.SGD(0.0))
    state = values([model.noise.state])
    first = model.fit({"a": images()}, verbose=0).history
    second = model.fit({"a": images()}, verbose=0).history
    assert all(changed(state, [model.noise.state]))
    # Without learning only the noise makes a difference.
    assert first["autoencoder_l1"] != second["autoencoder_l1"]


@pytest.mark.parametrize("model_class", [Toy, Noisy])
def test_next_step_after_loading_is_the_next_step(model_class, tmp_path):
    model = seeded(model_class)
    data = {k: v for k, v in batch().items() if k in model.batch}
    model.compile(total_steps=10, clipnorm=1.0, ema_momentum=0.9)
    model.fit(data, epochs=3, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for one, other in zip(
        model.variables + model.optimizer.variables,
        loaded.variables + loaded.optimizer.variables,
        strict=True,
    ):
        np.testing.assert_array_equal(*values([one, other]))
    expected = model.fit(data, shuffle=False, verbose=0).history
    assert loaded.fit(data, shuffle=False, verbose=0).history == expected
    for one, other in zip(model.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(*values([one, other]))


def test_schedule_is_constant_then_linear_to_zero():
    from keras_gan_translate import LinearDecay

    schedule = LinearDecay(2.0, total_steps=10)
    rates = [float(schedule(step)) for step in range(12)]
    np.testing.assert_allclose(
        rates, [2, 2, 2, 2, 2, 1.6, 1.2, 0.8, 0.4, 0, 0, 0], atol=1e-6
    )


def test_adam_is_algorithm_one_with_l2():
    from keras_gan_translate import Adam

    w = np.array([1.0, -2.0, 1e-4])
    variable = keras.Variable(w.astype("float32"))
    optimizer = Adam(0.1, beta_1=0.5, beta_2=0.9, epsilon=1e-2, l2=0.1)
    optimizer.build([variable])
    m = v = 0.0
    for t, g in enumerate(([0.3, -1.0, 0.0], [0.1, 2.0, 1e-3]), 1):
        backend.apply_gradients(
            optimizer, [ops.array(np.float32(g))], [variable]
        )
        g = np.array(g) + 0.1 * w
        m, v = 0.5 * m + 0.5 * g, 0.9 * v + 0.1 * g * g
        w = w - 0.1 * (m / (1 - 0.5**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-2)
        np.testing.assert_allclose(
            values([variable])[0], w, rtol=2e-6, atol=1e-9
        )


def test_average_translates_and_training_goes_on_from_the_weights():
    model = seeded(Toy)
    model.compile(ema_momentum=0.5)
    kernel = model.generator.get_layer("out").kernel
    average = None
    for step in range(3):
        model.fit(batch(), verbose=0)
        weights = values([kernel])[0]
        average = weights if step == 0 else 0.5 * average + 0.5 * weights
    for _ in range(2):
        with model.averaged_weights():
            np.testing.assert_allclose(values([kernel])[0], average, rtol=1e-5)
    np.testing.assert_array_equal(values([kernel])[0], weights)


def test_clipnorm_bounds_the_step():
    model = seeded(Toy, loss_weights={"l1": 1e6})
    model.compile(optimizer=keras.optimizers.SGD(1.0), clipnorm=1e-3)
    kernel = model.generator.get_layer("out").kernel
    before = values([kernel])[0]
    model.fit(batch(), verbose=0)
    moved = np.linalg.norm(values([kernel])[0] - before)
    assert moved == pytest.approx(1e-3, rel=1e-2)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = seeded(Toy)
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile()
    history = model.fit(batch(), epochs=2, verbose=0).history
    assert np.isfinite(history["generator_l1"]).all()
    kinds = {type(o).__name__ for o in model.optimizer.players.values()}
    expected = "LossScaleOptimizer" if "float16" == policy[6:] else "Adam"
    assert kinds == {expected}
    assert all(v.dtype == "float32" for v in model.trainable_variables)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
@pytest.mark.parametrize("jit_compile", XLA)
def test_what_is_made_once_is_the_same_game(policy, jit_compile):
    models = [seeded(m, dtype=policy) for m in (Toy, Maker)]
    twice, once = models
    for model in models:
        model.compile(jit_compile=jit_compile)
    for _ in range(3):
        for model in models:
            model.reset_metrics()
        logs, ours = (
            m.train_on_batch(batch(), return_dict=True) for m in models
        )
        assert ours == pytest.approx(logs, rel=1e-4)
    for ours, theirs in zip(once.weights, twice.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=ours.path)
    logs, ours = (m.test_on_batch(batch(), return_dict=True) for m in models)
    assert ours == pytest.approx(logs, rel=1e-4)


def test_untracked_variables_are_refused_on_jax():
    if backend.BACKEND != "jax":
        pytest.skip("only Keras' JAX trainer drops untracked state")

    class Leaky(Toy):
        def generator_loss(self, batch, training=True):
            HIDDEN.assign_add(1.0)
            return super().generator_loss(batch, training)

    HIDDEN = keras.Variable(0.0, name="hidden")
    model = seeded(Leaky)
    model.compile()
    with pytest.raises(ValueError, match="hidden.*does not.*track"):
        model.fit(batch(), verbose=0)


def test_custom_optimizers_per_player():
    model = seeded(Toy)
    model.compile(optimizer={"generator": keras.optimizers.RMSprop(1e-3)})
    assert type(model.optimizer["generator"]).__name__ == "RMSprop"
    assert type(model.optimizer["discriminator"]).__name__ == "Adam"
    with pytest.raises(ValueError, match="Did you mean 'generator'"):
        model.compile(optimizer={"generater": "adam"})
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-3)


def test_translate_keeps_type_and_size():
    model = seeded(Toy)
    image = np.random.default_rng(0).integers(0, 256, (7, 10, 3), "uint8")
    translated = model.translate(image)
    assert translated.dtype == np.uint8 and translated.shape == image.shape
    floats = model.translate(image[None] / np.float32(127.5) - 1)
    np.testing.assert_allclose(
        translated, np.clip(floats[0] * 127.5 + 127.5, 0, 255), atol=0.51
    )


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((4, 4), "uint8"), r"Received shape: \(4, 4\)"),
        (np.full((4, 4, 3), 200.0), r"float64 in \[200, 200\]"),
        (np.zeros((4, 4, 3), "int32"), "int32"),
        (np.full((4, 4, 3), np.nan), "nan"),
    ],
)
def test_translate_refuses_what_it_would_misread(images, message):
    with pytest.raises(ValueError, match=message):
        seeded(Toy).translate(images)


def test_errors_teach():
    model = seeded(Toy)
    with pytest.raises(ValueError, match="directions.*'ab'"):
        model.translate(images(), direction="ba")
    with pytest.raises(ValueError, match="no attention map"):
        model.attention(images())
    with pytest.raises(ValueError, match="Did you mean 'l1'"):
        Toy(loss_weights={"L1": 1.0})
    model.compile()
    with pytest.raises(ValueError, match=r"Received keys: \['a', 'c'\]"):
        model.fit({"a": images(), "c": images()}, verbose=0)
    with pytest.raises(ValueError, match="batches with a, b"):
        model.fit(images(), verbose=0)


def test_a_model_that_ran_eagerly_is_saved_and_loaded(tmp_path):
    model = Toy()
    model.compile(run_eagerly=True)
    model.train_on_batch(batch())
    model.save(tmp_path / "toy.keras")
    loaded = keras.saving.load_model(tmp_path / "toy.keras")
    for ours, theirs in zip(loaded.weights, model.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
