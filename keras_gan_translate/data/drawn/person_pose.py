"""Poses of a drawn person: joint angles, and the skeleton they make.

Lengths are in heights of the body, angles in radians. The body's axes: x to
its left (which is the right of the picture when it faces the viewer), y down,
z forward.
"""

import dataclasses

import numpy as np

FLOOR = 0.957  # heights of the picture
PITCH = 0.13  # the camera looks down a little: near feet stand lower
UPPER_ARM, FOREARM, HAND = 0.165, 0.148, 0.050
THIGH, SHIN, FOOT = 0.235, 0.225, 0.085
SPINE = 0.290  # hips to shoulders
SIDES = {"right": -1, "left": 1}


@dataclasses.dataclass(frozen=True)
class Pose:
    """Joint angles in radians.

    Attributes:
        name: What the person does, as a caption says it.
        yaw: Turn of the body, 0 facing the viewer, positive towards the right
            of the picture.
        head_yaw: Turn of the head beyond that of the body.
        head_roll: The head leans towards the right of the picture.
        lean: The upper body does.
        right_arm: (raised sideways, swung forward, bend of the elbow, turn of
            the forearm: 0 forward, positive outward and up).
        left_arm: The same.
        right_leg: (spread, swung forward, bend of the knee).
        left_leg: The same.
    """

    name: str
    yaw: float
    head_yaw: float
    head_roll: float
    lean: float
    right_arm: tuple
    left_arm: tuple
    right_leg: tuple
    left_leg: tuple


DOWN, STRAIGHT = (0.16, 0.0, 0.2, -0.5), (0.05, 0.0, 0.0)
HIP = (0.78, -0.12, 1.62, -1.5)
# name -> (right arm, left arm, right leg, left leg)
POSES = {
    "standing": (DOWN, DOWN, STRAIGHT, STRAIGHT),
    "standing with hands on the hips": (HIP, HIP, (0.13, 0, 0), (0.13, 0, 0)),
    "standing with a hand on the hip": (HIP, DOWN, STRAIGHT, (0.16, 0.1, 0.1)),
    "waving": ((1.5, 0.1, 1.35, 1.4), DOWN, STRAIGHT, (0.08, 0, 0)),
    "cheering": (
        (2.35, 0.0, 0.5, 1.4),
        (2.35, 0.0, 0.5, 1.4),
        (0.12, 0, 0),
        (0.12, 0, 0),
    ),
    "walking": (
        (0.12, -0.5, 0.35, 0.0),
        (0.12, 0.5, 0.45, 0.0),
        (0.03, 0.42, 0.08),
        (0.03, -0.36, 0.30),
    ),
    "running": (
        (0.2, -0.8, 1.5, 0.0),
        (0.2, 0.7, 1.6, -0.2),
        (0.03, 0.75, 0.75),
        (0.03, -0.45, 1.15),
    ),
    "thinking": (
        (0.18, 0.42, 2.25, -0.5),
        (0.20, 0.15, 1.65, -1.1),
        STRAIGHT,
        (0.10, 0, 0),
    ),
    "pointing": ((1.45, 0.15, 0.1, 0.3), HIP, (0.1, 0, 0), (0.1, 0, 0)),
    "dancing": (
        (2.0, 0.1, 0.9, 1.2),
        (0.95, 0.1, 0.9, 1.3),
        (0.10, 0.0, 0.0),
        (0.42, 0.35, 0.85),
    ),
    "jumping": (
        (2.15, 0.0, 0.15, 1.2),
        (2.15, 0.0, 0.15, 1.2),
        (0.42, 0.0, 0.1),
        (0.42, 0.0, 0.1),
    ),
    "standing with crossed arms": (
        (0.20, 0.30, 1.75, -1.05),
        (0.20, 0.22, 1.75, -1.15),
        (0.10, 0, 0),
        (0.10, 0, 0),
    ),
    "standing with the hands behind the back": (
        (0.30, -0.35, 0.9, -2.3),
        (0.30, -0.35, 0.9, -2.3),
        STRAIGHT,
        STRAIGHT,
    ),
}


