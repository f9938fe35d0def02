"""The figure below the clothes: its frames, limbs and skin."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.cloth import Frame, skin
from keras_gan_translate.data.drawn.painting import Layer, curve, tube
from keras_gan_translate.data.drawn.person_pose import SIDES, skeleton

# What the map of classes calls them, as the ATR data set of Liang et al.,
# "Deep Human Parsing with Active Template Regression", 2015, does; the coat
# and the neck are ours.
PERSON_CLASSES = (
    "background",
    "hat",
    "hair",
    "glasses",
    "upper_clothes",
    "coat",
    "dress",
    "skirt",
    "pants",
    "face",
    "neck",
    "left_arm",
    "right_arm",
    "left_leg",
    "right_leg",
    "left_shoe",
    "right_shoe",
)
CLASS = {name: i for i, name in enumerate(PERSON_CLASSES)}
# What of the body lies there, dressed or not: tells which joints are seen.
PARTS = (
    "nothing",
    "hair",
    "head",
    "torso",
    "lap",
    "right_upper_arm",
    "right_forearm",
    "left_upper_arm",
    "left_forearm",
    "right_thigh",
    "right_shin",
    "left_thigh",
    "left_shin",
)
PART = {name: i for i, name in enumerate(PARTS)}


@dataclasses.dataclass(frozen=True)
class Build:
    """Proportions, in heights of the body except `height`.

    Attributes:
        height: Of the body, in heights of the picture.
        head: Height of the head.
        shoulders: From the neck to a shoulder's joint.
        waist: Half the width there.
        hips: Half the width there.
        limbs: Thickness of arms and legs, 1 on average.
    """

    height: float = 0.84
    head: float = 0.158
    shoulders: float = 0.094
    waist: float = 0.074
    hips: float = 0.088
    limbs: float = 1.0


def tags(label, part):
    """The two numbers of a layer."""
    return CLASS[label], PART[part]


class Figure:
    """A posed body: where its joints and outlines are.

    Args:
        build: A `Build`.
        pose: A `person_pose.Pose`.
    """

    def __init__(self, build, pose):
        self.build, self.pose = build, pose
        self.unit = build.height
        self.joints = skeleton(pose, build)
        self.facing = np.cos(pose.yaw)

    def at(self, joint):
        """(x, y) in heights of the picture."""
        return self.joints[joint][:2]

    def depth(self, *names):
        """Mean distance towards the viewer, in heights of the body."""
        return np.mean([self.joints[name][2] for name in names]) / self.unit

    def near_last(self):
        """The two sides, the one farther from the viewer first."""
        return sorted(SIDES, key=lambda s: self.depth(f"{s}_hip", f"{s}_knee"))

    def segment(self, start, end, radii, share=(0.0, 1.0), caps=(True, True)):
        """A tapered limb: (polygon, `Frame`).

        Args:
            start: Joint at which it starts.
            end: Joint at which it ends.
            radii: Along the whole limb, in heights of the body.
            share: Which part of it.
            caps: Whether its ends are round.
        """
        a, b = self.at(start), self.at(end)
        t = np.linspace(*share, 12)
        radii = np.interp(t, *curve(np.linspace(0, 1, len(radii)), radii))
        points = a + t[:, None] * (b - a)
        frame = Frame(tuple(a), tuple(b), radii.mean() * self.unit, self.unit)
        return tube(points, radii * self.unit, caps), frame

    def torso(self, top, bottom, ease=0.0, hem=0.0):
        """The trunk from `top` to `bottom`: (polygon, `Frame`).

        Args:
            top: Where it starts, in lengths of the spine below the neck.
            bottom: Where it ends; the hips' joints are at 1.
            ease: How far the outline stands off the body.
            hem: How much wider it becomes towards the bottom.
        """
        t = np.linspace(top, bottom, 28)
        half = self.half_width(t) + ease + hem * np.clip(t, 0, None) ** 2
        neck, pelvis = self.at("neck"), self.at("pelvis")
        points = neck + t[:, None] * (pelvis - neck)
        frame = Frame(
            tuple(neck),
            tuple(pelvis),
            (self.half_width(0.3) + ease) * self.unit,
            self.unit,
            self.pose.yaw,
        )
        return tube(points, half * self.unit, (False, False)), frame

    def half_width(self, t):
        """Half the trunk's width at `t`, as seen from where it is seen."""
        build = self.build
        stations = (-0.18, -0.12, -0.045, 0.06, 0.30, 0.60, 0.92, 1.20)
        chest = 0.93 * build.shoulders + 0.004
        broad = (0.026, 0.040, 0.86 * build.shoulders, chest + 0.006)
        broad += (chest - 0.006, build.waist, build.hips, 0.96 * build.hips)
        deep = (0.028, 0.034, 0.048, 0.060, 0.070, 0.062, 0.074, 0.066)
        where, broad = curve(stations, broad, 60)
        _, deep = curve(stations, deep, 60)
        yaw = self.pose.yaw
        half = np.hypot(broad * np.cos(yaw), deep * np.sin(yaw))
        return np.interp(t, where, half)


