"""From images to images: what a trained model is for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.fields import Field
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
from keras_gan_translate.inference.tiling import translate_strips
from keras_gan_translate.networks import image_of
from keras_gan_translate.support.types import Images


class Translating:
    """The half of `GAN` that runs after training.

    It needs `translators`, the networks these name, the fields of `batch` and
    `drawn`, and `optimizer`.

    Class attributes:
        scale: output pixels per input pixel, for height and width each.
    """

    scale = 1

    @property
    def size_multiple(self):
        """Height and width of a translated image are multiples of this."""
        return 4

    @property
    def fixed_size(self):
        """The one image size the generators take, or None if any."""
        return None

    # What the translators are.

    @property
    def directions(self) -> tuple[str, ...]:
        """The names of the translators; the first is the usual one."""
        return tuple(self.translators)

    @property
    def translator_networks(self) -> tuple[str, ...]:
        """Names of the networks whose weights translating needs.

        Those that translators consist of, then those that read a style.
        """
        parts = [
            name
            for translator in self.translators.values()
            for name in translator.networks
        ]
        encoders = [
            field.encoder
            for direction in self.translators
            for field in self.inputs(direction).values()
            if getattr(field, "encoder", None)
        ]
        return tuple(dict.fromkeys(parts + encoders))

    def direction(self, name: str | None = None) -> str:
        """A direction's name, checked; the first if None.

        Raises:
            ValueError: the model does not translate in that direction.
        """
        if name is None:
            return self.directions[0]
        if name not in self.translators:
            raise ValueError(
                f"{type(self).__name__} translates in the directions "
                f"{self.directions}, not {name!r}."
            )
        return name

    def translator(self, direction: str | None = None) -> keras.Model:
        """The network that translates in a direction; the first if None.

        Raises:
            ValueError: the model does not translate in that direction.
        """
        direction = self.direction(direction)
        return getattr(self, self.translators[direction].network)

    def field(self, name: str) -> Field:
        """The `Field` of a name in `batch` or `drawn`."""
        return self.batch[name] if name in self.batch else self.drawn[name]

    def inputs(self, direction: str | None = None) -> dict[str, Field]:
        """What a translator takes: name -> `Field`, in the network's order."""
        direction = self.direction(direction)
        takes = self.translators[direction].takes
        return {name: self.field(name) for name in takes}

    def source(self, direction: str | None = None) -> str | None:
        """Name of the field that a direction translates.

        None where it makes images of other things than an image.
        """
        for name, field in self.inputs(direction).items():
            if field.option is None:
                return name
        return None

    def options(self, direction: str | None = None) -> dict[str, Field]:
        """What `translate` may be told in a direction: word -> `Field`."""
        return {
            field.option: field
            for field in self.inputs(direction).values()
            if field.option is not None
        }

    def way_back(self, direction: str | None = None) -> str | None:
        """The direction that undoes another, None if there is none."""
        direction = self.direction(direction)
        makes = self.translators[direction].makes
        for name, other in self.translators.items():
            # A translator from one domain to the same is no way back.
            if (
                name != direction
                and self.source(name) == makes
                and other.makes == self.source(direction)
            ):
                return name
        return None

    def image_size_of(self, name):
        """Height and width of a batch's images under a name, None if any."""
        return self.field(name).shape(self.image_size)[0]

    # Translating.

    def call(self, inputs, training=False):
        if isinstance(inputs, dict):  # a batch
            inputs = [
                field.prepare(inputs[name])
                for name, field in self.inputs().items()
            ]
            inputs = inputs[0] if len(inputs) == 1 else inputs
        return image_of(self.translator()(inputs, training=training))

    def translate(
        self,
        images: Images,
        direction: str | None = None,
        batch_size: int = 8,
        training: bool = False,
        tile: int | None = None,
        on_strip: Callable[[int, int], None] | None = None,
        **options,
    ) -> np.ndarray | list[np.ndarray]:
        """Translates images of any size; they come back as they went in.

        Sides that are no multiple of `size_multiple` are padded by reflection
        and cropped back. Averaged weights are used where `compile` keeps
        them.

        Args:
            images: (N, H, W, C) or (H, W, C), uint8 in 0..255 or float in
                [-1, 1]; a path; a `PIL.Image`; or a list of any of these.
            direction: one of `translators`; the first if None.
            batch_size: number of images translated at once.
            training: run the network as in training (dropout, statistics of
                the batch), which is how pix2pix's authors test.
            tile: for images larger than memory allows: work on as many pixels
                at once as a square of this side has, e.g. 512. The result is
                the same, see `tiling.translate_strips`.
            on_strip: with `tile`, a function of (strips done, strips in all).
            **options: what else the translator takes, by `options`: for
                example `domain="blond"`, `style=3` (a seed) or
                `style=picture`, `mask=array`. Paths are read. A list gives
                every image its own.

        Returns:
            NumPy array of the dtype and shape of `images`, height and width
            times `scale`; a list for a list.

        Raises:
            ValueError: an unknown direction, shape, dtype, range or size; an
                option that is unknown, missing or no value of its field; or
                a `tile` with `training`, or of a network that has none.
        """
        direction = self.direction(direction)
        if isinstance(images, (list, tuple)):
            return self._translate_each(
                images,
                options,
                direction=direction,
                training=training,
                tile=tile,
                on_strip=on_strip,
            )
        images = read_value(images, self._source_field(direction))
        network = self.translator(direction)
        if tile is not None:
            self._check_options(direction, options)
            return self._translate_strips(
                direction, np.asarray(images), training, tile, on_strip
            )
        return self._map_images(
            images,
            direction,
            options,
            batch_size,
            lambda x: image_of(backend.predict(network, x, training)),
        )

    def generate(
        self,
        count: int = 1,
        direction: str | None = None,
        seed: int = 0,
        batch_size: int = 8,
        **options,
    ) -> np.ndarray:
        """Makes images of no image, where all that is taken are options.

        Averaged weights are used where `compile` keeps them.

        Args:
            count: number of images.
            direction: one of `translators`; the first if None.
            seed: of what is drawn at random and not given: image i has
                `seed + i`, whatever `count`.
            batch_size: number of images made at once.
            **options: what the translator takes, by `options`, as in
                `translate`; one for all, or a list of `count`.

        Returns:
            NumPy uint8 array (count, H, W, C).

        Raises:
            ValueError: it translates images; or an option is unknown, missing
                or no value of its field.
        """
        direction = self.direction(direction)
        if self.source(direction) is not None:
            raise ValueError(
                f"{type(self).__name__} makes images of images in the "
                f"direction {direction!r}: use `translate`."
            )
        known = self.options(direction)
        if "seed" in known and not isinstance(seed, (int, np.integer)):
            options["seed"], seed = seed, 0  # a vector, or one for each
        drawn = [word for word, f in known.items() if f.control == "seed"]
        for i, word in enumerate(drawn):
            # Far apart: equal seeds would give equal numbers to all of them.
            seeds = [seed + (i << 20) + k for k in range(count)]
            options.setdefault(word, seeds)
        values = self.option_values(direction, options, count)
        inputs = {
            name: self._prepared(field, values[name])
            for name, field in self.inputs(direction).items()
        }
        network = self.translator(direction)
        with self.averaged_weights():
            images = map_images(
                lambda x: image_of(
                    backend.predict(network, x if len(x) > 1 else x[0])
                ),
                list(inputs.values()),
                self.size_multiple,
                batch_size,
                [self.field(name).per_pixel for name in inputs],
            )
        return from_float(images, np.uint8)

    def _translate_each(self, images, options, **arguments):
        """The translations of a list; options may be lists of as many."""
        each = {}
        for word, value in options.items():
            if not isinstance(value, (list, tuple)):
                value = [value] * len(images)
            if len(value) != len(images):
                raise ValueError(
                    f"{word} has {len(value)} values for {len(images)} images: "
                    "give one for all, or one for each."
                )
            each[word] = value
        return [
            self.translate(
                image,
                **arguments,
                **{word: values[i] for word, values in each.items()},
            )
            for i, image in enumerate(images)
        ]

    def _translate_strips(self, direction, images, training, tile, on_strip):
        if training:
            raise ValueError(
                "Statistics of the batch, and dropout, are not for tiles: "
                "leave out `training`, or `tile`."
            )
        if len(self.inputs(direction)) > 1:
            raise ValueError(
                f"{type(self).__name__} takes more than an image, and cannot "
                "work on parts of it: leave out `tile`."
            )
        network = self.translator(direction)
        options = (tile, self.size_multiple, on_strip)
        with self.averaged_weights():
            if images.ndim != 4:
                return translate_strips(network, images, *options)
            return np.stack(
                [translate_strips(network, x, *options) for x in images]
            )

    def attention(
        self,
        images: Images,
        direction: str | None = None,
        batch_size: int = 8,
        **options,
    ) -> np.ndarray:
        """Where a translator looks: the CAM heatmaps, scaled to [0, 1].

        Args:
            images: as in `translate`, but no list.
            direction: one of `translators`; the first if None.
            batch_size: number of images at once.
            **options: as in `translate`.

        Returns:
            NumPy float32 array (N, H, W, 1) or (H, W, 1), each map scaled to
            its own range.

        Raises:
            ValueError: the network has no attention.
        """
        direction = self.direction(direction)
        network = self.translator(direction)
        if not self.has_attention:
            raise ValueError(
                f"{self.translators[direction].network} has no attention map: "
                f'build {type(self).__name__} with attention="cam".'
            )

        def heatmap(x):
            maps = backend.predict(network, x, False)["attention"]
            low = maps.min(axis=(1, 2, 3), keepdims=True)
            high = maps.max(axis=(1, 2, 3), keepdims=True)
            maps = (maps - low) / np.maximum(high - low, 1e-8)
            shape = (x[0] if isinstance(x, list) else x).shape[1:3]
            maps = ops.image.resize(maps, shape, "bilinear")
            return ops.convert_to_numpy(maps)

        images = read_value(images, self._source_field(direction))
        return self._map_images(
            images, direction, options, batch_size, heatmap, as_input=False
        )

    @property
    def has_attention(self):
        """Whether the translators have an attention map."""
        output = self.translator().output
        return isinstance(output, dict) and "attention" in output

    def encode(self, encoder: str, picture: np.ndarray) -> np.ndarray:
        """A picture's code, as a `Code` with an `encoder` takes it.

        Args:
            encoder: attribute of the model that holds the network.
            picture: (H, W, 3), uint8 or float in [-1, 1].

        Returns:
            float32 vector.
        """
        x = to_float(np.asarray(picture)[None])
        network = getattr(self, encoder)
        with self.averaged_weights():
            code = map_images(
                lambda x: backend.predict(network, x)[:, None, None],
                x,
                self.size_multiple,
                crop=False,
            )
        return code.reshape(-1)

    # What users give.

    def option_values(self, direction, options, count, size=None):
        """The raw values of a translator's options, the batch first.

        Args:
            direction: one of `translators`.
            options: dict of what users gave, by word; paths are read.
            count: number of images.
            size: (height, width) of these, which per-pixel fields share; None
                where there are none, for that of the first per-pixel field.

        Returns:
            Dict from the name of the field to an array (count, ...).

        Raises:
            ValueError: an option is unknown, missing or no value of its
                field.
        """
        self._check_options(direction, options)
        fields = self.inputs(direction)
        return option_values(fields, options, count, size, self)

    def _check_options(self, direction, options):
        check_options(
            type(self).__name__,
            self.options(direction),
            options,
            f" in the direction {direction!r}",
        )

    def _source_field(self, direction):
        name = self.source(direction)
        if name is None:
            raise ValueError(
                f"{type(self).__name__} makes images of no image: use "
                "`generate`."
            )
        return self.field(name)

    def _map_images(
        self, images, direction, options, batch_size, function, as_input=True
    ):
        images = np.asarray(images)
        source = self._source_field(direction)
        if images.ndim == 2 and source.reads == "map":
            images = images[..., None]
        if images.ndim == len(source.shape()):
            mapped = self._map_images(
                images[None], direction, options, batch_size, function, as_input
            )
            return mapped[0]
        x = self._prepared(source, images)
        self._check_size(*x.shape[1:3])
        values = self.option_values(
            direction, options, len(x), images.shape[1:3]
        )
        inputs, padded = [], []
        for name, field in self.inputs(direction).items():
            value = values.get(name)
            inputs.append(x if value is None else self._prepared(field, value))
            padded.append(field.per_pixel)
        with self.averaged_weights():
            mapped = map_images(
                function,
                inputs if len(inputs) > 1 else x,
                self.size_multiple,
                batch_size,
                padded,
            )
        # What is no picture itself is translated to one of bytes.
        dtype = images.dtype if source.reads == "image" else np.uint8
        return from_float(mapped, dtype if as_input else "float32")

    def _prepared(self, field, value):
        """Raw arrays as networks read them, checked."""
        if field.reads == "image" and field.per_pixel:
            return to_float(value)
        fault = field.problem(value)
        if fault:
            raise ValueError(fault)
        return ops.convert_to_numpy(field.prepare(value))

    def _check_size(self, height, width):
        if self.fixed_size and (height, width) != (self.fixed_size,) * 2:
            raise ValueError(
                f"This {type(self).__name__} takes images of "
                f"{self.fixed_size} by {self.fixed_size} pixels only, which "
                "its dense layer is built for (kgt info says which options "
                f"lift that). Received: {height} by {width}."
            )

    @contextlib.contextmanager
    def averaged_weights(self):
        """Within it the translators hold their moving averages, if kept."""
        pairs = []
        if self.compiled and self.ema_momentum is not None:
            for optimizer in self.optimizer.players.values():
                optimizer = getattr(optimizer, "inner_optimizer", optimizer)
                # Before the first step the averages are zeros.
                steps = ops.convert_to_numpy(optimizer.iterations)
                if optimizer.use_ema and int(steps):
                    pairs += zip(
                        optimizer._trainable_variables,
                        optimizer._model_variables_moving_average,
                    )
        kept = [ops.convert_to_numpy(variable) for variable, _ in pairs]
        try:
            for variable, average in pairs:
                # A copy: on JAX they would share a buffer that training frees.
                backend.assign(variable, ops.convert_to_numpy(average))
            yield
        finally:
            for (variable, _), value in zip(pairs, kept):
                backend.assign(variable, value)
