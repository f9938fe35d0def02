"""The two styles of a drawn face: a soft shaded photo and a flat toon."""

import colorsys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SCALE = 4  # supersampling
INK = (52, 38, 54)  # outlines of the toon


def draw_photo(face, size, random):
    """Draws a face as a soft shaded picture.

    Args:
        face: What `synthetic.draw_lots` returns.
        size: Height and width in pixels.
        random: `numpy.random.Generator` for background, strands and grain.

    Returns:
        uint8 array of shape (size, size, 3).
    """
    shapes, colors = face["photo"], face["colors"]
    grid = (np.arange(size) + 0.5) / size
    x = (grid[None, :] - face["center"][0]) / face["radii"][0]
    y = (grid[:, None] - face["center"][1]) / face["radii"][1]
    light = _light(face, x, y)[..., None]
    skin_light = light ** [0.85, 1.05, 1.15]  # blood makes shadows warm
    hair_light = _light(face, x / 1.3, y / 1.3) * _strands(x, y, random)
    hair_light = hair_light[..., None]

    canvas = _backdrop(colors["background"], size, random)

    def lay(name, color, light=1.0, opacity=1.0, soft=0.0, mask=None):
        nonlocal canvas
        mask = _mask(shapes[name], size, soft) if mask is None else mask
        cover = (mask * opacity)[..., None]
        canvas += (color * light - canvas) * cover

    skin, hair = colors["skin"], colors["hair"]
    head = _mask(shapes["head"], size)
    front = _mask(shapes["hair"], size, 0.004)
    lay("back", hair * 0.72, hair_light, soft=0.006)
    under_chin = 0.30 * _fall(head, 0.04, size) - 0.12
    lay("neck", skin, skin_light - under_chin)
    lay("shirt", colors["shirt"], 0.5 + 0.5 * light)
    lay("ears", skin * 0.94, skin_light)
    under_hair = 0.30 * _fall(front, 0.03, size)
    lay("head", skin, skin_light - under_hair, mask=head)
    lay("blush", colors["blush"], skin_light, 0.8, soft=0.025)
    lay("bridge", np.minimum(skin * 1.25, 1), skin_light, 0.45, soft=0.018)
    lay("nose", skin * [0.62, 0.5, 0.47], skin_light, 0.75, soft=0.008)
    lay("lips", colors["lips"], skin_light, soft=0.006)
    lay("line", colors["lips"] * 0.45, skin_light, soft=0.003)
    lay("teeth", np.array([0.95, 0.93, 0.9]), skin_light, 0.9, soft=0.003)
    eyes = _mask(shapes["eyes"], size)
    lay("eyes", np.array([0.95, 0.94, 0.93]), skin_light * 0.98, mask=eyes)
    iris = _mask(shapes["iris"], size) * eyes
    lay("iris", colors["iris"], mask=iris)
    pupil = _mask(shapes["pupil"], size) * eyes
    lay("pupil", 0.25 * colors["iris"], mask=pupil)
    lay("glint", np.ones(3), opacity=0.9)
    lay("lashes", 0.3 * hair + 0.06, opacity=0.85, soft=0.003)
    lay("brows", 0.65 * hair + 0.02, skin_light, 0.85, soft=0.004)
    lay("hair", hair, hair_light, mask=front)
    shine = _mask(shapes["shine"], size, 0.012) * front
    lay("shine", np.minimum(hair * 1.35 + 0.13, 1), hair_light, 0.6, mask=shine)
    lay("glasses", colors["glasses"], 0.9, soft=0.002)

    canvas += random.normal(0, 0.008, (size, size, 1))
    return np.rint(np.clip(canvas, 0, 1) * 255).astype("uint8")