def draw_pose(random, but=None):
    """Draws the lots of a pose.

    Args:
        random: A `numpy.random.Generator`.
        but: The name of a pose it shall not be.
    """
    names = [name for name in POSES if name != but]
    name = str(random.choice(names))
    limbs = [
        tuple(float(a + random.normal(0, 0.07)) for a in angles)
        for angles in POSES[name]
    ]
    right_arm, left_arm, right_leg, left_leg = limbs
    if random.random() < 0.5:  # mirrored
        right_arm, left_arm = left_arm, right_arm
        right_leg, left_leg = left_leg, right_leg
    view = random.choice(4, p=(0.62, 0.20, 0.09, 0.09))
    side = random.choice([-1, 1])
    yaw = (0.0, 0.75 * side, 1.35 * side, np.pi - 0.35 * side)[view]
    if name in ("walking", "running") and view == 0:
        yaw = 0.8 * side
    return Pose(
        name=name,
        yaw=float(yaw + random.normal(0, 0.16)),
        head_yaw=float(np.clip(random.normal(0, 0.22), -0.5, 0.5)),
        head_roll=float(random.normal(0, 0.06)),
        lean=float(random.normal(0, 0.035)),
        right_arm=right_arm,
        left_arm=left_arm,
        right_leg=right_leg,
        left_leg=left_leg,
    )


def skeleton(pose, build):
    """Joints as the viewer sees them.

    Args:
        pose: A `Pose`.
        build: The person's `Build`.

    Returns:
        Dict of joint -> array (x, y, z): x and y in heights of the picture,
        (0, 0) the middle of its upper edge; z towards the viewer.
    """
    cos, sin = np.cos(pose.lean), np.sin(pose.lean)
    lean = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    up = lean @ [0, -1, 0]
    neck = SPINE * up
    joints = {"pelvis": np.zeros(3), "neck": neck}
    for name, side in SIDES.items():
        shoulder = neck + lean @ [side * build.shoulders, 0.014, 0]
        joints |= _arm(name, side, getattr(pose, f"{name}_arm"), shoulder, lean)
        hip = np.array([side * 0.50 * build.hips, 0.0, 0.0])
        joints |= _leg(name, side, getattr(pose, f"{name}_leg"), hip)
    roll = pose.head_roll + pose.lean
    tilted = np.array([np.sin(roll), -np.cos(roll), 0.06])
    joints["chin"] = neck + 0.052 * up + [0, 0, 0.005]
    joints["head"] = joints["chin"] + 0.5 * build.head * tilted
    cos, sin = np.cos(pose.yaw), np.sin(pose.yaw)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    seen = {name: build.height * (turn @ at) for name, at in joints.items()}
    for at in seen.values():
        at[1] += PITCH * at[2]
    ground = max(seen[f"{name}_toe"][1] for name in SIDES)
    shift = [0, FLOOR - 0.012 - ground, 0]
    return {name: at + shift for name, at in seen.items()}


def _arm(name, side, angles, shoulder, lean):
    raised, swung, bend, turn = angles
    upper = np.array(
        [
            side * np.sin(raised) * np.cos(swung),
            np.cos(raised) * np.cos(swung),
            np.sin(swung),
        ]
    )
    outward = np.array([side * np.cos(raised), -np.sin(raised), 0])
    lower = _bend(upper, [0, 0, np.cos(turn)] + np.sin(turn) * outward, bend)
    upper, lower = lean @ upper, lean @ lower
    elbow = shoulder + UPPER_ARM * upper
    wrist = elbow + FOREARM * lower
    return {
        f"{name}_shoulder": shoulder,
        f"{name}_elbow": elbow,
        f"{name}_wrist": wrist,
        f"{name}_hand": wrist + HAND * lower,
    }


def _leg(name, side, angles, hip):
    spread, swung, bend = angles
    thigh = np.array(
        [
            side * np.sin(spread) * np.cos(swung),
            np.cos(spread) * np.cos(swung),
            np.sin(swung),
        ]
    )
    shin = _bend(thigh, [0, 0, -1], max(bend, 0))
    knee = hip + THIGH * thigh
    ankle = knee + SHIN * shin
    toes = _bend(shin, [side * 0.35, 0, 1], 1.42)
    return {
        f"{name}_hip": hip,
        f"{name}_knee": knee,
        f"{name}_ankle": ankle,
        f"{name}_heel": ankle + 0.024 * shin - 0.016 * toes,
        f"{name}_toe": ankle + 0.024 * shin + (FOOT - 0.016) * toes,
    }


def _bend(limb, towards, angle):
    """The direction `angle` away from that of a limb."""
    towards = np.asarray(towards, float)
    across = towards - (towards @ limb) * limb
    across /= np.linalg.norm(across) + 1e-9
    return np.cos(angle) * limb + np.sin(angle) * across
