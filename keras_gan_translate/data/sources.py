"""Data of any origin: folders, public data sets, drawn faces."""

import numpy as np

from keras_gan_translate.data import pipeline
from keras_gan_translate.data.arrays import from_arrays
from keras_gan_translate.data.drawn.faces import from_faces
from keras_gan_translate.data.images import resize_image
from keras_gan_translate.data.sizes import crop_and_load_size
from keras_gan_translate.support.messages import check_choice

FACES = 500
KINDS = ("unpaired", "paired", "cartoon", "super_resolution")


def open_dataset(source, kind="unpaired", **options):
    """Opens training data of any origin; what the command line does.

    Args:
        source: A folder; a pair of folders; `"tfds:cycle_gan/horse2zebra"` for
            `from_tfds`; `"synthetic"` or `"synthetic:2000"` for that many
            `synthetic_faces`, photos as A and toons as B.
        kind: `"unpaired"`, `"paired"`, `"cartoon"` or `"super_resolution"`,
            as the functions of these names.
        **options: Those of the function; None means the default.

    Returns:
        A data set as of `unpaired`.

    Raises:
        ValueError: As in `unpaired`, or an option is not for this source.
    """
    check_choice("kind", kind, KINDS)
    options = {
        key: value for key, value in options.items() if value is not None
    }
    opener = getattr(pipeline, kind)
    if not isinstance(source, str):
        folders = source if isinstance(source, (tuple, list)) else (source,)
        if kind == "super_resolution" and len(folders) > 1:
            raise ValueError(
                "super_resolution takes one folder of photos, received "
                f"{len(folders)}: the small images are made from them."
            )
        return opener(*folders, **options)
    origin, _, rest = source.partition(":")
    if origin not in ("synthetic", "tfds"):
        return opener(source, **options)
    if "domains" in options:
        raise ValueError(f"domains are folders; '{source}' has none.")
    if origin == "tfds":
        if kind in ("paired", "super_resolution"):
            raise ValueError(
                f"'{source}' is unpaired; {kind} data are read from folders."
            )
        return from_tfds(rest, kind=kind, **options)
    if rest and not rest.isdecimal():
        raise ValueError(
            f"Expected a number of faces, as in 'synthetic:2000', received "
            f"'{source}'."
        )
    return from_faces(int(rest or FACES), kind, **options)


def from_tfds(
    name,
    *,
    kind="unpaired",
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
        kind: `"unpaired"` or `"cartoon"`.
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
        A data set as of `unpaired`.

    Raises:
        ValueError: An option is wrong.
        ImportError: tensorflow-datasets is missing, or TensorFlow, which it
            needs.
    """
    check_choice("kind", kind, ("unpaired", "cartoon"))
    check_choice("split", split, ("train", "test"))
    name = name.removeprefix("tfds:")
    size, load = crop_and_load_size(image_size, load_size, augment)
    try:
        import tensorflow  # noqa: F401, it is imported late
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise ImportError(
            f"'{name}' is read with TensorFlow Datasets: run "
            "`pip install tensorflow tensorflow-datasets`."
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
        kind=kind,
        image_size=size,
        batch_size=batch_size,
        augment=augment,
        shuffle=shuffle,
        drop_remainder=drop_remainder,
        seed=seed,
        origin=f"tfds:{name} ({split}A, {split}B)",
    )
