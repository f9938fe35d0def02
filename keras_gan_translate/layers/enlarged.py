"""The shape of what a layer enlarges."""


def enlarged(shape, factor, channels=None):
    """A shape of images with more rows and columns.

    Args:
        shape: (batch, height, width, channels), None for what is not known.
        factor: by which height and width grow.
        channels: of the result; as many as there were if None.
    """
    batch, height, width, before = shape
    return (
        batch,
        None if height is None else height * factor,
        None if width is None else width * factor,
        before if channels is None else channels,
    )
