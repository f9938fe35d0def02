import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import list_models
from keras_gan_translate.export import int8, litert
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.export.gpu_check import check_gpu
from keras_gan_translate.export.metadata import read_metadata
from keras_gan_translate.export.network import translator_network
from keras_gan_translate.export.operators import float_operators, read_graph
from tests.export.files import artefact, photos, spec_of, tiny_model

pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")
pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="Keras exports LiteRT on the TensorFlow backend",
)


def psnr(images, others):
    error = np.mean((images.astype("float64") - others) ** 2)
    return 10 * np.log10(255**2 / max(error, 1e-9))


def write(path, image_size=32, model="cyclegan", dtype="uint8", **options):
    model = tiny_model(model)
    spec = spec_of(model, image_size=image_size, dtype=dtype)
    network = translator_network(model, "ab", dtype, image_size)
    litert.write(network, spec, path, **options)
    return path


def network_of(function, size=32):
    """A network as `translator_network` makes them, of one function."""
    x = keras.Input((size, size, 3))
    generator = keras.Model(x, function(x))
    images = keras.Input((size, size, 3), dtype="uint8")
    x = generator(ops.cast(images, "float32") / 127.5 - 1.0)
    x = ops.clip(ops.round(x * 127.5 + 127.5), 0.0, 255.0)
    return keras.Model(images, ops.cast(x, "uint8"))


@pytest.mark.parametrize("name", ["ugatit", "cyclegan", "pix2pix"])
def test_float32_of_any_size_is_the_model(name):
    path = artefact("tiny.tflite", name)
    assert {t.dtype for t in read_graph(path).inputs} == {"uint8"}
    opened = open_artefact(path)
    assert opened.image_size is None
    for size in (32, 64):
        images = photos(1, size)
        difference = opened.translate(images).astype(int)
        difference -= tiny_model(name).translate(images)
        assert np.abs(difference).max() <= 1


@pytest.mark.parametrize(
    "precision, bound",
    [("float32", 60), ("float16", 45), ("dynamic_int8", 35), ("int8", 30)],
)
def test_precisions_are_as_exact_as_promised(precision, bound):
    path = artefact(f"tiny-{precision}.tflite", image_size=32)
    images = photos(2)
    translated = open_artefact(path).translate(images)
    assert psnr(translated, tiny_model().translate(images)) >= bound
    graph = read_graph(path)
    assert [str(t) for t in graph.inputs] == ["uint8[1, 32, 32, 3]"]
    assert [str(t) for t in graph.outputs] == ["uint8[1, 32, 32, 3]"]
    assert [graph.inputs[0].name, graph.outputs[0].name] == [
        "images",
        "translated",
    ]


@pytest.mark.parametrize(
    "name",
    [
        info.name
        for info in list_models()
        # Of images alone, and of the size that the artefacts have.
        if next(iter(info.model_class.translators.values())).takes == ("a",)
        and info.model_class.smallest_size <= 32
    ],
)
def test_int8_computes_in_int8_throughout(name):
    path = artefact("tiny-int8.tflite", name, image_size=32)
    graph = read_graph(path)
    assert not float_operators(graph.operators)
    for tensor in graph.inputs + graph.outputs:
        assert tensor.scale[0] == pytest.approx(2 / 255, rel=0.01)
        assert tensor.zero_point in (127, 128)
    images = photos(2)
    expected = tiny_model(name).translate(images)
    assert psnr(open_artefact(path).translate(images), expected) >= 30


def test_int8_of_any_size():
    opened = open_artefact(artefact("tiny-int8.tflite", image_size=None))
    assert opened.image_size is None
    images = photos(2, 64)  # it was calibrated on 32 pixels
    expected = tiny_model().translate(images)
    assert psnr(opened.translate(images), expected) >= 30


def test_leaky_units_of_integers_are_leaky(tmp_path):
    slopes = keras.initializers.Constant([-0.5, 0.25, 1.5])
    images = keras.Input((4, 4, 3))
    x = keras.layers.LeakyReLU(0.2)(images)
    prelu = keras.layers.PReLU(slopes, shared_axes=[1, 2])
    network = keras.Model(images, prelu(x - 0.1))
    values = np.random.default_rng(0).normal(size=(2, 4, 4, 3))
    np.testing.assert_allclose(
        int8.integer_form(network)(values), network(values), atol=1e-6
    )


