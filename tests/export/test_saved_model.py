"""SavedModels as TensorFlow Serving finds, loads and asks them."""

import functools
import io
import json
import pathlib

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import read_image
from keras_gan_translate.models import UGATIT
from tests.export.files import SIZE, artefact, photos, spec_of, tiny_model

tf = pytest.importorskip("tensorflow")
if keras.backend.backend() != "tensorflow":
    pytest.skip("a SavedModel is TensorFlow's", allow_module_level=True)

from keras_gan_translate.export import saved_model, serving  # noqa: E402
from keras_gan_translate.export.network import (  # noqa: E402
    translator_network,
)

FULL = functools.partial(UGATIT, SIZE, 4, 1, light=False)


@functools.cache
def signature(name, model="cyclegan", **facts):
    loaded = tf.saved_model.load(artefact("tiny", model, **facts) / "1")
    signature = loaded.signatures[name]
    signature.loaded = loaded  # keeps the variables alive
    return signature


def serve(images, model="cyclegan", **facts):
    (output,) = signature(serving.DEFAULT, model, **facts)(
        images=tf.constant(images)
    ).items()
    assert output[0] == "translated"
    return output[1].numpy()


def serve_files(files, **facts):
    (output,) = signature(serving.BYTES, **facts)(
        image_bytes=tf.constant(files, tf.string)
    ).items()
    assert output[0] == "translated_bytes"
    return output[1].numpy()


