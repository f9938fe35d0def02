import shutil

import h5py
import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import CycleGAN, callbacks
from keras_gan_translate.losses.perceptual import (
    FILTERS,
    NETWORKS,
    VGGFeatures,
    feature_loss,
    gram_matrix,
    style_loss,
)
from tests.toys import Toy, batch


def images(count=1, size=32, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, size, size, 3)).astype("float32")


def values(layer):
    return [ops.convert_to_numpy(variable) for variable in layer.variables]


def published(network="vgg16"):
    """name -> (kernel, bias) of all convolutions; the bias is its number."""
    rng, channels, arrays = np.random.default_rng(0), 3, {}
    for block, count in enumerate(NETWORKS[network], 1):
        for i in range(1, count + 1):
            filters = FILTERS[block - 1]
            kernel = np.full((3, 3, channels, filters), 1e-3, "float32")
            if block == 1:
                kernel = 0.05 * rng.normal(size=kernel.shape)
            bias = np.full(filters, len(arrays), "float32")
            arrays[f"block{block}_conv{i}"] = kernel.astype("float32"), bias
            channels = filters
    return arrays


def write(path, arrays, layout="keras 2"):
    top = {} if layout == "keras 2" else {"fc1": (np.ones((2, 2)), np.ones(2))}
    with h5py.File(path, "w") as file:
        for i, (name, pair) in enumerate({**arrays, **top}.items()):
            if layout == "keras 3":
                kind = "dense" if name == "fc1" else "conv2d"
                number = f"_{i}" if i and name != "fc1" else ""
                keys = [f"layers/{kind}{number}/vars/{k}" for k in (0, 1)]
            elif layout == "whole model":
                group = f"model_weights/{name}/{name}"
                keys = [f"{group}/kernel", f"{group}/bias"]
            else:
                keys = [f"{name}/{name}_W_1:0", f"{name}/{name}_b_1:0"]
            for key, array in zip(keys, pair):
                file.create_dataset(key, data=array, compression="gzip")
    return path


@pytest.fixture(scope="module")
def vgg16_file(tmp_path_factory):
    return write(tmp_path_factory.mktemp("vgg") / "vgg16.h5", published())


def test_features_are_those_of_keras_applications():
    names = ["block1_conv2", "block2_conv1:linear", "block2_conv2"]
    features = VGGFeatures("vgg19", names, weights=None)
    theirs = keras.applications.VGG19(include_top=False, weights=None)
    for layer in features.vgg.layers:
        for variable in layer.variables[1:]:  # biases
            variable.assign(np.linspace(-9, 9, variable.shape[0]))
        if layer.variables:
            theirs.get_layer(layer.name).set_weights(values(layer))
    x = images()
    ours = features(x)
    assert list(ours) == names
    expected = keras.Model(
        theirs.input, [theirs.get_layer(n.split(":")[0]).output for n in names]
    )(keras.applications.vgg19.preprocess_input(x * 127.5 + 127.5))
    for name, result in zip(names, expected):
        if name.endswith(":linear"):
            assert float(ops.min(ours[name])) < 0
            ours[name] = ops.relu(ours[name])
        np.testing.assert_allclose(ours[name], result, rtol=1e-4, atol=1e-2)
    assert not features.trainable_variables


@pytest.mark.parametrize("layout", ["keras 2", "whole model", "keras 3"])
def test_weights_of_a_file_reach_their_layers(tmp_path, layout):
    path = write(tmp_path / "vgg.h5", published(), layout)
    features = VGGFeatures("vgg16", "block5_conv1", weights=path)
    features.load()
    arrays = published()
    for layer in features.vgg.layers:
        if layer.variables:
            for ours, theirs in zip(values(layer), arrays[layer.name]):
                np.testing.assert_array_equal(ours, theirs)


def misshapen():
    return published() | {"block3_conv2": (np.ones((3, 3, 1, 1)), np.ones(1))}


