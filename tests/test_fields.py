"""Labels, styles, maps and masks: the toys that have them, end to end."""

import keras
import numpy as np
import PIL.Image
import pytest
from keras import ops

from keras_gan_translate import fields
from keras_gan_translate.inference.options import option_values
from keras_gan_translate.support.colours import gray_of
from tests.test_gan import changed, seeded, values
from tests.toys import (
    SIZE,
    Changes,
    Domains,
    Exemplars,
    Holes,
    Maps,
    Sampler,
    Styles,
)

TOYS = [Domains, Changes, Exemplars, Styles, Maps, Holes, Sampler]


def raw_batch(model, count=4):
    random = np.random.default_rng(0)
    return {
        name: field.example(count, SIZE, random)
        for name, field in model.batch.items()
    }


def options_of(model, batch):
    """One value for every option, as users give it."""
    given = {}
    for name, field in model.inputs().items():
        if field.option is not None:
            given[field.option] = (
                list(batch[name])
                if name in batch and field.per_pixel
                else (field.choices() or (field.default(),))[0]
            )
    return given


@pytest.mark.parametrize("toy", TOYS)
def test_fit_translate_save_and_go_on(toy, tmp_path):
    model = seeded(toy)
    model.compile(ema_momentum=0.9)
    data = raw_batch(model)
    history = model.fit(data, batch_size=2, epochs=2, verbose=0).history
    assert np.isfinite(history["generator_l1"]).all()
    if model.source() is None:
        translated = model.generate(4, **options_of(model, data))
    else:
        images = data[model.source()]
        translated = model.translate(images, **options_of(model, data))
    assert translated.dtype == np.uint8 and translated.shape == (
        4,
        SIZE,
        SIZE,
        3,
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    fit = {"batch_size": 2, "shuffle": False, "verbose": 0}
    assert loaded.fit(data, **fit).history == model.fit(data, **fit).history


def test_a_player_whose_turn_it_is_not_stays_as_it_is():
    model = seeded(Domains)
    model.compile()
    data = raw_batch(model, 2)
    before = values(model.generator.trainable_variables)
    logs = model.fit(data, batch_size=2, verbose=0).history
    assert "generator_l1" not in logs and "discriminator_adversarial" in logs
    assert not any(changed(before, model.generator.trainable_variables))
    logs = model.fit(data, batch_size=2, verbose=0).history
    assert logs["generator_l1"][0] > 0
    assert all(changed(before, model.generator.trainable_variables))
    assert int(model.optimizer["discriminator"].iterations) == 2
    assert int(model.optimizer["generator"].iterations) == 1


def test_turns_do_what_playing_by_hand_does():
    data = {k: ops.array(v) for k, v in raw_batch(Domains(), 2).items()}
    by_turns, by_hand = seeded(Domains), seeded(Domains)
    for model in (by_turns, by_hand):
        model.compile()
    for _ in range(4):
        by_turns.train_on_batch(data)
    prepared = {
        name: field.prepare(data[name]) for name, field in by_hand.batch.items()
    }
    for step in range(4):
        by_hand.play("discriminator", prepared)
        if step % 2:
            by_hand.play("generator", prepared)
    for one, other in zip(
        by_turns.trainable_variables, by_hand.trainable_variables
    ):
        np.testing.assert_allclose(*values([one, other]), rtol=1e-4, atol=1e-6)


def test_words_numbers_paths_and_lists(tmp_path):
    model = seeded(Domains)
    image = raw_batch(model)["image"][0]
    red, blue = (
        model.translate(image, domain="red"),
        model.translate(image, domain=2),
    )
    assert not np.array_equal(red, blue)
    np.testing.assert_array_equal(blue, model.translate(image, domain="Blue"))
    several = model.translate([image, image], domain=["red", "blue"])
    np.testing.assert_array_equal(several, [red, blue])
    path = tmp_path / "image.png"
    PIL.Image.fromarray(image).save(path)
    for given in (path, str(path), PIL.Image.open(path)):
        np.testing.assert_array_equal(model.translate(given, domain="red"), red)


def test_changes_of_attributes_have_a_strength():
    model = seeded(Changes)
    image = raw_batch(model)["image"][0]

    def translate(attributes, **options):
        return model.translate(image, attributes=attributes, **options)

    both = translate("+Smiling,-Hat")
    for same in (
        " -hat, smiling",
        {"Smiling": 1, "Hat": -1},
        np.array([1, -1, 0]),
    ):
        np.testing.assert_array_equal(both, translate(same))
        np.testing.assert_array_equal(both, translate(same, strength=1))
    assert not np.array_equal(both, translate("-Smiling,+Hat"))
    half = translate({"Smiling": 0.5, "Hat": -0.5})
    assert not np.array_equal(both, half)
    np.testing.assert_array_equal(
        half, translate("+Smiling,-Hat", strength=0.5)
    )
    np.testing.assert_array_equal(
        half, translate("-Smiling,+Hat", strength=-0.5)
    )
    nothing = translate([0.0 * np.ones(3)])
    np.testing.assert_array_equal(nothing, translate("+Bald", strength="0"))
    several = model.translate(
        [image, image], attributes="+Smiling,-Hat", strength=[1, 0.5]
    )
    np.testing.assert_array_equal(several, [both, half])
    batch = model.translate(
        np.stack([image] * 2), attributes="+Smiling,-Hat", strength=[1, 0.5]
    )
    np.testing.assert_array_equal(batch, several)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "Which `attributes`. Say changes, such as .*Smiling, Hat, Bald"),
        ({"attributes": ""}, "Which `attributes`"),
        ({"attributes": "+Smilng"}, "Did you mean 'Smiling'"),
        ({"attributes": {"hat": 1}}, "Did you mean 'Hat'"),
        ({"attributes": "+Hat,-Hat"}, r"both \+Hat and -Hat"),
        ({"attributes": np.ones(2)}, r"vector of 3 numbers. Received.*\(2,\)"),
        ({"attributes": np.full(3, 3)}, "between -2 and 2. Received: .*3 to 3"),
        ({"attributes": "+Hat", "strength": 2.5}, "strength=2.5: changes lie"),
        ({"attributes": "+Hat", "strength": "full"}, "a number.*'full'"),
        ({"attributes": "+Hat", "strenght": 1}, "Did you mean 'strength'"),
    ],
)
def test_wrong_changes_are_answered_in_words(options, message):
    model = Changes()
    image = raw_batch(model)["image"][0]
    with pytest.raises(ValueError, match=message):
        model.translate(image, **options)


