"""No reference runs: the paper's formulas, shapes, counts, and what is seen."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.data.kinds import kind_of
from keras_gan_translate.models.exgan import (
    VIEW,
    ExGAN,
    HoleView,
    code_distance,
    compressing_networks,
)
from keras_gan_translate.networks import (
    plain_generator,
    spectral_patch_discriminator,
)
from tests.models.training import count_parameters
from tests.test_gan import values

VARIANTS = ("reference", "code")


def tiny(variant="reference", **arguments):
    options = {"image_size": 32, "filters": 4, "discriminator_filters": 4}
    options |= {"variant": variant, "code_size": 6}
    return ExGAN(**options | arguments)


@pytest.fixture(scope="module")
def models():
    keras.utils.set_random_seed(0)
    return {variant: tiny(variant) for variant in VARIANTS}


@pytest.mark.parametrize(
    ("build", "count"),
    [
        # DeepFill v1's, and 5x5 kernels for three channels in three layers.
        (lambda: plain_generator(hints=3), 3_601_542 + 3 * 75 * 32),
        # 3x3 kernels for a code in two of the dilated layers.
        (lambda: plain_generator(code_size=64), 3_601_542 + 2 * 9 * 64 * 128),
        # SN-PatchGAN of DeepFill v2, whose first layer has 64 filters.
        (lambda: spectral_patch_discriminator(channels=7), 5_946_816 + 4_800),
        (
            lambda: spectral_patch_discriminator(channels=4 + 64),
            5_946_816 + 25 * 64 * 64,
        ),
        (lambda: compressing_networks()[0], 1_905_600),
        (lambda: compressing_networks()[1], 952_832),
    ],
)
def test_parameters_are_those_of_the_shared_networks(build, count):
    assert count_parameters(build) == count


def test_losses_are_equation_2_on_constants(models, monkeypatch):
    model = models["reference"]
    image, filling, exemplar, share = 0.5, -0.25, 0.75, 0.25
    mask = np.zeros((2, 32, 32, 1), "float32")
    mask[:, :16, :16] = 1.0
    batch = {
        "image": ops.full((2, 32, 32, 3), image),
        "mask": ops.convert_to_tensor(mask),
        "exemplar": ops.full((2, 32, 32, 3), exemplar),
    }
    seen = []

    def generator(inputs, training):
        seen.extend(inputs)
        shape = ops.shape(inputs[0])
        return {"coarse": ops.zeros(shape), "image": ops.full(shape, filling)}

    def discriminator(x, training):
        # Of an image, and of what lies beside it, one number.
        assert x.shape == (4, 32, 32, 7)
        np.testing.assert_array_equal(x[..., 3:4], np.concatenate([mask] * 2))
        return ops.mean(x[..., :1], axis=(1, 2)) + 2.0 * x[:, 0, 0, 4:5]

    monkeypatch.setattr(model, "generator", generator)
    monkeypatch.setattr(model, "discriminator", discriminator)
    real = image + 2 * exemplar
    fake = (1 - share) * image + share * filling + 2 * exemplar
    found, _ = model.discriminator_loss(batch)
    found = {key: float(x) for key, x in found["adversarial"].items()}
    expected = {
        "real": -np.log(1 / (1 + np.exp(-real))),
        "fake": -np.log(1 - 1 / (1 + np.exp(-fake))),
    }
    assert found == pytest.approx(expected, rel=1e-5)
    np.testing.assert_array_equal(seen[2], batch["exemplar"])

    found, _ = model.generator_loss(batch)
    assert set(found) == {"adversarial", "l1"}
    assert float(found["adversarial"]) == pytest.approx(
        -np.log(1 / (1 + np.exp(-fake))), rel=1e-5
    )
    found = {key: float(x) for key, x in found["l1"].items()}
    assert found == pytest.approx({"coarse": 0.5, "image": 0.75}, rel=1e-6)


def test_equation_3_compares_the_codes_of_fillings_with_exemplars(
    models, monkeypatch
):
    model = models["code"]
    ones = ops.ones((2, 32, 32, 3))
    mask = np.zeros((2, 32, 32, 1), "float32")
    mask[:, 8:16, 4:20] = 1.0
    batch = {"image": ones, "exemplar": 0.5 * ones, "mask": mask}
    batch["mask"] = ops.convert_to_tensor(mask)

    def compressor(view, training):
        assert view.shape == (2, VIEW, VIEW, 3) and not training
        return ops.repeat(ops.mean(view, axis=(1, 2, 3))[:, None], 6, axis=1)

    def generator(inputs, training):
        np.testing.assert_allclose(inputs[2], np.full((2, 6), 0.5), rtol=1e-5)
        return {"coarse": ones, "image": -ones}

    monkeypatch.setattr(model, "compressor", compressor)
    monkeypatch.setattr(model, "generator", generator)
    losses, _ = model.generator_loss(batch)
    # Only the hole is looked at, but for the half pixel around it.
    assert float(losses["code"]) == pytest.approx(1.5, abs=0.1)
    assert float(losses["l1"]["coarse"]) == 0.0
    losses, _ = model.compressor_loss(batch)
    assert set(losses["reconstruction"]) == {"image", "exemplar"}


def test_distance_of_codes():
    codes = np.array([[1.0, 1.0], [0.0, 3.0]], "float32")
    targets = np.array([[1.0, 3.0], [0.0, 3.0]], "float32")
    expected = np.sqrt(2.0) / 2
    assert float(code_distance(codes, targets)) == pytest.approx(expected)
    same = ops.convert_to_tensor(codes)
    gradient = backend.input_gradients(
        lambda x: code_distance(x, same)[None], same
    )
    assert np.isfinite(ops.convert_to_numpy(gradient)).all()


def test_views_are_the_boxes_around_the_holes():
    random = np.random.default_rng(0)
    image = random.normal(size=(3, 16, 20, 3)).astype("float32")
    mask = np.zeros((3, 16, 20, 1), "float32")
    mask[0, 3, 5] = mask[0, 6, 8] = 1.0  # corners of 4 x 4 pixels
    mask[1, :8, 10:18] = 1.0
    view = ops.convert_to_numpy(HoleView(4)((image, mask)))
    np.testing.assert_allclose(view[0], image[0, 3:7, 5:9], atol=1e-5)
    # Half as large: of four pixels, and a little of the next ones.
    weights = np.zeros((4, 16))
    for i in range(4):
        for at, weight in zip(range(2 * i - 1, 2 * i + 3), (1, 3, 3, 1)):
            if at >= 0:
                weights[i, at] = weight
    weights /= weights.sum(1, keepdims=True)
    columns = np.concatenate([[[0] * 9] * 4, np.zeros((4, 11))], 1)
    for i in range(4):
        columns[i, 2 * i + 9 : 2 * i + 13] = np.array([1, 3, 3, 1]) / 8
    expected = np.einsum("ih,jw,hwc->ijc", weights, columns, image[1])
    np.testing.assert_allclose(view[1], expected, atol=1e-5)
    assert (view[2] == 0).all()  # nothing is missing, and nothing looked at
    assert HoleView.from_config(HoleView(4).get_config()).side == 4


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="Keras exports LiteRT on the TensorFlow backend",
)
def test_views_convert_with_builtin_operations(tmp_path):
    interpreters = pytest.importorskip("ai_edge_litert.interpreter")
    shapes = [(1, 16, 24, channels) for channels in (3, 1)]
    inputs = [keras.Input(shape[1:], batch_size=1) for shape in shapes]
    network = keras.Model(inputs, HoleView(8)(inputs))
    path = str(tmp_path / "view.tflite")
    network.export(path, format="litert", verbose=False)
    interpreter = interpreters.Interpreter(path)
    interpreter.allocate_tensors()
    operations = {
        operation["op_name"] for operation in interpreter._get_ops_details()
    }
    assert all(name.isupper() for name in operations), operations
    assert "CUSTOM" not in operations
    image = np.random.default_rng(0).normal(size=shapes[0]).astype("float32")
    mask = np.zeros(shapes[1], "float32")
    mask[:, 3:12, 5:11] = 1.0
    for detail in interpreter.get_input_details():
        one = image if detail["shape"][-1] == 3 else mask
        interpreter.set_tensor(detail["index"], one)
    interpreter.invoke()
    (output,) = interpreter.get_output_details()
    np.testing.assert_allclose(
        interpreter.get_tensor(output["index"]),
        HoleView(8)((image, mask)),
        atol=1e-5,
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_a_filling_depends_on(models, variant):
    model = models[variant]
    random = np.random.default_rng(0)
    image, exemplar = random.uniform(-1, 1, (2, 32, 40, 3)).astype("float32")
    mask = np.zeros((32, 40), "uint8")
    mask[8:20, 10:30] = 255
    hole = mask > 0
    one = model.translate(image, mask=mask, exemplar=exemplar)
    np.testing.assert_array_equal(one[~hole], image[~hole])
    other = model.translate(image, mask=mask, exemplar=-exemplar)
    assert (one[hole] != other[hole]).any()
    image[hole] *= -1  # nobody may see that
    again = model.translate(image, mask=mask, exemplar=exemplar)
    np.testing.assert_array_equal(again[hole], one[hole])
    if variant == "code":  # of what the exemplar has in the hole
        exemplar[:6] = exemplar[22:] = 0
        again = model.translate(image, mask=mask, exemplar=exemplar)
        np.testing.assert_array_equal(again[hole], one[hole])


def test_the_variants_differ_in_what_is_trained(models):
    assert kind_of(ExGAN).name == "identities"
    for model in models.values():
        assert list(model.options()) == ["mask", "exemplar"]
    reference, code = models["reference"], models["code"]
    assert list(reference.players) == ["discriminator", "generator"]
    assert list(code.players) == ["compressor", "discriminator", "generator"]
    assert reference.translator_networks == ("generator",)
    assert code.translator_networks == ("generator", "compressor")


def test_the_code_variant_is_saved_and_trains(models, tmp_path):
    # Both networks of the compressor are saved, whose layers are the same.
    models["code"].save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    names = ("autoencoder", "compressor", "generator")
    for name in names:
        pairs = zip(
            getattr(model, name).weights,
            getattr(models["code"], name).weights,
            strict=True,
        )
        for one, other in pairs:
            np.testing.assert_array_equal(*values([one, other]))
    assert model.compressor.weights[0] is model.autoencoder.weights[0]
    # On JAX every operation would be compiled by itself.
    model.compile(run_eagerly=backend.BACKEND == "tensorflow")
    random = np.random.default_rng(0)
    batch = {
        name: field.example(2, 32, random)
        for name, field in model.batch.items()
    }
    logs = model.train_on_batch(batch, return_dict=True)
    assert set(logs) >= {
        "compressor_reconstruction",
        "discriminator_adversarial",
        "generator_adversarial",
        "generator_code",
        "generator_l1",
    }
    assert all(np.isfinite(float(value)) for value in logs.values())
    for name in names:
        for one, other in zip(
            getattr(model, name).trainable_weights,
            getattr(models["code"], name).trainable_weights,
        ):
            assert (np.subtract(*values([one, other])) != 0).any()


def test_errors_teach(models):
    with pytest.raises(ValueError, match="multiple of 2.*5"):
        ExGAN(filters=5)
    with pytest.raises(ValueError, match="variant='codes'"):
        ExGAN(variant="codes")
    image, mask = np.zeros((32, 32, 3), "uint8"), np.eye(32)
    with pytest.raises(ValueError, match="Which `exemplar`"):
        models["reference"].translate(image, mask=mask)