def draw_toon(face, size):
    """Draws a face flat and outlined: colours and shapes of the photo.

    Args:
        face: What `synthetic.draw_lots` returns.
        size: Height and width in pixels.

    Returns:
        uint8 array of shape (size, size, 3).
    """
    shapes, colors = face["toon"], face["colors"]
    side = SCALE * size
    pen = max(1, round(0.017 * side))
    skin = _vivid(colors["skin"], 0.88)
    hair = _vivid(colors["hair"])
    pastel = _pastel(colors["background"])
    canvas = Image.new("RGB", (side, side), _pixel(pastel))
    draw = ImageDraw.Draw(canvas)
    draw.ellipse(
        [0.07 * side, 0.07 * side, 0.93 * side, 0.93 * side],
        fill=_pixel(0.5 + 0.5 * pastel),
    )

    def ink(name, color, outline=pen, within=None):
        target, brush = canvas, draw
        if within is not None:
            target = canvas.copy()
            brush = ImageDraw.Draw(target)
        for shape in shapes[name]:
            points = [tuple(point) for point in shape * side]
            brush.polygon(points, fill=_pixel(color))
            if outline:
                brush.line(points + points[:2], INK, outline, joint="curve")
        if within is not None:
            mask = Image.new("L", canvas.size)
            for shape in shapes[within]:
                points = [tuple(point) for point in shape * side]
                ImageDraw.Draw(mask).polygon(points, fill=255)
            canvas.paste(target, mask=mask)

    ink("back", hair * 0.8)
    ink("neck", skin * 0.88)
    ink("shirt", _vivid(colors["shirt"]))
    ink("ears", skin)
    ink("head", skin)
    ink("blush", _vivid(colors["blush"], 0.95), outline=0)
    ink("nose", skin * [0.72, 0.58, 0.58], outline=0)
    ink("lips", _vivid(colors["lips"]), outline=0)
    ink("line", np.array(INK) / 255, outline=0)
    ink("teeth", np.ones(3), outline=0)
    ink("eyes", np.ones(3), outline=0)
    ink("iris", _vivid(colors["iris"]), outline=pen // 2, within="eyes")
    ink("pupil", np.array(INK) / 255, outline=0, within="eyes")
    ink("glint", np.ones(3), outline=0)
    ink("lashes", np.array(INK) / 255, outline=pen // 3)
    ink("brows", hair * 0.6, outline=0)
    ink("hair", hair)
    ink("shine", hair + (1 - hair) * 0.4, outline=0, within="hair")
    ink("glasses", _vivid(colors["glasses"]) * 0.8, outline=0)
    return np.array(canvas.resize((size, size), Image.Resampling.LANCZOS))


def _mask(shapes, size, soft=0.0):
    """Coverage of shapes in [0, 1]; `soft` blurs by that many widths."""
    large = Image.new("L", (SCALE * size, SCALE * size))
    draw = ImageDraw.Draw(large)
    for shape in shapes:
        draw.polygon((shape * (SCALE * size)).ravel().tolist(), fill=255)
    small = large.reduce(SCALE)
    if soft:
        small = small.filter(ImageFilter.GaussianBlur(soft * size))
    return np.asarray(small, "float32") / 255


def _light(face, x, y):
    """Light on an ellipsoid, 0.66 to 1.16, over the head's own coordinates."""
    z = np.sqrt(np.clip(1.5 - x**2 - y**2, 0.04, None))
    length = np.sqrt(x**2 + y**2 + z**2)
    lx, ly, lz = face["light"]
    diffuse = np.clip((x * lx + y * ly + z * lz) / length, 0, 1)
    return 0.66 + 0.50 * diffuse


def _strands(x, y, random):
    """Streaks that run out from the crown of the head."""
    angle = (np.arctan2(y + 0.75, x) / (2 * np.pi) + 0.5) * 72
    values = random.uniform(0.84, 1.14, 74)
    return np.interp(angle, np.arange(74), values)


def _fall(mask, distance, size):
    """Soft shadow that a shape throws on what lies `distance` below it."""
    image = Image.fromarray(np.rint(mask * 255).astype("uint8"))
    image = image.filter(ImageFilter.GaussianBlur(0.02 * size))
    steps = max(1, round(distance * size))
    shadow = np.zeros_like(mask)
    shadow[steps:] = np.asarray(image, "float32")[:-steps] / 255
    return shadow[..., None]


def _backdrop(color, size, random):
    """An unsharp background of one hue with a few spots of light."""
    clouds = random.normal(0, 1, (5, 5)).astype("float32")
    clouds = Image.fromarray(clouds).resize((size, size), Image.BICUBIC)
    light = 1 + 0.13 * np.asarray(clouds)
    spots = np.zeros((size, size), "float32")
    grid = (np.arange(size) + 0.5) / size
    for _ in range(5):
        x, y, radius = random.uniform(0, 1), random.uniform(0, 1), 0.09
        distance = np.hypot(grid[None] - x, grid[:, None] - y)
        spots += np.clip((radius - distance) / 0.02, 0, 1)
    light = light + 0.12 * spots
    return color.astype("float32") * light[..., None]


def _vivid(color, saturated=1.12):
    """The toon's colour for a colour of the photo: same hue, brighter."""
    hue, saturation, value = colorsys.rgb_to_hsv(*color)
    return np.array(
        colorsys.hsv_to_rgb(hue, min(1.0, saturated * saturation), value**0.6)
    )


def _pastel(color):
    return 0.5 + 0.5 * _vivid(color)


def _pixel(color):
    return tuple(int(round(255 * min(1.0, max(0.0, c)))) for c in color)
