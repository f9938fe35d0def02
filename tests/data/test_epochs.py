import numpy as np
import pytest

from keras_gan_translate.data import epochs, resume_at, to_float
from keras_gan_translate.data.epochs import BatchSource


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    resume_at(0)


def numbered(count, side=6):
    """Images whose red channel is their number, green the row, blue column."""
    images = np.zeros((count, side, side, 3), "uint8")
    images[..., 0] = np.arange(count)[:, None, None]
    images[..., 1] = np.arange(side)[:, None]
    images[..., 2] = np.arange(side)
    return images


SETTINGS = {"size": (4, 4), "augment": True, "shuffle": True, "seed": 0}


def source(a=10, b=4, **options):
    groups = [{"a": numbered(a)}, {"b": numbered(b)}]
    return BatchSource(groups, **(SETTINGS | options))


def group(**images):
    return BatchSource([images], **SETTINGS)


def bytes_of(batch):
    return np.rint((batch + 1) * 127.5).astype(int)


def test_every_image_once_and_the_smaller_domain_in_rounds():
    for epoch in range(3):
        a, b = source(10, 4).batch(epoch, np.arange(10)).values()
        assert sorted(bytes_of(a)[:, 0, 0, 0]) == list(range(10))
        order = bytes_of(b)[:, 0, 0, 0]
        assert sorted(order[:4]) == sorted(order[4:8]) == [0, 1, 2, 3]
        assert len({*order[8:]}) == 2


def test_a_batch_depends_on_seed_epoch_and_position_alone():
    first, second = source(), source()
    second.batch(5, np.arange(3))
    whole = first.batch(2, np.arange(10))
    for rows in ([0], [9, 3], [3, 4, 5]):
        for key, images in second.batch(2, rows).items():
            np.testing.assert_array_equal(images, whole[key][rows])


def test_epochs_and_seeds_differ():
    batches = [
        source(seed=seed).batch(epoch, np.arange(10))["a"]
        for seed, epoch in ((0, 0), (0, 1), (1, 0))
    ]
    for i in range(3):
        for j in range(i):
            assert (batches[i] != batches[j]).any((1, 2, 3)).mean() > 0.8


def test_the_drawn_numbers_never_change():
    # Resumed runs rely on it, across versions of NumPy and of this library.
    order, crops = source()._draw_plan(3)[0]
    assert order.tolist() == [7, 2, 8, 9, 1, 6, 4, 5, 3, 0]
    assert crops[:4].tolist() == [[2, 2, 1], [2, 1, 1], [2, 1, 0], [1, 1, 0]]


def test_crops_and_flips_are_uniform():
    a = source(200, 200).batch(0, np.arange(200))["a"]
    corner = bytes_of(a)[:, 0, [0, -1]]
    flipped = corner[:, 0, 2] > corner[:, 1, 2]
    left = np.where(flipped, corner[:, 1, 2], corner[:, 0, 2])
    assert 70 < flipped.sum() < 130
    for drawn in (corner[:, 0, 1], left):
        counts = np.bincount(drawn, minlength=3)
        assert len(counts) == 3 and (counts > 40).all()


def test_without_augmentation_the_middle_in_order():
    plain = source(5, 2, augment=False, shuffle=False)
    for epoch in (0, 7):
        a, b = plain.batch(epoch, np.arange(5)).values()
        np.testing.assert_array_equal(a, to_float(numbered(5)[:, 1:5, 1:5]))
        assert bytes_of(b)[:, 0, 0, 0].tolist() == [0, 1, 0, 1, 0]


def test_a_group_shares_order_crop_and_flip():
    images = numbered(20)
    a, b = group(a=images, b=images).batch(1, np.arange(20)).values()
    np.testing.assert_array_equal(a, b)
    a, b = source(20, 20).batch(1, np.arange(20)).values()
    assert (a != b).any((1, 2, 3)).mean() > 0.8


