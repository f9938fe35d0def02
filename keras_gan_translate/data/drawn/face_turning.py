"""How the parts of a drawn head move when it turns to a side.

The face lies on an ellipsoid around the head's upright axis. A point of it at
(x, y) stands at the longitude asin(x / w), w the head's half width at its
height; turning adds to the longitude. Parts before or behind that surface
move further by their depth, outlines against the background stay.
"""

import numpy as np

# How far parts lie before the surface, in half widths of the head.
DEPTHS = {
    "nose": 0.22,
    "bridge": 0.13,
    "nose_area": 0.17,
    "glasses": 0.05,
    "moustache": 0.06,
}
EARS, BACK = -0.06, -0.22  # behind the head's axis
OUTLINES = ("head", "hat", "hat_band")
VISOR, GOATEE = 0.30, 0.32  # move as a whole
CHIN = 0.16  # by how much the chin leads, in half widths of the head


def turn_shapes(shapes, face):
    """Turns the shapes of a head, name -> list of polygons, by its yaw.

    Args:
        shapes: In the head's own frame.
        face: The `Face`; a yaw of 0 leaves the shapes as they are.

    Returns:
        New shapes; the ear that comes into view is "near_ear".
    """
    if not face.yaw:
        return shapes | {"near_ear": []}
    turned = {
        name: [turn_points(polygon, name, face) for polygon in polygons]
        for name, polygons in shapes.items()
    }
    # The far side of the head hides what hangs there.
    near = int(face.yaw < 0)
    turned["near_ear"] = [turned["ears"][near]]
    turned["ears"] = []
    turned["earrings"] = turned["earrings"][near : near + 1]
    return turned


def turn_points(points, name, face, back=False):
    """Turns points of a part by the face's yaw.

    Args:
        points: Array of shape (n, 2), in the head's own frame.
        name: The part's name.
        face: The `Face`.
        back: Whether the points come turned and are to be turned back.

    Returns:
        Array of shape (n, 2).
    """
    angle = np.deg2rad(face.yaw)
    rx, ry = face.width, face.height
    x, y = points[:, 0] / rx, points[:, 1] / ry
    x = _turn(x, y, name, angle, face, back)
    return np.stack([rx * x, points[:, 1]], 1)


def _turn(x, y, name, angle, face, back):
    sine, cosine = np.sin(angle), np.cos(angle)
    down = np.clip(y, 0, 1)
    whole = _whole(name, face)
    if whole is not None:
        return x - whole * sine if back else x + whole * sine
    if name in ("ears", "near_ear", "earrings"):
        depth = EARS * sine
        return (x - depth) / cosine if back else x * cosine + depth
    lead = CHIN * sine * down**1.5
    if name in OUTLINES:
        return x - lead if back else x + lead
    shift = lead + DEPTHS.get(name, 0.0) * sine
    wide = np.sqrt(np.clip(1 - y**2, 0, 1)) * (1 - face.jaw * down**1.5)
    if name in ("hair", "shine"):
        wide = np.sqrt(np.clip(1 - (y / 1.02) ** 2, 0, 1))
    wide = np.maximum(wide, 1e-6)
    if back:
        longitude = np.arcsin(np.clip((x - shift) / wide, -1, 1)) - angle
    else:
        longitude = np.arcsin(np.clip(x / wide, -1, 1)) + angle
    longitude = np.clip(longitude, -np.pi / 2, np.pi / 2)
    moved = wide * np.sin(longitude)
    moved = moved if back else moved + shift
    # What reaches beyond the surface is outline.
    beyond = np.abs(x - (shift if back else 0)) >= wide
    if name in ("beard", "stubble"):
        beyond &= y > 0.85  # above the chin it begins at the ear
    return np.where(beyond, x - lead if back else x + lead, moved)


def _whole(name, face):
    """How far before the axis a part stands that moves as a whole, or None."""
    if name == "back":
        return BACK
    if name == "hat_band" and face.hat == "cap":
        return VISOR
    if name == "beard" and face.beard == "goatee":
        return GOATEE
    return None
