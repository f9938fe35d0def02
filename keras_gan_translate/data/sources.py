"""Data that is not in folders: arrays, public data sets, drawn faces."""

import numpy as np

from keras_gan_translate.data import pipeline
from keras_gan_translate.data.epochs import BatchSource
from keras_gan_translate.data.images import resize_image
from keras_gan_translate.data.pipeline import (
    crop_and_load_size,
    height_and_width,
    make_dataset,
)
from keras_gan_translate.data.synthetic import synthetic_faces
from keras_gan_translate.messages import check_choice

# The first face of each split: far from each other, so none is in two.
FIRST_FACE = {"train": 0, "val": 10_000_000, "test": 20_000_000}
FACES = 500


def open_dataset(source, kind="unpaired", **options):
    """Opens training data of any origin; what the command line does.

    Args:
        source: A folder; a pair of folders; `"tfds:cycle_gan/horse2zebra"` for
            `from_tfds`; `"synthetic"` or `"synthetic:2000"` for that many
            `synthetic_faces`, photos as A and toons as B.
        kind: `"unpaired"` or `"paired"`.
        **options: Those of `unpaired` or `paired`; None means the default.

    Returns:
        A `tf.data.Dataset` as in `unpaired`.

    Raises:
        ValueError: As in `unpaired`, or an option is not for this source.
    """
    check_choice("kind", kind, ("unpaired", "paired"))
    options = {
        key: value for key, value in options.items() if value is not None
    }
    opener = getattr(pipeline, kind)
    if not isinstance(source, str):
        folders = source if isinstance(source, (tuple, list)) else (source,)
        return opener(*folders, **options)
    origin, _, rest = source.partition(":")
    if origin not in ("synthetic", "tfds"):
        return opener(source, **options)
    if "domains" in options:
        raise ValueError(f"domains are folders; '{source}' has none.")
    if origin == "tfds":
        if kind == "paired":
            raise ValueError(
                f"'{source}' is unpaired; pairs are read from folders."
            )
        return from_tfds(rest, **options)
    if rest and not rest.isdecimal():
        raise ValueError(
            f"Expected a number of faces, as in 'synthetic:2000', received "
            f"'{source}'."
        )
    return _from_faces(int(rest or FACES), kind == "paired", **options)


def from_arrays(
    a,
    b,
    *,
    paired=False,
    image_size=None,
    load_size=None,
    batch_size=1,
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
    origin="arrays",
):
    """Takes images from arrays for training.

    Args:
        a: Images of domain A, shape (count, height, width, 3), uint8 or
            floats in [-1, 1].
        b: Images of domain B, likewise.
        paired: `a[i]` and `b[i]` belong together.
        image_size: As in `unpaired`; the arrays' own, if not given.
        load_size: As in `unpaired`, but the arrays' own, if not given.
        batch_size: As in `unpaired`.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.
        origin: Where the arrays come from, for `kgt_summary`.

    Returns:
        A `tf.data.Dataset` as in `unpaired`.

    Raises:
        ValueError: The arrays have another shape, type or range, or an option
            is wrong.
        ImportError: TensorFlow is missing.
    """
    arrays = {"a": _check_array("a", a), "b": _check_array("b", b)}
    if paired and len(a) != len(b):
        raise ValueError(
            f"Pairs need as many images in a as in b, received {len(a)} and "
            f"{len(b)}."
        )
    own = {array.shape[1:3] for array in arrays.values()}
    if len(own) > 1 and image_size is None:
        raise ValueError(
            f"a and b differ in size, {sorted(own)}: give image_size."
        )
    size = height_and_width("image_size", image_size or min(own))
    if load_size is not None or not augment:
        load = height_and_width("load_size", load_size if augment else size)
        arrays = {
            name: _resize_all(name, array, load, how)
            for name, array in arrays.items()
        }
    if paired and arrays["a"].shape != arrays["b"].shape:
        raise ValueError(
            f"Pairs share their crops and need one size, received {sorted(own)}"
            ": give load_size to have them resized."
        )
    for name, array in arrays.items():
        if min(np.subtract(array.shape[1:3], size)) < 0:
            raise ValueError(
                f"The images of {name} are {array.shape[1:3]}, smaller than "
                f"image_size={size}: give load_size to have them resized."
            )
    kind = "paired" if paired else "unpaired"
    return make_dataset(
        BatchSource(*arrays.values(), paired, size, augment, shuffle, seed),
        batch_size,
        drop_remainder,
        f"{kind}: {origin}, A {len(a)} images, B {len(b)} images",
        {},
    )


