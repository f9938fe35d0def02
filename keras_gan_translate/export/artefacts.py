"""Exported translators, each opened by the runtime it was made for.

A SavedModel is a program. One that does more than compute is not opened,
unless it is said that its maker is trusted; see `harmless`.
"""

import pathlib

import numpy as np

from keras_gan_translate.export import runtimes
from keras_gan_translate.export.spec import IMAGES, is_picture
from keras_gan_translate.fields import Image
from keras_gan_translate.inference.borders import (
    from_float,
    map_images,
    to_float,
)
from keras_gan_translate.inference.options import (
    check_options,
    option_values,
    read_value,
)
from keras_gan_translate.support.messages import check_choice, near_matches
from keras_gan_translate.support.untrusted import check_regular

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
        dtype: of its images: "uint8" holds 0..255, "int8" 128 less, "float32"
            [-1, 1].
        fields: name of the input -> `Field`, in the network's order; what is
            translated is called "images".
        options: what `translate` may be told: word -> `Field`.
        batch_size: the number of images that it takes at once; None if any.
        has_attention: whether `attention` can be asked.
        can_tile: whether `translate` takes a `tile`.

    Args:
        path: of the file or folder.
        run: function from a dict of arrays by the names of the inputs, one
            image or `batch_size`, to the array of translations.
        inputs: name of the input -> (dtype, shape with None where any).
        spec: a `TranslatorSpec` or None.
        size_multiple: replaces the one in `spec`.
        network: the `keras.Model` that is run, where there is one.

    Raises:
        ValueError: its inputs are none of an image translator, or others
            than its description says.
    """

    has_attention = False

    def __init__(
        self,
        path,
        run,
        inputs,
        spec=None,
        size_multiple=None,
        network=None,
    ):
        self.path, self.format = pathlib.Path(path), format_of(path)
        self.spec, self._run = spec, run
        self.fields = spec.fields if spec else {IMAGES: Image()}
        # Of an image alone the name does not matter.
        self._names = (
            dict(zip(self.fields, inputs))
            if len(self.fields) == len(inputs) == 1
            else {name: name for name in self.fields}
        )
        self._check_inputs(inputs)
        self._types = {
            name: np.dtype(inputs[known_as][0]).name
            for name, known_as in self._names.items()
        }
        self.dtype = self._types[IMAGES]
        batch, height, width, _ = inputs[self._names[IMAGES]][1]
        self.batch_size = batch
        self.image_size = (height, width) if height and width else None
        self.size_multiple = size_multiple or (
            spec.size_multiple if spec else 1
        )
        self._network = network
        self.can_tile = network is not None and not self.image_size

    @property
    def options(self):
        return options_of(self.fields)

    def _check_inputs(self, inputs):
        wanted, found = set(self._names.values()), set(inputs)
        if wanted != found:
            raise ValueError(
                f"'{self.path}' is not what its description says: expected "
                f"are inputs named {', '.join(sorted(wanted))}. It takes "
                f"{', '.join(sorted(found))}."
            )
        dtype, shape = inputs[self._names[IMAGES]]
        channels = self.fields[IMAGES].shape()[-1]
        known = np.dtype(dtype).name in ("uint8", "int8", "float32")
        if len(shape) != 4 or shape[3] != channels or not known:
            raise ValueError(
                f"'{self.path}' is no translator of ours: expected is an "
                f"input of images, (number, height, width, {channels}) of "
                f"uint8, int8 or float32. It takes {tuple(shape)} of "
                f"{np.dtype(dtype).name}."
            )

    def translate(self, images, tile=None, on_strip=None, **options):
        """Translates images; they come back as they went in.

        Where the artefact takes any size, sides that are no multiple of
        `size_multiple` are padded by reflection and cropped back.

        Args:
            images: (N, H, W, 3) or (H, W, 3), uint8; what else the artefact
                translates, such as label maps (H, W), in its raw form. A
                path, or a `PIL.Image`.
            tile: as in `Translating.translate`, if `can_tile`.
            on_strip: as there.
            **options: what else it takes, by `options`, as in
                `Translating.translate`; but a style is a seed or a vector.

        Returns:
            uint8 array, height and width times the model's scale.

        Raises:
            ValueError: another shape or dtype, or a size it does not take; a
                `tile` that it does not take; an option that is unknown,
                missing or no value of its field.
        """
        source = self.fields[IMAGES]
        images = np.asarray(read_value(images, source))
        if images.ndim == 2 and source.reads == "map":
            images = images[..., None]
        if images.ndim == 3:
            return self.translate(images[None], tile, on_strip, **options)[0]
        images = self._checked(images)
        check_options(f"'{self.path}'", self.options, options)
        if tile is not None:
            return self._translate_strips(images, tile, on_strip)
        values = option_values(
            self.fields, options, len(images), images.shape[1:3], self
        )
        return self._map({IMAGES: images} | values)

    def _checked(self, images):
        source = self.fields[IMAGES]
        channels = source.shape()[-1]
        if is_picture(source):
            if images.dtype != np.uint8 or images.shape[3:] != (channels,):
                raise ValueError(
                    f"Images are expected as uint8 of shape (N, H, W, "
                    f"{channels}) or (H, W, {channels}). Received: "
                    f"{images.dtype} {images.shape}."
                )
        elif images.shape[3:] != (channels,) or source.problem(images):
            raise ValueError(
                f"Expected are {source.describe()}. Received: {images.dtype} "
                f"{images.shape}. {source.problem(images) or ''}".rstrip()
            )
        if not len(images):
            raise ValueError("There are no images to translate.")
        if self.image_size and images.shape[1:3] != self.image_size:
            raise ValueError(
                f"'{self.path}' takes images of {_by(self.image_size)} pixels "
                f"only. Received: {_by(images.shape[1:3])}. Resize them, or "
                "export the model again without an image size."
            )
        return images

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

    def _map(self, values):
        """Runs it on raw values, the batch first, by the names of inputs."""
        names = list(self.fields)
        arrays = [self._converted(name, values[name]) for name in names]
        padded = [self.fields[name].per_pixel for name in names]
        batch_size = self.batch_size or 1

        def run(parts):
            count = len(parts[0])
            # A file of one batch size only gets its last image again.
            feeds = {
                self._names[name]: np.concatenate(
                    [part, np.repeat(part[-1:], batch_size - count, axis=0)]
                )
                for name, part in zip(names, parts)
            }
            return self._run(feeds)[:count]

        multiple = 1 if self.image_size else self.size_multiple
        try:
            mapped = map_images(run, arrays, multiple, batch_size, padded)
        except Exception as error:  # runtimes have no common base
            size = values[IMAGES].shape[1:3]
            raise ValueError(
                f"'{self.path}' failed on an image of {_by(size)} pixels: "
                f"{error}"
            ) from error
        if mapped.dtype == np.float32:
            return from_float(mapped, np.uint8)
        if mapped.dtype == np.int8:
            return mapped.view("uint8") ^ 128
        return mapped

    def _converted(self, name, value):
        """A raw value as the file takes it."""
        dtype = self._types[name]
        if not is_picture(self.fields[name]):
            return value.astype(dtype)
        if dtype == "float32":
            return to_float(value)
        return (value ^ 128).view("int8") if dtype == "int8" else value

    def encode(self, encoder, picture):
        """What a style asks a model for; no export holds an encoder."""
        raise ValueError(
            f"'{self.path}' is an export, which takes a style as a seed or a "
            "vector. Only the model itself, of the run folder or its .keras "
            "file, reads one off a picture."
        )

    def attention(self, images, **options):
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
        self.fields, self.batch_size = model.inputs(self.direction), None

    def translate(self, images, tile=None, on_strip=None, **options):
        return self.model.translate(
            images, self.direction, 1, tile=tile, on_strip=on_strip, **options
        )

    def attention(self, images, **options):
        return self.model.attention(
            images, self.direction, batch_size=1, **options
        )


def open_artefact(
    path, threads=None, direction=None, runtime=None, trust=False
):
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
        trust: whether a SavedModel may do more than compute: read and write
            files, start processes. Only of makers that you know.

    Returns:
        An `Artefact`.

    Raises:
        ImportError: the runtime is missing; says how to get it.
        ValueError: the file is absent, damaged or none of these, does more
            than compute, or does not translate in that direction.
    """
    format = format_of(path)
    runtime = runtime or next(iter(RUNTIMES[format]))
    check_choice("runtime", runtime, tuple(RUNTIMES[format]))
    opened = RUNTIMES[format][runtime](path, threads, trust)
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
    check_regular(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"'{path}' is no model: expected is a SavedModel folder or a file "
            f"ending in {', '.join(SUFFIXES)}."
        )
    return SUFFIXES[path.suffix.lower()]


def options_of(fields):
    """What users may say: word -> `Field`, of a translator's `Field`s."""
    return {f.option: f for f in fields.values() if f.option is not None}


def _by(size):
    return f"{size[0]} by {size[1]}"
