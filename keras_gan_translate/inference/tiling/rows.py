"""Features whose rows are computed when they are asked for.

The nodes of a network's graph become objects that know their operands. Rows
of a local operation are computed from the rows of its operands that it
reaches. What is read twice, or measured because a normalization needs the
mean and variance of the whole image, is computed once and lies in a file.
"""

import errno
import math
import tempfile

import numpy as np
from keras import ops

from keras_gan_translate.inference.borders import to_float


class Rows:
    """Features (1, height, width, channels), to be read by rows.

    Attributes:
        shape: of the whole.
        readers: how many others are going to read all of it.
        measured: whether `moments` will be asked for.
        moments: `Moments` of all rows, once stored.

    Args:
        shape: of the whole.
        operands: the `Rows` and `Vector` it is computed from.
    """

    def __init__(self, shape, operands=()):
        self.shape, self.operands = tuple(shape), operands
        self.readers, self.measured = 0, False
        self.moments = self._file = self._dtype = None
        for operand in operands:
            operand.readers += 1

    def read(self, first, last):
        """Rows `first` to `last`, excluded: tensor (1, n, width, channels)."""
        if self._file is None:
            return self._compute(first, last)
        strip = np.empty((1, last - first, *self.shape[2:]), self._dtype)
        self._file.seek(first * strip[:, :1].nbytes)
        self._file.readinto(strip.view("uint8").reshape(-1))
        return ops.convert_to_tensor(strip)

    @property
    def is_kept(self):
        """Whether it is to be stored before it is read."""
        return self.measured or self.readers > 1

    def store(self, height):
        """Computes all rows, `height` at a time, and keeps them in a file.

        Yields:
            None, after every strip.

        Raises:
            ValueError: the disk is full.
        """
        # It has no name: whatever happens to us, it is gone.
        file = tempfile.TemporaryFile(prefix="kgt-")
        moments = Moments() if self.measured else None
        for first in range(0, self.shape[1], height):
            strip = self._compute(first, min(first + height, self.shape[1]))
            if moments:
                moments.add(strip)
            pixels = np.ascontiguousarray(ops.convert_to_numpy(strip))
            _write(file, pixels)
            yield
        self._file, self._dtype, self.moments = file, pixels.dtype, moments
        self.release_operands()

    def release(self):
        """Tells that a reader has read all it needs."""
        self.readers -= 1
        if self._file is None:
            self.release_operands()
        elif not self.readers:
            self.close()

    def release_operands(self):
        """Tells the operands that they are not needed any more."""
        for operand in self.operands:
            operand.release()
        self.operands = []

    def close(self):
        """Throws away what is stored."""
        if self._file is not None:
            self._file.close()

    def _compute(self, first, last):
        raise NotImplementedError


class Source(Rows):
    """The image itself, in [-1, 1] and padded as `borders.map_images` does.

    Args:
        image: array (H, W, C), uint8 or float in [-1, 1].
        size_multiple: height and width are padded to multiples of this.
    """

    def __init__(self, image, size_multiple):
        self._image = image
        self._order = [
            np.pad(np.arange(side), (0, -side % size_multiple), "symmetric")
            for side in image.shape[:2]
        ]
        super().__init__((1, *map(len, self._order), image.shape[2]))

    def _compute(self, first, last):
        rows, columns = self._order
        strip = self._image[rows[first:last]]
        if len(columns) > strip.shape[1]:
            strip = strip[:, columns]
        return ops.convert_to_tensor(to_float(strip[None]))


