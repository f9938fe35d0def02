"""Pictures of pictures: titled grids and heatmaps, drawn with Pillow."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

GAP = 4  # pixels between cells
TITLE_HEIGHT = 20  # pixels
MIN_CELL = 96  # pixels; smaller images are enlarged by whole factors

# Black, violet, red, orange, pale yellow: lightness grows evenly.
ANCHORS = np.array(
    [[0, 0, 4], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]]
)


def draw_grid(columns):
    """Draws images side by side, one titled column per list.

    Images keep their pixels: small ones are enlarged by a whole factor.

    Args:
        columns: list of (title, images) pairs; images is a sequence of uint8
            arrays (H, W, 3), all of one shape, or fitting into the largest a
            whole number of times. Columns may differ in length.

    Returns:
        uint8 array (H, W, 3).

    Raises:
        ValueError: there is no image, or their shapes do not fit.
    """
    shapes = {np.shape(image)[:2] for _, images in columns for image in images}
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
    num_rows = max(len(images) for _, images in columns)
    canvas = Image.new(
        "RGB",
        (
            len(columns) * (width + GAP) + GAP,
            num_rows * (height + GAP) + TITLE_HEIGHT + GAP,
        ),
        "white",
    )
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(12)
    for i, (title, images) in enumerate(columns):
        left = GAP + i * (width + GAP)
        middle = (left + width // 2, GAP // 2 + TITLE_HEIGHT // 2)
        draw.text(middle, title, (70, 70, 70), font, anchor="mm")
        for row, image in enumerate(images):
            cell = Image.fromarray(np.asarray(image))
            cell = cell.resize((width, height), Image.Resampling.NEAREST)
            canvas.paste(cell, (left, TITLE_HEIGHT + row * (height + GAP)))
    return np.array(canvas)


def draw_text(text, side):
    """A word or two as a cell of a grid.

    Args:
        text: what is written, in the middle.
        side: pixels, of a square.

    Returns:
        uint8 array (side, side, 3).
    """
    cell = Image.new("RGB", (side, side), (240, 240, 240))
    font = ImageFont.load_default(max(6, min(16, side // 6)))
    ImageDraw.Draw(cell).text(
        (side // 2, side // 2), text, (70, 70, 70), font, anchor="mm"
    )
    return np.array(cell)


def overlay_heatmap(images, heatmaps, opacity=0.55):
    """Colours heatmaps and lays them over gray copies of the images.

    Args:
        images: uint8 array (..., H, W, 3).
        heatmaps: float array (..., H, W, 1) in [0, 1].
        opacity: of the colours, in [0, 1].

    Returns:
        uint8 array of the shape of `images`.
    """
    gray = np.asarray(images) @ [0.299, 0.587, 0.114]  # luma of BT.601
    positions = np.linspace(0, 1, len(ANCHORS))
    heat = np.asarray(heatmaps)[..., 0]
    colors = np.stack(
        [np.interp(heat, positions, channel) for channel in ANCHORS.T], -1
    )
    mixed = (1 - opacity) * gray[..., None] + opacity * colors
    return np.rint(np.clip(mixed, 0, 255)).astype("uint8")
