"""What a drawn face may wear: beard, hat, earrings, necklace.

Shapes as in `face_shapes`: the head's stand in its own frame.
"""

import numpy as np

from keras_gan_translate.data.drawn.face_shapes import crescent, ellipse

BRIM = -0.44  # height of a hat's lower edge, in heights of the head


def extra_shapes(face):
    """Shapes of the head's extras, name -> list of polygons."""
    shapes = {"stubble": [], "beard": [], "moustache": [], "earrings": []}
    if face.beard == "stubble":
        shapes["stubble"] = [_full_beard(face)]
    elif face.beard == "full":
        shapes["beard"] = [_full_beard(face)]
    elif face.beard == "goatee":
        shapes["beard"] = [_goatee(face)]
    elif face.beard == "moustache":
        shapes["moustache"] = [_moustache(face)]
    if face.earrings:
        radius = 0.085 * face.width
        shapes["earrings"] = [
            ellipse(
                side * 1.01 * face.width, 0.40 * face.height, radius, radius
            )
            for side in (-1, 1)
        ]
    return shapes | _hat(face)


def necklace_shapes(face):
    """The necklace, in widths of the image from the top left."""
    if not face.necklace:
        return {"necklace": []}
    lean, chin = 0.5 + 0.5 * (face.x - 0.5), face.y + face.height
    return {
        "necklace": [
            crescent(lean, chin + 0.035, 0.41 * face.width, -0.055, 0.022),
            ellipse(lean, chin + 0.098, 0.019, 0.019),
        ]
    }


def tuck(shapes, face):
    """Hair as it lies under a hat: what is above the brim comes inside it."""
    size = np.array([face.width, face.height])
    # The crown of a sun hat is narrower than other hats.
    inside = 0.84 if face.hat == "sun hat" else 0.93
    tucked = {}
    for name in ("hair", "back"):
        tucked[name] = []
        for polygon in shapes[name]:
            far = np.hypot(*(polygon / size).T)
            # Below the brim hair spreads out again.
            below = np.clip(polygon[:, 1] / face.height - BRIM, 0, None)
            room = inside * hat_radius(face) + 0.8 * below
            tucked[name].append(polygon / np.maximum(far / room, 1)[:, None])
    return tucked | {"shine": []}


def hat_radius(face):
    """Radius of a hat in radii of the head."""
    return face.volume + 0.05 if face.style != "bald" else 1.08


def _hat(face):
    rx, ry, round_ = face.width, face.height, hat_radius(face)
    if face.hat == "none":
        return {"hat": [], "hat_band": []}
    if face.hat == "sun hat":
        dome = _dome(rx * round_ * 0.90, ry * round_ * 1.02, BRIM * ry)
        brim = ellipse(0, (BRIM - 0.02) * ry, 1.72 * rx, 0.20 * ry)
        ribbon = _strip(rx * round_ * 0.86, BRIM * ry, -0.25 * ry, -0.07 * ry)
        return {"hat": [dome, brim], "hat_band": [ribbon]}
    dome = _dome(rx * round_, ry * round_, BRIM * ry)
    if face.hat == "cap":
        u = np.linspace(-1, 1, 30)
        bow = np.sqrt(1 - u**2)
        wide = 0.98 * rx * u
        upper = np.stack([wide, (BRIM - 0.02 - 0.06 * bow) * ry], 1)
        lower = np.stack([wide, (BRIM - 0.02 + 0.19 * bow) * ry], 1)
        return {
            "hat": [dome],
            "hat_band": [np.concatenate([upper, lower[::-1]])],
        }
    pompom = ellipse(0, -(round_ + 0.06) * ry, 0.20 * rx, 0.15 * ry)
    band = _strip(rx * round_ * 0.97, BRIM * ry, -0.16 * ry, 0.09 * ry)
    return {"hat": [dome], "hat_band": [pompom, band]}


def _dome(rx, ry, low):
    """The part of an ellipse that lies above y = low, its edge bowed."""
    start = np.arcsin(min(1.0, -low / ry))
    t = np.linspace(np.pi + start, 2 * np.pi - start, 50)
    arc = np.stack([rx * np.cos(t), ry * np.sin(t)], 1)
    u = np.linspace(1, -1, 20)[1:-1]
    edge = [arc[-1, 0] * u, low - 0.05 * ry * (1 - u**2)]
    return np.concatenate([arc, np.stack(edge, 1)])


def _strip(half, y, above, below):
    """A bowed band around the head, from `above` to `below` the height y."""
    u = np.linspace(-1, 1, 24)
    bow = 0.12 * half * (1 - u**2)
    upper = np.stack([half * u * 0.97, y + above - bow], 1)
    lower = np.stack([half * u, y + below - bow], 1)
    return np.concatenate([upper, lower[::-1]])


def _full_beard(face):
    rx, ry = face.width, face.height
    t = np.linspace(0.03, np.pi - 0.03, 40)
    down = np.sin(t)
    narrow = 1 - face.jaw * down**1.5
    outer = np.stack(
        [rx * np.cos(t) * narrow, ry * down * (1 + 0.07 * down**4)], 1
    )
    u = np.linspace(-0.93, 0.93, 40)
    rise = np.clip((np.abs(u) - 0.40) / 0.53, 0, 1) ** 1.3
    y = 0.475 - 0.42 * rise
    inside = np.sqrt(1 - y**2) * (1 - face.jaw * np.clip(y, 0, 1) ** 1.5)
    return np.concatenate([outer, np.stack([rx * u * inside, ry * y], 1)])


def _goatee(face):
    rx, ry = face.width, face.height
    polygon = ellipse(0, 0.91 * ry, 0.27 * rx, 0.17 * ry)
    # Down to a blunt point, and hollow below the lip.
    polygon[:, 0] *= 1 - 0.35 * np.clip(polygon[:, 1] / ry - 0.9, 0, 1) / 0.18
    return polygon


def _moustache(face):
    rx, ry = face.width, face.height
    u = np.linspace(-1, 1, 41)
    # Two lobes that droop, with a dip under the nose.
    middle = 0.515 + 0.07 * np.abs(u) ** 1.5
    half = 0.062 * np.sqrt(np.clip(1 - u**2, 0, None)) * (0.6 + 0.4 * u**2)
    upper = np.stack([0.36 * rx * u, ry * (middle - half)], 1)
    lower = np.stack([0.36 * rx * u, ry * (middle + half)], 1)
    return np.concatenate([upper, lower[::-1]])
