"""The toon: a drawn face, flat and outlined."""

import numpy as np
from PIL import Image, ImageDraw

from keras_gan_translate.data.drawn.face_colors import pastel, pixel, vivid
from keras_gan_translate.data.drawn.face_masks import SCALE

INK = (52, 38, 54)  # outlines


def draw_toon(plan, size):
    """Draws a face flat and outlined: colours and shapes of the photo.

    Args:
        plan: The `Plan` of the face.
        size: Height and width in pixels.

    Returns:
        uint8 array of shape (size, size, 3).
    """
    shapes, colors = plan.shapes, plan.colors
    side = SCALE * size
    pen = max(1, round(0.017 * side))
    skin = vivid(colors["skin"], 0.88)
    hair = vivid(colors["hair"])
    backdrop = pastel(colors["background"])
    canvas = Image.new("RGB", (side, side), pixel(backdrop))
    draw = ImageDraw.Draw(canvas)
    draw.ellipse(
        [0.07 * side, 0.07 * side, 0.93 * side, 0.93 * side],
        fill=pixel(0.5 + 0.5 * backdrop),
    )

    def ink(name, color, outline=pen, within=None):
        if not shapes[name]:
            return
        target, brush = canvas, draw
        if within is not None:
            target = canvas.copy()
            brush = ImageDraw.Draw(target)
        for shape in shapes[name]:
            points = (shape * side).ravel().tolist()
            brush.polygon(points, fill=pixel(color))
            if outline:
                brush.line(points + points[:4], INK, outline, joint="curve")
        if within is not None:
            mask = Image.new("L", canvas.size)
            for shape in shapes[within]:
                points = (shape * side).ravel().tolist()
                ImageDraw.Draw(mask).polygon(points, fill=255)
            canvas.paste(target, mask=mask)

    ink("back", hair * 0.8)
    ink("neck", skin * 0.88)
    ink("shirt", vivid(colors["shirt"]))
    ink("necklace", vivid(colors["gold"]), outline=pen // 3)
    ink("ears", skin)
    ink("head", skin)
    ink("blush", vivid(colors["blush"], 0.95), outline=0)
    beard = vivid(colors["beard"])
    ink("stubble", skin + (beard - skin) * 0.2, outline=0)
    ink("beard", beard, outline=pen // 2)
    ink("near_ear", skin, outline=pen // 2)
    ink("nose", skin * [0.72, 0.58, 0.58], outline=0)
    ink("lips", vivid(colors["lips"]), outline=0)
    ink("line", np.array(INK) / 255, outline=0)
    ink("teeth", np.ones(3), outline=0)
    ink("moustache", beard, outline=pen // 3)
    ink("shadow", vivid(colors["shadow"]), outline=0)
    ink("eyes", np.ones(3), outline=0)
    ink("iris", vivid(colors["iris"]), outline=pen // 2, within="eyes")
    ink("pupil", np.array(INK) / 255, outline=0, within="eyes")
    ink("glint", np.ones(3), outline=0)
    ink("lashes", np.array(INK) / 255, outline=pen // 3)
    ink("brows", hair * 0.6, outline=0)
    ink("hair", hair)
    ink("shine", hair + (1 - hair) * 0.4, outline=0, within="hair")
    ink("glasses", vivid(colors["glasses"]) * 0.8, outline=0)
    ink("earrings", vivid(colors["gold"]), outline=pen // 3)
    ink("hat", vivid(colors["hat"]))
    ink("hat_band", vivid(colors["hat"]) * 0.82)
    return np.array(canvas.resize((size, size), Image.Resampling.LANCZOS))
