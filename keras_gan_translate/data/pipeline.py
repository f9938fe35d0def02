"""Data sets for training from folders: batches of images by name."""

from keras_gan_translate.data.datasets import make_dataset
from keras_gan_translate.data.edge_smoothing import smooth_edges
from keras_gan_translate.data.epochs import BatchSource
from keras_gan_translate.data.layouts import find_layout, match_folders
from keras_gan_translate.data.reduction import reduce_images
from keras_gan_translate.data.sizes import (
    check_scale,
    crop_and_load_size,
    height_and_width,
)
from keras_gan_translate.data.store import (
    decode_images,
    decode_photos,
    map_images,
)
from keras_gan_translate.support.messages import check_choice


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
        augment: Crop and flip at random.
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
    size, load = crop_and_load_size(image_size, load_size, augment)
    layout, a, b, skipped = _read_domains(
        folder_a, folder_b, "unpaired", split, domains, load, how
    )
    return make_dataset(
        BatchSource([{"a": a}, {"b": b}], size, augment, shuffle, seed),
        batch_size,
        drop_remainder,
        layout.summary,
        skipped,
    )


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
    check_choice("direction", direction, ("ab", "ba"))
    layout = _find(folder_a, folder_b, "paired", split, domains)
    size, load = crop_and_load_size(image_size, load_size, augment)
    if layout.halves:
        files = [(path,) for path in layout.files_a]
    else:
        files = list(zip(layout.files_a, layout.files_b))
    store = decode_images(files, load, how, layout.halves, layout.where_a)
    a, b = store.images[:, 0], store.images[:, 1]
    if direction == "ba":
        a, b = b, a
    return make_dataset(
        BatchSource([{"a": a, "b": b}], size, augment, shuffle, seed),
        batch_size,
        drop_remainder,
        f"{layout.summary}; direction {direction}",
        store.skipped,
    )


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
    size, load = crop_and_load_size(image_size, load_size, augment)
    layout, a, b, skipped = _read_domains(
        folder_a, folder_b, "cartoon", split, domains, load, how
    )
    return make_dataset(
        BatchSource(cartoon_groups(a, b), size, augment, shuffle, seed),
        batch_size,
        drop_remainder,
        layout.summary,
        skipped,
    )


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
    size = height_and_width("image_size", image_size)
    check_scale(size, scale)
    layout = find_layout(folder, "super_resolution", split)
    store = decode_photos(layout.files_a, size, layout.where_a)
    return make_dataset(
        photo_source(store.images, size, scale, augment, shuffle, seed),
        batch_size,
        drop_remainder,
        f"{layout.summary}; reduced {scale} times",
        store.skipped,
    )


def cartoon_groups(photos, cartoons):
    """The groups of a `BatchSource` for CartoonGAN; smooths all cartoons."""
    smooth = map_images(smooth_edges, cartoons, "Smoothing edges")
    return [{"a": photos}, {"b": cartoons, "smooth": smooth}]


def photo_source(photos, size, scale, augment, shuffle, seed):
    """The `BatchSource` of photos and their reductions."""
    return BatchSource(
        [{"b": photos}],
        size,
        augment,
        shuffle,
        seed,
        derive=lambda crops: {"a": reduce_images(crops["b"], scale)},
    )


def _find(folder_a, folder_b, kind, split, domains):
    if folder_b is None:
        return find_layout(folder_a, kind, split, domains)
    return match_folders(folder_a, folder_b, kind, split)


def _read_domains(folder_a, folder_b, kind, split, domains, load, how):
    """(layout, images of A, images of B, skipped files)."""
    layout = _find(folder_a, folder_b, kind, split, domains)
    stores = [
        decode_images([(path,) for path in files], load, how, where=where)
        for files, where in (
            (layout.files_a, layout.where_a),
            (layout.files_b, layout.where_b),
        )
    ]
    a, b = (store.images[:, 0] for store in stores)
    return layout, a, b, stores[0].skipped | stores[1].skipped
