"""Squares out of features, and features out of squares."""

from keras import ops


def patches(x, size, stride=1):
    """The square around every position, or every second one.

    Args:
        x: Features (N, H, W, C).
        size: Height and width of the squares, 1, 3 or 4.
        stride: Distance of the positions; 2 for squares of 4.

    Returns:
        (N, H / stride, W / stride, size * size * C), of a border of one zero
        pixel too, where the size is not 1.
    """
    if size == 1:
        return x
    _, height, width, _ = ops.shape(x)
    x = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return ops.concatenate(
        [
            x[:, i : i + height : stride, j : j + width : stride]
            for i in range(size)
            for j in range(size)
        ],
        axis=-1,
    )


def overlaid(squares, channels):
    """4x4 squares, two pixels apart, added up where they overlap.

    A transposed convolution: output row 2 i + 1 is row 2 of patch i and row 0
    of patch i + 1, output row 2 i is row 1 of patch i and row 3 of patch
    i - 1; columns likewise.

    Args:
        squares: (N, h, w, 16 C), as of `patches`.
        channels: C.

    Returns:
        (N, 2 h, 2 w, C).
    """
    _, height, width, _ = ops.shape(squares)
    wide = ops.pad(squares, ((0, 0), (1, 1), (1, 1), (0, 0)))

    def term(row, column):
        # row and column: (of the patch, which patch)
        first = (4 * row[0] + column[0]) * channels
        top, left = 1 + row[1], 1 + column[1]
        return wide[
            :,
            top : top + height,
            left : left + width,
            first : first + channels,
        ]

    sources = (((1, 0), (3, -1)), ((2, 0), (0, 1)))
    rows = []
    for even_row in sources:
        columns = [
            sum(term(row, column) for row in even_row for column in even_column)
            for even_column in sources
        ]
        # A pixel's channels beside the next one's are two pixels of a row.
        row = ops.concatenate(columns, axis=3)
        rows.append(ops.reshape(row, (-1, height, 2 * width, channels)))
    x = ops.concatenate(rows, axis=2)
    return ops.reshape(x, (-1, 2 * height, 2 * width, channels))
