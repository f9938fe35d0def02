import json
import sys

import keras
import numpy as np
import PIL.Image
import pytest
from keras import ops

from keras_gan_translate import StarGAN, data, zoo
from keras_gan_translate.data.drawn.face_styles import FACE_STYLES
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.fields import Image
from keras_gan_translate.runs import configs, training
from keras_gan_translate.runs.run import Run
from keras_gan_translate.support.pictures import GAP
from tests.data.folders import label_map, photo, write
from tests.toys import Changes, Domains, Holes, Maps, Staged, Toy, network

SIZE = 96  # of the images: a cell of a picture


class Cartoons(Staged):
    """Keeps the image first, then plays against smoothed cartoons, too."""

    data = "cartoon"

    def __init__(self, image_size=SIZE, filters=3, **kwargs):
        super().__init__(**kwargs)
        self.image_size = image_size
        self.batch = {"a": Image(), "b": Image(), "smooth": Image()}
        image = keras.Input((None, None, 3))
        x = keras.layers.Conv2D(filters, 1, name="in")(image)
        x = keras.layers.Conv2D(3, 1, dtype="float32", name="out")(x)
        self.generator = keras.Model(image, x, name="generator")

    def discriminator_loss(self, batch, training=True):
        losses, shared = super().discriminator_loss(batch, training)
        judged = self.discriminator(batch["smooth"])
        return losses | {"smooth": ops.mean(judged**2)}, shared


class Enlarger(Toy):
    """Twice as large."""

    data = "super_resolution"
    scale = 2

    def __init__(self, image_size=SIZE, **kwargs):
        super().__init__(**kwargs)
        self.image_size = image_size
        self.batch = {"a": Image(reduction=2), "b": Image()}
        image = keras.Input((None, None, 3))
        x = network(3, 3, "inner")(keras.layers.UpSampling2D(2)(image))
        self.generator = keras.Model(image, x, name="generator")


@keras.saving.register_keras_serializable("toys")
class Autoencoder(Toy):
    """Sees one domain only."""

    players = {"generator": ("generator",)}

    def __init__(self, image_size=SIZE, **kwargs):
        super().__init__(**kwargs)
        self.image_size = image_size
        self.batch = {"a": Image()}

    def generator_loss(self, batch, training=True):
        fake = self.generator(batch["a"], training=training)
        return {"l1": ops.mean(ops.abs(fake - batch["a"]))}, {}


TOYS = {
    "cartoons": Cartoons,
    "enlarger": Enlarger,
    "autoencoder": Autoencoder,
    "domains": Domains,
    "changes": Changes,
    "stargan": StarGAN,
    "maps": Maps,
    "holes": Holes,
}


@pytest.fixture(autouse=True)
def toys(monkeypatch):
    monkeypatch.setattr(zoo, "find_model", lambda name: TOYS[name])
    yield
    data.resume_at(0)


def config_of(model, **options):
    return {
        "model": model,
        "data": "synthetic:6",
        "image_size": SIZE,
        "batch_size": 2,
        "epochs": 1,
        "seed": 0,
        "how": "cover",
    } | options


def complete(config):
    return configs.complete(config, TOYS[config["model"]])


def prepared(config):
    model = training.build_model(config)
    if config.get("weights"):
        training.start_from(model, config["weights"])
    found = training.open_data(config, model)
    training.compile_model(config, model, found.steps)
    return model, found


def train(folder, model, **options):
    config = complete(config_of(model, **options))
    model, found = prepared(config)
    run = Run.create(folder, config)
    training.train(run, model, found, verbose=0)
    return run


def columns(path):
    picture = np.array(PIL.Image.open(path))
    return (picture.shape[1] - GAP) / (SIZE + GAP)


@pytest.mark.parametrize(
    ("model", "in_data", "in_samples"),
    [
        ("cartoons", 3, 2),  # A, B, smooth; A, to B
        ("enlarger", 2, 3),  # A, B; A, to B, true B
        ("autoencoder", 2, 2),  # A, B: the data have both
    ],
)
def test_every_kind_of_data_trains(tmp_path, model, in_data, in_samples):
    run = train(tmp_path, model)
    (row,) = run.results
    assert np.isfinite(list(row.values())).all()
    assert {"generator_l1", "val_generator_l1", "likeness_ab"} <= set(row)
    assert ("variety_ab" in row) == (model != "autoencoder")
    # Six images: a block of four rows, and one of two.
    assert columns(tmp_path / "data.png") == 2 * in_data
    assert columns(tmp_path / "samples" / "epoch_0001.png") == in_samples
    best = json.loads((tmp_path / "best" / "best.json").read_text())
    assert best["monitor"] == "val_generator_l1"