def test_attributes_that_exclude_each_other_are_refused():
    names = ("Black_Hair", "Smiling", "Blond_Hair")
    change = fields.AttributeChange(names=names)
    np.testing.assert_array_equal(
        change.parse("+Blond_Hair,-Black_Hair"), [-1, 0, 1]
    )
    for field in (change, fields.Attributes(names=names)):
        with pytest.raises(ValueError, match="Hair and .*_Hair exclude each"):
            field.parse("+Black_Hair,+Blond_Hair")
    assert change.draw(np.array([-1, 0, 0.5])) == "-Black_Hair, +Blond_Hair 0.5"


def test_a_grid_takes_away_what_an_example_has():
    change = fields.AttributeChange(names=("Smiling", "Hat"))
    examples = {"attributes": np.array([[0, 1], [1, 1], [0, 0]])}
    assert change.suited("+Smiling", examples) == [
        "+Smiling",
        "-Smiling",
        "+Smiling",
    ]
    assert change.suited("+Hat", {}) == "+Hat"


def test_attributes_as_an_option_are_all_that_holds():
    field = fields.Attributes(names=("Smiling", "Hat", "-x-"))
    np.testing.assert_array_equal(field.parse("Hat"), [0, 1, 0])
    np.testing.assert_array_equal(field.parse("+Hat,-smiling,-x-"), [0, 1, 1])
    assert field.draw(field.parse("Smiling,Hat")) == "Smiling, Hat"
    with pytest.raises(ValueError, match="holds, 1, or not, 0.*0 to 0.5"):
        field.parse([0, 0.5, 0])