def test_a_third_set_changes_nothing_of_the_others():
    images = numbered(5)
    groups = [{"a": numbered(7)}, {"b": images, "smooth": 255 - images}]
    batch = BatchSource(groups, **SETTINGS).batch(2, np.arange(7))
    assert list(batch) == ["a", "b", "smooth"]
    plain = source(7, 5).batch(2, np.arange(7))
    for key in "ab":
        np.testing.assert_array_equal(batch[key], plain[key])
    np.testing.assert_allclose(batch["smooth"], -batch["b"], atol=1e-6)


def test_images_of_different_sizes():
    photos = [numbered(3, side)[i] for i, side in enumerate((4, 9, 30))]
    ragged = group(b=photos)
    seen = np.zeros((3, 2), int)
    for epoch in range(30):
        batch = ragged.batch(epoch, np.arange(3))["b"]
        assert batch.shape == (3, 4, 4, 3)
        for image in bytes_of(batch):
            number, top, left = image[0, 0]
            assert (image[-1, 0, 1] - top, abs(image[0, -1, 2] - left)) == (
                3,
                3,
            )
            seen[number] = np.maximum(seen[number], image[-1, :, 1:].max(0))
    assert seen[0].tolist() == [3, 3]
    assert seen[1].tolist() == [8, 8]
    assert (seen[2] > 20).all()


def test_the_middle_of_images_of_different_sizes():
    photos = [numbered(1, side)[0] for side in (4, 9)]
    settings = SETTINGS | {"augment": False, "shuffle": False}
    batch = BatchSource([{"b": photos}], **settings).batch(0, [0, 1])["b"]
    np.testing.assert_array_equal(bytes_of(batch)[0], photos[0])
    np.testing.assert_array_equal(bytes_of(batch)[1], photos[1][2:6, 2:6])


def test_derived_images():
    made = BatchSource(
        [{"b": numbered(5)}],
        **SETTINGS,
        derive=lambda crops: {"a": 255 - crops["b"]},
    )
    batch = made.batch(0, [3, 1])
    assert list(batch) == ["a", "b"]
    np.testing.assert_allclose(batch["a"], -batch["b"], atol=1e-6)


def test_labels_maps_and_masks_go_with_their_image():
    images, numbers = numbered(20), np.arange(20, dtype="int32")
    columns = images[..., 2:].astype("int32")
    mixed = BatchSource(
        [
            {
                "number": numbers,  # first: the others are cropped all the same
                "pairs": np.stack([numbers, -numbers], 1),
                "map": images[..., 2:],
                "column": columns,
                "image": images,
            }
        ],
        **SETTINGS,
        maps=("map",),
    )
    batch = mixed.batch(1, np.arange(20))
    assert {key: values.dtype.name for key, values in batch.items()} == {
        "column": "int32",
        "image": "float32",
        "map": "uint8",
        "number": "int32",
        "pairs": "int32",
    }
    pixels = bytes_of(batch["image"])
    np.testing.assert_array_equal(pixels[:, 0, 0, 0], batch["number"])
    np.testing.assert_array_equal(batch["pairs"][:, 1], -batch["number"])
    for key in ("map", "column"):
        np.testing.assert_array_equal(batch[key], pixels[..., 2:])
    plain = group(image=images).batch(1, np.arange(20))["image"]
    np.testing.assert_array_equal(batch["image"], plain)


def test_labels_alone():
    labels = BatchSource([{"x": np.arange(7)}], **SETTINGS)
    assert sorted(labels.batch(0, np.arange(7))["x"]) == list(range(7))


def test_what_belongs_together_has_one_number_and_size():
    for one, other, message in (
        (numbered(3), np.arange(4), "differs in number: .*3.*4"),
        (numbered(3), numbered(3, 7), "differs in size: .6, 6. and .7, 7."),
    ):
        with pytest.raises(ValueError, match=message):
            group(a=one, b=other)


