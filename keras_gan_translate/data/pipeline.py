"""Data sets for training from folders: batches by name, a function a kind.

The functions have no bodies: their signatures are the options.
"""

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from keras_gan_translate.data.sources import open_dataset

P, T = ParamSpec("P"), TypeVar("T")


def _opens(
    function: Callable[P, T] | None = None, drawn: bool = False
) -> Callable[P, T]:
    """Makes a function open the kind of data of its name.

    Args:
        function: What is positional of it are folders, the rest are options.
        drawn: Whether one folder may be the name of a drawn world instead.
    """
    if function is None:
        return functools.partial(_opens, drawn=drawn)
    signature = inspect.signature(function)

    @functools.wraps(function)
    def opened(*args: P.args, **kwargs: P.kwargs) -> T:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        source = tuple(folder for folder in given.args if folder is not None)
        if drawn:
            (source,) = source
        return open_dataset(source, function.__name__, **given.kwargs)

    return opened


@_opens
def unpaired(
    folder_a,
    folder_b=None,
    *,
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    domains=None,
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads two unpaired sets of images for training.

    All files are decoded once, here, so damaged ones are known before the
    first step: they are skipped with a warning. An epoch has as many examples
    as the larger domain; the smaller one is repeated in another order each
    time. Order, crops and flips depend on the seed, the epoch and the
    position alone; see `resume_at`.

    Args:
        folder_a: Folder of domain A; without `folder_b` a folder with both
            domains in one of the layouts of `find_layout`.
        folder_b: Folder of domain B.
        image_size: Height and width in pixels; one number or (height, width).
        load_size: Size before the random crop; 286/256 of `image_size` as in
            the CycleGAN paper, if not given. Not used without `augment`.
        batch_size: Examples in a batch.
        split: `"train"`, `"val"` or `"test"`.
        domains: Names of the folders that are A and B, where there are more
            than two.
        how: `"cover"`, `"letterbox"` or `"stretch"`, see `resize_image`.
        augment: Crop and flip at random; or a tuple of "crop" and "flip".
        shuffle: Draw a new order in every epoch.
        drop_remainder: Leave out a smaller last batch. By default in training
            (`augment`), because XLA compiles anew for every shape, unless
            there is only that batch.
        seed: Another seed, other orders, crops and flips.

    Returns:
        A `tf.data.Dataset`, or without TensorFlow a `keras.utils.PyDataset`
        of the same batches: dicts of "a" and "b", float32 in [-1, 1] of shape
        (batch, height, width, 3). Its attribute `kgt_summary` says in a
        sentence what was found, `kgt_skipped` is a dict of the files that
        cannot be used.

    Raises:
        ValueError: A folder is missing, its layout unknown, an option wrong,
            or there is no usable image.
    """


@_opens
def paired(
    folder_a,
    folder_b=None,
    *,
    direction="ab",
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    domains=None,
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads pairs of images for training.

    Both images of a pair get the same crop and flip. The rest is as in
    `unpaired`.

    Args:
        folder_a: Folder of the images A; without `folder_b` a folder with the
            pairs in one of the layouts of `find_layout`, side by side (A is
            the left half) or by equal file names.
        folder_b: Folder of the images B, named as their partners in A.
        direction: `"ab"` translates A into B; `"ba"` swaps the two.
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`.
        split: As in `unpaired`.
        domains: As in `unpaired`.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A data set as in `unpaired`; "a" is the source, "b" the target.

    Raises:
        ValueError: As in `unpaired`, or nothing is paired.
    """


@_opens
def cartoon(
    folder_a,
    folder_b=None,
    *,
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    domains=None,
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads photos, cartoons, and the cartoons with blurred edges.

    As `unpaired`, and a third image set: every cartoon once more after
    `smooth_edges`, with the crop and flip of the cartoon.

    Args:
        folder_a: Folder of the photos; without `folder_b` a folder with both
            domains, as in `unpaired`.
        folder_b: Folder of the cartoons.
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`.
        split: As in `unpaired`.
        domains: As in `unpaired`: photos first, then cartoons.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A data set as in `unpaired`, with a third key, "smooth".

    Raises:
        ValueError: As in `unpaired`.

    Reference:
        Chen, Lai, Liu, "CartoonGAN: Generative Adversarial Networks for Photo
        Cartoonization", 2018, section 3.1.
    """


@_opens
def super_resolution(
    folder,
    *,
    image_size=96,
    scale=4,
    batch_size=1,
    split="train",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads photos and reduces them: pairs of a small and a large image.

    The large image is a crop of the photo as it is, nothing is resized but
    the crop's reduction. An epoch has one crop of every photo. Photos smaller
    than the crop are skipped with a warning. All are decoded here, into
    memory or a temporary file: 3 bytes per pixel.

    Args:
        folder: Folder of photos of any size, or with the folders of the
            splits, see `find_layout`.
        image_size: Height and width in pixels of the crops, "b"; one number or
            (height, width), multiples of `scale`.
        scale: How many times smaller "a" is.
        batch_size: As in `unpaired`.
        split: As in `unpaired`.
        augment: Crop and flip at random; else the middle is taken.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A data set as in `unpaired`; "b" is the crop, "a" its reduction by
        `reduce_images`.

    Raises:
        ValueError: As in `unpaired`, or `image_size` is no multiple of
            `scale`.

    Reference:
        Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a
        Generative Adversarial Network", 2017, section 3.2.
    """


@_opens(drawn=True)
def attributes(
    folder,
    *,
    attributes=None,
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads images and what holds of each for training.

    Args:
        folder: CelebA as it is, or any folder of images with a CSV file: a
            column of file names, others of 0 and 1, or -1 and 1. The table may
            lie beside the folder; or give the table itself. "drawn" draws.
        attributes: Names of the table's columns, in their order. All that are
            of 0 and 1, if not given.
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`.
        split: As in `unpaired`; those of CelebA's list_eval_partition, of a
            column "split", or of folders.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A data set as in `unpaired`, of "image" and "attributes", float32 of
        shape (batch, attributes): 1 for those that hold, 0 for the others.

    Raises:
        ValueError: As in `unpaired`, or there is no table, no such attribute,
            or a value that is neither true nor false.
    """


@_opens(drawn=True)
def attribute_pairs(
    folder,
    *,
    attributes=None,
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads pairs of images, of which an attribute holds of one alone.

    Args:
        folder: As in `attributes`.
        attributes: As in `attributes`.
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`; pairs.
        split: As in `attributes`.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A data set as in `unpaired`: images "a", which have the attribute of
        the number "attribute", and "b", which have not; "attributes_a" and
        "attributes_b" as in `attributes`.

    Raises:
        ValueError: As in `attributes`, or no two images differ.
    """


@_opens
def domains(
    *folders,
    domains=None,
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads images of several domains for training.

    Each image comes with the number of its domain. An epoch has every image
    once.

    Args:
        *folders: A folder with `train/<domain>/`, `<domain>/train/` or
            `<domain>/`; or the folders of the domains.
        domains: Names of the folders that are domains, in the order of their
            numbers. All of them, sorted, if not given.
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`.
        split: As in `unpaired`.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A data set as in `unpaired`, of "image" and "domain", int32 of shape
        (batch,).

    Raises:
        ValueError: As in `unpaired`, or there are less than two domains.
    """


@_opens
def semantic(
    *folders,
    classes=None,
    instances=None,
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads label maps and their photos for training.

    Maps share crop and flip with their photo and are never smoothed: a pixel
    that is resized is its nearest one.

    Args:
        *folders: A folder with `train_label/`, `train_img/` and perhaps
            `train_inst/`, or with Cityscapes' `gtFine/` and `leftImg8bit/`;
            or the folder of the label maps, that of the photos, and perhaps
            that of the instance maps.
        classes: Names of the classes in the order of their numbers, or how
            many there are, or a file with a name in each line. As many as the
            maps hold, if not given.
        instances: Whether instance maps are read; if there are any, if not
            given.
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`.
        split: As in `unpaired`.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A data set as in `unpaired`, of "image", "label_map", uint8 of shape
        (batch, height, width, 1), and "instances", int32 of that shape.

    Raises:
        ValueError: As in `unpaired`, or a map holds the number of no class.
    """


@_opens
def masked(
    folder,
    masks=None,
    *,
    holes=None,
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads photos with holes that are to be filled.

    Holes are drawn, others in every epoch and the same ones without
    `augment`; or they are files, white where the photo is missing.

    Args:
        folder: Folder of photos, or with the folders of the splits.
        masks: Folder of masks. Where they have the photos' names, each photo
            has its own, else any of them.
        holes: `"strokes"` as of a brush, `"blocks"`, `"box"`, `"centre"`, or a
            folder as `masks`; strokes, if not given.
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`.
        split: As in `unpaired`.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A data set as in `unpaired`, of "image", whole, and "mask", uint8 of
        shape (batch, height, width, 1): 255 where it is missing.

    Raises:
        ValueError: As in `unpaired`, or a file is no mask.

    Reference:
        Yu et al., "Free-Form Image Inpainting with Gated Convolution", 2019.
    """


@_opens
def identities(
    folder,
    masks=None,
    *,
    holes=None,
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads photos with holes, each beside another of the same person.

    Or of the same thing. Who is in which photo the folders say, or a list.

    Args:
        folder: Folder with a folder of photos for each person; or photos, and
            CelebA's `identity_CelebA.txt` or a CSV file, whose name has
            "identit" in it, with a column "identity". "drawn" draws.
        masks: As in `masked`.
        holes: As in `masked`; or `"eyes"`, of faces that are drawn.
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`.
        split: As in `unpaired`; or as in `attributes` where there is a list.
        how: As in `unpaired`.
        augment: As in `unpaired`; the two photos have each their own crop.
        shuffle: As in `unpaired`; without, the exemplar is the next photo of
            the person.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A data set as in `unpaired`, of "image" and "mask" as in `masked`, and
        "exemplar", the other photo.

    Raises:
        ValueError: As in `masked`, or nobody has two photos.

    Reference:
        Dolhansky, Canton Ferrer, "Eye In-Painting with Exemplar Generative
        Adversarial Networks", 2018, section 3.1.
    """


@_opens
def sketch(
    folder,
    *,
    sigma=None,
    holes=None,
    parts=None,
    image_size=256,
    load_size=None,
    batch_size=1,
    split="train",
    how="cover",
    augment=True,
    shuffle=True,
    drop_remainder=None,
    seed=0,
):
    """Reads photos and makes of each what a painter would begin with.

    Args:
        folder: Folder of photos, or with the folders of the splits.
        sigma: Pixels by which photos are blurred before their edges are
            found; 2, if not given.
        holes: As in `masked`, but no folder.
        parts: What is made: names of "sketch", "colours", "strokes" and
            "mask"; all, if not given.
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`.
        split: As in `unpaired`.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A data set as in `unpaired`, of "image"; "sketch", of one channel,
        black lines on white, the edges by Canny; "colours", a flat picture of
        a few; "strokes", some of these and black elsewhere; and "mask" as in
        `masked`.

    Raises:
        ValueError: As in `unpaired`.
    """


@_opens
def colorization(
    folder,
    saliency=None,
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
):
    """Reads photos, and makes gray pictures of them.

    Args:
        folder: Folder of photos, or with the folders of the splits; or with
            one of photos and one of saliency maps.
        saliency: Folder of saliency maps of the photos' names, white where
            one looks.
        image_size: As in `unpaired`.
        load_size: As in `unpaired`.
        batch_size: As in `unpaired`.
        split: As in `unpaired`.
        how: As in `unpaired`.
        augment: As in `unpaired`.
        shuffle: As in `unpaired`.
        drop_remainder: As in `unpaired`.
        seed: As in `unpaired`.

    Returns:
        A data set as in `unpaired`, of "image"; "gray", of one channel, which
        has the same lightness; and "saliency", if there is any, of one.

    Raises:
        ValueError: As in `unpaired`.
    """
