import itertools
import tempfile

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import create_model, list_models
from keras_gan_translate.inference.tiling import rows, translate_strips
from keras_gan_translate.inference.tiling.reaches import reach_of
from keras_gan_translate.layers import InstanceNormalization, Reach
from keras_gan_translate.models import UGATIT, CycleGAN
from tests.test_all_models import tiny

VARIANTS = {
    info.name: {}
    for info in list_models()
    # Parts are of images alone.
    if next(iter(info.model_class.translators.values())).takes == ("a",)
} | {
    "cyclegan with attention": {"attention": "cam"},
    "ugatit as its authors'": {"shared_cam": True, "smooth_rho": True},
    "cartoongan light": {"light": True},
}


def lively(model):
    """The model, every weight of its translators moved at random."""
    rng = np.random.default_rng(4)
    for direction in model.directions:
        for variable in model.translator(direction).variables:
            if variable.dtype == "float32":
                value = ops.convert_to_numpy(variable)
                change = rng.uniform(0.5, 1.5, value.shape)
                variable.assign(value * change + 0.05 * (change - 1.0))
    return model


def photo(height, width):
    """A gradient across the image, on which a seam would show, and noise."""
    ramp = np.add.outer(2 * np.arange(height), np.arange(width))
    noise = np.random.default_rng(0).integers(0, 40, (height, width, 3))
    return (ramp[..., None] % 200 + noise).astype("uint8")


@pytest.mark.parametrize("name", VARIANTS)
def test_strips_make_the_image_that_the_whole_makes(name):
    if keras.backend.backend() == "jax" and name != "ugatit":
        pytest.skip("JAX compiles every shape of strip: a minute each")
    model = lively(tiny(name.split()[0], **VARIANTS[name]))
    if model.fixed_size:
        with pytest.raises(ValueError, match="only"):
            model.translate(photo(43, 30))
        return
    image = photo(43, 30)
    whole = model.translate(image / 127.5 - 1.0)
    tiled = model.translate(image / 127.5 - 1.0, tile=7)  # strips of one row
    assert tiled.shape == whole.shape
    assert np.abs(tiled - whole).max() < 2e-3 * whole.std()
    whole, tiled = model.translate(image), model.translate(image, tile=20)
    assert tiled.shape == whole.shape and tiled.dtype == "uint8"
    difference = np.abs(tiled.astype(int) - whole)
    assert difference.max() <= 1 and difference.mean() < 0.02


def test_floats_agree_to_their_rounding():
    model = lively(CycleGAN(image_size=32, filters=4, num_blocks=2))
    images = np.stack([photo(41, 38)] * 2) / 127.5 - 1
    whole = model.translate(images, "ba")
    tiled = model.translate(images, "ba", tile=16)
    assert tiled.shape == whole.shape
    np.testing.assert_allclose(tiled, whole, atol=2e-5)


