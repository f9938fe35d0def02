"""Layers of colour on a canvas, each painted into the ground truth as well.

What is painted last is on top, in the picture and in every map alike: the
maps are exact because they come out of the same masks.
"""

import dataclasses
import typing

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

TAU = 2 * np.pi
# Samples along each side of a pixel; odd, so that one is its centre.
SCALE = 3


@dataclasses.dataclass(frozen=True)
class Layer:
    """One thing to paint.

    Attributes:
        shapes: Polygons, arrays of shape (n, 2), x to the right and y down,
            in heights of the picture; (0, 0) is the middle of its upper edge.
        fill: RGB in [0, 1], or a function of coordinates x and y, arrays of
            shape (n,), that returns RGB of shape (n, 3) or (3,).
        tags: What the maps get, one number for each; None leaves them alone.
        minus: Polygons that are cut out.
        within: Polygons outside of which nothing is painted.
        opacity: 1 covers what lies below.
        soft: Blur of the edge in heights of the picture.
        shadow: Darkness of the shadow thrown on what is tagged already.
    """

    shapes: list
    fill: typing.Any
    tags: tuple | None = None
    minus: tuple = ()
    within: tuple = ()
    opacity: float = 1.0
    soft: float = 0.0
    shadow: float = 0.0


def paint(layers, size, backdrop, maps=1, view=(1.0, 0.0, 0.0)):
    """Paints layers from the first to the last.

    Args:
        layers: A list of `Layer`.
        size: (height, width) in pixels.
        backdrop: RGB, or a function of x and y, see `Layer.fill`.
        maps: How many numbers the layers' tags have.
        view: (zoom, x, y): the point of the world in the middle of the upper
            edge, and how much larger than life it is drawn.

    Returns:
        The picture, uint8 (height, width, 3), and the maps, int32 (maps,
        height, width), 0 where nothing is tagged. A pixel of a map is what
        covers its centre.
    """
    height, width = size
    canvas = _Canvas(height * SCALE, width * SCALE, view, maps)
    canvas.clear(backdrop)
    for layer in layers:
        canvas.lay(layer)
    shape = (height, SCALE, width, SCALE, 3)
    picture = canvas.colors.reshape(shape).mean((1, 3))
    picture = np.rint(np.clip(picture, 0, 1) * 255).astype("uint8")
    return picture, canvas.middles()


def paint_maps(layers, size, maps=1):
    """The maps of `paint` alone, in a fraction of its time.

    Args:
        layers: A list of `Layer`.
        size: (height, width) in pixels.
        maps: How many numbers the layers' tags have.

    Returns:
        int32 array of shape (maps, height, width).
    """
    canvas = _Canvas(*(SCALE * side for side in size), (1.0, 0.0, 0.0), maps)
    for layer in layers:
        if layer.tags is not None:
            canvas.tag(layer)
    return canvas.middles()