def test_an_exemplar_is_another_picture_of_any_size():
    field = fields.Exemplar()
    assert field.describe("height") == (
        "images (batch, height, height, channels)"
    )
    image = np.arange(5 * 7 * 3, dtype="uint8").reshape(5, 7, 3)
    np.testing.assert_array_equal(field.parse(image), image)
    np.testing.assert_array_equal(field.parse(image / 127.5 - 1.0), image)
    values = option_values(
        {"b": field}, {"exemplar": [image, image[:3]]}, 2, (4, 6)
    )
    assert values["b"].shape == (2, 4, 6, 3)
    for wrong, message in (
        (image[..., 0], r"a picture \(height, width, 3\).*uint8 \(5, 7\)"),
        (image * 1.0, "exemplar: Images are expected as uint8"),
    ):
        with pytest.raises(ValueError, match=message):
            field.parse(wrong)
    with pytest.raises(ValueError, match="Which `exemplar`"):
        option_values({"b": field}, {}, 1, (4, 6))


def test_of_one_class_there_is_no_choice():
    assert fields.Label(classes=("smile",)).default() == "smile"
    with pytest.raises(ValueError, match="There are smile, hat"):
        fields.Label(classes=("smile", "hat")).default()


def test_styles_are_seeds_vectors_and_pictures():
    model = seeded(Styles)
    data = raw_batch(model)
    image, example = data["a"][0], data["b"][0]
    first, second = (model.translate(image, style=seed) for seed in (1, 2))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, model.translate(image, style="1"))
    np.testing.assert_array_equal(
        model.translate(image), model.translate(image, style=0)
    )
    code = values([model.style(ops.array(example[None] / 127.5 - 1.0))])[0][0]
    np.testing.assert_allclose(model.encode("style", example), code, atol=1e-5)
    np.testing.assert_array_equal(
        model.translate(image, style=example),
        model.translate(image, style=code),
    )


def test_maps_are_read_by_number_and_padded_with_their_instances(tmp_path):
    model = seeded(Maps)
    data = raw_batch(model)
    label_map = data["label_map"][0][:7, :, 0]
    instances = data["instances"][0][:7, :, 0]
    translated = model.translate(label_map[..., None], instances=instances)
    assert translated.shape == (7, SIZE, 3)
    path = tmp_path / "map.png"
    picture = PIL.Image.fromarray(label_map, mode="P")
    picture.putpalette([10, 20, 30] * 256)
    picture.save(path)
    np.testing.assert_array_equal(
        translated, model.translate(path, instances=instances)
    )


def test_masks_keep_what_is_known(tmp_path):
    model = seeded(Holes)
    data = raw_batch(model)
    image, mask = data["image"][0], data["mask"][0]
    filled = model.translate(image, mask=mask)
    known = mask[..., 0] == 0
    np.testing.assert_array_equal(filled[known], image[known])
    assert not np.array_equal(filled, image)
    path = tmp_path / "mask.png"
    PIL.Image.fromarray(mask[..., 0]).save(path)
    np.testing.assert_array_equal(filled, model.translate(image, mask=path))
    with pytest.raises(ValueError, match="covers the whole picture"):
        model.translate(image, mask=np.full((SIZE, SIZE), 255, "uint8"))
    with pytest.raises(ValueError, match="4 by 8.*its image 8 by 8"):
        model.translate(image, mask=mask[:4])
    with pytest.raises(ValueError, match="`mask` is needed"):
        model.translate(image)


def test_images_of_seeds_alone():
    model = seeded(Sampler)
    images = model.generate(5, seed=7, kind="round", batch_size=2)
    assert images.shape == (5, SIZE, SIZE, 3) and images.dtype == np.uint8
    assert len(np.unique(images.reshape(5, -1), axis=0)) == 5
    # Image i is that of its own seed, however many are made.
    np.testing.assert_array_equal(
        images[3:], model.generate(2, seed=10, kind=["round", 0])
    )
    other = model.generate(5, seed=7, kind="square")
    assert (other != images).any(axis=(1, 2, 3)).all()
    with pytest.raises(ValueError, match="To which `kind`"):
        model.generate(2)
    with pytest.raises(ValueError, match="3 values for 2 images"):
        model.generate(2, kind=[0, 0, 1])
    with pytest.raises(ValueError, match="use `generate`"):
        model.translate(images)
    with pytest.raises(ValueError, match="use `translate`"):
        Domains().generate(2)