def test_one_stage_after_another(tmp_path):
    first = train(tmp_path / "pre", "cartoons", stage="pretrain")
    assert "discriminator_smooth" not in first.results[0]
    config = config_of(
        "cartoons", stage="adversarial", weights=str(tmp_path / "pre")
    )
    model, _ = prepared(config)
    trained = first.model()
    for one, other in zip(
        trained.generator.get_weights(), model.generator.get_weights()
    ):
        np.testing.assert_array_equal(one, other)
    second = train(tmp_path / "full", **config)
    assert "discriminator_smooth" in second.results[0]
    assert Run(tmp_path / "full").config["weights"] == str(tmp_path / "pre")
    pictures = [
        tmp_path / "pre" / "samples" / "epoch_0001.png",
        tmp_path / "full" / "samples" / "epoch_0000.png",
    ]
    np.testing.assert_array_equal(*map(np.array, map(PIL.Image.open, pictures)))


def test_weights_that_do_not_fit_are_named_and_none_is_loaded(tmp_path):
    train(tmp_path / "pre", "cartoons", stage="pretrain")
    model = training.build_model(config_of("cartoons", filters=4))
    before = model.generator.get_weights()
    with pytest.raises(ValueError) as error:
        training.start_from(model, tmp_path / "pre")
    message = str(error.value)
    assert "generator has in/kernel (1, 1, 3, 3) there" in message
    assert "in/kernel (1, 1, 3, 4) here" in message
    assert "Different: filters 3 there, 4 here." in message
    for one, other in zip(before, model.generator.get_weights()):
        np.testing.assert_array_equal(one, other)
    other = training.build_model(config_of("enlarger"))
    with pytest.raises(ValueError, match="do not fit this Enlarger"):
        training.start_from(other, tmp_path / "pre")
    with pytest.raises(ValueError, match="There is no folder"):
        training.start_from(model, tmp_path / "prae")
    kept = Autoencoder.translators
    Autoencoder.translators = {"ab": Translator("coder")}
    try:
        other = training.build_model(config_of("autoencoder"))
        with pytest.raises(ValueError, match=r"has \['generator'\], of which"):
            training.start_from(other, tmp_path / "pre")
    finally:
        Autoencoder.translators = kept


def test_options_that_are_not_for_the_kind(tmp_path):
    enlarger = training.build_model(config_of("enlarger"))
    for options, message in (
        ({"domains": ["x", "y"]}, "is for .*one folder of photos"),
        ({"holes": "centre"}, "is for masked, identities, sketch data"),
        ({"how": "stretch"}, "is for images that are resized"),
        ({"direction": "ba"}, "is for paired data"),
        ({"data": None, "data_a": "x", "data_b": "y"}, "one folder of photos"),
        ({"data": str(tmp_path)}, "There is no image in"),
        ({"steps_per_epoch": 4}, "from 1 to the 3"),
    ):
        with pytest.raises(ValueError, match=message):
            training.open_data(config_of("enlarger", **options), enlarger)
    with pytest.raises(ValueError, match="trained in one stage"):
        training.build_model(config_of("enlarger", stage="pretrain"))
    with pytest.raises(ValueError, match="Did you mean 'pretrain'"):
        training.build_model(config_of("cartoons", stage="pretrian"))


