"""What every layer promises: any size, any policy, saved and loaded."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import layers

SHAPE = (2, 8, 6, 4)

LAYERS = {
    "instance": lambda **k: layers.InstanceNormalization(**k),
    "instance_affine": lambda **k: layers.InstanceNormalization(
        affine=True, **k
    ),
    "lin": lambda **k: layers.LayerInstanceNormalization(**k),
    "adalin": lambda **k: layers.AdaLIN(**k),
    "adain": lambda **k: layers.AdaIN(index=1, **k),
    "append_vector": lambda **k: layers.AppendVector(**k),
    "deviation_norm": lambda **k: layers.DeviationLayerNormalization(**k),
    "cam": lambda **k: layers.CAM(**k),
    "cam_judge": lambda **k: layers.CAM(
        filters=3, spectral_normalization=True, negative_slope=0.2, **k
    ),
    "cam_shared": lambda **k: layers.CAM(
        shared=True, spectral_normalization=True, **k
    ),
    "reflection": lambda **k: layers.ReflectionPadding2D(2, **k),
    "spectral_conv": lambda **k: layers.SpectralConv2D(5, 3, **k),
    "spectral_transposed": lambda **k: layers.SpectralConv2DTranspose(
        5, 4, strides=2, padding="same", **k
    ),
    "spectral_dense": lambda **k: layers.SpectralDense(
        5, activation="relu", **k
    ),
    "response_norm": lambda **k: layers.ResponseNormalization(**k),
    "scalar_norm": lambda **k: layers.ScalarLayerNormalization(**k),
    "switchable_norm": lambda **k: layers.SwitchableNormalization(**k),
    "average_downsampling": lambda **k: layers.AverageDownsampling2D(**k),
    "aligned": lambda **k: layers.AlignedUpsampling2D(**k),
    "bilinear": lambda **k: layers.BilinearUpsampling2D(**k),
    "channel_unit_norm": lambda **k: layers.ChannelUnitNormalization(**k),
    "bilinear_centres": lambda **k: layers.BilinearUpsampling2D(True, **k),
    "channel_shuffle": lambda **k: layers.ChannelShuffle(2, **k),
    "dilated": lambda **k: layers.DilatedConv2D(
        5, 3, dilation_rate=2, padding="same", **k
    ),
    "nearest": lambda **k: layers.NearestUpsampling2D(3, **k),
    "part": lambda **k: layers.Part(1, 2, **k),
    "pixel_shuffle": lambda **k: layers.PixelShuffle2D(2, **k),
    "pool": lambda **k: layers.ImagePool(4, SHAPE[1:], seed=1, **k),
}


# What goes in beside features: the sizes of vectors.
VECTORS = {"adalin": (4, 4), "adain": (16,), "append_vector": (5,)}


def images(seed=0, shape=SHAPE):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def arguments(name):
    vectors = [
        images(seed, (SHAPE[0], size))
        for seed, size in enumerate(VECTORS.get(name, ()), 1)
    ]
    return (images(), *vectors) if vectors else images()


def model_of(layer, name):
    """A functional model of any size around the layer."""
    x = keras.Input((None, None, SHAPE[-1]))
    if name not in VECTORS:
        return keras.Model(x, layer(x))
    vectors = [keras.Input((size,)) for size in VECTORS[name]]
    return keras.Model([x, *vectors], layer((x, *vectors)))


def perturb(layer):
    """No variable at its initial value: a lost one must show."""
    generator = np.random.default_rng(3)
    for variable in layer.trainable_variables:
        value = generator.uniform(0.1, 0.9, variable.shape)
        variable.assign(value.astype("float32"))


def flat(outputs):
    return [ops.convert_to_numpy(x) for x in keras.tree.flatten(outputs)]


@pytest.mark.parametrize("name", LAYERS)
def test_shapes_are_those_promised(name):
    layer = LAYERS[name]()
    outputs = layer(arguments(name))
    shapes = keras.tree.map_shape_structure(
        lambda shape: tuple(shape),
        layer.compute_output_shape(
            keras.tree.map_structure(lambda x: x.shape, arguments(name))
        ),
    )
    assert keras.tree.map_structure(lambda x: x.shape, outputs) == shapes
    model = model_of(LAYERS[name](), name)
    symbolic = keras.tree.flatten(model.outputs)
    for spec, output in zip(symbolic, keras.tree.flatten(outputs)):
        assert spec.shape[-1] == output.shape[-1]
        assert len(spec.shape) == len(output.shape)
        assert spec.dtype == keras.backend.standardize_dtype(output.dtype)


@pytest.mark.parametrize("name", LAYERS)
def test_saved_layer_returns_the_same(name, tmp_path):
    layer = LAYERS[name]()
    model = model_of(layer, name)
    perturb(layer)
    inputs = keras.tree.flatten(arguments(name))
    inputs = inputs if len(inputs) > 1 else inputs[0]
    model(inputs, training=True)  # moves u, v and the pool
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    if name == "pool":  # a GAN saves the random state, Keras does not
        state = loaded.layers[-1].seed_generator.state
        state.assign(layer.seed_generator.state)
    for training in (False, True, True, True):
        for ours, theirs in zip(
            flat(model(inputs, training=training)),
            flat(loaded(inputs, training=training)),
            strict=True,
        ):
            np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(model.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("name", LAYERS)
def test_mixed_precision_keeps_statistics_in_float32(name, policy):
    exact, mixed = LAYERS[name](), LAYERS[name](dtype=policy)
    # Offset by 30, a variance in half precision would be far off.
    inputs = keras.tree.map_structure(lambda x: x + 30.0, arguments(name))
    if "cam" in name or "spectral" in name:
        inputs = arguments(name)
    half = keras.tree.map_structure(
        lambda x: ops.cast(ops.cast(x, policy[6:]), "float32"), inputs
    )
    exact(half)
    mixed(half)
    perturb(exact)
    for ours, theirs in zip(mixed.variables, exact.variables, strict=True):
        ours.assign(theirs)
        assert ours.dtype == theirs.dtype
    for ours, theirs in zip(flat(mixed(half)), flat(exact(half))):
        error = np.abs(ours.astype("float32") - theirs).max()
        assert error < 0.02 * max(1.0, np.abs(theirs).max())
