import sys
import types

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.callbacks import SampleGrid, sample_grid
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.support.pictures import GAP, MIN_CELL, TITLE_HEIGHT
from tests.toys import SIZE as TOY_SIZE
from tests.toys import Domains, Holes, Maps, Sampler, Styles, Toy, batch

SIZE = 16


class TwoWay(Toy):
    """Both directions, with attention."""

    translators = {
        "ab": Translator("generator", takes=("a",), makes="b"),
        "ba": Translator("back", takes=("b",), makes="a"),
    }

    def __init__(self):
        super().__init__()
        image = keras.Input((None, None, 3))
        gray = keras.layers.Conv2D(1, 1)(image)
        outputs = {"image": image, "attention": gray}
        self.generator = keras.Model(image, outputs, name="generator")
        self.back = keras.Model(
            image, {"image": 0.0 - image, "attention": gray}, name="back"
        )


class Paired(Toy):
    data = "paired"


class Larger(Toy):
    """Repeats every pixel, three times across and down."""

    data = "super_resolution"
    scale = 3

    def __init__(self):
        super().__init__()
        image = keras.Input((None, None, 3))
        large = keras.layers.UpSampling2D(3)(image)
        self.generator = keras.Model(image, large, name="generator")


def uint8(count=2, seed=0):
    shape = (count, SIZE, SIZE, 3)
    return np.random.default_rng(seed).integers(0, 255, shape, "uint8")


def num_columns(picture):
    return (picture.shape[1] - GAP) // (MIN_CELL + GAP)


@pytest.mark.parametrize(
    ("model_class", "columns"),
    [
        (Toy, 2),  # A, to B
        (Paired, 3),  # and the true B
        (TwoWay, 8),  # source, attention, there and back, twice
    ],
)
def test_columns(model_class, columns):
    picture = sample_grid(model_class(), uint8(), uint8(seed=1))
    assert picture.dtype == "uint8"
    assert num_columns(picture) == columns


def test_without_images_of_b_their_direction_is_left_out():
    assert num_columns(sample_grid(TwoWay(), uint8())) == 4


def test_a_model_that_enlarges(tmp_path):
    small = uint8()
    large = small.repeat(3, 1).repeat(3, 2)
    picture = sample_grid(Larger(), small, 255 - large)
    side = 2 * 3 * SIZE  # enlarged to a readable cell
    assert picture.shape[1] == 3 * (side + GAP) + GAP  # A, to B, true B
    source, translation, target = (
        picture[TITLE_HEIGHT : TITLE_HEIGHT + side, left : left + side]
        for left in range(GAP, 3 * (side + GAP), side + GAP)
    )
    np.testing.assert_array_equal(source[::6, ::6], small[0])
    np.testing.assert_array_equal(source, translation)
    np.testing.assert_array_equal(target, 255 - source)
    grid = SampleGrid(small, large, folder=tmp_path)
    grid.set_model(Larger())
    logs = {}
    grid.on_epoch_end(0, logs)
    assert logs["likeness_ab"] == pytest.approx(1, abs=1e-4)
    assert logs["variety_ab"] == pytest.approx(1, abs=1e-4)


def test_a_picture_before_training_and_after_each_epoch(tmp_path):
    model = Toy()
    model.compile(keras.optimizers.SGD(10.0))
    grid = SampleGrid(uint8(), uint8(seed=1), folder=tmp_path, every=2)
    model.fit(batch(), epochs=4, verbose=0, callbacks=[grid])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["epoch_0000.png", "epoch_0002.png", "epoch_0004.png"]
    first, _, last = (np.array(Image.open(tmp_path / n)) for n in names)
    assert first.shape == last.shape and (first != last).any()
    np.testing.assert_array_equal(
        last, sample_grid(model, uint8(), uint8(seed=1))
    )


def test_going_on_does_not_draw_an_untrained_model(tmp_path):
    model = Toy()
    model.compile()
    grid = SampleGrid(uint8(), folder=tmp_path)
    history = model.fit(
        batch(), initial_epoch=1, epochs=2, verbose=0, callbacks=[grid]
    )
    assert "movement_ab" in history.history
    assert [path.name for path in tmp_path.iterdir()] == ["epoch_0002.png"]


