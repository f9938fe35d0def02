"""Training data from drawn faces."""

from keras_gan_translate.data.arrays import from_arrays
from keras_gan_translate.data.datasets import make_dataset
from keras_gan_translate.data.drawn.synthetic import synthetic_faces
from keras_gan_translate.data.pipeline import photo_source
from keras_gan_translate.data.sizes import check_scale, crop_and_load_size
from keras_gan_translate.support.messages import check_choice

# The first face of each split: far from each other, so none is in two.
FIRST_FACE = {"train": 0, "val": 10_000_000, "test": 20_000_000}


def from_faces(count, kind, *, split="train", seed=0, **options):
    """Draws `synthetic_faces` for training.

    Args:
        count: Number of faces.
        kind: As in `open_dataset`. Of `"paired"` data A is the photo and B the
            toon of the same face, of unpaired and `"cartoon"` data no face
            is in both, `"super_resolution"` has the photos alone.
        split: `"train"`, `"val"` or `"test"`: other faces.
        seed: Another seed, other faces, orders, crops and flips.
        **options: As of the function of the kind.

    Returns:
        A data set as of `unpaired`.

    Raises:
        ValueError: An option is wrong.
    """
    check_choice("split", split, FIRST_FACE)
    first = FIRST_FACE[split]
    origin = f"synthetic faces ({split})"
    if kind == "super_resolution":
        return _from_photos(count, first, origin, seed=seed, **options)
    return _from_photos_and_toons(
        count, first, origin, kind, seed=seed, **options
    )


def _from_photos(
    count,
    first,
    origin,
    *,
    seed,
    image_size=96,
    scale=4,
    batch_size=1,
    augment=True,
    shuffle=True,
    drop_remainder=None,
):
    size, load = crop_and_load_size(image_size, None, augment)
    check_scale(size, scale)
    (photos,) = synthetic_faces(count, _side(load), seed, first, ("photo",))
    return make_dataset(
        photo_source(photos, size, scale, augment, shuffle, seed),
        batch_size,
        drop_remainder,
        f"super_resolution: {origin}, {count} photos; reduced {scale} times",
        {},
    )


def _from_photos_and_toons(
    count,
    first,
    origin,
    kind,
    *,
    seed,
    direction="ab",
    image_size=256,
    load_size=None,
    augment=True,
    **options,
):
    check_choice("direction", direction, ("ab", "ba"))
    size, load = crop_and_load_size(image_size, load_size, augment)
    side = _side(load)
    if kind == "paired":
        arrays = synthetic_faces(count, side, seed, first)
    else:
        arrays = (
            *synthetic_faces(count, side, seed, first, ("photo",)),
            *synthetic_faces(count, side, seed, first + count, ("toon",)),
        )
    return from_arrays(
        *(arrays if direction == "ab" else arrays[::-1]),
        kind=kind,
        image_size=size,
        augment=augment,
        seed=seed,
        origin=origin,
        **options,
    )


def _side(size):
    if size[0] != size[1]:
        raise ValueError(f"Faces are square, received image_size={size}.")
    return size[0]
