"""The line drawing: a drawn face in ink on paper."""

import numpy as np
from PIL import Image, ImageDraw

from keras_gan_translate.data.drawn.face_masks import SCALE
from keras_gan_translate.data.drawn.face_plan import place

INK, PAPER = np.array([36, 32, 46]), np.array([251, 248, 241])
BRIGHTNESS = np.array([0.299, 0.587, 0.114])  # luma of BT.601
SOLID = 0.26  # hair darker than this is filled with ink


def draw_line(plan, size):
    """Draws a face with a pen: outlines, strands and hatching.

    Args:
        plan: The `Plan` of the face.
        size: Height and width in pixels.

    Returns:
        uint8 array of shape (size, size, 3).
    """
    side = SCALE * size
    page = _Page(plan, side)
    pen = max(2, round(0.011 * side))
    thin = max(1, round(0.55 * pen))
    strands = _strands(plan.face)
    dark = 1 - plan.colors["hair"] @ BRIGHTNESS
    solid = plan.colors["hair"] @ BRIGHTNESS < SOLID
    count = len(strands) if solid else max(9, round(len(strands) * dark))
    picked = [strands[i * len(strands) // count] for i in range(count)]
    # Ink for the strands of light hair, paper for those of dark hair.
    hair, strand = (0, 255) if solid else (255, 0)

    page.ink("back", hair, pen, picked, strand, thin)
    page.ink("neck", 255, pen, _hatching(plan.face, 0.035), 90, thin)
    page.ink("shirt", 255, pen, _cloth(plan), 60, thin)
    page.ink("necklace", 255, thin)
    for name in ("ears", "head"):
        page.ink(name, 255, pen)
    page.ink("stubble", 255, 0, _hatching(plan.face, 0.02), 165, thin)
    page.ink("beard", hair, thin, picked, strand, thin)
    page.ink("near_ear", 255, thin)
    page.ink("blush", None, 0, _hatching(plan.face, 0.022), 150, thin)
    page.ink("nose", 0, 0)
    page.ink("lips", 150 if plan.face.makeup != "none" else 225, thin)
    page.ink("line", 0, thin)
    page.ink("teeth", 255, 0)
    page.ink("moustache", hair, thin, picked, strand, thin)
    page.ink("shadow", 190, 0)
    page.ink("eyes", 255, thin)
    page.ink("iris", 165, thin, within="eyes")
    page.ink("pupil", 0, 0, within="eyes")
    page.ink("glint", 255, 0)
    page.ink("lashes", 0, thin)
    page.ink("brows", 0 if dark > 0.5 else 110, 0)
    page.ink("hair", hair, pen, picked, strand, thin)
    page.ink("earrings", 255, thin)
    page.ink("glasses", 0, 0)
    page.ink("hat", 255, pen, _hatching(plan.face, 0.03), 110, thin)
    page.ink("hat_band", 70, thin)
    gray = page.image.resize((size, size), Image.Resampling.LANCZOS)
    share = np.asarray(gray, "float32")[..., None] / 255
    return np.rint(INK + (PAPER - INK) * share).astype("uint8")


class _Page:
    """A page of gray, 0 ink and 255 paper, that parts are drawn on."""

    def __init__(self, plan, side):
        self.plan, self.side = plan, side
        self.image = Image.new("L", (side, side), 255)

    def ink(self, name, fill, pen, lines=(), gray=0, width=1, within=None):
        """Fills the polygons of a part, hatches them and outlines them.

        Args:
            name: Name of the part.
            fill: Gray, 0 to 255; None leaves what is there.
            pen: Width of the outline in pixels.
            lines: Polylines, cut at the part's edge.
            gray: Gray of the lines.
            width: Width of the lines in pixels.
            within: Name of a part at whose edge this one is cut.
        """
        shapes = self.plan.shapes[name]
        if not shapes:
            return
        points = [self._points(shape) for shape in shapes]
        layer = self.image if not (lines or within) else self.image.copy()
        draw = ImageDraw.Draw(layer)
        for polygon in points:
            if fill is not None:
                draw.polygon(polygon, fill=fill)
        for line in lines:
            draw.line(self._points(line), gray, width)
        if lines or within:
            mask = Image.new("L", layer.size)
            edges = points
            if within:
                edges = map(self._points, self.plan.shapes[within])
            for polygon in edges:
                ImageDraw.Draw(mask).polygon(polygon, fill=255)
            self.image.paste(layer, mask=mask)
        if pen and not within:
            draw = ImageDraw.Draw(self.image)
            for polygon in points:
                draw.line(polygon + polygon[:4], 0, pen, joint="curve")

    def _points(self, polygon):
        return (polygon * self.side).ravel().tolist()


def _strands(face, count=40):
    """Hairs from the top of the head down its sides, none crossing another."""
    y = np.concatenate([np.linspace(-1.3, -0.1, 12), np.linspace(0, 2.2, 8)])
    wide = np.sqrt(np.clip(1 - (np.minimum(y, 0) / 1.3) ** 2, 0, 1))
    wide += 0.12 * np.clip(y, 0, None)
    wave = 0.02 * np.sin(5 * y)
    lines = []
    for k in np.linspace(-1.45, 1.45, count):
        lean = k + wave + 0.12 * face.part * (1.3 + y)
        line = np.stack([lean * wide, y + 0.1 * np.sin(40 * k)], 1)
        lines.append(place(line * [face.width, face.height], face))
    return lines


def _hatching(face, gap):
    """Parallel strokes all over the picture, away from the light."""
    slope = 0.8 * np.sign(face.light[0])
    x = np.arange(-1, 2, gap)
    return [np.array([[at, 0.0], [at + slope, 1.0]]) for at in x]


def _cloth(plan):
    """The pattern of the clothes: stripes, checks or none, by their colour."""
    color = plan.colors["shirt"]
    kind = int(color[0] * 997) % 4
    across = [np.array([[0.0, y], [1.0, y]]) for y in np.arange(0.7, 1, 0.04)]
    down = [np.array([[x, 0.6], [x, 1.0]]) for x in np.arange(0.02, 1, 0.05)]
    return ((), across, across + down, _hatching(plan.face, 0.028))[kind]
