import numpy as np
import pytest

from keras_gan_translate import data
from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_styles import draw
from keras_gan_translate.data.drawn.face_truth import (
    PARSING_CLASSES,
    PARSING_PALETTE,
    parsing_map,
)
from keras_gan_translate.data.drawn.scene_air import SCENE_CLASSES
from keras_gan_translate.data.drawn.scenes import SCENE_PALETTE
from keras_gan_translate.data.kinds import DataKind, find_kind, origin_of

PLAIN = {"augment": False, "shuffle": False}


@pytest.fixture(autouse=True)
def from_the_start():
    yield
    data.resume_at(0)


def opened(source, kind, size=16, **options):
    dataset = data.open_dataset(
        source, kind, image_size=size, **PLAIN, **options
    )
    batches = [{k: np.asarray(v) for k, v in b.items()} for b in dataset]
    return {k: np.concatenate([b[k] for b in batches]) for k in batches[0]}


def pixels(batch, key):
    return data.to_uint8(batch[key])


def worlds():
    for kind in DataKind.kinds:
        for world, styles in kind.worlds.items():
            named = ":lorelei,pixel-art" if styles is None else ""
            yield kind.name, f"drawn:{world}{named}:2"


@pytest.mark.parametrize(("kind", "source"), list(worlds()))
def test_no_split_shares_a_picture(kind, source):
    seen = []
    for split in ("train", "val", "test"):
        batch = opened(source, kind, split=split)
        key = next(key for key in ("image", "b", "a") if key in batch)
        assert len(batch[key]) >= 2 and len(set(map(len, batch.values()))) == 1
        pictures = [picture.tobytes() for picture in batch[key]]
        # In pairs of opposed attributes a picture has several partners.
        seen += set(pictures) if kind == "attribute_pairs" else pictures
    assert len(set(seen)) == len(seen)


def test_what_a_source_is():
    for source in ("drawn", "drawn:scenes:9", "synthetic:2", "avatars"):
        assert origin_of(source)[0] == "drawn"
    assert origin_of("avatar")[0] == origin_of("./avatars")[0] == "folders"
    find = find_kind("unpaired").find
    short, long = (
        find(f"{origin}:lorelei,pixel-art:4")
        for origin in ("avatars", "drawn:avatars")
    )
    assert short == long
    assert short.summary == (
        "unpaired: avatars (train), A 4 images, B 4 images (lorelei, pixel-art)"
    )
    for source in ("drawn:2", "drawn:faces:2", "drawn:faces:photo,toon:2"):
        assert find(source).summary == (
            "unpaired: synthetic faces (train), A 2 images, B 2 images"
        )


def test_avatars_are_as_many_as_there_are():
    find = find_kind("domains").find
    assert find("avatars").drawn.count == 240
    assert find("avatars", "test").drawn.count == 30
    assert find("avatars:40", "test").drawn.count == 30
    found = find("avatars:lorelei,notionists:900")
    assert found.summary == (
        "domains: avatars (train), lorelei 240, notionists 240; 900 were asked "
        "for, there are no more"
    )
    assert find("avatars:3").summary == (
        "domains: avatars (train), lorelei 3, notionists 3, open-peeps 3, "
        "pixel-art 3"
    )


def test_avatars_at_their_size_and_at_others():
    batch = opened("avatars:open-peeps,lorelei:2", "cartoon", 96, split="val")
    for key, style in (("a", "open-peeps"), ("b", "lorelei")):
        portraits, _ = data.avatars(style, 2, "val")
        np.testing.assert_array_equal(pixels(batch, key), portraits)
    batch = opened("avatars:pixel-art:2", "super_resolution", 32, scale=2)
    portraits, _ = data.avatars("pixel-art", 2, image_size=32)
    np.testing.assert_array_equal(pixels(batch, "b"), portraits)
    assert batch["a"].shape == (2, 16, 16, 3)


def test_all_styles_by_turns():
    batch = opened("avatars:2", "masked", holes="centre")
    assert batch["image"].shape == (8, 16, 16, 3)
    notionists, _ = data.avatars("notionists", 2, image_size=16)
    np.testing.assert_array_equal(pixels(batch, "image")[1::4], notionists)


def test_other_styles_of_faces():
    for source, options in (
        ("drawn:faces:line,poster:2", {}),
        ("drawn:2", {"domains": ["line", "poster"]}),
        ("drawn:faces:line,poster:2", {"domains": ["line", "poster"]}),
    ):
        pairs = opened(source, "paired", **options)
        faces = data.synthetic_faces(2, 16, styles=("line", "poster"))
        for key, images in zip("ab", faces):
            np.testing.assert_array_equal(pixels(pairs, key), images)
        # No face is in both.
        (poster,) = data.synthetic_faces(2, 16, start=2, styles=("poster",))
        apart = opened(source, "unpaired", **options)
        np.testing.assert_array_equal(pixels(apart, "b"), poster)
    with pytest.raises(ValueError, match="are not those of 'drawn:faces:line"):
        find_kind("unpaired").find(
            "drawn:faces:line,poster", domains=["poster", "line"]
        )