def encode(image, format="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(image).save(file, format, **options)
    return file.getvalue()


def decode(contents):
    image = Image.open(io.BytesIO(contents))
    assert image.format == "PNG" and image.mode == "RGB"
    return np.array(image)


def assert_equal(translated, expected):
    """Equal, but for the last bit where kernels differ."""
    assert translated.dtype == expected.dtype == np.uint8
    assert translated.shape == expected.shape
    assert np.abs(translated.astype(int) - expected).max() <= 1


def error_of(function, *arguments, **facts):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        function(*arguments, **facts)
    return caught.value.message


@pytest.mark.parametrize("model", ["ugatit", "cyclegan", "pix2pix"])
def test_any_size_as_the_model_translates_it(model):
    rng = np.random.default_rng(0)
    # One that fits, one that does not, one shorter than its padding.
    for height, width in ((32, 64), (37, 50), (5, 70)):
        images = rng.integers(0, 256, (2, height, width, 3), "uint8")
        expected = tiny_model(model).translate(images)
        assert_equal(serve(images, model), expected)


def test_files_of_different_sizes_in_one_request():
    images = [photos(1, 40)[0], photos(1, 50)[0, :33]]
    translated = serve_files([encode(image) for image in images])
    for contents, image in zip(translated, images, strict=True):
        assert_equal(decode(contents), tiny_model().translate(image))
    assert serve_files([]).shape == (0,)


def test_photos_are_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = encode(photos(1, 48)[0, :40], "JPEG", exif=exif)
    (tmp_path / "photo.jpg").write_bytes(photo)
    upright = read_image(tmp_path / "photo.jpg")
    assert upright.shape == (48, 40, 3)
    assert_equal(
        decode(serve_files([photo])[0]), tiny_model().translate(upright)
    )
    assert serving.UPRIGHT_BY[serving.BYTES] == "server"


def test_bad_requests_are_refused_in_words():
    good = encode(photos(1)[0])
    message = error_of(serve_files, [good, good[:99], good])
    assert "Image 1 of the request is damaged or cut off (99 bytes)" in message
    assert "Image 2 of the request is neither" in error_of(
        serve_files, [good, good, b""]
    )
    tiny = np.zeros((4, 4, 3), "uint8")
    assert "Image 1 of the request has 4 by 4 pixels; this model takes" in (
        error_of(serve_files, [good, encode(tiny)])
    )
    assert "this model takes 5 by 5 at least" in error_of(serve, tiny[None])
    assert "The request has no images" in error_of(
        serve, np.zeros((0, 32, 32, 3), "uint8")
    )
    large = np.zeros((1, 2049, 2048, 3), "uint8")
    message = error_of(serve, large)
    assert "1 images of the request have 2048 by 2049 pixels" in message
    assert "this model takes 4194304 in all at most" in message
    assert "Image 0" in error_of(serve_files, [encode(large[0])])
    # And after all that a good one is answered.
    assert len(serve_files([good])) == 1


def test_the_server_loads_it_by_its_tag():
    path = artefact("tiny", image_size=SIZE) / "1"
    expected = tiny_model().translate(photos(2))
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.loader.load(
            session, ["serve"], str(path)
        )
        assert {serving.DEFAULT, serving.BYTES} <= set(meta.signature_def)
        signature = meta.signature_def[serving.DEFAULT]
        assert signature.method_name == "tensorflow/serving/predict"
        images = signature.inputs["images"]
        translated = signature.outputs["translated"]
        shape = [d.size for d in images.tensor_shape.dim]
        assert shape == [-1, SIZE, SIZE, 3]

        def ask(pixels):
            # As the server's own session: it checks no shape before it runs.
            tensors = [
                session.graph.get_tensor_by_name(info.name)._as_tf_output()
                for info in (images, translated)
            ]
            (answer,) = session._call_tf_sessionrun(
                None, {tensors[0]: pixels}, tensors[1:], [], None
            )
            return answer

        session.run(translated.name, {images.name: photos(1)})
        assert_equal(ask(photos(2)), expected)
        assert "48 by 48 pixels; this model takes 32 by 32 only" in error_of(
            ask, photos(1, 48)
        )
        for shape in ((1, SIZE, SIZE, 1), (SIZE, SIZE, 3)):
            error_of(ask, np.zeros(shape, "uint8"))


def test_a_model_of_one_size_says_so():
    keras.utils.set_random_seed(0)
    model = FULL()
    network = translator_network(model)
    spec = spec_of(model, image_size=SIZE)
    functions = serving.signatures(network, spec)
    files = [encode(photos(1)[0]), encode(photos(1, 48)[0])]
    answer = functions[serving.BYTES](tf.constant(files[:1]))
    assert_equal(
        decode(answer["translated_bytes"].numpy()[0]),
        model.translate(photos(1)[0]),
    )
    message = error_of(functions[serving.BYTES], tf.constant(files))
    assert "Image 1 of the request has 48 by 48 pixels" in message
    assert "32 by 32 only" in message


def test_float32_is_served_as_such():
    images = photos(1).astype("float32") / 127.5 - 1
    translated = serve(images, dtype="float32")
    expected = tiny_model().translate(images)
    np.testing.assert_allclose(translated, expected, atol=1e-5)
    files = serve_files([encode(photos(1)[0])], dtype="float32")
    assert_equal(decode(files[0]), tiny_model().translate(photos(1)[0]))


@pytest.mark.parametrize("wrong", [300.0, -3.0, np.nan, np.inf, 1.01])
def test_arrays_out_of_range_are_told(wrong):
    images = np.zeros((2, SIZE, SIZE, 3), "float32")
    images[1, 2, 3, 0] = wrong
    message = error_of(lambda x: serve(x, dtype="float32"), images)
    assert "The images of the request hold values from" in message
    assert "this model takes -1 to 1." in message


def test_the_largest_photo_is_the_export_s_own():
    model = tiny_model()
    spec = spec_of(model, max_pixels=40 * 40)
    functions = serving.signatures(translator_network(model), spec)
    ask = functions[serving.BYTES]
    sizes = [
        decode(
            ask(tf.constant([encode(photos(1, size)[0])]))[
                "translated_bytes"
            ].numpy()[0]
        ).shape
        for size in (32, 40)
    ]
    assert sizes == [(32, 32, 3), (40, 40, 3)]
    message = error_of(ask, tf.constant([encode(photos(1, 48)[0])]))
    assert "48 by 48 pixels; this model takes 1600 in all at most" in message


def test_only_the_translator_s_weights_are_in_it():
    path = artefact("tiny") / "1"
    saved = tf.train.list_variables(str(path / "variables" / "variables"))
    count = sum(np.prod(s) for n, s in saved if n.startswith("weights"))
    assert count == tiny_model().generator_ab.count_params()
    folders = {str(pathlib.Path.cwd()), str(pathlib.Path(__file__).parents[2])}
    graph = (path / "saved_model.pb").read_bytes()
    assert not any(folder.encode() in graph for folder in folders)


def test_versions_appear_whole_or_not_at_all(tmp_path, monkeypatch):
    model = tiny_model("pix2pix")
    network, spec = translator_network(model), spec_of(model)
    path = tmp_path / "model"
    (path / "7").mkdir(parents=True)
    (path / "notes").mkdir()
    seen = []

    def save(module, aside, signatures):
        names = [p.name for p in path.iterdir()]
        seen.extend(name for name in names if name.lstrip("0").isdecimal())
        pathlib.Path(aside, "saved_model.pb").touch()

    monkeypatch.setattr(tf.saved_model, "save", save)
    assert saved_model.write(network, spec, path) == path / "8"
    assert seen == ["7"]
    assert (path / "8" / "saved_model.pb").exists()
    with pytest.raises(ValueError, match="server may be using.*next is 9"):
        saved_model.write(network, spec, path, version=7)

    def fail(*arguments, **options):
        raise OSError("disk full")

    monkeypatch.setattr(tf.saved_model, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        saved_model.write(network, spec, path)
    assert sorted(p.name for p in path.iterdir()) == ["7", "8", "notes"]


def test_the_spec_lies_beside_it():
    text = (
        artefact("tiny") / "1" / "assets.extra" / "translator.json"
    ).read_text()
    assert json.loads(text)["name"] == "tiny"


def test_warm_up_requests_are_the_server_s_own_messages():
    prediction_log = pytest.importorskip(
        "tensorflow_serving.apis.prediction_log_pb2",
        reason="tensorflow-serving-api is absent",
    )
    path = artefact("tiny") / "1"
    file = path / "assets.extra" / "tf_serving_warmup_requests"
    records = list(tf.data.TFRecordDataset(str(file)).as_numpy_iterator())
    assert len(records) == 2
    for record, name in zip(records, (serving.DEFAULT, serving.BYTES)):
        log = prediction_log.PredictionLog.FromString(record)
        assert log.WhichOneof("log_type") == "predict_log"
        request = log.predict_log.request
        assert request.model_spec.name == "tiny"
        assert request.model_spec.signature_name == name
        assert log.SerializeToString(deterministic=True) == record
        inputs = {
            key: tf.constant(tf.make_ndarray(tensor))
            for key, tensor in request.inputs.items()
        }
        (answer,) = signature(name)(**inputs).values()
        assert answer.shape[0] == 1
