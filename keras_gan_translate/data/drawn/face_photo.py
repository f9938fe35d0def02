"""The photo: a drawn face, soft and shaded."""

import numpy as np
from PIL import Image, ImageFilter

from keras_gan_translate.data.drawn.face_masks import mask_of, spread_of
from keras_gan_translate.data.drawn.face_turning import turn_points


def draw_photo(plan, size):
    """Draws a face as a soft shaded picture.

    Args:
        plan: The `Plan` of the face.
        size: Height and width in pixels.

    Returns:
        uint8 array of shape (size, size, 3).
    """
    face, shapes, colors = plan.face, plan.shapes, plan.colors
    random = face.texture()
    grid = (np.arange(size) + 0.5) / size
    x = (grid[None, :] - face.x) / face.width
    y = (grid[:, None] - face.y) / face.height
    light = _light(face, x, y)[..., None]
    skin_light = light ** [0.85, 1.05, 1.15]  # blood makes shadows warm
    strands = _strands(_turned_back(x, y, face), y, random)
    hair_light = _light(face, x / 1.3, y / 1.3) * strands
    hair_light = hair_light[..., None]

    canvas = _backdrop(colors["background"], size, random)

    def lay(name, color, light=1.0, opacity=1.0, soft=0.0, mask=None):
        if not shapes[name]:
            return
        mask = mask_of(shapes[name], size, soft) if mask is None else mask
        # Most parts are small: the rest of the canvas is left alone.
        at = spread_of(shapes[name], size, soft)
        cover = (mask[at] * opacity)[..., None]
        light = light[at] if np.ndim(light) == 3 else light
        canvas[at] += (color * light - canvas[at]) * cover

    skin, hair = colors["skin"], colors["hair"]
    head = mask_of(shapes["head"], size)
    front = mask_of(shapes["hair"], size, 0.004)
    lay("back", hair * 0.72, hair_light, soft=0.006)
    under_chin = 0.30 * _fall(head, 0.04, size) - 0.12
    lay("neck", skin, skin_light - under_chin)
    lay("shirt", colors["shirt"], 0.5 + 0.5 * light)
    lay("necklace", colors["gold"], 0.3 + 0.7 * light, soft=0.002)
    lay("ears", skin * 0.94, skin_light)
    # A hat throws the shadow of the hair below it as well.
    top = front
    if shapes["hat"]:
        hat = mask_of(shapes["hat"] + shapes["hat_band"], size)
        top = np.maximum(front, hat)
    under_hair = 0.30 * _fall(top, 0.03, size)
    lay("head", skin, skin_light - under_hair, mask=head)
    lay("blush", colors["blush"], skin_light, 0.8, soft=0.025)
    lay("stubble", colors["beard"], skin_light, 0.35, soft=0.02)
    lay("beard", colors["beard"], hair_light, 0.94, soft=0.008)
    lay("near_ear", skin * 0.94, skin_light, soft=0.002)
    lay("bridge", np.minimum(skin * 1.25, 1), skin_light, 0.45, soft=0.018)
    lay("nose", skin * [0.62, 0.5, 0.47], skin_light, 0.75, soft=0.008)
    lay("lips", colors["lips"], skin_light, soft=0.006)
    lay("line", colors["lips"] * 0.45, skin_light, soft=0.003)
    lay("teeth", np.array([0.95, 0.93, 0.9]), skin_light, 0.9, soft=0.003)
    lay("moustache", colors["beard"], hair_light, 0.95, soft=0.004)
    lay("shadow", colors["shadow"], skin_light, 0.7, soft=0.006)
    eyes = mask_of(shapes["eyes"], size)
    lay("eyes", np.array([0.95, 0.94, 0.93]), skin_light * 0.98, mask=eyes)
    iris = mask_of(shapes["iris"], size) * eyes
    lay("iris", colors["iris"], mask=iris)
    pupil = mask_of(shapes["pupil"], size) * eyes
    lay("pupil", 0.25 * colors["iris"], mask=pupil)
    lay("glint", np.ones(3), opacity=0.9)
    lay("lashes", 0.3 * hair + 0.06, opacity=0.85, soft=0.003)
    lay("brows", 0.65 * hair + 0.02, skin_light, 0.85, soft=0.004)
    lay("hair", hair, hair_light, soft=0.004, mask=front)
    shine = mask_of(shapes["shine"], size, 0.012) * front
    lay(
        "shine",
        np.minimum(hair * 1.35 + 0.13, 1),
        hair_light,
        0.6,
        soft=0.012,
        mask=shine,
    )
    lay("earrings", colors["gold"], 0.3 + 0.7 * light, soft=0.002)
    lay("glasses", colors["glasses"], 0.9, soft=0.002)
    round_ = 1 - 0.22 * np.clip(x**2 / 1.7, 0, 1)  # darker at its sides
    cloth = (0.25 + 0.75 * light) * round_[..., None]
    lay("hat", colors["hat"], cloth, soft=0.003)
    lay("hat_band", colors["hat"] * 0.72, cloth, soft=0.003)

    canvas += random.normal(0, 0.008, (size, size, 1))
    return np.rint(np.clip(canvas, 0, 1) * 255).astype("uint8")


def _light(face, x, y):
    """Light on an ellipsoid, 0.66 to 1.16, over the head's own coordinates."""
    z = np.sqrt(np.clip(1.5 - x**2 - y**2, 0.04, None))
    length = np.sqrt(x**2 + y**2 + z**2)
    lx, ly, lz = face.light
    diffuse = np.clip((x * lx + y * ly + z * lz) / length, 0, 1)
    return 0.66 + 0.50 * diffuse


def _turned_back(x, y, face):
    """Where the hair's strands come from: they turn with the head."""
    if not face.yaw:
        return x
    x, y = np.broadcast_arrays(x * face.width, y * face.height)
    points = np.stack([x.ravel(), y.ravel()], 1)
    points = turn_points(points, "hair", face, back=True)
    return points[:, 0].reshape(x.shape) / face.width


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