def test_measures_join_the_logs(tmp_path):
    grid = SampleGrid(uint8(), uint8(seed=1), folder=tmp_path)
    grid.set_model(TwoWay())
    logs = {}
    grid.on_epoch_end(0, logs)
    # "ab" returns its input, "ba" the negative.
    assert logs["likeness_ab"] == pytest.approx(1, abs=1e-4)
    assert logs["likeness_ba"] == pytest.approx(-1, abs=1e-4)
    assert logs["variety_ab"] == pytest.approx(1, abs=0.1)


def test_equal_translations_have_no_variety(tmp_path):
    grid = SampleGrid(uint8(), uint8(seed=1), folder=tmp_path)
    model = Toy()
    for variable in model.generator.weights:
        variable.assign(0 * variable.value)
    grid.set_model(model)
    logs = {}
    grid.on_epoch_end(0, logs)
    assert logs["variety_ab"] == 0 and logs["likeness_ab"] == 0


def test_tensorboard(tmp_path, monkeypatch):
    tf = pytest.importorskip("tensorflow")
    written = []

    def image(name, images, step):
        written.append((name, images.shape[0], images.dtype, step))

    # TensorFlow does not bring TensorBoard along.
    monkeypatch.setitem(sys.modules, "tensorboard", types.ModuleType("x"))
    monkeypatch.setattr(tf.summary, "image", image)
    grid = SampleGrid(uint8(), tensorboard=tmp_path / "logs")
    grid.set_model(Toy())
    grid.on_epoch_end(4, {})
    assert written == [("samples", 1, "uint8", 5)]
    assert (tmp_path / "logs").is_dir()


def test_tensorboard_without_tensorflow(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(ImportError, match="pip install tensorflow tensorboard"):
        SampleGrid(uint8(), tensorboard=tmp_path)


@pytest.mark.parametrize("images", [uint8() / 255.0, uint8()[0]])
def test_other_arrays_are_refused(images, tmp_path):
    with pytest.raises(ValueError, match="examples.*uint8"):
        SampleGrid(images, folder=tmp_path)


def test_a_place_to_write_is_needed():
    with pytest.raises(ValueError, match="folder"):
        SampleGrid(uint8())


def examples_of(model, count=2):
    random = np.random.default_rng(0)
    return {
        name: field.example(count, TOY_SIZE, random)
        for name, field in model.batch.items()
    }


@pytest.mark.parametrize(
    ("toy", "columns"),
    [
        (Domains, 4),  # the image, and one for each of three domains
        (Styles, 5),  # A, and four styles
        (Maps, 4),  # classes, objects, what is made of both, and the truth
        (Holes, 4),  # what is known, the hole, it filled, and the truth
        (Sampler, 2),  # one for each of two kinds
    ],
)
def test_columns_of_what_is_chosen_or_given(toy, columns, tmp_path):
    model = toy()
    examples = examples_of(model)
    assert num_columns(sample_grid(model, examples)) == columns
    grid = SampleGrid(examples, folder=tmp_path)
    grid.set_model(model)
    logs = {}
    grid.on_epoch_end(0, logs)
    assert (tmp_path / "epoch_0001.png").exists()
    (direction,) = model.directions
    pictures = model.source() and model.field(model.source()).reads == "image"
    assert (f"likeness_{direction}" in logs) == bool(pictures)


def test_what_is_missing_is_seen_in_the_truth_alone():
    model = Holes()
    examples = examples_of(model)
    one = sample_grid(model, examples)
    hole = examples["mask"] > 0
    examples["image"] = np.where(
        hole, 255 - examples["image"], examples["image"]
    )
    differ = np.flatnonzero((sample_grid(model, examples) != one).any((0, 2)))
    assert len(differ) and differ.min() > 3 * (MIN_CELL + GAP)


def test_the_domain_of_an_image_is_written_upon_it():
    model = Domains()
    examples = examples_of(model)
    labelled = sample_grid(model, examples)
    plain = sample_grid(model, {"image": examples["image"]})
    differ = np.flatnonzero((labelled != plain).any(axis=(0, 2)))
    # In the first column only.
    assert 0 < len(differ) and differ.max() < GAP + MIN_CELL


def test_samples_have_a_row_for_every_seed():
    model = Sampler()
    picture = sample_grid(model, {})
    assert picture.shape[0] == 4 * (MIN_CELL + GAP) + TITLE_HEIGHT + GAP
    cell = picture[TITLE_HEIGHT : TITLE_HEIGHT + MIN_CELL, GAP : GAP + MIN_CELL]
    made = model.generate(1, seed=0, kind="round")[0]
    scale = MIN_CELL // TOY_SIZE
    np.testing.assert_array_equal(cell[::scale, ::scale], made)