def test_columns_show_every_choice_of_the_first_option():
    options = Sampler().options()
    assert fields.columns(options, ["seed"]) == [
        ("round", {"kind": "round"}),
        ("square", {"kind": "square"}),
    ]
    assert fields.columns(options)[3] == (
        "seed 3",
        {"seed": 3, "kind": "round"},
    )
    assert fields.columns({}) == [("", {})]


def test_options_are_answered_with_the_nearest():
    model = seeded(Domains)
    image = raw_batch(model)["image"][0]
    with pytest.raises(ValueError, match="Did you mean 'domain'"):
        model.translate(image, domian="red")
    with pytest.raises(ValueError, match="Did you mean 'green'"):
        model.translate(image, domain="grean")
    with pytest.raises(ValueError, match="red, green, blue"):
        model.translate(image)
    with pytest.raises(ValueError, match="Received also: 7"):
        model.translate(image, domain=7)
    with pytest.raises(ValueError, match="2 values for 1 images"):
        model.translate([image], domain=["red", "blue"])


@pytest.mark.parametrize(
    ("toy", "change", "message"),
    [
        (Domains, {"domain": np.array([0, 1, 2, 9])}, "Received also: 9"),
        (Domains, {"domain": None}, "Received keys"),
        (Changes, {"attributes": -np.ones((4, 3))}, r"\(values \+ 1\) / 2"),
        (Changes, {"attributes": np.zeros((4, 2))}, "a place for each of"),
        (Maps, {"label_map": np.full((4, SIZE, SIZE, 1), 3)}, "3 classes"),
        (Maps, {"label_map": np.zeros((4, SIZE, SIZE, 3))}, "label maps"),
        (Holes, {"mask": np.full((4, SIZE, SIZE, 1), 0.5)}, "floats 0 and 1"),
        (Holes, {"image": np.full((4, SIZE, SIZE, 3), 200.0)}, r"\* 2 - 1"),
    ],
)
def test_fit_says_at_once_what_a_batch_lacks(toy, change, message):
    model = seeded(toy)
    model.compile()
    data = raw_batch(model) | change
    data = {name: value for name, value in data.items() if value is not None}
    with pytest.raises(ValueError, match=message):
        model.fit(data, verbose=0)


@pytest.mark.parametrize("toy", TOYS)
def test_fields_survive_their_facts(toy):
    model = toy()
    for name, field in (model.batch | model.drawn).items():
        facts = field.to_facts(name) | {"of a later version": 1}
        assert fields.Field.from_facts(facts) == field
    with pytest.raises(ValueError, match="knows no field"):
        fields.Field.from_facts({"kind": "Smell"})


def test_what_is_drawn_upon_a_picture_may_be_left_out():
    sketch, strokes = fields.Sketch(), fields.Strokes()
    assert (sketch.blank((4, 6)) == 255).all()
    assert not strokes.blank((4, 6)).any()
    assert sketch.control == strokes.control == "brush"
    picture = np.zeros((4, 6, 3), "uint8")
    for field in (sketch, strokes):
        given = option_values({"x": field}, {}, 2, (4, 6))["x"]
        assert given.shape == (2, 4, 6, field.channels)
        assert field.draw(given[0]).shape == picture.shape
        facts = field.to_facts("x")
        assert fields.Field.from_facts(facts) == field
    assert fields.Mask().blank((4, 6)) is None


def test_pictures_become_gray_where_the_field_is():
    gray, rgb = fields.Image(channels=1), fields.Image()
    picture = np.random.default_rng(0).integers(0, 256, (4, 6, 3), "uint8")
    np.testing.assert_array_equal(gray.fitted(picture), gray_of(picture))
    assert rgb.fitted(picture) is picture
    assert gray.fitted(picture[..., 0]).shape == (4, 6, 1)
    batch = np.stack([picture, picture])
    assert gray.fitted(batch).shape == (2, 4, 6, 1)
    in_floats = gray.fitted(picture / np.float32(127.5) - 1)
    assert in_floats.dtype == "float32"
    np.testing.assert_array_equal(gray.raw(in_floats), gray_of(picture))
    # What is no picture is refused elsewhere, as it came.
    assert gray.fitted("photo.png") == "photo.png"
    wrong = picture.astype("float32")
    assert gray.fitted(wrong) is wrong
