"""Exports of translators that take more than an image: the toys."""

import functools
import io
import json
import warnings

import keras
import numpy as np
import PIL.Image
import pytest

from keras_gan_translate.data import read_image, synthetic_faces
from keras_gan_translate.export import TranslatorSpec, export_translator
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.export.metadata import read_metadata
from keras_gan_translate.export.network import (
    input_facts,
    resize_raw,
    translator_network,
)
from keras_gan_translate.fields import Image, Label, LabelMap
from tests.cli.conftest import run_cli
from tests.export.files import folder, spec_of
from tests.test_gan import seeded
from tests.toys import SIZE, Changes, Domains, Exemplars, Holes, Maps, Styles

pytest.importorskip("tensorflow")
pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")
for package in ("onnx", "onnxruntime", "tf2onnx"):
    pytest.importorskip(package, reason="the extra `onnx` is missing")
if keras.backend.backend() != "tensorflow":
    pytest.skip("exports are written with TensorFlow", allow_module_level=True)

TOYS = [Domains, Changes, Exemplars, Styles, Maps, Holes]
FILES = {
    "toy": 1,
    "toy-float32.tflite": 1,
    "toy-float16.tflite": 3,
    "toy-dynamic_int8.tflite": 20,
    "toy.onnx": 1,
}


@functools.cache
def exported(toy):
    """(the model, the folder of its export in all formats, the rows)."""
    model, path = seeded(toy), folder() / toy.__name__ / "toy"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tf2onnx and NumPy
        rows = export_translator(
            model,
            path,
            formats=("saved_model", "litert", "onnx"),
            precisions=("float32", "float16", "dynamic_int8"),
            threads=(),
        )
    return model, path, rows


def examples(model, count=3, height=SIZE):
    """(what is translated, options as users give them)."""
    random = np.random.default_rng(3)
    source, options = None, {}
    for field in model.inputs().values():
        values = field.example(count, SIZE, random)
        if field.per_pixel:
            values = values[:, :height]
        if field.option is None:
            source = values
        elif field.choices():
            options[field.option] = [
                field.choices()[i % len(field.choices())] for i in range(count)
            ]
        else:
            options[field.option] = list(values)
    return source, options


def difference(one, other):
    assert one.dtype == other.dtype == np.uint8 and one.shape == other.shape
    return np.abs(one.astype(int) - other).max()


@pytest.mark.parametrize("toy", TOYS)
def test_every_format_is_the_model_over_its_choices(toy):
    model, path, rows = exported(toy)
    assert [row["artefact"] for row in rows] == list(FILES)
    assert all(row["passed"] for row in rows)
    source, options = examples(model)
    expected = model.translate(source, **options)
    for name, bound in FILES.items():
        opened = open_artefact(path / name)
        found = opened.translate(source, **options)
        assert difference(found, expected) <= bound, name
        assert list(opened.options) == list(model.options()), name
    # What the options say is heard.
    for word, values in options.items():
        values = [*values[1:], values[0]]
        other = model.translate(source, **options | {word: values})
        assert difference(other, expected) > 3


@pytest.mark.parametrize("toy", TOYS)
def test_a_served_model_pads_all_that_lies_on_the_image(toy):
    model, path, _ = exported(toy)
    source, options = examples(model, height=SIZE - 1)
    served = open_artefact(path / "toy").translate(source, **options)
    assert difference(served, model.translate(source, **options)) <= 1


@pytest.mark.parametrize("toy", TOYS)
def test_the_facts_of_every_field_travel_with_it(toy):
    model, path, _ = exported(toy)
    spec = TranslatorSpec.from_json((path / "translator.json").read_text())
    assert list(spec.fields.values()) == list(model.inputs().values())
    assert [facts["input"] for facts in spec.inputs] == [
        "images",
        *model.options(),
    ]
    assert read_metadata(path / "toy-float32.tflite") == spec
    assert [facts["shape"][0] for facts in spec.inputs] == [1] * len(
        spec.inputs
    )
    served = open_artefact(path / "toy").spec
    assert [facts["shape"][0] for facts in served.inputs] == [None] * len(
        spec.inputs
    )