def from_tfds(
    name,
    *,
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
    data_dir=None,
):
    """Reads an unpaired set of TensorFlow Datasets, such as `cycle_gan/*`.

    This downloads the set on its first use: TensorFlow Datasets keeps it in
    `data_dir`. All images are decoded here, into memory.

    Args:
        name: Name of the set, `"cycle_gan/horse2zebra"`. Its splits are
            `trainA` and `trainB` (or those of `split`), its images have the
            key "image".
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`.
        split: `"train"` or `"test"`.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.
        data_dir: Where TensorFlow Datasets keeps its sets.

    Returns:
        A `tf.data.Dataset` as in `unpaired`.

    Raises:
        ValueError: An option is wrong.
        ImportError: tensorflow-datasets is missing.
    """
    check_choice("split", split, ("train", "test"))
    name = name.removeprefix("tfds:")
    size, load = crop_and_load_size(image_size, load_size, augment)
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise ImportError(
            f"'{name}' is read with TensorFlow Datasets: run "
            "`pip install tensorflow-datasets`."
        ) from error
    arrays = []
    for domain in "AB":
        examples = tfds.load(name, split=f"{split}{domain}", data_dir=data_dir)
        resized = (
            resize_image(example["image"], load, how)
            for example in tfds.as_numpy(examples)
        )
        arrays.append(np.fromiter(resized, np.dtype(("uint8", (*load, 3)))))
    return from_arrays(
        *arrays,
        image_size=size,
        batch_size=batch_size,
        augment=augment,
        shuffle=shuffle,
        drop_remainder=drop_remainder,
        seed=seed,
        origin=f"tfds:{name} ({split}A, {split}B)",
    )


def _from_faces(
    count,
    paired,
    *,
    direction="ab",
    image_size=256,
    load_size=None,
    split="train",
    augment=True,
    seed=0,
    **options,
):
    """Photos and toons; of different faces unless they are pairs."""
    check_choice("split", split, FIRST_FACE)
    check_choice("direction", direction, ("ab", "ba"))
    size, load = crop_and_load_size(image_size, load_size, augment)
    if load[0] != load[1]:
        raise ValueError(f"Faces are square, received {image_size=}.")
    first = FIRST_FACE[split]
    if paired:
        arrays = synthetic_faces(count, load[0], seed, first)
    else:
        arrays = (
            *synthetic_faces(count, load[0], seed, first, ("photo",)),
            *synthetic_faces(count, load[0], seed, first + count, ("toon",)),
        )
    return from_arrays(
        *(arrays if direction == "ab" else arrays[::-1]),
        paired=paired,
        image_size=size,
        augment=augment,
        seed=seed,
        origin=f"synthetic faces ({split})",
        **options,
    )


def _check_array(name, array):
    array = np.asarray(array)
    if array.ndim != 4 or array.shape[-1] != 3 or not len(array):
        raise ValueError(
            f"{name} must have the shape (count, height, width, 3), received "
            f"{array.shape}."
        )
    if array.dtype == "uint8":
        return array
    if array.dtype.kind != "f":
        raise ValueError(
            f"{name} must be uint8 or floats in [-1, 1], received "
            f"{array.dtype}."
        )
    low, high = float(array.min()), float(array.max())
    if not (-1 <= low and high <= 1):
        raise ValueError(
            f"Floats of {name} must lie in [-1, 1], received [{low:g}, "
            f"{high:g}]. Images in [0, 255] are passed as uint8, those in "
            "[0, 1] as 2 * x - 1."
        )
    return array.astype("float32")


def _resize_all(name, array, size, how):
    if array.shape[1:3] == size:
        return array
    if array.dtype != "uint8":
        raise ValueError(
            f"The images of {name} are {array.shape[1:3]} and would have to be "
            f"resized to {size}, which is done with uint8 images only."
        )
    return np.stack([resize_image(image, size, how) for image in array])