class _Canvas:
    def __init__(self, height, width, view, maps):
        self.height, self.width = height, width
        zoom, self.x, self.y = view
        self.unit = float(height * zoom)  # samples in one height of the picture
        self.colors = np.zeros((height, width, 3), "float32")
        self.maps = np.zeros((maps, height, width), "int32")

    def middles(self):
        """The maps at the centres of pixels."""
        middle = slice(SCALE // 2, None, SCALE)
        return np.ascontiguousarray(self.maps[:, middle, middle])

    def clear(self, backdrop):
        rows, columns = np.indices((self.height, self.width), "float32")
        color = _fill(backdrop, *self._world(rows.ravel(), columns.ravel()))
        self.colors[:] = np.broadcast_to(color, (rows.size, 3)).reshape(
            self.colors.shape
        )

    def tag(self, layer, margin=0.0):
        """Paints a layer into the maps.

        Returns:
            (box, mask, what has a tag below it), or None outside.
        """
        shapes = [self._samples(shape) for shape in layer.shapes]
        if not shapes:
            return None
        box = self._box(np.concatenate(shapes), margin * self.unit + 1)
        if box is None:
            return None
        mask = self._mask(shapes, box)
        if layer.minus:
            mask &= ~self._mask(map(self._samples, layer.minus), box)
        if layer.within:
            mask &= self._mask(map(self._samples, layer.within), box)
        maps = self.maps[:, box[1] : box[3], box[0] : box[2]]
        below = maps[0] > 0
        if layer.tags is not None:
            for values, tag in zip(maps, layer.tags):
                values[mask] = tag
        return box, mask, below

    def lay(self, layer):
        """Paints a layer into the picture and the maps."""
        margin = 2 * (layer.soft + (0.03 if layer.shadow else 0))
        painted = self.tag(layer, margin)
        if painted is None:
            return
        box, mask, below = painted
        rows, columns = slice(box[1], box[3]), slice(box[0], box[2])
        colors = self.colors[rows, columns]
        if layer.shadow:
            dark = layer.shadow * self._blur(mask, 0.010)
            dark = dark * below
            colors *= 1 - dark[..., None]
        if layer.soft or layer.opacity < 1:
            cover = self._blur(mask, layer.soft) if layer.soft else mask
            at = np.nonzero(cover)
            cover = (layer.opacity * cover[at])[:, None]
        else:
            at, cover = np.nonzero(mask), 1.0
        y, x = at
        color = _fill(layer.fill, *self._world(y + box[1], x + box[0]))
        colors[at] += (color - colors[at]) * cover

    def _samples(self, shape):
        """Points of the world in samples; the middle of one is a half."""
        shape = np.asarray(shape, "float64") - [self.x, self.y]
        return shape * self.unit + [self.width / 2, 0]

    def _world(self, rows, columns):
        x = (columns + (0.5 - self.width / 2)) / self.unit + self.x
        return x.astype("float32"), ((rows + 0.5) / self.unit + self.y).astype(
            "float32"
        )

    def _box(self, points, margin):
        low = np.floor(points.min(0) - margin).astype(int)
        high = np.ceil(points.max(0) + margin).astype(int)
        low = np.maximum(low, 0)
        high = np.minimum(high, (self.width, self.height))
        return (*low, *high) if (low < high).all() else None

    def _mask(self, shapes, box):
        image = Image.new("L", (int(box[2] - box[0]), int(box[3] - box[1])))
        draw = ImageDraw.Draw(image)
        for shape in shapes:
            # Pillow's points are middles of pixels.
            points = shape - [box[0] + 0.5, box[1] + 0.5]
            draw.polygon(points.ravel().tolist(), fill=255)
        return np.asarray(image) > 0

    def _blur(self, mask, radius):
        image = Image.fromarray(mask.astype("uint8") * 255)
        image = image.filter(
            ImageFilter.GaussianBlur(float(radius * self.unit))
        )
        return np.asarray(image, "float32") / 255


def _fill(fill, x, y):
    return np.asarray(fill(x, y) if callable(fill) else fill, "float32")


def ellipse(x, y, rx, ry, turn=0.0, count=36):
    """A polygon around (x, y), turned by `turn` radians clockwise."""
    t = np.linspace(0, TAU, count, endpoint=False)
    px, py = rx * np.cos(t), ry * np.sin(t)
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack([x + px * cos - py * sin, y + px * sin + py * cos], 1)


def tube(points, radii, caps=(True, True)):
    """The outline of discs that roll along a line, their radius changing.

    Args:
        points: Middles, shape (n, 2), n of 2 at least.
        radii: Their radii, shape (n,).
        caps: Whether the start and the end are round.

    Returns:
        A polygon, shape (m, 2).
    """
    points, radii = np.asarray(points, float), np.asarray(radii, float)
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    across = np.stack([-along[:, 1], along[:, 0]], 1) * radii[:, None]
    t = np.linspace(0, np.pi, 11)[1:-1, None]
    end = (
        points[-1] + np.cos(t) * across[-1] + np.sin(t) * along[-1] * radii[-1]
    )
    start = points[0] - np.cos(t) * across[0] - np.sin(t) * along[0] * radii[0]
    return np.concatenate(
        [
            points + across,
            end if caps[1] else points[:0],
            (points - across)[::-1],
            start if caps[0] else points[:0],
        ]
    )


def rounded(corners, steps=8):
    """A closed Catmull-Rom curve through corners, shape (n, 2)."""
    p1 = np.asarray(corners, float)
    p0, p2, p3 = (np.roll(p1, by, 0) for by in (1, -1, -2))
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    p0, p1, p2, p3 = (p[:, None] for p in (p0, p1, p2, p3))
    curve = 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    return curve.reshape(-1, 2)


def curve(stations, values, count=24):
    """Values at `count` even places between stations, smoothly."""
    stations = np.asarray(stations, float)
    values = np.asarray(values, float)
    slope = np.gradient(values, stations)
    t = np.linspace(stations[0], stations[-1], count)
    i = np.clip(np.searchsorted(stations, t) - 1, 0, len(stations) - 2)
    gap = stations[i + 1] - stations[i]
    u = (t - stations[i]) / gap
    # Cubic Hermite; the slopes are those between the neighbours.
    smooth = (
        (2 * u**3 - 3 * u**2 + 1) * values[i]
        + (u**3 - 2 * u**2 + u) * gap * slope[i]
        + (3 * u**2 - 2 * u**3) * values[i + 1]
        + (u**3 - u**2) * gap * slope[i + 1]
    )
    return t, smooth
