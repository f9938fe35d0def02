"""Training data from arrays."""

import numpy as np

from keras_gan_translate.data.datasets import make_dataset
from keras_gan_translate.data.epochs import BatchSource, augmentations
from keras_gan_translate.data.images import resize_image
from keras_gan_translate.data.kinds import find_kind
from keras_gan_translate.data.sizes import height_and_width
from keras_gan_translate.support.messages import check_choice


def from_arrays(
    a,
    b,
    *,
    kind="unpaired",
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
        kind: `"unpaired"`; `"paired"`, `a[i]` and `b[i]` belong together;
            or `"cartoon"`, b has its edges smoothed as a third set.
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
        A data set as of `unpaired`.

    Raises:
        ValueError: The arrays have another shape, type or range, or an option
            is wrong.
    """
    check_choice("kind", kind, ("unpaired", "paired", "cartoon"))
    paired = kind == "paired"
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
    crop = "crop" in augmentations(augment)
    if load_size is not None or not crop:
        load = height_and_width("load_size", load_size if crop else size)
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
    groups = find_kind(kind).groups(arrays)
    return make_dataset(
        BatchSource(groups, size, augment, shuffle, seed),
        batch_size,
        drop_remainder,
        f"{kind}: {origin}, A {len(a)} images, B {len(b)} images",
        {},
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