ARM_RADII = {"upper": (0.028, 0.029, 0.025), "fore": (0.025, 0.026, 0.018)}
LEG_RADII = {
    "thigh": (0.052, 0.051, 0.039),
    "shin": (0.038, 0.040, 0.031, 0.023),
}


def limb_radii(name, limbs, ease=0.0):
    """Radii along a limb of the given thickness, in heights of the body."""
    radii = (ARM_RADII | LEG_RADII)[name]
    return tuple(radius * limbs + ease for radius in radii)


def arm_skin(figure, side, color):
    """Layers of a bare arm: (those of the upper arm, those of the forearm)."""
    limbs, label = figure.build.limbs, f"{side}_arm"
    shape, frame = figure.segment(
        f"{side}_shoulder", f"{side}_elbow", limb_radii("upper", limbs)
    )
    part = f"{side}_upper_arm"
    upper = [Layer([shape], skin(color, frame), tags(label, part), shadow=0.3)]
    shape, frame = figure.segment(
        f"{side}_elbow", f"{side}_wrist", limb_radii("fore", limbs)
    )
    hand = _hand(figure, side)
    fore = tags(label, f"{side}_forearm")
    return upper, [
        Layer([shape], skin(color, frame), fore, shadow=0.3),
        Layer(hand, skin(color, frame), fore),
    ]


def _hand(figure, side):
    wrist, tip = figure.at(f"{side}_wrist"), figure.at(f"{side}_hand")
    unit, limbs = figure.unit, figure.build.limbs
    along = tip - wrist
    length = np.linalg.norm(along)
    # Seen from its end a hand is still as large as a fist.
    along = along * max(1.0, 0.022 * unit / (length + 1e-9))
    radii = np.array([0.015, 0.021, 0.020, 0.013]) * limbs * unit
    t = np.array([0.0, 0.35, 0.65, 1.0])[:, None]
    palm = tube(wrist + t * along, radii)
    inward = -SIDES[side] * np.sign(figure.facing + 1e-9)
    out = np.array([-along[1], along[0]]) * -inward
    base = wrist + 0.25 * along
    end = base + 0.50 * along + 0.55 * out
    thumb = tube([base, end], np.array([0.011, 0.008]) * unit)
    return [palm, thumb]


def leg_skin(figure, side, color):
    """Layers of a bare leg and foot."""
    limbs, label, layers = figure.build.limbs, f"{side}_leg", []
    for name, start, end in (
        ("thigh", "hip", "knee"),
        ("shin", "knee", "ankle"),
    ):
        shape, frame = figure.segment(
            f"{side}_{start}", f"{side}_{end}", limb_radii(name, limbs)
        )
        layers.append(
            Layer(
                [shape],
                skin(color, frame),
                tags(label, f"{side}_{name}"),
                shadow=0.3 if name == "thigh" else 0.0,
            )
        )
    shape, frame = foot(figure, side, 0.0)
    part = tags(label, f"{side}_shin")
    return [*layers, Layer([shape], skin(color, frame), part)]


def foot(figure, side, ease):
    """A foot or the shoe on it: (polygon, `Frame`)."""
    radii = np.array([0.020, 0.023, 0.025, 0.019]) * figure.build.limbs + ease
    heel, toe = figure.at(f"{side}_heel"), figure.at(f"{side}_toe")
    ankle = figure.at(f"{side}_ankle")
    t = np.array([0.1, 0.4, 0.75, 1.0])[:, None]
    points = heel + t * (toe - heel)
    points[0] = 0.6 * points[0] + 0.4 * ankle
    stations = np.arange(4.0)
    points = np.stack([curve(stations, axis)[1] for axis in points.T], 1)
    radii = curve(stations, radii)[1]
    frame = Frame(tuple(ankle), tuple(toe), 0.035 * figure.unit, figure.unit)
    return tube(points, radii * figure.unit), frame