def test_weights_take_as_many_bytes_as_promised():
    sizes = {}
    for precision in litert.PRECISIONS:
        path = artefact(f"tiny-{precision}.tflite", image_size=32)
        kernels = [
            operator.inputs[1]
            for operator in read_graph(path).operators
            if operator.name == "CONV_2D"
        ]
        dtypes = {tensor.dtype for tensor in kernels}
        sizes[precision] = path.stat().st_size
        assert dtypes <= {"float32", "int8"}
    assert sizes["float32"] > sizes["float16"] > sizes["dynamic_int8"]


def test_the_description_is_in_the_file():
    path = artefact("tiny.tflite", image_size=32)
    assert read_metadata(path) == spec_of(tiny_model(), image_size=32)


@pytest.mark.parametrize("name", ["ugatit", "cyclegan", "pix2pix"])
def test_a_mobile_file_suits_the_gpu_and_is_the_model(name, tmp_path):
    path = write(tmp_path / "a.tflite", model=name, mobile=True)
    assert check_gpu(path) == []
    assert read_metadata(path).dtype == "float32"
    assert str(read_graph(path).inputs[0]) == "float32[1, 32, 32, 3]"
    images = photos(1)
    difference = open_artefact(path).translate(images).astype(int)
    difference -= tiny_model(name).translate(images)
    assert np.abs(difference).max() <= 1


def test_float_images_on_request(tmp_path):
    path = write(tmp_path / "a.tflite", dtype="float32")
    assert str(read_graph(path).outputs[0]) == "float32[1, 32, 32, 3]"
    images = photos(1)
    assert (
        psnr(
            open_artefact(path).translate(images),
            tiny_model().translate(images),
        )
        > 60
    )


@pytest.mark.parametrize("mobile", [False, True])
def test_int8_takes_pixels_whatever_else_is_asked(mobile, tmp_path):
    path = write(
        tmp_path / "a.tflite",
        dtype="float32",
        precision="int8",
        images=photos(8),
        mobile=mobile,
    )
    assert read_metadata(path).dtype == "uint8"
    assert str(read_graph(path).inputs[0]) == "uint8[1, 32, 32, 3]"


def test_int8_pixels_are_pixels_where_no_image_is_white_or_black(tmp_path):
    darker = keras.initializers.Constant((0.4 * np.eye(3)).tolist())
    network = network_of(keras.layers.Conv2D(3, 1, kernel_initializer=darker))
    images = (photos(8) // 4 + 96).astype("uint8")
    path = tmp_path / "a.tflite"
    spec = spec_of(tiny_model(), image_size=32)
    litert.write(network, spec, path, "int8", images)
    expected = network.predict(images, verbose=0).astype(int)
    translated = open_artefact(path).translate(images)
    assert np.abs(translated - expected).max() <= 2


def test_operators_that_litert_lacks_are_named(tmp_path):
    network = network_of(lambda x: ops.erfinv(x / 2))
    with pytest.raises(ValueError, match="FlexErfinv.*image_size"):
        litert.write(network, spec_of(tiny_model()), tmp_path / "a.tflite")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "options, message",
    [
        ({"precision": "int16"}, "precision='int16'.*'int8'"),
        ({"precision": "int8"}, "`images` is expected"),
        ({"precision": "int8", "images": photos(3)}, "8 images.*Received: 3"),
        ({"precision": "int8", "images": photos(8, 64)}, "Resize them"),
        (
            {"precision": "int8", "images": photos(8) / np.float32(255)},
            "uint8.*Received: float32",
        ),
        ({"mobile": True, "image_size": None}, "image_size"),
    ],
)
def test_what_cannot_be_written_is_an_error_in_words(
    options, message, tmp_path
):
    with pytest.raises(ValueError, match=message):
        write(tmp_path / "a.tflite", **options)
    assert not list(tmp_path.iterdir())


def test_a_mobile_form_has_the_same_weights_in_layers_of_their_own():
    model = tiny_model("ugatit")
    network = model.translator("ab")
    copy = litert.mobile_form(network)
    layers = [layer for layer in copy.layers if hasattr(layer, "half_safe")]
    assert layers and all(layer.half_safe for layer in layers)
    assert not any(
        layer.half_safe
        for layer in network.layers
        if hasattr(layer, "half_safe")
    )
    for weight, original in zip(copy.weights, network.weights, strict=True):
        np.testing.assert_array_equal(weight, original)
