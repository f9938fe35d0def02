import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.checkpoints.recognised import recognise
from keras_gan_translate.models.elegant import (
    ELEGANT,
    ExchangeChannels,
    code_encoder,
    labelled_discriminator,
    residual_decoder,
)
from tests.models.training import (
    assert_close,
    assert_losses,
    assert_weights,
    channels_last,
    count_parameters,
    detailed,
    import_networks,
    part,
    replay,
)
from tests.shared import fixture

NETWORKS = {
    "Enc": "encoder",
    "Dec": "decoder",
    "D1": "discriminator",
    "D2": "discriminator_half",
}


def pair_of(arrays, step=...):
    """Both images and their labels, as a batch of ours."""
    return {
        ours: channels_last(arrays[f"__in__.{theirs}"][step])
        for theirs, ours in (
            ("A", "a"),
            ("B", "b"),
            ("y_A", "attributes_a"),
            ("y_B", "attributes_b"),
        )
    }


def test_every_output_is_the_references():
    arrays, info = fixture("elegant_swap")
    model = ELEGANT(64, 8)
    import_networks(model, arrays, NETWORKS)
    pair = {k: ops.convert_to_tensor(v) for k, v in pair_of(arrays).items()}
    taken = ops.one_hot(np.array([info["args"]["attribute_id"]] * 2), 2)
    skips, codes = {}, {}
    for name, letter in (("a", "A"), ("b", "B")):
        *skips[name], codes[name] = model.encoder(pair[name])
        assert_close(codes[name], arrays[f"__out__.z_{letter}"])
    assert_close(skips["a"][0], arrays["__out__.skip_A0"])
    assert_close(skips["a"][3], arrays["__out__.skip_A3"])
    code_c = model.exchange([codes["a"], codes["b"], taken])
    code_d = model.exchange([codes["b"], codes["a"], taken])
    assert_close(code_c, arrays["__out__.z_C"])
    assert_close(code_d, arrays["__out__.z_D"])
    own = model.decoder([codes["a"], codes["a"], *skips["a"]])
    new = model.decoder([code_c, codes["a"], *skips["a"]])
    assert_close(own, arrays["__out__.R_A"])
    assert_close(new, arrays["__out__.R_C"])
    nothing = [0.0 * skip for skip in skips["a"]]
    assert_close(
        model.decoder([codes["a"], codes["b"], *nothing]),
        arrays["__out__.decoder_noskip"],
    )
    c = model.composed([pair["a"], pair["b"], taken])
    d = model.composed([pair["b"], pair["a"], taken])
    assert_close(c, arrays["__out__.C"])
    assert_close(d, arrays["__out__.D"])
    # With its own exemplar an image is reconstructed.
    for one in "ab":
        same = model.composed([pair[one], pair[one], taken])
        assert_close(same, arrays[f"__out__.{one.upper()}1"])
    labels = {"A": pair["attributes_a"], "B": pair["attributes_b"]}
    labels["C"] = labels["A"] + taken * (labels["B"] - labels["A"])
    labels["D"] = labels["B"] + taken * (labels["A"] - labels["B"])
    images = {"A": pair["a"], "B": pair["b"], "C": c, "D": d}
    for number, judge, which in (
        (1, model.discriminator, "AC"),
        (2, model.discriminator_half, "ABD"),
    ):
        for one in which:
            judged = ops.sigmoid(judge([images[one], labels[one]]))
            assert_close(judged, arrays[f"__out__.d{number}_{one}"])


def loss_names():
    names = {}
    for number, name in ((1, ""), (2, "half_")):
        names[f"D{number}"] = (
            1,
            [
                f"discriminator_{name}adversarial_{kind}_{one}"
                for kind in ("real", "made")
                for one in "ab"
            ],
        )
        ours = f"generator_{name}adversarial"
        names[f"adv{number}"] = (1, [f"{ours}_a", f"{ours}_b"])
    ours = "generator_reconstruction"
    return names | {
        "reconstruction": (1, [f"{ours}_a", f"{ours}_b"]),
        "loss_D": [(0.25, "D1"), (0.125, "D2")],
        "loss_G": [(5, "reconstruction"), (1, "adv1"), (0.5, "adv2")],
    }


