"""CIELAB: colours as lightness, and two axes of opposed colours."""

import keras
from keras import ops

# Linear sRGB to XYZ (IEC 61966-2-1). White is all of it, so gray has no
# colour exactly.
XYZ = (
    (0.4124, 0.3576, 0.1805),
    (0.2126, 0.7152, 0.0722),
    (0.0193, 0.1192, 0.9505),
)
DELTA = 6 / 29
LIGHTNESS, COLOUR = 50.0, 110.0  # L* / 50 - 1, a* / 110 and b* / 110


class _Pixels(keras.layers.Layer):
    """What works on each pixel by itself, in float32."""

    def __init__(self, dtype="float32", **kwargs):
        super().__init__(dtype=dtype, **kwargs)


@keras.saving.register_keras_serializable("keras_gan_translate")
class RGBToLab(_Pixels):
    """Pixels in CIELAB, each axis scaled to about [-1, 1].

    RGB in [-1, 1] with three channels or gray with one; out come three:
    L* / 50 - 1, a* / 110 and b* / 110, as pix2pix' authors scale them.

    Example:
        >>> RGBToLab()(keras.ops.ones((1, 2, 2, 3)))[0, 0, 0]  # white
        [1.0, 0.0, 0.0]
    """

    def call(self, images):
        coded = (images + 1.0) / 2.0
        linear = ops.where(
            coded <= 0.04045,
            coded / 12.92,
            ops.power((ops.maximum(coded, 0.04) + 0.055) / 1.055, 2.4),
        )
        if images.shape[-1] == 1:
            linear = ops.concatenate([linear] * 3, axis=-1)
        # Relative to white, which is the sum of a row.
        xyz = [_mix(linear, [part / sum(row) for part in row]) for row in XYZ]
        x, y, z = (_root(value) for value in xyz)
        return ops.concatenate(
            [
                (116.0 * y - 16.0) / LIGHTNESS - 1.0,
                500.0 / COLOUR * (x - y),
                200.0 / COLOUR * (y - z),
            ],
            axis=-1,
        )

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 3)


@keras.saving.register_keras_serializable("keras_gan_translate")
class LabToRGB(_Pixels):
    """The inverse of `RGBToLab`; colours that no screen has are clipped.

    Example:
        >>> LabToRGB()(RGBToLab()(images))  # images in [-1, 1]
    """

    def call(self, lab):
        lightness, a, b = (lab[..., i : i + 1] for i in range(3))
        y = ((lightness + 1.0) * LIGHTNESS + 16.0) / 116.0
        x = y + a * (COLOUR / 500.0)
        z = y - b * (COLOUR / 200.0)
        xyz = ops.concatenate(
            [_cube(v) * sum(row) for v, row in zip((x, y, z), XYZ)], axis=-1
        )
        linear = ops.concatenate(
            [_mix(xyz, row) for row in _inverse(XYZ)], axis=-1
        )
        linear = ops.clip(linear, 0.0, 1.0)
        coded = ops.where(
            linear <= 0.0031308,
            12.92 * linear,
            1.055 * ops.power(ops.maximum(linear, 0.003), 1 / 2.4) - 0.055,
        )
        return 2.0 * coded - 1.0


def _mix(pixels, weights):
    return sum(pixels[..., i : i + 1] * weights[i] for i in range(3))


def _root(t):
    return ops.where(
        t > DELTA**3,
        ops.power(ops.maximum(t, 0.008), 1 / 3),
        t / (3 * DELTA**2) + 4 / 29,
    )


def _cube(t):
    return ops.where(t > DELTA, t * t * t, 3 * DELTA**2 * (t - 4 / 29))


def _inverse(matrix):
    """The inverse of a matrix of three rows, as lists of numbers."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    rows = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    determinant = a * rows[0][0] + b * rows[1][0] + c * rows[2][0]
    return [[value / determinant for value in row] for row in rows]