def incomplete():
    arrays = published()
    del arrays["block5_conv3"]
    return arrays


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (lambda: published("vgg19"), "13 convolutions: it has 16"),
        (incomplete, "13 convolutions: it has 12"),
        (misshapen, r"block3_conv2 has the shapes \[\(3, 3, 1, 1\), \(1,\)\]"),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(tmp_path, arrays, message):
    path = write(tmp_path / "vgg.h5", arrays())
    features = VGGFeatures("vgg16", "block1_conv1", weights=path)
    before = values(features)
    with pytest.raises(ValueError, match=message):
        features.load()
    for ours, kept in zip(values(features), before):
        np.testing.assert_array_equal(ours, kept)


def test_errors_teach(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="Did you mean 'vgg19' or 'vgg16'"):
        VGGFeatures("vgg17")
    with pytest.raises(ValueError, match="'block3_conv4'.*'block3_conv3'"):
        VGGFeatures("vgg16", ["block3_conv4"])
    with pytest.raises(FileNotFoundError, match="nowhere.h5"):
        VGGFeatures(weights="nowhere.h5").load()
    (tmp_path / "vgg.pth").write_bytes(b"PK")
    with pytest.raises(ValueError, match="no intact HDF5.*applications.VGG16"):
        VGGFeatures(weights=tmp_path / "vgg.pth").load()

    def offline(**options):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.applications, "VGG16", offline)
    with pytest.raises(ConnectionError, match="fetch failure.*path of a file"):
        VGGFeatures().load()


def test_imagenet_is_asked_of_keras_and_only_by_load(monkeypatch):
    real, asked = keras.applications.VGG16, []

    def build(include_top, weights):
        asked.append(weights)
        return real(include_top=include_top, weights=None)

    monkeypatch.setattr(keras.applications, "VGG16", build)
    features = VGGFeatures(weights="imagenet")
    features(images())
    assert not asked
    before = values(features)
    features.load()
    features.load()
    assert asked == ["imagenet"]
    assert not np.array_equal(before[0], values(features)[0])


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_features_are_float32_in_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    try:
        exact = VGGFeatures(weights=None)
        fast = VGGFeatures(weights=None, dtype=policy)
    finally:
        keras.config.set_dtype_policy("float32")
    for layer, copy in zip(exact.vgg.layers, fast.vgg.layers):
        copy.set_weights(layer.get_weights())
    exact, fast = (
        ops.convert_to_numpy(features(images())["block2_conv2"])
        for features in (exact, fast)
    )
    assert exact.dtype == fast.dtype == "float32"
    error = np.abs(fast - exact).max() / exact.std()
    assert 1e-5 < error < 0.1


def test_gram_matrix_by_hand():
    features = np.zeros((1, 2, 3, 2), "float32")
    features[0, 0, 0] = [1, 2]
    features[0, 1, 2] = [3, 4]
    expected = np.array([[10, 14], [14, 20]]) / (2 * 2 * 3)
    np.testing.assert_allclose(gram_matrix(features)[0], expected, rtol=1e-6)


def test_losses_by_hand():
    ones, threes = np.ones((2, 4, 4, 2)), np.full((2, 4, 4, 2), 3.0)
    features, targets = {"x": ones, "y": ones}, {"x": threes, "y": ones}
    assert float(feature_loss(features, targets)) == 4
    assert float(feature_loss(features, targets, "l1")) == 2
    assert float(feature_loss(features, targets, weights={"x": 0.5})) == 2
    # Gram matrices of ones: 16 / 32; of threes: 9 times that.
    assert float(style_loss(features, targets)) == 16
    assert float(style_loss(features, targets, weights={"x": 0.0})) == 0
    with pytest.raises(ValueError, match="Received: x, y and x"):
        feature_loss(features, {"x": ones})
    with pytest.raises(ValueError, match="Unknown layer='z'"):
        style_loss(features, targets, weights={"z": 1.0})


def test_style_is_the_average_of_its_images_of_any_size():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(3, 4, 4, 2)).astype("float32")
    styles = rng.normal(size=(2, 6, 5, 2)).astype("float32")
    grams = [ops.convert_to_numpy(gram_matrix(x)) for x in (features, styles)]
    expected = np.mean((grams[0] - grams[1].mean(axis=0)) ** 2)
    assert float(style_loss({"x": features}, {"x": styles})) == pytest.approx(
        expected, rel=1e-5
    )