def test_card_and_inspection_say_what_goes_in():
    _, path, _ = exported(Domains)
    card = (path / "card.md").read_text()
    assert "- Input: RGB, uint8, 0..255, (N, height, width, 3), 8 by 8" in card
    assert "- Input `domain`: int32, the numbers of classes (batch,)" in card
    assert "red, green, blue" in card
    output = run_cli("inspect", path / "toy.onnx").output
    assert "input domain" in output
    assert "Label; option domain; classes red, green, blue" in output
    _, path, _ = exported(Changes)
    card = (path / "card.md").read_text()
    assert "- Input `attributes`: float32, changes (batch, 3) from -2" in card
    output = run_cli("inspect", path / "toy.onnx").output
    output = " ".join(output.split())
    assert "AttributeChange; option attributes; names Smiling, Hat," in output
    assert "most 2.0; of attributes; scaled_by strength" in output
    _, path, _ = exported(Maps)
    card = (path / "card.md").read_text()
    assert "- Input `images`: uint8, label maps (batch, 8, 8, 1)" in card
    assert "- Output: RGB, uint8, 0..255" in card


def test_the_picture_shows_every_choice():
    _, path, rows = exported(Domains)
    assert [row["compared"] for row in rows] == [9, 8, 8, 8, 8]
    # Input, domain, Keras; artefact and difference of each.
    columns = 3 + 2 * len(FILES)
    height, width = read_image(path / "parity.png").shape[:2]
    assert width // columns == 100 and height // 3 >= 100


def signatures(toy):
    import tensorflow as tf

    _, path, _ = exported(toy)
    loaded = tf.saved_model.load(path / "toy" / "1")
    served = dict(loaded.signatures)
    served["loaded"] = loaded  # keeps the variables alive
    return served


def png(value):
    file = io.BytesIO()
    value = value[..., 0] if value.shape[-1] == 1 else value
    PIL.Image.fromarray(value).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("toy", TOYS)
def test_files_are_served_with_all_that_goes_beside_them(toy):
    import tensorflow as tf

    model, _, _ = exported(toy)
    serve = signatures(toy)["serving_bytes"]
    source, options = examples(model)
    inputs = {"image_bytes": tf.constant([png(value) for value in source])}
    for word, field in model.options().items():
        if field.per_pixel:
            # Numbers of objects come in 8 or 16 bits.
            kinds = ["uint16" if field.dtype == "int32" else "uint8", "uint8"]
            files = [
                png(value.astype(kinds[i % 2]))
                for i, value in enumerate(options[word])
            ]
            inputs[f"{word}_bytes"] = tf.constant(files)
        else:
            values = [field.parse(v, model) for v in options[word]]
            inputs[word] = tf.constant(np.stack(values))
    (answer,) = serve(**inputs).values()
    found = np.stack(
        [PIL.Image.open(io.BytesIO(file)) for file in answer.numpy()]
    )
    assert difference(found, model.translate(source, **options)) <= 1


def test_wrong_requests_are_refused_in_words():
    import tensorflow as tf

    def refused(serve, match, **inputs):
        with pytest.raises(tf.errors.InvalidArgumentError, match=match):
            serve(**{name: tf.constant(v) for name, v in inputs.items()})

    def numbers(*values):
        return np.array(values, "int32")

    images = np.zeros((2, SIZE, SIZE, 3), "uint8")
    files = [png(image) for image in images]
    served = signatures(Domains)
    default, of_files = served["serving_default"], served["serving_bytes"]
    refused(
        default,
        "domain of the request holds classes from 0 to 3; this model takes 0 "
        "to 2: red, green, blue",
        images=images,
        domain=numbers(0, 3),
    )
    refused(
        default,
        r"domain of the request has the shape \[1\].*takes \[2\]",
        images=images,
        domain=numbers(1),
    )
    refused(
        of_files,
        "The request has 1 domain for 2 images",
        image_bytes=files,
        domain=numbers(1),
    )
    refused(
        of_files,
        "classes from 7 to 7",
        image_bytes=files,
        domain=numbers(1, 7),
    )
    served = signatures(Holes)
    default, of_files = served["serving_default"], served["serving_bytes"]
    mask = np.zeros((2, SIZE, SIZE, 1), "uint8")
    refused(
        default,
        r"mask of the request has the shape \[2 4 8 1\].*\[2 8 8 1\]",
        images=images,
        mask=mask[:, :4],
    )
    for wrong, match in (
        (png(mask[0, :4]), "mask of image 1 has 8 by 4 pixels, the image 8 by"),
        (files[0], "mask of image 1 of the request has colours"),
        (b"mask", "mask of image 1 of the request is no PNG"),
        (png(mask[0])[:60], "mask of image 1 of the request is damaged"),
    ):
        refused(
            of_files,
            match,
            image_bytes=files,
            mask_bytes=[png(mask[0]), wrong],
        )


