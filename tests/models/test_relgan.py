import numpy as np
import pytest
from keras import ops

from keras_gan_translate import RelGAN
from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.checkpoints.relgan import recognise
from keras_gan_translate.models.relgan import (
    _discriminator,
    _generator,
    _matcher,
    _orthogonality,
)
from tests.models.training import (
    assert_close,
    channels_last,
    count_parameters,
    weights_of,
)
from tests.shared import fixture


def split(weights, prefix):
    inside = {k: v for k, v in weights.items() if k.startswith(prefix)}
    return inside, {k: v for k, v in weights.items() if k not in inside}


def test_generator_reproduces_the_reference():
    arrays, _ = fixture("relgan_gen")
    weights = weights_of(arrays)
    arguments = recognise({key: array.shape for key, array in weights.items()})
    assert arguments["filters"] == 8 and arguments["num_blocks"] == 3
    model = RelGAN(image_size=64, **arguments)
    generator = import_weights(model.generator, weights)
    image = channels_last(arrays["__in__.image"])
    change = arrays["__in__.z"]
    assert_close(generator([image, change]), arrays["__out__.eval"])
    assert_close(generator([image, 0 * change]), arrays["__out__.eval_zero"])
    made = generator([image, change], training=True)
    assert_close(made, arrays["__out__.train"])
    # Moving averages after that one call.
    after = {
        key.removeprefix("__after_train__."): array.reshape(-1)
        for key, array in arrays.items()
        if key.startswith("__after_train__.")
    }
    for theirs, ours in (("down2.1", "down_2"), ("resb.2.f.4", "block_3")):
        name = f"{ours}_norm" if ours == "down_2" else f"{ours}_norm_2"
        norm = generator.get_layer(name)
        for variable, kind in (
            (norm.moving_mean, "mean"),
            (norm.moving_variance, "var"),
        ):
            np.testing.assert_allclose(
                variable,
                after[f"{theirs}.running_{kind}"],
                rtol=1e-4,
                atol=1e-5,
            )


def test_discriminator_reproduces_the_reference():
    arrays, _ = fixture("relgan_dis")
    of_matcher, of_trunk = split(weights_of(arrays), "convs_cls.")
    discriminator = import_weights(
        _discriminator((4, 8, 8, 12, 16, 16), 4), of_trunk
    )
    matcher = import_weights(_matcher(16, 5), of_matcher)
    a, b = (
        discriminator(channels_last(arrays[f"__in__.img_{x}"])) for x in "ab"
    )
    assert_close(b["logits"], arrays["__out__.adv"])
    change = ops.convert_to_tensor(arrays["__in__.z"])
    inputs = [a["features"], b["features"], change]
    assert_close(matcher(inputs), arrays["__out__.match"])
    assert_close(b["amount"], arrays["__out__.interp"])


def test_full_size_has_the_papers_number_of_parameters():
    assert count_parameters(lambda: _generator(64, 6, 17)) == 8_471_977
    widths = [64 * 2**i for i in range(6)]
    assert (
        count_parameters(lambda: _discriminator(widths, 16))
        + count_parameters(lambda: _matcher(2048, 17))
        == 53_165_010
    )


def test_kernels_of_different_channels_are_kept_apart():
    generator = _generator(2, 1, 1)
    for variable in generator.trainable_variables:
        variable.assign(ops.zeros(variable.shape))
    kernel = np.zeros((7, 7, 4, 2), "float32")
    kernel[3, 3] = [[1, 2], [0, 0], [3, -1], [0, 0]]
    kernel[0, 1, 1:3] = 2.0
    generator.get_layer("stem_conv").kernel.assign(kernel)
    # 1 * 3 - 2 * 1 = 1, and 2 * 2 + 2 * 2 = 8; each pair counts twice.
    assert float(_orthogonality(generator)) == 2 * 1 + 2 * 64
    kernel = np.zeros((4, 4, 2, 4), "float32")  # (h, w, out, in)
    kernel[1, 1, :, 0] = [1, 3]
    generator.get_layer("up_2_deconv").kernel.assign(kernel)
    assert float(_orthogonality(generator)) == 130 + 2 * 9


def told(model, batch, player):
    """A player's losses, and the triples that the matcher was asked for."""
    triples = []

    def judge(image, training):
        value = ops.mean(image, axis=(1, 2, 3), keepdims=True)
        return {"logits": value, "features": value, "amount": value[:, :, 0, 0]}

    def make(inputs, training):
        image, change = inputs
        return image + ops.reshape(ops.sum(change, -1), (-1, 1, 1, 1)) / 100

    def match(inputs, training):
        parts = [np.array(x).reshape(-1, 3, x.shape[-1]) for x in inputs]
        triples.extend(zip(*parts))
        return inputs[0]

    generator = model.generator
    vars(model).update(discriminator=judge, generator=make, matcher=match)
    make.trainable_variables = generator.trainable_variables
    losses, shared = getattr(model, f"{player}_loss")(batch)
    return losses, shared, triples


