"""From images to images: what a trained model is for."""

import contextlib

import numpy as np
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.inference.borders import (
    from_float,
    map_images,
    to_float,
)
from keras_gan_translate.inference.tiling import translate_strips
from keras_gan_translate.networks import image_of


class Translating:
    """The half of `GAN` that runs after training.

    It needs `directions`, the networks these name, and `optimizer`.

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

    def translator(self, direction="ab"):
        """The network that translates in a direction.

        Raises:
            ValueError: the model does not translate in that direction.
        """
        if direction not in self.directions:
            raise ValueError(
                f"{type(self).__name__} translates in the directions "
                f"{tuple(self.directions)}, not {direction!r}."
            )
        return getattr(self, self.directions[direction])

    def call(self, images, training=False):
        first = next(iter(self.directions))
        return image_of(self.translator(first)(images, training=training))

    def translate(
        self,
        images,
        direction="ab",
        batch_size=8,
        training=False,
        tile=None,
        on_strip=None,
    ):
        """Translates images of any size; they come back as they went in.

        Sides that are no multiple of `size_multiple` are padded by reflection
        and cropped back. Averaged weights are used where `compile` keeps
        them.

        Args:
            images: (N, H, W, 3) or (H, W, 3), uint8 in 0..255 or float in
                [-1, 1].
            direction: one of `directions`.
            batch_size: number of images translated at once.
            training: run the network as in training (dropout, statistics of
                the batch), which is how pix2pix's authors test.
            tile: for images larger than memory allows: work on as many pixels
                at once as a square of this side has, e.g. 512. The result is
                the same, see `tiling.translate_strips`.
            on_strip: with `tile`, a function of (strips done, strips in all).

        Returns:
            NumPy array of the dtype and shape of `images`, height and width
            times `scale`.

        Raises:
            ValueError: an unknown direction, shape, dtype, range or size; or
                a `tile` with `training`, or of a network that has none.
        """
        network = self.translator(direction)
        if tile is not None:
            return self._translate_strips(
                network, np.asarray(images), training, tile, on_strip
            )
        return self._map_images(
            images,
            batch_size,
            lambda x: image_of(backend.predict(network, x, training)),
        )

    def _translate_strips(self, network, images, training, tile, on_strip):
        if training:
            raise ValueError(
                "Statistics of the batch, and dropout, are not for tiles: "
                "leave out `training`, or `tile`."
            )
        options = (tile, self.size_multiple, on_strip)
        with self.averaged_weights():
            if images.ndim != 4:
                return translate_strips(network, images, *options)
            return np.stack(
                [translate_strips(network, x, *options) for x in images]
            )

    def attention(self, images, direction="ab", batch_size=8):
        """Where a translator looks: the CAM heatmaps, scaled to [0, 1].

        Args:
            images: as in `translate`.
            direction: one of `directions`.
            batch_size: number of images at once.

        Returns:
            NumPy float32 array (N, H, W, 1) or (H, W, 1), each map scaled to
            its own range.

        Raises:
            ValueError: the network has no attention.
        """
        network = self.translator(direction)
        if not self.has_attention:
            raise ValueError(
                f"{self.directions[direction]} has no attention map: build "
                f'{type(self).__name__} with attention="cam".'
            )

        def heatmap(x):
            maps = backend.predict(network, x, False)["attention"]
            low = maps.min(axis=(1, 2, 3), keepdims=True)
            high = maps.max(axis=(1, 2, 3), keepdims=True)
            maps = (maps - low) / np.maximum(high - low, 1e-8)
            maps = ops.image.resize(maps, x.shape[1:3], "bilinear")
            return ops.convert_to_numpy(maps)

        return self._map_images(images, batch_size, heatmap, as_input=False)

    def export_translator(self, folder, direction="ab", **options):
        """Exports a translator and proves every artefact equal to it.

        Args:
            folder: is made if absent.
            direction: one of `directions`.
            **options: of `keras_gan_translate.export.export_translator`:
                formats, precisions, image_size, images and more.

        Returns:
            List of dicts, for every artefact what was measured.
        """
        from keras_gan_translate.export import export_translator

        return export_translator(self, folder, direction, **options)

    @property
    def has_attention(self):
        """Whether the translators have an attention map."""
        first = getattr(self, next(iter(self.directions.values())))
        return isinstance(first.output, dict) and "attention" in first.output

    def _map_images(self, images, batch_size, function, as_input=True):
        images = np.asarray(images)
        if images.ndim == 3:
            mapped = self._map_images(
                images[None], batch_size, function, as_input
            )
            return mapped[0]
        x = to_float(images)
        self._check_size(*x.shape[1:3])
        with self.averaged_weights():
            mapped = map_images(function, x, self.size_multiple, batch_size)
        return from_float(mapped, images.dtype if as_input else "float32")

    def _check_size(self, height, width):
        if self.fixed_size and (height, width) != (self.fixed_size,) * 2:
            raise ValueError(
                f"This {type(self).__name__} takes images of "
                f"{self.fixed_size} by {self.fixed_size} pixels only "
                "(U-GAT-IT's full model is tied to one size by its dense "
                f"layer; light=True is not). Received: {height} by {width}."
            )

    @contextlib.contextmanager
    def averaged_weights(self):
        """Within it the translators hold their moving averages, if kept."""
        pairs = []
        if self.compiled and self.ema_momentum is not None:
            for optimizer in self.optimizer.players.values():
                optimizer = getattr(optimizer, "inner_optimizer", optimizer)
                # Before the first step the averages are zeros.
                if optimizer.use_ema and int(optimizer.iterations):
                    pairs += zip(
                        optimizer._trainable_variables,
                        optimizer._model_variables_moving_average,
                    )
        kept = [ops.convert_to_numpy(variable) for variable, _ in pairs]
        try:
            for variable, average in pairs:
                # A copy: on JAX they would share a buffer that training frees.
                variable.assign(ops.convert_to_numpy(average))
            yield
        finally:
            for (variable, _), value in zip(pairs, kept):
                variable.assign(value)