@pytest.mark.parametrize("toy", TOYS)
def test_warm_up_requests_carry_every_input(toy):
    import tensorflow as tf

    prediction_log = pytest.importorskip(
        "tensorflow_serving.apis.prediction_log_pb2",
        reason="tensorflow-serving-api is absent",
    )
    _, path, _ = exported(toy)
    extra = path / "toy" / "1" / "assets.extra"
    records = tf.data.TFRecordDataset(str(extra / "tf_serving_warmup_requests"))
    served = signatures(toy)
    for record in records.as_numpy_iterator():
        log = prediction_log.PredictionLog.FromString(record)
        assert log.SerializeToString(deterministic=True) == record
        request = log.predict_log.request
        inputs = {
            name: tf.constant(tf.make_ndarray(tensor))
            for name, tensor in request.inputs.items()
        }
        (answer,) = served[request.model_spec.signature_name](**inputs).values()
        assert answer.shape[0] == 1


def test_older_and_later_descriptions_are_read():
    facts = json.loads(spec_of(seeded(Domains)).to_json())
    del facts["inputs"], facts["batch_size"]
    older = TranslatorSpec.from_json(json.dumps(facts))
    assert older.fields == {"images": Image()} and older.batch_size == 1
    later = facts | {
        "smell": "sweet",
        "inputs": [
            {
                "kind": "Label",
                "input": "domain",
                "option": "domain",
                "classes": ["a", "b"],
                "colour": "red",
            }
        ],
    }
    later = TranslatorSpec.from_json(json.dumps(later))
    assert later.fields == {"domain": Label(classes=("a", "b"))}


def test_options_are_answered_in_words():
    model, path, _ = exported(Domains)
    opened = open_artefact(path / "toy.onnx")
    source, _ = examples(model)
    with pytest.raises(ValueError, match="Did you mean 'domain'"):
        opened.translate(source, domian="red")
    with pytest.raises(ValueError, match="Did you mean 'green'"):
        opened.translate(source, domain="grean")
    with pytest.raises(ValueError, match="red, green, blue"):
        opened.translate(source)
    with pytest.raises(ValueError, match="2 values for 3 images"):
        opened.translate(source, domain=["red", "blue"])


def test_styles_are_seeds_and_vectors_but_no_pictures():
    model, path, _ = exported(Styles)
    opened = open_artefact(path / "toy-float32.tflite")
    source, _ = examples(model)
    for style in (5, "5", np.array([0.5, -1], "float32")):
        expected = model.translate(source, style=style)
        assert difference(opened.translate(source, style=style), expected) <= 1
    with pytest.raises(ValueError, match="Only the model itself"):
        opened.translate(source, style=source[0])