@pytest.fixture
def toy():
    model = RelGAN(32, filters=2, num_blocks=1, attributes=("Hat", "Beard"))
    values = np.array([0.1, 0.2, 0.4], "float32")
    image = values.reshape(-1, 1, 1, 1) * np.ones((3, 32, 32, 3), "float32")
    attributes = np.array([[0, 0], [1, 0], [1, 1]], "float32")
    amount = np.array([[0.25], [0.5], [1.0]], "float32")
    model.draw_amount = lambda batch: ops.array(amount)
    batch = {"image": image, "attributes": attributes, "amount": amount}
    return model, {k: ops.array(v) for k, v in batch.items()}


def test_the_discriminator_plays_as_in_the_paper(toy):
    losses, shared, triples = told(*toy, "discriminator")
    a = np.array([0.1, 0.2, 0.4])
    b, c = np.roll(a, -1), np.roll(a, -2)
    labels = np.array([[0, 0], [1, 0], [1, 1]])
    to_b = np.roll(labels, -1, 0) - labels
    to_c = np.roll(labels, -2, 0) - labels
    fake = a + to_b.sum(-1) / 100
    expected = [  # source, target, change
        (a, b, to_b),
        (c, b, to_b),
        (a, b, to_b - to_c),
        (a, b, to_c),
        (a, c, to_b),
        (a, fake, to_b),
    ]
    for found, wanted in zip(triples, expected, strict=True):
        for one, other in zip(found, wanted):
            other = np.reshape(other, (3, -1))
            np.testing.assert_allclose(one, other, atol=1e-6)
    assert float(losses["adversarial"]["real"]) == pytest.approx(
        np.mean((b - 1) ** 2), rel=1e-5
    )
    assert float(losses["adversarial"]["fake"]) == pytest.approx(
        np.mean(fake**2), rel=1e-5
    )
    wrong = np.mean(c**2) + 3 * np.mean(a**2)
    assert float(losses["matching"]["wrong"]) == pytest.approx(wrong, rel=1e-5)
    amount = np.array([0.25, 0.5, 1.0])
    between = a + amount * to_b.sum(-1) / 100
    nearer = np.array([0.25, 0.5, 0.0])
    end = [a[0], fake[1], fake[2]]  # of nothing, or of all
    assert float(losses["interpolation"]) == pytest.approx(
        np.mean((between - nearer) ** 2) + np.mean(np.square(end)), rel=1e-5
    )
    assert shared["amount"].shape == (3, 1)


def test_the_generator_plays_as_in_the_paper(toy):
    losses, _, triples = told(*toy, "generator")
    a = np.array([0.1, 0.2, 0.4])
    change = np.array([1, 1, -2]) / 100
    fake, between = a + change, a + np.array([0.25, 0.5, 1.0]) * change
    ((source, target, vector),) = triples
    np.testing.assert_allclose(source[:, 0], a, atol=1e-6)
    np.testing.assert_allclose(target[:, 0], fake, atol=1e-6)
    np.testing.assert_array_equal(vector, [[1, 0], [0, 1], [-1, -1]])
    for name, value in {
        "adversarial": np.mean((fake - 1) ** 2),
        "matching": np.mean((a - 1) ** 2),
        "interpolation": np.mean(between**2),
        "cycle": 0,
        "reconstruction": 0,
    }.items():
        assert float(losses[name]) == pytest.approx(value, abs=1e-6), name


def test_the_amount_is_continuous():
    model = RelGAN(32, filters=2, num_blocks=1, attributes=("Hat", "Beard"))
    random = np.random.default_rng(0)
    for variable in model.generator.trainable_variables:
        variable.assign(random.normal(0, 0.3, variable.shape))
    photo = random.uniform(-1, 1, (32, 32, 3)).astype("float32")
    made = [
        model.translate(photo, attributes="+Hat,-Beard", strength=strength)
        for strength in (0, 0.25, 0.5, 1)
    ]
    moved = [np.abs(image - made[0]).mean() for image in made]
    assert moved == sorted(moved) and 0 < moved[1] < moved[3]
    with pytest.raises(ValueError, match="strength=1.5: changes lie between"):
        model.translate(photo, attributes="+Hat", strength=1.5)


def test_a_batch_of_two_is_refused_in_words():
    model = RelGAN(32, filters=2, num_blocks=1, attributes=("Hat", "Beard"))
    model.compile()
    data = {
        "image": np.zeros((2, 32, 32, 3), "uint8"),
        "attributes": np.eye(2),
    }
    with pytest.raises(ValueError, match="batches of 3 or more.*Received: 2"):
        model.fit(data)
