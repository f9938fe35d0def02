"""Short clips of a drawn face, with the exact motion of every pixel."""

import typing

import numpy as np

from keras_gan_translate.data.drawn.face_parts import (
    lip_shapes,
    number_of,
    sample_parts,
)
from keras_gan_translate.data.drawn.face_plan import BUST, PARTS, place
from keras_gan_translate.data.drawn.face_styles import draw, plan_of
from keras_gan_translate.data.drawn.face_turning import turn_points
from keras_gan_translate.support.messages import check_choice

CLIPS = ("blink", "turn", "speak")
TURN = 30.0  # degrees to each side
SYLLABLES = 2
# Each lip moves with its own edges.
PAINTED = tuple(
    part
    for name in PARTS
    for part in (("lower_lip", "upper_lip") if name == "lips" else (name,))
)
# Parts that change their form; all others are rigid on the head.
SOFT = ("lower_lip", "upper_lip", "line", "teeth", "lashes")


class Clip(typing.NamedTuple):
    """Frames and the motion between them; T frames of height H and width W.

    Args:
        frames: uint8 array of shape (T, H, W, 3).
        flow: float32 array of shape (T - 1, H, W, 2): what is at (x, y) in
            frame t is at (x, y) + flow in frame t + 1, in pixels, x first.
        visible: bool array of shape (T - 1, H, W): whether it is seen there,
            not covered and not outside.
    """

    frames: np.ndarray
    flow: np.ndarray
    visible: np.ndarray


def clip(face, kind="blink", frames=8, size=64, style="photo"):
    """Draws a face that moves.

    Args:
        face: A `Face`.
        kind: `"blink"`: the eyes close and open. `"turn"`: the head turns
            from the left to the right. `"speak"`: the mouth opens and closes.
        frames: Number of frames, 2 at least.
        size: Height and width in pixels.
        style: Style of the pictures.

    Returns:
        A `Clip`. Paper, grain and background stay in place.

    Raises:
        ValueError: There are too few frames, or no such kind.
    """
    check_choice("kind", kind, CLIPS)
    if frames < 2:
        raise ValueError(f"frames must be at least 2, received {frames}.")
    faces = [_moved(face, kind, t) for t in np.linspace(0, 1, frames)]
    pairs = [
        _flow(before, after, size, style)
        for before, after in zip(faces, faces[1:])
    ]
    return Clip(
        np.stack([draw(one, size, style) for one in faces]),
        np.stack([flow for flow, _ in pairs]),
        np.stack([visible for _, visible in pairs]),
    )


def _moved(face, kind, t):
    """The face at time t of the clip, 0 to 1."""
    if kind == "blink":
        return face.changed(lid=abs(np.cos(np.pi * t)))
    if kind == "turn":
        return face.changed(yaw=TURN * (2 * t - 1))
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * SYLLABLES * t)
    return face.changed(open=0.1 + 0.9 * wave)


def _flow(before, after, size, style):
    plans = plan_of(before, style), plan_of(after, style)
    numbers, later = (sample_parts(plan, size, PAINTED) for plan in plans)
    flow = np.zeros((size, size, 2), "float32")
    for name in PAINTED:
        if name in BUST:
            continue
        first = number_of(name)
        rows, columns = np.nonzero((numbers == first) | (numbers == first + 1))
        if not len(rows):
            continue
        points = (np.stack([columns, rows], 1) + 0.5) / size
        if name in SOFT:
            goals = _stretched(points, name, plans)
        else:
            goals = _carried(points, name, before, after)
        flow[rows, columns] = (goals - points) * size
    grid = np.indices((size, size))[::-1].transpose(1, 2, 0)
    x, y = np.floor(grid + 0.5 + flow).astype(int).transpose(2, 0, 1)
    inside = (x >= 0) & (x < size) & (y >= 0) & (y < size)
    x, y = x.clip(0, size - 1), y.clip(0, size - 1)
    return flow, inside & (later[y, x] == numbers)


def _carried(points, name, before, after):
    """Where the head takes points of a part of fixed form."""
    # Skin lies on the surface; only the head's outline stays.
    part = "skin" if name == "head" else name
    points = place(points, before, back=True)
    points = turn_points(points, part, before, back=True)
    return place(turn_points(points, part, after), after)


def _stretched(points, name, plans):
    """Where points inside a polygon go when its corners move."""
    shapes, goals = (plan.shapes | lip_shapes(plan.shapes) for plan in plans)
    if not goals[name]:
        name = "line"  # teeth go where the mouth closes
    moved = np.empty_like(points)
    middles = np.array([shape.mean(0) for shape in shapes[name]])
    nearest = np.abs(points[:, None] - middles).sum(2).argmin(1)
    for i, (shape, goal) in enumerate(zip(shapes[name], goals[name])):
        inside = nearest == i
        moved[inside] = mean_value_weights(points[inside], shape) @ goal
    return moved


def mean_value_weights(points, polygon):
    """Coordinates of points in terms of the corners of a polygon.

    Args:
        points: Array of shape (m, 2).
        polygon: Array of shape (n, 2).

    Returns:
        Array of shape (m, n); its rows sum to 1, and times the polygon they
        are the points.

    Reference:
        Floater, "Mean value coordinates", 2003.
    """
    tiny = 1e-12
    spokes = polygon[None] - points[:, None]
    length = np.sqrt((spokes**2).sum(2)) + tiny
    following = np.roll(spokes, -1, axis=1)
    cross = (
        spokes[..., 0] * following[..., 1] - spokes[..., 1] * following[..., 0]
    )
    inner = (spokes * following).sum(2)
    # tan of half the angle between a spoke and the next one
    half = cross / (length * np.roll(length, -1, axis=1) + inner + tiny)
    weights = (half + np.roll(half, 1, axis=1)) / length
    return weights / weights.sum(1, keepdims=True)
