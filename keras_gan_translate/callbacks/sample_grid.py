"""The same few examples, translated after every epoch."""

import pathlib

import keras
import numpy as np

from keras_gan_translate.callbacks.tensorboard import image_writer
from keras_gan_translate.data import write_image
from keras_gan_translate.data.kinds import is_aligned
from keras_gan_translate.support.pictures import draw_grid, overlay_heatmap


class SampleGrid(keras.callbacks.Callback):
    """Translates the same images after every epoch and writes a picture.

    `epoch_0000.png` shows the untrained model. Each picture has one row per
    image: source, what else belongs to it (such as its mask), attention where
    the model has any, and translation; or one translation for every domain or
    style that there is to choose. The translation of that back follows where
    the model has the other direction, and the target where the data have one
    for each image; the other direction stands beside it. Where translations
    are larger than their sources, these are enlarged by repeating pixels.

    Two numbers per direction join the epoch's logs, for callbacks further
    down the list: `variety_<direction>`, how much the translations differ
    from each other, as a share of what real images of the target domain do
    (near 0: the model collapsed), and `likeness_<direction>`, the mean
    correlation of source and translation (near -1: inverted colours).

    Args:
        examples: dict of raw arrays by the fields of the model's batch, such
            as {"a": uint8 (N, H, W, 3), "b": ...}; or the array of the first
            field alone. Domains without examples are not translated from.
        others: the array of the second field, if `examples` is an array: with
            paired data the targets, for super-resolution the large images.
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
        self, examples, others=None, folder=None, tensorboard=None, every=1
    ):
        super().__init__()
        if folder is None and tensorboard is None:
            raise ValueError(
                "SampleGrid needs a `folder` for its pictures, or a log folder "
                "for `tensorboard`, or both."
            )
        self.given = _check_arrays(examples, others)
        self.folder = folder and pathlib.Path(folder)
        self.every = every
        self.tensorboard = tensorboard and image_writer(tensorboard)

    @property
    def examples(self):
        """Dict of raw arrays by the fields of the model's batch."""
        return _by_field(self.model, self.given)

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
        translations = _translate(self.model, self.examples)
        picture = _draw(self.model, self.examples, translations)
        if self.folder is not None:
            write_image(self.folder / f"epoch_{epoch:04d}.png", picture)
        if self.tensorboard is not None:
            self.tensorboard("samples", picture, epoch)
        return translations

    def _measure(self, translations):
        measures = {}
        for direction, columns in translations.items():
            source = self.model.source(direction)
            images = self.examples[source]
            target = self.model.translators[direction].makes
            pictures = self.model.field(source).reads == "image"
            translated = np.concatenate(list(columns.values()))
            if pictures:
                sources = np.concatenate([images] * len(columns))
                measures[f"likeness_{direction}"] = _correlation(
                    sources, translated
                )
            first = next(iter(columns.values()))
            if target in self.examples and len(first) > 1:
                real = _variety(self.examples[target])
                if real > 0:
                    measures[f"variety_{direction}"] = _variety(first) / real
        return measures


def sample_grid(model, examples, others=None):
    """Draws what a model makes of some images, as `SampleGrid` does.

    Args:
        model: a `GAN`.
        examples: as of `SampleGrid`.
        others: as of `SampleGrid`. None leaves out the direction from the
            second domain to the first, and targets.

    Returns:
        uint8 array (H, W, 3).

    Raises:
        ValueError: images are not uint8 (N, H, W, 3).
    """
    examples = _by_field(model, _check_arrays(examples, others))
    return _draw(model, examples, _translate(model, examples))


def _translate(model, examples):
    """Direction -> {title: translations}, where the source is there."""
    translations = {}
    for direction, translator in model.translators.items():
        source = model.source(direction)
        if source not in examples:
            continue
        images, given, choices = examples[source], {}, {}
        for name, field in model.inputs(direction).items():
            if field.option is None:
                continue
            if field.per_pixel and name in examples:
                given[field.option] = list(examples[name])
            elif field.choices() and not choices:
                choices = {field.option: field.choices()}
        columns = {}
        for word, values in (choices or {None: (None,)}).items():
            for value in values:
                options = given | ({} if word is None else {word: value})
                title = _title(translator.makes, word, value)
                columns[title] = model.translate(images, direction, **options)
        translations[direction] = columns
    return translations


def _title(makes, word, value):
    if word is None:
        return f"to {_named(makes)}"
    return value if isinstance(value, str) else f"{word} {value}"


def _named(name):
    """Domains have letters, other things a name."""
    return name.upper() if len(name) == 1 else name


def _draw(model, examples, translations):
    columns = []
    for direction, translated in translations.items():
        source = model.source(direction)
        target = model.translators[direction].makes
        for name, field in model.inputs(direction).items():
            if name != source and not (field.per_pixel and name in examples):
                continue
            drawn = np.stack([field.draw(x) for x in examples[name]])
            columns.append((_named(name), _enlarge(drawn, model.scale)))
        if model.has_attention:
            heatmaps = model.attention(examples[source], direction)
            overlaid = overlay_heatmap(examples[source], heatmaps)
            columns.append(("attention", overlaid))
        columns += translated.items()
        back = model.way_back(direction)
        if back is not None and not model.options(back):
            first = next(iter(translated.values()))
            columns.append(
                (f"back to {_named(source)}", model.translate(first, back))
            )
        if is_aligned(model.data) and target in examples:
            columns.append((f"true {_named(target)}", examples[target]))
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


def _check_arrays(examples, others):
    """What was given, a dict of arrays or a list of one or two, checked."""
    if isinstance(examples, dict):
        return {name: np.asarray(values) for name, values in examples.items()}
    given = [_check_images("examples", examples)]
    return given + ([] if others is None else [_check_images("others", others)])


def _by_field(model, given):
    """The arrays by the fields of the model's batch."""
    if isinstance(given, dict):
        return given
    return dict(zip(model.batch, given))


def _check_images(name, images):
    images = np.asarray(images)
    if images.dtype != "uint8" or images.ndim != 4 or images.shape[-1] != 3:
        raise ValueError(
            f"`{name}` must be a uint8 array (N, height, width, 3). Received: "
            f"{images.dtype} {images.shape}."
        )
    return images
