"""The watercolour: a drawn face in washes on paper."""

import numpy as np
from PIL import Image, ImageFilter

from keras_gan_translate.data.drawn.face_colors import between, vivid
from keras_gan_translate.data.drawn.face_masks import mask_of, spread_of
from keras_gan_translate.data.drawn.face_parts import SKETCHED, paint_parts

PAPER = np.array([0.985, 0.97, 0.94])
PENCIL = np.array([0.30, 0.24, 0.27])


def draw_watercolour(plan, size):
    """Draws a face in washes: pale, uneven, darker where they dried.

    Args:
        plan: The `Plan` of the face.
        size: Height and width in pixels.

    Returns:
        uint8 array of shape (size, size, 3).
    """
    colors = plan.colors
    sheet = _Sheet(plan, size)
    skin, hair = vivid(colors["skin"], 0.95), vivid(colors["hair"], 1.0)
    lips, cloth = vivid(colors["lips"]), vivid(colors["shirt"], 1.05)
    white = np.ones(3)
    sheet.backdrop(vivid(colors["background"], 0.9))
    sheet.wash("back", hair * 0.85, 0.95, soft=0.008)
    sheet.wash("neck", skin * [0.93, 0.86, 0.87], 0.95)
    sheet.wash("shirt", cloth, 0.9, soft=0.007)
    sheet.wash("necklace", vivid(colors["gold"]), 0.9)
    sheet.wash("ears", skin * [0.97, 0.9, 0.9], 0.9)
    sheet.wash("head", skin, 0.9)
    sheet.wash("blush", between(skin, [0.9, 0.3, 0.35], 0.5), 0.8, soft=0.03)
    sheet.wash("stubble", between(skin, vivid(colors["beard"]), 0.3), 0.7, 0.02)
    sheet.wash("beard", vivid(colors["beard"]), 0.9, soft=0.007)
    sheet.wash("near_ear", skin * [0.97, 0.9, 0.9], 0.9)
    sheet.wash("nose", skin * [0.78, 0.6, 0.6], 0.7, soft=0.008)
    sheet.wash("lips", lips, 0.85, soft=0.005)
    sheet.wash("line", lips * 0.45, 0.9, soft=0.003)
    sheet.wash("teeth", white, 0.9)
    sheet.wash("moustache", vivid(colors["beard"]), 0.9, soft=0.006)
    sheet.wash("shadow", vivid(colors["shadow"]), 0.7, soft=0.008)
    sheet.wash("eyes", white, 0.8)
    eyes = mask_of(plan.shapes["eyes"], size)
    sheet.wash("iris", vivid(colors["iris"]), 1.0, within=eyes)
    sheet.wash("pupil", PENCIL * 0.6, 1.0, within=eyes)
    sheet.wash("glint", white, 0.0)
    sheet.wash("lashes", PENCIL * 0.8, 1.0, soft=0.003)
    sheet.wash("brows", hair * 0.6, 0.8, soft=0.005)
    sheet.wash("hair", hair, 1.0, soft=0.006)
    sheet.wash("shine", between(hair, white, 0.45), 0.7, soft=0.012)
    sheet.wash("earrings", vivid(colors["gold"]), 0.9)
    sheet.wash("glasses", colors["glasses"], 0.9)
    sheet.wash("hat", vivid(colors["hat"]), 0.9, soft=0.008)
    sheet.wash("hat_band", vivid(colors["hat"]) * 0.75, 0.9, soft=0.008)
    sheet.pencil()
    return np.rint(np.clip(sheet.canvas, 0, 1) * 255).astype("uint8")


class _Sheet:
    """Paper that parts are washed on."""

    def __init__(self, plan, size):
        self.plan, self.size = plan, size
        face = plan.face
        self.random = face.water()
        grain = self.random.normal(0, 0.012, (size, size, 1))
        self.paper = PAPER + grain
        self.cloud = self.noise(5) + 0.6 * self.noise(13)
        self.wobble = self.noise(22)
        grid = (np.arange(size) + 0.5) / size
        x, y = grid[None] - face.x, grid[:, None] - face.y
        toward = (x * face.light[0] + y * face.light[1]) / face.width
        # Pigment gathers in the shade, and unevenly.
        self.pigment = 1.0 - 0.16 * toward + 0.10 * self.cloud
        self.pigment = np.clip(self.pigment, 0.7, 1.5)[..., None]
        self.canvas = self.paper.copy()

    def noise(self, cells):
        """Smooth noise of mean 0, about -2 to 2, of so many bumps a row."""
        values = self.random.normal(0, 1, (cells, cells)).astype("float32")
        image = Image.fromarray(values)
        return np.asarray(image.resize((self.size, self.size), Image.BICUBIC))

    def backdrop(self, color):
        """A loose wash that leaves the margin of the paper free."""
        grid = (np.arange(self.size) + 0.5) / self.size - 0.5
        far = np.maximum(np.abs(grid[None]), np.abs(grid[:, None]))
        cover = (0.46 - far + 0.035 * self.wobble + 0.02 * self.cloud) / 0.03
        self._lay(np.clip(cover, 0, 1), color, 0.66 + 0.15 * self.cloud)

    def wash(self, name, color, strength, soft=0.004, within=None):
        """Washes a part; strength 0 leaves the bare paper."""
        shapes = self.plan.shapes[name]
        if not shapes:
            return
        at = spread_of(shapes, self.size, soft)
        cover = mask_of(shapes, self.size, soft)[at]
        if soft >= 0.006:  # its edge wanders
            wander = 0.22 * self.wobble[at] * (1 - np.abs(2 * cover - 1))
            cover = np.clip(cover + wander, 0, 1)
        if within is not None:
            cover = cover * within[at]
        self._lay(cover, color, strength, at)

    def pencil(self):
        """A thin line around all parts, as sketched before the washes."""
        numbers = paint_parts(self.plan, 2 * self.size, SKETCHED)
        edge = np.zeros(numbers.shape, "uint8")
        edge[1:] |= numbers[1:] != numbers[:-1]
        edge[:, 1:] |= numbers[:, 1:] != numbers[:, :-1]
        lines = np.asarray(Image.fromarray(255 * edge).reduce(2)) / 255
        pressure = 0.34 + 0.13 * self.cloud
        cover = np.clip(lines * pressure, 0, 1)[..., None]
        self.canvas += (PENCIL - self.canvas) * cover

    def _lay(self, cover, color, strength, at=(slice(None), slice(None))):
        # Water carries the pigment to the rim, where it dries.
        image = Image.fromarray(np.rint(255 * cover).astype("uint8"))
        blur = ImageFilter.GaussianBlur(max(0.8, 0.014 * self.size))
        rim = cover - np.asarray(image.filter(blur), "float32") / 255
        amount = np.asarray(strength)
        amount = amount[at] if amount.ndim else amount
        amount = amount * self.pigment[at][..., 0] + 0.8 * np.clip(rim, 0, 1)
        tint = 1 - np.clip(amount, 0, 1.25)[..., None] * (1 - np.asarray(color))
        canvas = self.canvas[at]
        canvas += (self.paper[at] * tint - canvas) * cover[..., None]