def test_persons_and_what_they_wear():
    persons = data.draw_persons(2, 16)
    pairs = opened("drawn:garments:2", "paired")
    np.testing.assert_array_equal(pixels(pairs, "a"), persons["image"])
    np.testing.assert_array_equal(pixels(pairs, "b"), persons["garment"])
    swapped = opened("drawn:garments:2", "paired", direction="ba")
    np.testing.assert_array_equal(swapped["a"], pairs["b"])
    tall = opened("drawn:garments:2", "paired", (32, 24))
    assert tall["a"].shape == (2, 32, 24, 3)


@pytest.mark.parametrize("source", ["drawn:2", "drawn:labels:2"])
def test_scenes_with_maps(source):
    kind = find_kind("semantic")
    found = kind.find(source)
    assert found.summary == (
        "semantic: drawn scenes (train), 2 photos with label maps and instance "
        "maps, 15 classes"
    )
    assert kind.arguments(found) == {
        "classes": list(SCENE_CLASSES),
        "palette": SCENE_PALETTE.tolist(),
    }
    assert "instance" not in kind.find(source, instances=False).summary
    scenes = data.draw_scenes(2, (16, 32))
    batch = opened(source, "semantic", (16, 32))
    np.testing.assert_array_equal(pixels(batch, "image"), scenes["image"])
    for key, name in (("label_map", "label"), ("instances", "instance")):
        np.testing.assert_array_equal(batch[key][..., 0], scenes[name])
        assert batch[key].dtype == scenes[name].dtype
    assert "instances" not in opened(source, "semantic", instances=False)
    # They take long: held-out ones are few.
    assert kind.find("drawn:900").drawn.count == 900
    assert kind.find("drawn:900", "test").drawn.count == 100


def test_faces_with_maps():
    kind = find_kind("semantic")
    assert kind.arguments(kind.find("drawn:faces:2")) == {
        "classes": list(PARSING_CLASSES),
        "palette": PARSING_PALETTE.tolist(),
    }
    for style, source in (
        ("photo", "drawn:faces:2"),
        ("toon", "drawn:faces:toon:2"),
    ):
        batch = opened(source, "semantic", 32)
        assert batch.keys() == {"label_map", "image"}
        for i, (label_map, image) in enumerate(
            zip(batch["label_map"], pixels(batch, "image"))
        ):
            face = draw_face(i)
            np.testing.assert_array_equal(draw(face, 32, style), image)
            true = parsing_map(face, 32, style)
            np.testing.assert_array_equal(label_map[..., 0], true)
    with pytest.raises(ValueError, match="no instance maps, which this model"):
        kind.find("drawn:faces", instances=True)


@pytest.mark.parametrize(
    ("kind", "source", "message"),
    [
        ("unpaired", "drawn:avatar:2", "Did you mean 'avatars'"),
        ("unpaired", "drawn:many", "received 'drawn:many'.*as in 'drawn:2000'"),
        ("unpaired", "drawn:0", "ask for more"),
        ("unpaired", "avatars", "needs 2 styles.*'drawn:avatars:lorelei,noti"),
        ("unpaired", "drawn:faces:photo", "needs 2 styles .*, received photo"),
        ("unpaired", "avatars:open-peep,lorelei", "Did you mean 'open-peeps'"),
        ("unpaired", "synthetic:scenes", "no world 'scenes'.*There are faces;"),
        ("unpaired", "drawn:faces:toon,toon", "named twice"),
        ("unpaired", "drawn:faces:photo,toon:x:3", "A world, its styles and"),
        ("paired", "avatars", "There are faces, garments;"),
        ("paired", "drawn:garments:photo,toon", "garments are drawn in one"),
        ("domains", "drawn:faces:photo", "needs 2 or more styles"),
        ("domains", "drawn:faces:photo,lime", "Did you mean 'line'"),
        ("semantic", "drawn:label", "Did you mean 'labels'"),
        ("masked", "drawn:scene", "Did you mean 'scenes'"),
    ],
)
def test_what_is_not_drawn(kind, source, message):
    with pytest.raises(ValueError, match=message):
        find_kind(kind).find(source)


def test_sizes_that_are_not_square():
    with pytest.raises(ValueError, match=r"Avatars are square.*\(16, 32\)"):
        opened("avatars:2", "masked", (16, 32))
    assert opened("drawn:scenes:2", "masked", (16, 32))["image"].shape[2] == 32
