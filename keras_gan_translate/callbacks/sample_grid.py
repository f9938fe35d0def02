"""The same few examples, translated after every epoch."""

from __future__ import annotations

import pathlib

import keras
import numpy as np

from keras_gan_translate.backend.tensorboard import image_writer
from keras_gan_translate.data import write_image
from keras_gan_translate.data.kinds import is_aligned
from keras_gan_translate.fields import columns
from keras_gan_translate.metrics import symptoms
from keras_gan_translate.support.pictures import draw_grid, overlay_heatmap
from keras_gan_translate.support.types import Path

NUM_MADE = 4  # images of no image, where there are no examples to be beside


class SampleGrid(keras.callbacks.Callback):
    """Translates the same images after every epoch and writes a picture.

    `epoch_0000.png` shows the untrained model. Each picture has one row per
    image: source, white where it is missing, what else belongs to it (such as
    its mask), attention where the model has any, and translation; or one
    translation for every domain, style or attribute that there is to choose
    (an image loses what it has). The translation of that back follows where
    the model has the other direction, and the target where the data have one
    for each image, or where it is what was missing; the other direction stands
    beside it. Where translations are larger than their sources, these are
    enlarged by repeating pixels. A label of a source is written upon it. A
    model that makes images of no image shows those of the same seeds.

    A few numbers per direction join the epoch's logs, for callbacks further
    down the list, such as `variety_ab`, how much the translations differ from
    each other, as a share of what real images of the target domain do (near
    0: the model collapsed). Which there are depends on the model and on the
    examples: variety, likeness, change, error, detail, contrast,
    checkerboard and movement, as `metrics.symptoms` defines them.

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
        self,
        examples: np.ndarray | dict[str, np.ndarray],
        others: np.ndarray | None = None,
        folder: Path | None = None,
        tensorboard: Path | None = None,
        every: int = 1,
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
        self.last = {}  # direction -> its first translations, when drawn last

    @property
    def examples(self):
        """Dict of raw arrays by the fields of the model's batch."""
        return _by_field(self.model, self.given)

    def on_epoch_begin(self, epoch, logs=None):
        if self.model.batches_to_pass:
            return  # the weights are not those that the epoch began with
        if epoch == 0:
            self._write(0)
        elif not self.last and epoch % self.every == 0:
            self._keep(_translate(self.model, self.examples))

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        before = self.last
        translations = self._write(epoch + 1)
        if logs is not None:
            logs.update(
                _measure(self.model, self.examples, translations, before)
            )

    def _write(self, epoch):
        translations = _translate(self.model, self.examples)
        picture = _draw(self.model, self.examples, translations)
        if self.folder is not None:
            write_image(self.folder / f"epoch_{epoch:04d}.png", picture)
        if self.tensorboard is not None:
            self.tensorboard("samples", picture, epoch)
        self._keep(translations)
        return translations

    def _keep(self, translations):
        self.last = {
            direction: next(iter(made.values()))[1]
            for direction, made in translations.items()
        }


def sample_grid(
    model: keras.Model,
    examples: np.ndarray | dict[str, np.ndarray],
    others: np.ndarray | None = None,
) -> np.ndarray:
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
    """Direction -> {title: (options, images)}, where the source is there."""
    translations = {}
    for direction, translator in model.translators.items():
        source = model.source(direction)
        if source is not None and source not in examples:
            continue
        given = {
            field.option: list(examples[name])
            for name, field in model.inputs(direction).items()
            if field.option and field.per_pixel and name in examples
        }
        known = model.options(direction)
        if source is None:
            # Every row is a seed of its own, so that is no column.
            known = {w: f for w, f in known.items() if f.control != "seed"}
        made = {}
        for title, chosen in columns(known, given):
            options = given | {
                word: known[word].suited(choice, examples)
                for word, choice in chosen.items()
            }
            title = title or f"to {_named(translator.makes)}"
            if source is None:
                count = max(map(len, examples.values()), default=NUM_MADE)
                images = model.generate(count, direction, **options)
            else:
                images = model.translate(examples[source], direction, **options)
            made[title] = (options, images)
        translations[direction] = made
    return translations