class Local(Rows):
    """What an operation makes that looks only so far.

    Args:
        shape: of the whole.
        call: function from the operands' values to the features.
        operands: `Rows` of one height, and `Vector`.
        reach: `layers.Reach` of the operation.
        name: of the operation, for errors.
    """

    def __init__(self, shape, call, operands, reach, name):
        super().__init__(shape, operands)
        self._call, self._reach, self._name = call, reach, name

    def _compute(self, first, last):
        reach = self._reach
        stride, upsampling = reach.stride, reach.upsampling
        (height,) = {x.shape[1] for x in self.operands if isinstance(x, Rows)}
        low = first * stride // upsampling - reach.before
        high = math.ceil(last * stride / upsampling) + reach.after
        # "same" pads a strip as it pads the image where both begin at a
        # multiple of the stride and leave the same rest.
        low = max(min(low, height - 1 - reach.before), 0) // stride * stride
        high = min(max(high, reach.after + 1), height)
        high = high + (height - high) % stride
        strip = self._call(
            *(
                x.read(low, high) if isinstance(x, Rows) else x.value
                for x in self.operands
            )
        )
        start = first - low * upsampling // stride
        strip = strip[:, start : start + last - first]
        if tuple(strip.shape) != (1, last - first, *self.shape[2:]):
            raise ValueError(
                f"The reach that '{self._name}' declares is wrong: rows "
                f"{first} to {last} of {self.shape} came out as "
                f"{tuple(strip.shape)} from rows {low} to {high}."
            )
        return strip


class Normalized(Rows):
    """What a normalization makes by the moments of the whole image.

    Args:
        layer: has `normalize_part`.
        operands: `Rows`, and what else the layer takes, `Vector`.
    """

    def __init__(self, layer, operands):
        super().__init__(operands[0].shape, operands)
        self._layer = layer
        operands[0].measured = True

    def _compute(self, first, last):
        x, *style = self.operands
        strip = ops.cast(x.read(first, last), "float32")
        strip = self._layer.normalize_part(
            strip - x.moments.mean,
            x.moments.mean,
            x.moments.variance,
            float(x.moments.pixels),
            *(ops.cast(vector.value, "float32") for vector in style),
        )
        return ops.cast(strip, self._layer.compute_dtype)


class Vector:
    """A value that is no image and is computed once.

    Attributes:
        shape: of the value.
        readers, measured: as of `Rows`, and of no effect.

    Args:
        shape: of the value.
        call: function from the operands' values to the value.
        operands: `Vector`; or `Rows`, whose means stand in for it as an
            image of one pixel.
    """

    def __init__(self, shape, call, operands):
        self.shape, self.readers, self.measured = tuple(shape), 0, False
        self._call, self._operands, self._value = call, operands, None
        for operand in operands:
            operand.readers += 1
            operand.measured = True

    @property
    def value(self):
        """A tensor."""
        if self._value is None:
            self._value = self._call(
                *(
                    x.moments.mean if isinstance(x, Rows) else x.value
                    for x in self._operands
                )
            )
            for x in self._operands:
                x.release()
        return self._value

    def release(self):
        """Does nothing: a vector takes no room."""


class Moments:
    """Mean and variance of every channel, of strips put together.

    Reference: Chan, Golub, LeVeque, "Algorithms for Computing the Sample
    Variance: Analysis and Recommendations", The American Statistician 37(3),
    1983, equations 2.1.

    Attributes:
        pixels: how many have been added.
    """

    def __init__(self):
        self.pixels, self._mean, self._squares = 0, 0.0, 0.0

    @property
    def mean(self):
        """Float32 tensor (1, 1, 1, C)."""
        return ops.convert_to_tensor(self._mean, "float32")

    @property
    def variance(self):
        """Float32 tensor (1, 1, 1, C), biased."""
        return ops.convert_to_tensor(self._squares / self.pixels, "float32")

    def add(self, strip):
        """Adds the pixels of a tensor (1, h, W, C)."""
        x = ops.cast(strip, "float32")
        mean = ops.mean(x, axis=(1, 2), keepdims=True)
        squares = ops.mean(ops.square(x - mean), axis=(1, 2), keepdims=True)
        count = x.shape[1] * x.shape[2]
        total = self.pixels + count
        delta = _double(mean) - self._mean
        self._squares = (
            self._squares
            + _double(squares) * count
            + delta**2 * (self.pixels * count / total)
        )
        self._mean = self._mean + delta * (count / total)
        self.pixels = total


def _double(tensor):
    return ops.convert_to_numpy(tensor).astype("float64")


def _write(file, pixels):
    try:
        file.write(pixels.view("uint8").reshape(-1))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise ValueError(
            f"'{tempfile.gettempdir()}' is full: an image that is translated "
            "in tiles keeps its features there. Set TMPDIR to a folder with "
            "more room."
        ) from error