def test_maps_and_masks_are_checked():
    model, path, _ = exported(Maps)
    opened = open_artefact(path / "toy.onnx")
    source, options = examples(model)
    with pytest.raises(ValueError, match="classes, 0 to 2"):
        opened.translate(source + 2, **options)
    assert opened.translate(
        source[0, ..., 0], instances=options["instances"][0]
    ).shape == (SIZE, SIZE, 3)
    with pytest.raises(ValueError, match="4 by 8.*its image 8 by 8"):
        opened.translate(source[0], instances=options["instances"][0][:4])
    model, path, _ = exported(Holes)
    source, _ = examples(model)
    opened = open_artefact(path / "toy-float32.tflite")
    with pytest.raises(ValueError, match="`mask` is needed"):
        opened.translate(source)
    with pytest.raises(ValueError, match="8 by 8 pixels only"):
        opened.translate(source[:, :4], mask=source[0, :4, :, 0])


def test_several_images_at_once(tmp_path):
    from keras_gan_translate.export import litert

    model = seeded(Domains)
    spec = spec_of(model, image_size=SIZE, inputs=input_facts(model, "ab"))
    network = translator_network(model, image_size=SIZE)
    path = tmp_path / "toy.tflite"
    litert.write(network, spec, path, batch_size=2)
    opened = open_artefact(path)
    assert opened.batch_size == opened.spec.batch_size == 2
    source, options = examples(model)  # three, which are no multiple of two
    expected = model.translate(source, **options)
    assert difference(opened.translate(source, **options), expected) <= 1
    for wrong in (0, "two"):
        with pytest.raises(ValueError, match="batch_size is the number"):
            export_translator(model, tmp_path / "x", batch_size=wrong)


@pytest.mark.parametrize("toy", [Domains, Maps, Holes])
def test_int8_of_several_inputs(toy, tmp_path):
    from keras_gan_translate.export import litert

    model, path = seeded(toy), tmp_path / "toy.tflite"
    facts = input_facts(model, "ab")
    spec = spec_of(model, image_size=SIZE, inputs=facts)
    random = np.random.default_rng(0)
    given = {
        name: field.example(64, SIZE, random)
        for name, field in spec.fields.items()
    }
    network = translator_network(model, image_size=SIZE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        litert.write(network, spec, path, "int8", given)
    opened = open_artefact(path)
    source, options = examples(model)
    error = opened.translate(source, **options).astype(float)
    error -= model.translate(source, **options)
    assert np.sqrt((error**2).mean()) < 12
    if toy is Domains:
        styles = spec_of(model, inputs=input_facts(seeded(Styles), "ab"))
        with pytest.raises(ValueError, match="no place for style"):
            litert.write(network, styles, path, "int8", given)
        with pytest.raises(ValueError, match="lacks domain"):
            images = given["images"]
            litert.write(network, spec, path, "int8", images)


def test_int8_is_calibrated_on_what_goes_beside_the_images(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (row,) = export_translator(
            seeded(Domains),
            tmp_path / "toy",
            formats=("litert",),
            precisions=("int8",),
            images=list(synthetic_faces(16, 16)[0]),
            threads=(),
        )
    assert row["passed"] and row["compared"] == 8


def test_a_mobile_file_of_a_composed_network(tmp_path):
    from keras_gan_translate.export import litert

    model, path = seeded(Styles), tmp_path / "toy.tflite"
    spec = spec_of(model, image_size=SIZE, inputs=input_facts(model, "ab"))
    network = translator_network(model, image_size=SIZE)
    litert.write(network, spec, path, mobile=True)
    opened = open_artefact(path)
    assert opened.dtype == "float32"
    source, options = examples(model)
    expected = model.translate(source, **options)
    assert difference(opened.translate(source, **options), expected) <= 1


def test_maps_are_resized_by_number():
    field = LabelMap(classes=("a", "b", "c"))
    value = np.repeat(np.arange(3, dtype="uint8"), 4)[:, None, None]
    value = np.repeat(value, 6, axis=1)
    for how in ("cover", "stretch", "letterbox"):
        resized = resize_raw(field, value, 6, how)
        assert resized.shape == (6, 6, 1) and resized.dtype == np.uint8
        assert set(np.unique(resized)) <= {0, 1, 2}
    assert resize_raw(field, value, 6, "stretch")[:, 0, 0].tolist() == [
        *[0, 0, 1, 1, 2, 2]
    ]