def _measure(model, examples, translations, before):
    """What the translations show of the training: name -> number.

    Args:
        model: the `GAN`.
        examples: dict of raw arrays by the fields of the model's batch.
        translations: as `_translate` returns them.
        before: direction -> the first translations of the time before.
    """
    measures = {}
    for direction, titled in translations.items():
        all_made = [images for _, images in titled.values()]
        made, inputs = all_made[0], model.inputs(direction)
        found = {"checkerboard": symptoms.checkerboard(made)}
        if direction in before:
            found["movement"] = symptoms.movement(before[direction], made)
        sources = _pictures(model, examples, model.source(direction))
        if sources is not None:
            found["likeness"] = symptoms.likeness(
                np.concatenate([sources] * len(all_made)),
                np.concatenate(all_made),
            )
            sources = _enlarge(sources, model.scale)
        real = _pictures(model, examples, model.translators[direction].makes)
        if real is not None:
            found["variety"] = symptoms.variety(made, real)
            found["detail"] = symptoms.detail(made, real)
            found["contrast"] = symptoms.contrast(made, real)
            found["checkerboard"] = symptoms.checkerboard(made, real)
            # Around a hole nothing is to be changed.
            whole = not any(field.hides for field in inputs.values())
            whole = whole and real.shape[1:] == made.shape[1:]
            if whole and is_aligned(model.data):
                found["error"] = symptoms.error(made, real, sources)
            elif whole and sources is not None:
                found["change"] = symptoms.change(sources, made, real)
        measures |= {
            f"{name}_{direction}": value
            for name, value in found.items()
            if value is not None
        }
    return measures


def _pictures(model, examples, name):
    """A field's examples as RGB; None where there are none, or no pictures."""
    if name not in examples or model.field(name).reads != "image":
        return None
    return np.stack([model.field(name).draw(x) for x in examples[name]])


def _named(name):
    """Domains have letters, other things a name."""
    return name.upper() if len(name) == 1 else name


def _captions(model, examples, count):
    """What belongs to each example and is a word, such as its domain."""
    words = [[] for _ in range(count)]
    for name, field in model.batch.items():
        for i, value in enumerate(examples.get(name, ())[:count]):
            drawn = field.draw(value)
            if isinstance(drawn, str):
                words[i].append(drawn)
    return [", ".join(parts) for parts in words]


def _other_words(title, options):
    """What was said of each image, where that is not the column's title."""
    for values in options.values():
        if isinstance(values, list) and isinstance(values[0], str):
            return ["" if value == title else value for value in values]
    return ()


def _draw(model, examples, translations):
    shown = []
    for direction, made in translations.items():
        source = model.source(direction)
        target = model.translators[direction].makes
        holes = [
            np.stack([field.draw(x) for x in examples[name]]) > 127
            for name, field in model.inputs(direction).items()
            if field.hides and name in examples
        ]
        for name, field in model.inputs(direction).items():
            if name not in examples or not (name == source or field.per_pixel):
                continue
            drawn = np.stack([field.draw(x) for x in examples[name]])
            for hole in holes if name == source else ():
                drawn = np.where(hole, np.uint8(255), drawn)
            captions = _captions(model, examples, len(drawn))
            drawn = _enlarge(drawn, model.scale)
            title = field.option or _named(name)
            # Words belong to what is translated.
            shown.append((title, drawn, *[captions] * (name == source)))
        options, first = next(iter(made.values()))
        if source is not None and model.has_attention:
            heatmaps = model.attention(examples[source], direction, **options)
            overlaid = overlay_heatmap(examples[source], heatmaps)
            shown.append(("attention", overlaid))
        shown += [
            (title, images, _other_words(title, options))
            for title, (options, images) in made.items()
        ]
        back = model.way_back(direction)
        if back is not None and not model.options(back):
            title = f"back to {_named(source)}"
            shown.append((title, model.translate(first, back)))
        if target in examples and (holes or is_aligned(model.data)):
            shown.append((f"true {_named(target)}", examples[target]))
    return draw_grid(shown)


def _enlarge(images, scale):
    """The images with every pixel repeated, as large as translations."""
    return np.repeat(np.repeat(images, scale, axis=1), scale, axis=2)


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
