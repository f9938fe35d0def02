"""The same few images, translated after every epoch."""

import pathlib

import keras
import numpy as np

from keras_gan_translate.callbacks.tensorboard import image_writer
from keras_gan_translate.data import write_image
from keras_gan_translate.support.pictures import draw_grid, overlay_heatmap

# Kinds of data in which B holds the true translation of A.
ALIGNED = ("paired", "super_resolution")


class SampleGrid(keras.callbacks.Callback):
    """Translates the same images after every epoch and writes a picture.

    `epoch_0000.png` shows the untrained model. Each picture has one row per
    image: source, attention where the model has any, translation, the
    translation of that back where the model has the other direction, and the
    target where the data have one for each image; the other direction stands
    beside it. Where translations are larger than their sources, these are
    enlarged by repeating pixels.

    Two numbers per direction join the epoch's logs, for callbacks further
    down the list: `variety_<direction>`, how much the translations differ
    from each other, as a share of what real images of the target domain do
    (near 0: the model collapsed), and `likeness_<direction>`, the mean
    correlation of source and translation (near -1: inverted colours).

    Args:
        images_a: uint8 array (N, H, W, 3), images of domain A.
        images_b: the same of domain B; with paired data, the targets; for
            super-resolution, the large images. Needed by models that also
            translate B.
        folder: where `epoch_0001.png` and so on are written, or None.
        tensorboard: log folder for TensorBoard, or None.
        every: number of epochs from one picture to the next.

    Raises:
        ValueError: neither `folder` nor `tensorboard` is given, or images
            are not uint8 (N, H, W, 3).
        ImportError: `tensorboard` without TensorFlow or TensorBoard.

    Example:
        faces = SampleGrid(selfies, anime, folder="samples", tensorboard="logs")
        model.fit(dataset, epochs=100, callbacks=[faces])
    """

    def __init__(
        self, images_a, images_b=None, folder=None, tensorboard=None, every=1
    ):
        super().__init__()
        if folder is None and tensorboard is None:
            raise ValueError(
                "SampleGrid needs a `folder` for its pictures, or a log folder "
                "for `tensorboard`, or both."
            )
        self.images = {"a": _check_images("images_a", images_a)}
        if images_b is not None:
            self.images["b"] = _check_images("images_b", images_b)
        self.folder = folder and pathlib.Path(folder)
        self.every = every
        self.tensorboard = tensorboard and image_writer(tensorboard)

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 0:
            self._write(0)

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        translations = self._write(epoch + 1)
        if logs is not None:
            logs.update(self._measure(translations))

    def _write(self, epoch):
        translations = _translate(self.model, self.images)
        picture = _draw(self.model, self.images, translations)
        if self.folder is not None:
            write_image(self.folder / f"epoch_{epoch:04d}.png", picture)
        if self.tensorboard is not None:
            self.tensorboard("samples", picture, epoch)
        return translations

    def _measure(self, translations):
        measures = {}
        for direction, translated in translations.items():
            source, target = direction
            measures[f"likeness_{direction}"] = _correlation(
                self.images[source], translated
            )
            if target in self.images and len(translated) > 1:
                real = _variety(self.images[target])
                if real > 0:
                    measures[f"variety_{direction}"] = (
                        _variety(translated) / real
                    )
        return measures


def sample_grid(model, images_a, images_b=None):
    """Draws what a model makes of some images, as `SampleGrid` does.

    Args:
        model: a `GAN`.
        images_a: uint8 array (N, H, W, 3), images of domain A.
        images_b: the same of domain B; with paired data, the targets. None
            leaves out the direction from B to A, and targets.

    Returns:
        uint8 array (H, W, 3).

    Raises:
        ValueError: images are not uint8 (N, H, W, 3).
    """
    images = {"a": _check_images("images_a", images_a)}
    if images_b is not None:
        images["b"] = _check_images("images_b", images_b)
    return _draw(model, images, _translate(model, images))


def _translate(model, images):
    """Direction -> translations, for directions whose source is there."""
    return {
        direction: model.translate(images[direction[0]], direction)
        for direction in model.directions
        if direction[0] in images
    }


def _draw(model, images, translations):
    columns = []
    for direction, translated in translations.items():
        source, target = direction
        shown = _enlarge(images[source], model.scale)
        columns.append((source.upper(), shown))
        if model.has_attention:
            heatmaps = model.attention(images[source], direction)
            overlaid = overlay_heatmap(images[source], heatmaps)
            columns.append(("attention", overlaid))
        columns.append((f"to {target.upper()}", translated))
        back = target + source
        if back in model.directions:
            columns.append(
                (f"back to {source.upper()}", model.translate(translated, back))
            )
        if model.data in ALIGNED and target in images:
            columns.append((f"true {target.upper()}", images[target]))
    return draw_grid(columns)


def _enlarge(images, scale):
    """The images with every pixel repeated, as large as translations."""
    return np.repeat(np.repeat(images, scale, axis=1), scale, axis=2)


def _variety(images):
    """Mean absolute difference of a pixel between two of the images."""
    images = np.asarray(images, "float32")
    pairs = [
        np.abs(images[i] - images[j]).mean()
        for i in range(len(images))
        for j in range(i)
    ]
    return float(np.mean(pairs))


def _correlation(images, others):
    """Mean over the images of Pearson's correlation of their pixels.

    The others may be larger by a whole factor: the means of their blocks
    count then.
    """
    count, height, width, channels = images.shape
    blocks = (count, height, -1, width, others.shape[2] // width, channels)
    others = np.asarray(others, "float32").reshape(blocks).mean((2, 4))
    x = np.asarray(images, "float32").reshape(count, -1)
    y = others.reshape(count, -1)
    x -= x.mean(axis=1, keepdims=True)
    y -= y.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    return float(np.mean((x * y).sum(axis=1) / np.maximum(norm, 1e-8)))


def _check_images(name, images):
    images = np.asarray(images)
    if images.dtype != "uint8" or images.ndim != 4 or images.shape[-1] != 3:
        raise ValueError(
            f"`{name}` must be a uint8 array (N, height, width, 3). Received: "
            f"{images.dtype} {images.shape}."
        )
    return images