def test_statistics_are_those_of_the_whole_image():
    """A strip that saw only itself would make an even strip's noise loud."""
    inputs = keras.Input((None, None, 3))
    network = keras.Model(inputs, 0.1 * InstanceNormalization()(inputs))
    # What is not known to be local is refused, even a multiplication ...
    with pytest.raises(ValueError, match="nobody has said which rows"):
        translate_strips(network, photo(32, 32), tile=8)
    # ... and a layer that tells is taken.
    scaled = keras.layers.Rescaling(0.1)(InstanceNormalization()(inputs))
    network = keras.Model(inputs, scaled)
    image = photo(32, 32)
    image[:16] //= 64
    expected = ops.convert_to_numpy(network(image[None] / 127.5 - 1.0))[0]
    tiled = translate_strips(network, image / 127.5 - 1.0, tile=8)
    np.testing.assert_allclose(tiled, expected, atol=1e-6)
    assert expected[:16].std() < 0.5 * expected[16:].std()


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.Conv2D(3, 5, padding="same", dilation_rate=2),
        keras.layers.Conv2D(3, 4, padding="same", strides=2),
        keras.layers.Conv2D(3, 3, strides=2),
        keras.layers.Conv2D(3, 1, strides=3),
        keras.layers.DepthwiseConv2D(3, padding="same", strides=2),
        keras.layers.Conv2DTranspose(3, 3, strides=2),
        keras.layers.Conv2DTranspose(3, 4, strides=2, padding="same"),
        keras.layers.Conv2DTranspose(3, 2, strides=3, padding="same"),
        keras.layers.ZeroPadding2D(((3, 1), (0, 2))),
        keras.layers.Cropping2D(((2, 1), (0, 1))),
    ],
    ids=lambda layer: layer.name,
)
def test_reaches_of_keras_layers(layer):
    inputs = keras.Input((None, None, 3))
    network = keras.Model(inputs, layer(inputs))
    for height, strips in itertools.product((13, 16), (1, 5, 16)):
        image = photo(height, 8)
        source = rows.Source(image, 1)
        expected = ops.convert_to_numpy(network(image[None] / 127.5 - 1.0))
        reach = reach_of(layer, ())
        local = rows.Local(expected.shape, layer, [source], reach, "layer")
        step = -(-expected.shape[1] // strips)
        found = [
            local.read(first, min(first + step, expected.shape[1]))
            for first in range(0, expected.shape[1], step)
        ]
        np.testing.assert_allclose(
            np.concatenate([ops.convert_to_numpy(x) for x in found], 1),
            expected,
            atol=1e-5,
        )


def test_moments_of_parts_are_those_of_the_whole():
    x = np.random.default_rng(1).normal(3, [1, 10, 0.1], (1, 20, 7, 3))
    moments = rows.Moments()
    for first, last in ((0, 1), (1, 15), (15, 20)):
        moments.add(ops.convert_to_tensor(x[:, first:last], "float32"))
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    assert moments.pixels == 140
    np.testing.assert_allclose(np.ravel(moments.mean), mean, rtol=1e-5)
    np.testing.assert_allclose(np.ravel(moments.variance), variance, rtol=1e-5)


@keras.saving.register_keras_serializable("tests")
class Liar(keras.layers.Layer):
    reach = Reach()

    def call(self, x):
        return x[:, 1:]


@keras.saving.register_keras_serializable("tests")
class FlipsRows(keras.layers.Layer):
    def call(self, x):
        return x[:, ::-1]


def test_what_cannot_be_tiled_is_refused_in_words():
    inputs = keras.Input((None, None, 3))
    image = photo(16, 16)

    def error(output, **options):
        network = keras.Model(inputs, output)
        with pytest.raises(ValueError) as caught:
            translate_strips(network, image, **{"tile": 8} | options)
        return str(caught.value)

    assert "'flips' (FlipsRows)" in error(FlipsRows(name="flips")(inputs))
    assert "'get_item" in error(inputs[:, ::-1])
    assert "wrong" in error(Liar()(inputs))
    rows_first = keras.layers.Concatenate(axis=1)([inputs, inputs])
    assert "Concatenate" in error(rows_first)
    assert "tile=0" in error(keras.layers.ReLU()(inputs), tile=0)
    full = UGATIT(image_size=32, filters=4, num_blocks=1, light=False)
    with pytest.raises(ValueError, match="Flatten"):
        full.translate(photo(32, 32), tile=16)
    model = CycleGAN(image_size=32, filters=4, num_blocks=1)
    with pytest.raises(ValueError, match="not for tiles"):
        model.translate(image, tile=8, training=True)
    with pytest.raises(ValueError, match="uint8 in 0..255"):
        model.translate(image.astype("float32"), tile=8)


def test_files_are_closed_as_soon_as_nobody_needs_them(monkeypatch):
    opened, most = [], 0
    make = tempfile.TemporaryFile

    def counted(**options):
        nonlocal most
        opened.append(make(**options))
        most = max(most, sum(not file.closed for file in opened))
        return opened[-1]

    monkeypatch.setattr(rows.tempfile, "TemporaryFile", counted)
    model = CycleGAN(image_size=32, filters=4, num_blocks=3)
    seen = []
    model.translate(
        photo(40, 40), tile=20, on_strip=lambda *done: seen.append(done)
    )
    assert [done for done, _ in seen] == list(range(1, seen[0][1] + 1))
    # A block's input, its convolution's output, and the one being written.
    assert len(opened) > 10 and most <= 3
    assert all(file.closed for file in opened)


def test_a_full_disk_is_told(monkeypatch):
    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(rows.tempfile, "TemporaryFile", lambda **_: Full())
    model = create_model("cyclegan", image_size=32, filters=4, num_blocks=1)
    with pytest.raises(ValueError, match="Set TMPDIR"):
        model.translate(photo(32, 32), tile=16)


def test_half_precision_is_kept():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = CycleGAN(image_size=32, filters=4, num_blocks=1)
    finally:
        keras.config.set_dtype_policy("float32")
    image = photo(36, 36)
    whole, tiled = model.translate(image), model.translate(image, tile=12)
    # Kernels of strips may round otherwise, to 8 bits.
    assert np.abs(tiled.astype(int) - whole).mean() < 0.5