def test_photos_are_held_out_where_there_is_a_test_split(tmp_path):
    photos = data.synthetic_faces(5, 100, styles=("photo",))[0]
    for i, pixels in enumerate(photos):
        split = "test" if i == 4 else "train"
        write(tmp_path / split / f"{i}.png", pixels)
    config = config_of("enlarger", data=str(tmp_path))
    found = training.open_data(config, training.build_model(config))
    assert found.summary.startswith("super_resolution: train 4 photos")
    assert found.steps == len(found.dataset) == 2
    assert [len(batch["b"]) for batch in found.validation] == [1]
    np.testing.assert_array_equal(found.samples["b"][0], photos[4][2:-2, 2:-2])
    assert found.samples["a"].shape == (1, SIZE // 2, SIZE // 2, 3)
    config = config_of("enlarger", data=str(tmp_path / "train"))
    found = training.open_data(config, training.build_model(config))
    assert found.validation is None and len(found.samples["b"]) == 4


def fill_domains(folder, *names):
    for split, count in (("train", 3), ("test", 2)):
        for i, name in enumerate(names):
            for number in range(count):
                value = 60 * i + number
                write(folder / split / name / f"{number}.png", photo(value))


def test_the_number_of_domains_comes_from_the_folder(tmp_path):
    fill_domains(tmp_path / "data", "blond", "black", "brown", "gray")
    options = {
        "data": str(tmp_path / "data"),
        "image_size": 8,
        "batch_size": None,
    }
    run = train(tmp_path / "run", "domains", **options)
    names = ["black", "blond", "brown", "gray"]
    assert run.config["domains"] == names and run.config["batch_size"] == 2
    assert run.model().inputs()["domain"].classes == tuple(names)
    (row,) = run.results
    assert {"generator_l1", "val_generator_l1", "likeness_ab"} <= set(row)
    # Twelve images, in blocks of four rows: the image and its domain.
    assert columns(tmp_path / "run" / "data.png") == 2 * 3
    # The image, and one translation to each domain.
    picture = tmp_path / "run" / "samples" / "epoch_0001.png"
    assert columns(picture) == 1 + 4
    config = complete(config_of("domains", **options))
    found = training.open_data(config, training.build_model(config))
    assert found.samples["domain"].tolist() == [0, 1, 2, 3]  # held out
    # The same command goes on, and another choice is another run.
    assert not run.differences(config)
    longer = train(tmp_path / "run", "domains", **options | {"epochs": 2})
    assert [row["epoch"] for row in longer.results] == [1, 2]
    chosen = options | {"domains": ["gray", "Black"]}
    config = complete(config_of("domains", **chosen))
    assert config["domains"] == ["gray", "black"]
    assert set(run.differences(config)) == {"domains"}


def test_samples_show_every_domain_where_nothing_is_held_out(tmp_path):
    for name, count in (("few", 1), ("many", 20)):
        for number in range(count):
            write(tmp_path / name / f"{number}.png", photo())
    options = {"data": str(tmp_path), "image_size": 8}
    config = complete(config_of("domains", **options))
    found = training.open_data(config, training.build_model(config))
    assert found.validation is None
    assert sorted(found.samples["domain"]) == [0, 1, 1]


def test_attributes_come_from_the_table(tmp_path):
    source = {"data": "drawn:6", "attributes": ["smiling", "Wearing_Hat"]}
    run = train(tmp_path / "run", "changes", **source)
    assert run.config["attributes"] == ["Smiling", "Wearing_Hat"]
    # The pictures, and a column of changes for each attribute.
    assert columns(run.folder / "samples" / "epoch_0001.png") == 3
    made = run.model().translate(
        np.zeros((SIZE, SIZE, 3), "uint8"), attributes="-Wearing_Hat"
    )
    assert made.shape == (SIZE, SIZE, 3)
    with pytest.raises(ValueError, match="Did you mean 'Smiling'"):
        complete(config_of("changes", **source | {"attributes": ["Smilng"]}))


def test_domains_may_be_attributes(tmp_path):
    config = complete(
        config_of(
            "stargan",
            data="avatars:open-peeps:6",
            attributes=["beard", "Glasses"],
            exclusive=False,
            image_size=32,
            filters=2,
            num_blocks=1,
        )
    )
    assert config["domains"] == ["beard", "glasses"]
    model = training.build_model(config)
    batch = next(iter(training.open_data(config, model).dataset))
    assert batch["domain"].shape == (2, 2)
    assert list(model.options()) == ["attributes"]
    # Of one domain each, they are styles.
    config = complete(config_of("stargan", data="drawn:6"))
    assert "photo" in config["domains"]


def test_label_maps_with_instances(tmp_path):
    for split in ("train", "test"):
        for number in range(2):
            for key, pixels in (
                ("label", label_map((16, 16), 5)),
                ("inst", label_map((16, 16), 5).astype("uint16") + 1000),
                ("img", photo(size=(16, 16))),
            ):
                write(tmp_path / f"{split}_{key}" / f"{number}.png", pixels)
    options = {"data": str(tmp_path), "image_size": 16}
    run = train(tmp_path / "run", "maps", **options)
    assert run.config["classes"] == [f"class {i}" for i in range(5)]
    assert run.model().inputs()["label_map"].classes[-1] == "class 4"
    assert "val_generator_l1" in run.results[0]
    assert columns(tmp_path / "run" / "data.png") == 3
    # Label map, instances, to image, true image.
    picture = tmp_path / "run" / "samples" / "epoch_0001.png"
    assert columns(picture) == 4
    named = options | {"classes": ["sky", "sea", "sand", "hut", "man"]}
    config = complete(config_of("maps", **named))
    found = training.open_data(config, training.build_model(config))
    assert "sky 22 %" in found.summary and "man 17 %" in found.summary
    assert found.samples["label_map"].dtype == "uint8"
    assert found.samples["instances"].dtype == "int32"
    assert found.samples["instances"].max() == 1004
    for key in ("train_inst", "test_inst"):
        (tmp_path / key).rename(tmp_path / "run" / key)
    with pytest.raises(ValueError, match="has no instance maps, which this"):
        training.open_data(config, training.build_model(config))


def test_holes_in_photos(tmp_path):
    for split in ("train", "val"):
        for number in range(2):
            path = tmp_path / "photos" / split / f"{number}.png"
            write(path, photo(size=(16, 16)))
    options = {
        "data": str(tmp_path / "photos"),
        "image_size": 16,
        "holes": "centre",
    }
    run = train(tmp_path / "run", "holes", **options)
    assert run.config["holes"] == "centre"
    assert "val_generator_l1" in run.results[0]
    assert columns(tmp_path / "run" / "data.png") == 2
    # Image, mask, to image, true image.
    picture = tmp_path / "run" / "samples" / "epoch_0001.png"
    assert columns(picture) == 4
    config = complete(config_of("holes", **options))
    found = training.open_data(config, training.build_model(config))
    assert found.samples["mask"][0, 4:12, 4:12].min() == 255


@pytest.mark.parametrize("model", ["domains", "maps", "holes"])
def test_the_drawn_world_trains_every_kind(tmp_path, model):
    run = train(tmp_path, model, data="drawn:2", image_size=16)
    assert np.isfinite(list(run.results[0].values())).all()
    assert "val_generator_l1" in run.results[0]
    assert run.config.get("domains") == (
        list(FACE_STYLES) if model == "domains" else None
    )


def test_the_model_says_what_augments(monkeypatch):
    monkeypatch.setattr(Enlarger, "augmentation", ("flip",))
    config = config_of("enlarger")
    found = training.open_data(config, training.build_model(config))
    assert found.dataset.kgt_source.augment == ("flip",)


def test_a_run_folder_of_before_goes_on(tmp_path):
    """Its config has keys of all kinds, and another default of batch size."""
    old = config_of("enlarger", domains=None, direction=None, batch_size=1)
    run = Run.create(tmp_path, old)
    assert not run.differences(complete(config_of("enlarger", batch_size=1)))
    training.train(run, *prepared(old), verbose=0)
    assert run.results


@pytest.mark.parametrize("model", ["cartoons", "enlarger", "domains", "holes"])
def test_training_is_the_same_without_tensorflow(tmp_path, monkeypatch, model):
    """Three epochs at once, and two without it, resumed with it."""
    pytest.importorskip("tensorflow")
    options = {"epochs": 3, "batch_size": 3, "steps_per_epoch": 2}
    whole = train(tmp_path / "whole", model, **options)

    def open_data(config, model, opened=training.open_data):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "tensorflow", None)
            found = opened(config, model)
        assert isinstance(found.dataset, keras.utils.PyDataset)
        assert isinstance(found.validation, keras.utils.PyDataset)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(training, "open_data", open_data)
        train(tmp_path / "parts", model, **options | {"epochs": 2})
    parts = train(tmp_path / "parts", model, **options)
    for one, other in zip(whole.results, parts.results, strict=True):
        one.pop("seconds"), other.pop("seconds")
        assert one == pytest.approx(other, rel=1e-4)
    for name in ("data.png", "samples/epoch_0000.png"):
        assert (tmp_path / "whole" / name).read_bytes() == (
            tmp_path / "parts" / name
        ).read_bytes()
