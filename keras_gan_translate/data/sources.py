"""Data of any origin: folders, public data sets, the drawn world."""

import numpy as np

from keras_gan_translate.data.arrays import from_arrays
from keras_gan_translate.data.datasets import make_dataset
from keras_gan_translate.data.images import resize_image
from keras_gan_translate.data.kinds import find_kind
from keras_gan_translate.data.sizes import crop_and_load_size
from keras_gan_translate.support.messages import check_choice

# The options that all kinds share: how examples are made of what was found.
READING = ("image_size", "load_size", "how", "augment", "shuffle", "seed")


def open_dataset(source, kind="unpaired", **options):
    """Opens training data of any origin; what the command line does.

    Args:
        source: A folder; a tuple of folders, one for each part;
            `"tfds:cycle_gan/horse2zebra"` for `from_tfds`; or the drawn
            world, `"drawn[:WORLD[:STYLE,STYLE...]][:N]"`: N examples, or as
            many of each style. Worlds are "faces" (styles photo, toon, line,
            poster, watercolour, pixel), "avatars" (lorelei, notionists,
            open-peeps, pixel-art; 240 of each, 30 to validate and 30 to test),
            "garments" and "scenes" ("labels" are scenes, too); each kind of
            data lists its own in `worlds`, the default first. `"avatars..."`
            is short for `"drawn:avatars..."`, and `"synthetic[:N]"` are plain
            faces as photos and toons. Faces wear hats and jewellery in label
            maps only, of which these are classes.
        kind: A kind of data, one of `data.kinds.names()`; each has a function
            of its name.
        **options: Those of the function; None means the default.

    Returns:
        A data set as of `unpaired`.

    Raises:
        ValueError: As in `unpaired`, or an option is not for this kind or
            this source.
    """
    kind = find_kind(kind)
    options = {
        key: value for key, value in options.items() if value is not None
    }
    split = options.pop("split", "train")
    reading = {key: options.pop(key) for key in READING if key in options}
    batches = {
        "batch_size": options.pop("batch_size", 1),
        "drop_remainder": options.pop("drop_remainder", None),
    }
    data_dir = options.pop("data_dir", None)
    found = kind.find(source, split, **kind.defaults | options)
    if found.public:
        return from_tfds(
            found.public,
            kind=kind.name,
            split=split,
            data_dir=data_dir,
            **reading,
            **batches,
        )
    batch_source, summary, skipped = kind.source(found, kind.reading(**reading))
    return make_dataset(
        batch_source, **batches, summary=summary, skipped=skipped
    )


def find_layout(folder, kind="unpaired", split="train", domains=None):
    """Finds the files of a folder, or of several that are the parts.

    Args:
        folder: The folder, or a tuple of folders.
        kind: A kind of data, whose `layouts` say what is known.
        split: `"train"`, `"val"` or `"test"`. Where there is no "val", "test"
            stands in, and the other way round.
        domains: Names of the folders that are domains, in their order. Needed
            where there are more than the kind takes.

    Returns:
        A `data.kinds.Found`: `files` by the batch's keys, `facts`, `summary`.

    Raises:
        ValueError: No known layout, no such split or domain, or no pairs. Says
            what lies in the folder.
    """
    return find_kind(kind).find(folder, split, domains=domains)


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
