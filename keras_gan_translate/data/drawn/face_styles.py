"""The styles of a drawn face: six domains of the same faces, aligned."""

from keras_gan_translate.data.drawn.face_line import draw_line
from keras_gan_translate.data.drawn.face_photo import draw_photo
from keras_gan_translate.data.drawn.face_pixel import draw_pixel
from keras_gan_translate.data.drawn.face_plan import make_plan
from keras_gan_translate.data.drawn.face_poster import draw_poster
from keras_gan_translate.data.drawn.face_toon import draw_toon
from keras_gan_translate.data.drawn.face_watercolour import draw_watercolour
from keras_gan_translate.support.messages import check_choice

# Style -> what draws it and how tall its eyes are, natural ones 1.
FACE_STYLES = {
    "photo": (draw_photo, 1.0),
    "toon": (draw_toon, 1.7),
    "line": (draw_line, 1.4),
    "poster": (draw_poster, 1.3),
    "watercolour": (draw_watercolour, 1.3),
    "pixel": (draw_pixel, 1.9),
}


def draw_styles(face, size, styles):
    """Draws a face in several styles.

    Args:
        face: The `Face`.
        size: Height and width in pixels, 16 at least.
        styles: Names of `FACE_STYLES`.

    Returns:
        List of uint8 arrays of shape (size, size, 3).

    Raises:
        ValueError: A style is unknown or the size too small.
    """
    if size < 16:
        raise ValueError(f"size must be at least 16, received {size}.")
    pictures = []
    for style in styles:
        plan = plan_of(face, style)
        pictures.append(FACE_STYLES[style][0](plan, size))
    return pictures


def plan_of(face, style):
    """The `Plan` of a face in a style, whose eyes are of its height.

    Raises:
        ValueError: The style is unknown.
    """
    check_choice("style", style, tuple(FACE_STYLES))
    return make_plan(face, FACE_STYLES[style][1])


def draw(face, size=64, style="photo"):
    """Draws a face in one style; see `draw_styles`."""
    return draw_styles(face, size, (style,))[0]