@pytest.mark.parametrize("words", [("crop",), ("flip",), ()])
def test_crops_and_flips_alone_are_those_of_both(words):
    order, both = source()._draw_plan(3)[0]
    only_order, only = source(augment=words)._draw_plan(3)[0]
    np.testing.assert_array_equal(only_order, order)
    middle = np.array([1, 1, 0])
    expected = [
        both[:, i] if word in words else np.full(10, middle[i])
        for i, word in enumerate(("crop", "crop", "flip"))
    ]
    np.testing.assert_array_equal(only, np.stack(expected, 1))


def test_values_that_are_drawn():
    def draw(random, size):
        return random.randint(0, 99, (*size, 1)).astype("uint8")

    options = {"draw": {"mask": draw}, "maps": ("mask",)}
    groups = [{"image": numbered(8)}]
    drawn = BatchSource(groups, **SETTINGS, **options)
    whole = drawn.batch(2, np.arange(8))["mask"]
    assert whole.shape == (8, 4, 4, 1) and whole.dtype == "uint8"
    np.testing.assert_array_equal(drawn.batch(2, [5, 1])["mask"], whole[[5, 1]])
    assert (drawn.batch(3, np.arange(8))["mask"] != whole).any((1, 2, 3)).all()
    settings = SETTINGS | {"augment": False}
    fixed = BatchSource(groups, **settings, **options)
    np.testing.assert_array_equal(
        fixed.batch(0, [3])["mask"], fixed.batch(9, [3])["mask"]
    )


def test_floats_stay_as_they_are():
    images = np.random.default_rng(0).uniform(-1, 1, (3, 4, 4, 3))
    images = images.astype("float32")
    settings = SETTINGS | {"augment": False, "shuffle": False}
    plain = BatchSource([{"a": images}], **settings)
    np.testing.assert_array_equal(plain.batch(0, [0, 1, 2])["a"], images)


def test_epochs_are_counted():
    counted = source()
    assert [counted.start_epoch() for _ in range(3)] == [0, 1, 2]


def test_resume_at_reaches_old_and_new_sources():
    old = source()
    old.start_epoch()
    resume_at(7)
    assert old.start_epoch() == 7 and old.start_epoch() == 8
    assert source().start_epoch() == 7
    with pytest.raises(ValueError, match="epoch must be 0 or more"):
        resume_at(-1)


def test_sources_are_not_kept_alive():
    import gc

    gc.collect()
    before = len(epochs._sources)
    kept = source()
    assert len(epochs._sources) == before + 1
    del kept
    gc.collect()
    assert len(epochs._sources) == before


def test_photos_alone_are_changed_as_cameras_change_them():
    words = ("scale", "occlusion", "light")
    photos = np.full((6, 8, 8, 3), 100, "uint8")
    photos[:, ::2] = 160

    def made(augment, epoch=0, positions=range(6)):
        settings = SETTINGS | {"augment": augment, "shuffle": False}
        source = BatchSource([{"a": photos}], **settings | {"size": (8, 8)})
        return bytes_of(source.batch(epoch, np.array(positions))["a"])

    for word in words:
        changed = made((word,))
        assert changed.shape == photos.shape
        assert 0 < sum(np.any(x != photos[0]) for x in changed)
        # The same whatever else is in the batch; another in every epoch.
        np.testing.assert_array_equal(changed[3:4], made((word,), 0, [3]))
        assert np.any(changed != made((word,), 1))
    # Every pixel keeps its neighbour's light, and what covers has one colour.
    for x in made(("light",)):
        assert len(np.unique(x)) == 2
    covered = [x for x in made(("occlusion",)) if np.any(x != photos[0])]
    assert 0 < len(covered) < 6
    with pytest.raises(ValueError, match="light are for photos that stand"):
        BatchSource(
            [{"a": photos, "b": photos}], **SETTINGS | {"augment": words}
        )
