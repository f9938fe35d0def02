"""Exported translators, each opened by the runtime it was made for.

A SavedModel and a LiteRT file are programs: open those that you trust.
"""

import pathlib

import numpy as np

from keras_gan_translate.export import runtimes
from keras_gan_translate.inference.borders import (
    from_float,
    map_images,
    to_float,
)
from keras_gan_translate.support.messages import check_choice, near_matches

# Format -> the runtimes that open it; the first is the one for every day.
RUNTIMES = {
    "saved_model": {
        "tf.saved_model": runtimes.open_saved_model,
        "tf.compat.v1": runtimes.open_saved_model_v1,
    },
    "litert": {"ai_edge_litert": runtimes.open_litert},
    "onnx": {"onnxruntime": runtimes.open_onnx},
    "keras": {"keras": runtimes.open_keras},
}
SUFFIXES = {".tflite": "litert", ".onnx": "onnx", ".keras": "keras"}


class Artefact:
    """A translator that was opened from a file.

    Attributes:
        path: of the file or folder.
        format: one of `RUNTIMES`.
        spec: its `TranslatorSpec`; None where the file holds none.
        image_size: (height, width) of its input, or None if any.
        size_multiple: height and width are padded to multiples of this.
        dtype: of its input: "uint8" holds 0..255, "int8" 128 less, "float32"
            [-1, 1].
        has_attention: whether `attention` can be asked.
        can_tile: whether `translate` takes a `tile`.

    Args:
        path: of the file or folder.
        run: function from an array of one image (1, H, W, 3) to another.
        shape: (N, H, W, 3) of the input, None where any.
        dtype: of the input.
        spec: a `TranslatorSpec` or None.
        size_multiple: replaces the one in `spec`.
        network: the `keras.Model` that is run, where there is one.

    Raises:
        ValueError: its input is no RGB image, or a batch of several.
    """

    has_attention = False

    def __init__(
        self,
        path,
        run,
        shape,
        dtype,
        spec=None,
        size_multiple=None,
        network=None,
    ):
        self.path, self.format = pathlib.Path(path), format_of(path)
        self.spec, self.dtype, self._run = spec, np.dtype(dtype).name, run
        batch, height, width, channels = (list(shape) + [0] * 4)[:4]
        known = self.dtype in ("uint8", "int8", "float32")
        if batch not in (None, 1) or channels != 3 or not known:
            raise ValueError(
                f"'{path}' is no translator of ours: expected is an input of "
                "one RGB image, (1 or any, height, width, 3) of uint8, int8 "
                f"or float32. It takes {tuple(shape)} of {self.dtype}."
            )
        self.image_size = (height, width) if height and width else None
        self.size_multiple = size_multiple or (
            spec.size_multiple if spec else 1
        )
        self._network = network
        self.can_tile = network is not None and not self.image_size

    def translate(self, images, tile=None, on_strip=None):
        """Translates images; they come back as they went in.

        Where the artefact takes any size, sides that are no multiple of
        `size_multiple` are padded by reflection and cropped back.

        Args:
            images: (N, H, W, 3) or (H, W, 3), uint8.
            tile: as in `Translating.translate`, if `can_tile`.
            on_strip: as there.

        Returns:
            uint8 array, height and width times the model's scale.

        Raises:
            ValueError: another shape or dtype, or a size it does not take; a
                `tile` that it does not take.
        """
        images = np.asarray(images)
        if images.ndim == 3:
            return self.translate(images[None], tile, on_strip)[0]
        if images.dtype != np.uint8 or images.shape[3:] != (3,):
            raise ValueError(
                "Images are expected as uint8 of shape (N, H, W, 3) or "
                f"(H, W, 3). Received: {images.dtype} {images.shape}."
            )
        if self.image_size and images.shape[1:3] != self.image_size:
            raise ValueError(
                f"'{self.path}' takes images of {_by(self.image_size)} pixels "
                f"only. Received: {_by(images.shape[1:3])}. Resize them, or "
                "export the model again without an image size."
            )
        if tile is not None:
            return self._translate_strips(images, tile, on_strip)
        if self.dtype == "float32":
            return from_float(self._map(to_float(images)), np.uint8)
        if self.dtype == "int8":
            return self._map((images ^ 128).view("int8")).view("uint8") ^ 128
        return self._map(images)

    def _translate_strips(self, images, tile, on_strip):
        if not self.can_tile:
            raise ValueError(
                f"'{self.path}' cannot work on parts of an image: leave out "
                "`tile`, or take the run folder or a .keras file."
            )
        # It loads TensorFlow, which other artefacts do without.
        from keras_gan_translate.inference.tiling import translate_strips

        options = (tile, self.size_multiple, on_strip)
        return np.stack(
            [translate_strips(self._network, x, *options) for x in images]
        )

    def _map(self, images):
        multiple = 1 if self.image_size else self.size_multiple
        try:
            return map_images(self._run, images, multiple, batch_size=1)
        except Exception as error:  # runtimes have no common base
            raise ValueError(
                f"'{self.path}' failed on an image of "
                f"{_by(images.shape[1:3])} pixels: {error}"
            ) from error

    def attention(self, images):
        """Where the translator looks, if it can tell (`has_attention`)."""
        raise ValueError(
            f"'{self.path}' has no attention map; the run folder or the saved "
            'model of a network with attention="cam" has.'
        )