def test_three_steps_of_the_reference():
    arrays, info = fixture("train_elegant")
    model = detailed(ELEGANT)(64, 6)
    import_networks(model, arrays, NETWORKS)
    attributes = arrays["__in__.attribute_id"]
    batches = [
        pair_of(arrays, step)
        | {"attribute": np.eye(2, dtype="float32")[attributes[[step, step]]]}
        for step in range(3)
    ]
    expected = [
        dict(zip(map(str, arrays["__loss_names__"]), map(float, losses)))
        for losses in arrays["__losses__"]
    ]
    assert set(expected[0]) == set(info["loss_names"])
    assert_losses(
        replay(model, batches), expected, loss_names(), (1e-5, 2e-4, 1e-3)
    )
    for theirs, ours in NETWORKS.items():
        assert_weights(
            getattr(model, ours),
            part(arrays, f"__after3__.{theirs}"),
            part(arrays, theirs),
            1e-3,
            partial=True,
        )


@pytest.mark.parametrize(
    ("build", "count"),
    [
        (code_encoder, 3_910_794),
        (residual_decoder, 6_269_579),
        (lambda: labelled_discriminator(256), 1_683_209),
        (lambda: labelled_discriminator(256, halve=True), 1_584_905),
    ],
    ids=["encoder", "decoder", "discriminator", "half"],
)
def test_full_size_has_the_papers_number_of_parameters(build, count):
    assert count_parameters(build) == count


@pytest.mark.parametrize(("channels", "count"), [(512, 3), (10, 4), (64, 40)])
def test_every_channel_belongs_to_one_attribute(channels, count):
    own = np.zeros((count, 1, 1, channels), "float32")
    taken = np.eye(count, dtype="float32")
    exchanged = np.array(ExchangeChannels()([own, own + 1.0, taken]))
    np.testing.assert_array_equal(exchanged.sum(0), own[0] + 1.0)
    sizes = exchanged.sum((1, 2, 3))
    np.testing.assert_allclose(sizes, channels / count, atol=1)
    # Half to even, as numpy.rint: 2.5 is 2, 7.5 is 8.
    if channels == 10:
        np.testing.assert_array_equal(sizes, [2, 3, 3, 2])


def test_an_exemplar_of_any_size_lends_an_attribute():
    keras.utils.set_random_seed(0)
    model = ELEGANT(32, 4, attributes=("smile", "hat"))
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (40, 70, 3), "uint8")
    other = random.integers(0, 256, (90, 90, 3), "uint8")

    def translate(attribute, exemplar):
        return model.translate(image, exemplar=exemplar, attribute=attribute)

    smile, hat = translate("smile", other), translate("hat", other)
    assert smile.shape == image.shape and not np.array_equal(smile, hat)
    # Its own picture lends nothing new.
    np.testing.assert_array_equal(
        translate("smile", image), translate("hat", image)
    )
    several = model.translate(
        [image, image], exemplar=[other, image[:30]], attribute="smile"
    )
    np.testing.assert_array_equal(several[0], smile)


def test_published_weights_are_recognised():
    arrays, _ = fixture("elegant_swap")
    found = recognise({name: part(arrays, name) for name in ("Enc", "Dec")})
    assert (found.model, found.arguments) == ("elegant", {"filters": 8})
    assert list(found.parts) == ["encoder", "decoder"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": None}, "built for their size.*None"),
        ({"image_size": 48}, "multiples of 32.*48"),
        ({"attributes": ()}, "1 to 16 attributes.*Received: 0"),
        ({"attributes": map(str, range(17))}, "Received: 17"),
    ],
)
def test_errors_teach(arguments, message):
    with pytest.raises(ValueError, match=message):
        ELEGANT(**{"image_size": 32, "filters": 2} | arguments)


def test_what_translating_lacks_is_said():
    model = ELEGANT(32, 2, attributes=("smile", "hat"))
    image = np.zeros((32, 32, 3), "uint8")
    with pytest.raises(ValueError, match="Which `exemplar`"):
        model.translate(image, attribute="smile")
    with pytest.raises(ValueError, match="To which `attribute`.*smile, hat"):
        model.translate(image, exemplar=image)
    with pytest.raises(ValueError, match=r"a picture.*uint8 \(32, 32\)"):
        model.translate(image, exemplar=image[..., 0], attribute="hat")