@keras.saving.register_keras_serializable("tests")
class PerceptualCycleGAN(CycleGAN):
    """Any model takes a perceptual loss in five lines."""

    loss_weights = CycleGAN.loss_weights | {"perceptual": 1e-4}

    def __init__(self, vgg_weights="imagenet", **kwargs):
        super().__init__(**kwargs)
        self.features = VGGFeatures("vgg16", "block2_conv1", vgg_weights)  # 1

    def prepare(self):
        self.features.load()  # 2

    def generator_loss(self, batch, training=True):
        terms, shared = super().generator_loss(batch, training)
        fake, real = map(self.features, (shared["fake_b"], batch["a"]))  # 3
        terms["perceptual"] = feature_loss(fake, real)  # 4
        return terms, shared  # 5


def perceptual_cyclegan(weights=None):
    keras.utils.set_random_seed(1)
    model = PerceptualCycleGAN(
        weights, image_size=32, filters=2, num_blocks=1, pool_size=0
    )
    model.compile(total_steps=10)
    return model


def test_a_cyclegan_takes_a_perceptual_loss():
    keras.utils.set_random_seed(1)
    model = PerceptualCycleGAN(
        None,
        image_size=32,
        filters=2,
        num_blocks=1,
        loss_weights={"adversarial": 0.0, "cycle": 0.0, "identity": 0.0},
    )
    model.compile()
    networks = (model.generator_ab, model.generator_ba, model.features)
    before = [values(network)[0] for network in networks]
    data = {"a": images(seed=1), "b": images(seed=2)}
    first = model.train_on_batch(data, return_dict=True)
    # It trains the generator it judges, and nothing else.
    moved = [
        not np.array_equal(values(network)[0], kept)
        for network, kept in zip(networks, before)
    ]
    assert moved == [True, False, False]
    model.reset_metrics()
    second = model.train_on_batch(data, return_dict=True)
    assert second["generator_perceptual"] < first["generator_perceptual"]


@keras.saving.register_keras_serializable("tests")
class PerceptualToy(Toy):
    def __init__(self, vgg_weights, **kwargs):
        super().__init__(**kwargs)
        self.features = VGGFeatures("vgg16", "block1_conv1", vgg_weights)

    def prepare(self):
        self.features.load()

    def generator_loss(self, batch, training=True):
        terms, shared = super().generator_loss(batch, training)
        fake, real = map(self.features, (shared["fake"], batch["a"]))
        return terms | {"l1": feature_loss(fake, real, "l1")}, shared


def toy(weights):
    keras.utils.set_random_seed(1)
    model = PerceptualToy(weights)
    model.compile(total_steps=10)
    return model


FIT = {"verbose": 0, "shuffle": False}


@pytest.fixture
def weights(tmp_path, vgg16_file):
    return shutil.copy(vgg16_file, tmp_path / "vgg.h5")


def assert_published(features):
    kernel = features.vgg.get_layer("block1_conv1").kernel
    np.testing.assert_array_equal(
        ops.convert_to_numpy(kernel), published()["block1_conv1"][0]
    )


def test_training_and_evaluation_load_the_weights(weights):
    model = toy(weights)
    model.evaluate(batch(), verbose=0)
    assert_published(model.features)
    model = toy(weights)
    model.train_on_batch(batch())
    assert_published(model.features)


def test_a_loaded_model_never_looks_for_the_weights(tmp_path, weights):
    model = toy(weights)
    model.fit(batch(), **FIT)
    model.save(tmp_path / "model.keras")
    weights.unlink()
    with pytest.raises(FileNotFoundError):
        toy(weights).fit(batch(), **FIT)
    toy(weights).translate(images())  # needs no weights
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_published(loaded.features)
    expected = model.fit(batch(), **FIT).history
    assert loaded.fit(batch(), **FIT).history == expected


def test_a_resumed_training_never_looks_for_the_weights(tmp_path, weights):
    resume = callbacks.Resume(tmp_path / "run")
    toy(weights).fit(batch(), callbacks=[resume], **FIT)
    weights.unlink()
    model = toy(weights)
    resume = callbacks.Resume(tmp_path / "run")
    model.fit(batch(), epochs=2, callbacks=[resume], **FIT)
    assert int(model.optimizer["generator"].iterations) == 2
    assert_published(model.features)
