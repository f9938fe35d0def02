"""How far a layer looks: what tiling has to know of it."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Reach:
    """Which rows of its input a layer's output rows depend on.

    Rows `first` to `last` of the output, `last` excluded, depend on rows
    `first * stride / upsampling - before` to `last * stride / upsampling +
    after` of the input and on no others, wherever in the image they lie; and
    the layer, run on such a strip, makes them as it would of the whole image.
    Rows that its padding spoils at the strip's edges lie within `before` and
    `after`. At the edges of the image the strip has no rows beyond, but more
    than `before` (`after`) rows within, to be mirrored.

    A layer that declares a `reach` can be tiled, see `tiling`. The default is
    that of a layer that works pixel by pixel.

    Attributes:
        before: Rows of the input above.
        after: Rows of the input below, negative if fewer.
        stride: Rows of the input per row of the output.
        upsampling: Rows of the output per row of the input.
    """

    before: int = 0
    after: int = 0
    stride: int = 1
    upsampling: int = 1
