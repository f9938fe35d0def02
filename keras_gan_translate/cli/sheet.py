"""`translate --grid`: before beside after, in one picture."""

NAME = "grid.png"
CELL = 256  # pixels
MOST_IMAGES = 32
ROWS = 8


class Sheet:
    """A contact sheet: each image beside what was made of it.

    Args:
        titles: of the translations of each image.
    """

    def __init__(self, titles):
        self.titles = titles
        self.rows = {}  # path -> {title: cell}

    def add(self, title, path, image, translated):
        """Adds a translation of an image, while there is room."""
        if path in self.rows or len(self.rows) < MOST_IMAGES:
            row = self.rows.setdefault(path, {})
            row["before"] = _cell(image)
            row[title] = _cell(translated)

    def draw(self):
        """Returns a uint8 array (H, W, 3)."""
        import numpy as np

        from keras_gan_translate.support.pictures import draw_grid

        rows = list(self.rows.values())
        none = np.full((CELL, CELL, 3), 255, "uint8")
        return draw_grid(
            [
                (title, [row.get(title, none) for row in some])
                for first in range(0, len(rows), ROWS)
                for some in [rows[first : first + ROWS]]
                for title in ("before", *self.titles)
            ]
        )


def _cell(image):
    from keras_gan_translate import data

    return data.resize_image(image, CELL, "letterbox")
