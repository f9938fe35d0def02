"""Pictures of pictures: titled grids and heatmaps, drawn with Pillow."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

GAP = 4  # pixels between cells
TITLE_HEIGHT = 20  # pixels
MIN_CELL = 96  # pixels; smaller images are enlarged by whole factors
MAX_COLUMNS = 16  # side by side; further ones come below
CAPTION_HEIGHT = 16  # pixels

# Black, violet, red, orange, pale yellow: lightness grows evenly.
ANCHORS = np.array(
    [[0, 0, 4], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]]
)


def draw_grid(columns):
    """Draws images side by side, one titled column per list.

    Images keep their pixels: small ones are enlarged by a whole factor. More
    than `MAX_COLUMNS` columns stand in several bands, one below the other.

    Args:
        columns: list of (title, images) or (title, images, captions); images
            is a sequence of uint8 arrays (H, W, 3), all of one shape, or
            fitting into the largest a whole number of times; captions are
            texts written upon them, "" for none. Columns may differ in
            length.

    Returns:
        uint8 array (H, W, 3).

    Raises:
        ValueError: there is no image, or their shapes do not fit.
    """
    columns = [(*column, ())[:3] for column in columns]
    shapes = {np.shape(x)[:2] for _, images, _ in columns for x in images}
    height, width = max(shapes, default=(1, 1))
    if not shapes or not all(
        width % w == 0 and h * width == w * height for h, w in shapes
    ):
        raise ValueError(
            "A grid needs images of one shape, or of whole multiples of it. "
            f"Received: {sorted(shapes)}."
        )
    factor = max(1, -(-MIN_CELL // width))
    height, width = height * factor, width * factor
    num_rows = max(len(images) for _, images, _ in columns)
    band = num_rows * (height + GAP) + TITLE_HEIGHT
    num_bands = -(-len(columns) // MAX_COLUMNS)
    across = -(-len(columns) // num_bands)
    canvas = Image.new(
        "RGB",
        (across * (width + GAP) + GAP, num_bands * band + GAP),
        "white",
    )
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(12)
    for i, (title, images, captions) in enumerate(columns):
        left, top = GAP + i % across * (width + GAP), i // across * band
        middle = (left + width // 2, top + GAP // 2 + TITLE_HEIGHT // 2)
        text = _fitting(title, width, font)
        draw.text(middle, text, (70, 70, 70), font, anchor="mm")
        for row, image in enumerate(images):
            cell = Image.fromarray(np.asarray(image))
            cell = cell.resize((width, height), Image.Resampling.NEAREST)
            corner = (left, top + TITLE_HEIGHT + row * (height + GAP))
            canvas.paste(cell, corner)
            if row < len(captions) and captions[row]:
                _write_upon(draw, captions[row], corner, cell.size, font)
    return np.array(canvas)


def draw_caption(text, height, width):
    """Draws a word as a cell of a grid.

    Args:
        text: the word; what is too long is cut off.
        height: of the cell, in pixels.
        width: of the cell, in pixels.

    Returns:
        uint8 array (height, width, 3).
    """
    cell = Image.new("RGB", (width, height), "white")
    size = max(6, min(14, 2 * width // max(1, len(text))))
    ImageDraw.Draw(cell).text(
        (width // 2, height // 2),
        text,
        (70, 70, 70),
        ImageFont.load_default(size),
        anchor="mm",
    )
    return np.array(cell)


def _write_upon(draw, text, corner, size, font):
    """Writes a caption on a dark band along the lower edge of a cell."""
    (left, top), (width, height) = corner, size
    bottom = top + height
    draw.rectangle(
        (left, bottom - CAPTION_HEIGHT, left + width - 1, bottom - 1),
        (30, 30, 30),
    )
    middle = (left + width // 2, bottom - CAPTION_HEIGHT // 2)
    text = _fitting(text, width, font)
    draw.text(middle, text, "white", font, anchor="mm")


def _fitting(text, width, font):
    """As much of a text as is not wider than some pixels."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "...") > width:
        text = text[:-1]
    return text + "..."


def overlay_heatmap(images, heatmaps, opacity=0.55):
    """Colours heatmaps and lays them over gray copies of the images.

    Args:
        images: uint8 array (..., H, W, 3), or (..., H, W, 1) if gray.
        heatmaps: float array (..., H, W, 1) in [0, 1].
        opacity: of the colours, in [0, 1].

    Returns:
        uint8 array (..., H, W, 3).
    """
    images = np.asarray(images)
    images = np.broadcast_to(images, (*images.shape[:-1], 3))
    gray = images @ [0.299, 0.587, 0.114]  # luma of BT.601
    positions = np.linspace(0, 1, len(ANCHORS))
    heat = np.asarray(heatmaps)[..., 0]
    colors = np.stack(
        [np.interp(heat, positions, channel) for channel in ANCHORS.T], -1
    )
    mixed = (1 - opacity) * gray[..., None] + opacity * colors
    return np.rint(np.clip(mixed, 0, 255)).astype("uint8")