class ModelArtefact(Artefact):
    """A model in one of its directions, which looks like an `Artefact`.

    Args:
        model: a `GAN`.
        direction: one of `model.translators`; the first if None.
        path: where it came from.

    Raises:
        ValueError: an unknown direction.
    """

    def __init__(self, model, direction=None, path=""):
        self.model, self.path = model, pathlib.Path(path)
        self.direction = model.direction(direction)
        self.format, self.spec, self.dtype = "keras", None, "uint8"
        size = model.fixed_size
        self.image_size = (size, size) if size else None
        self.size_multiple = model.size_multiple
        self.has_attention = model.has_attention
        self.can_tile = self.image_size is None

    def translate(self, images, tile=None, on_strip=None):
        return self.model.translate(
            images, self.direction, 1, tile=tile, on_strip=on_strip
        )

    def attention(self, images):
        return self.model.attention(images, self.direction, batch_size=1)


def open_artefact(path, threads=None, direction=None, runtime=None):
    """Opens a translator with the runtime of its format.

    Args:
        path: a SavedModel (`NAME` with its versions, or `NAME/1`), or a file
            ending in .tflite, .onnx or .keras: a saved model of this library,
            or a network as a run's last/ and best/ hold them.
        threads: number of threads; None leaves it to the runtime. TensorFlow
            takes it once in a process, before it computes anything.
        direction: which way to translate, for a saved model that knows more
            than one; its first if None.
        runtime: one of the format's `RUNTIMES`; the first if None.

    Returns:
        An `Artefact`.

    Raises:
        ImportError: the runtime is missing; says how to get it.
        ValueError: the file is absent, damaged or none of these, or does not
            translate in that direction.
    """
    format = format_of(path)
    runtime = runtime or next(iter(RUNTIMES[format]))
    check_choice("runtime", runtime, tuple(RUNTIMES[format]))
    opened = RUNTIMES[format][runtime](path, threads)
    if not isinstance(opened, dict):
        return ModelArtefact(opened, direction, path)
    artefact = Artefact(path, **opened)
    known = artefact.spec.direction if artefact.spec else None
    if direction not in (None, known):
        raise ValueError(
            f"'{path}' translates one way only"
            f"{f', {known!r}' if known else ''}. Received: direction="
            f"{direction!r}."
        )
    return artefact


def format_of(path):
    """The format of an artefact, one of `RUNTIMES`, by its name.

    Raises:
        ValueError: there is no such file, or it is none; says what is near.
    """
    path = pathlib.Path(path)
    if path.is_dir():
        runtimes.saved_model_folder(path)
        return "saved_model"
    if not path.exists():
        folder = path.parent
        there = [p.name for p in folder.iterdir()] if folder.is_dir() else []
        raise ValueError(
            f"There is no file '{path}'.{near_matches(path.name, there)}"
        )
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"'{path}' is no model: expected is a SavedModel folder or a file "
            f"ending in {', '.join(SUFFIXES)}."
        )
    return SUFFIXES[path.suffix.lower()]


def _by(size):
    return f"{size[0]} by {size[1]}"
