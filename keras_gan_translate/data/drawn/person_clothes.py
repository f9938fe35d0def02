"""Garments on a drawn person, and the same cut laid out alone."""

import numpy as np

from keras_gan_translate.data.drawn.cloth import Frame, cloth
from keras_gan_translate.data.drawn.painting import Layer, ellipse, tube
from keras_gan_translate.data.drawn.person_body import (
    foot,
    limb_radii,
    tags,
)

TOPS = ("t-shirt", "shirt", "sweater", "hoodie", "tank top")
BOTTOMS = ("trousers", "jeans", "shorts", "skirt")
SHOES = ("sneakers", "boots", "flats")
HATS = ("beanie", "sun hat")
# How far a sleeve reaches: 1 the elbow, 2 the wrist.
SLEEVES = {
    "t-shirt": 0.62,
    "shirt": 1.96,
    "sweater": 1.98,
    "hoodie": 1.98,
    "tank top": 0.0,
    "jacket": 1.98,
}


class Wardrobe:
    """Makes the layers of garments on one figure.

    Args:
        figure: A `person_body.Figure`.
        seed: Number of the folds' pattern.
    """

    def __init__(self, figure, seed):
        self.figure, self.seed = figure, seed

    def sleeves(self, garment, label, side):
        """(layers on the upper arm, layers on the forearm) of one side."""
        figure = self.figure
        reach = SLEEVES.get(garment.kind)
        if garment.kind == "dress":
            reach = (0.0, 0.45, 1.96)[int(2.99 * garment.wide)]
        ease = 0.005 + 0.006 * garment.wide + 0.004 * (label == "coat")
        if garment.kind in ("sweater", "hoodie"):
            ease += 0.004
        upper, fore = [], []
        if reach > 0:
            radii = limb_radii("upper", figure.build.limbs, ease)
            radii = (radii[0] - 0.6 * ease, *radii[1:])
            shape, frame = figure.segment(
                f"{side}_shoulder",
                f"{side}_elbow",
                radii,
                (0, min(reach, 1.0)),
                (True, reach >= 1),
            )
            label_ = tags(label, f"{side}_upper_arm")
            fill = cloth(garment, frame, self.seed)
            upper = [Layer([shape], fill, label_, shadow=0.25)]
        if reach > 1:
            radii = limb_radii("fore", figure.build.limbs, ease)
            shape, frame = figure.segment(
                f"{side}_elbow",
                f"{side}_wrist",
                radii,
                (0, reach - 1),
                (True, False),
            )
            label_ = tags(label, f"{side}_forearm")
            fill = cloth(garment, frame, self.seed)
            fore = [Layer([shape], fill, label_, shadow=0.25)]
            if garment.kind in ("sweater", "hoodie", "jacket", "shirt"):
                cuff, _ = figure.segment(
                    f"{side}_elbow",
                    f"{side}_wrist",
                    limb_radii("fore", figure.build.limbs, ease + 0.001),
                    (reach - 1.12, reach - 1),
                    (False, False),
                )
                fore.append(Layer([cuff], _darker(fill), label_))
        return upper, fore

    def top(self, garment, label="upper_clothes", bottom=None):
        """Layers of what covers the trunk, without its sleeves."""
        figure, kind = self.figure, garment.kind
        ease = 0.006 + 0.012 * garment.wide
        cut = bottom is not None
        bottom = bottom or 1.0 + 0.22 * garment.length
        if kind in ("sweater", "hoodie"):
            ease += 0.005
        if label == "coat":
            ease, bottom = ease + 0.008, bottom + 0.06
        shape, frame = figure.torso(-0.075, bottom, ease)
        fill = cloth(garment, frame, self.seed, chest=True)
        label_ = tags(label, "torso")
        minus = [*self._neckline(garment, label)]
        layers = [
            Layer([shape], fill, label_, minus=tuple(minus), shadow=0.3)
        ]
        if kind in ("sweater", "hoodie", "jacket") and not cut:
            band, _ = figure.torso(bottom - 0.09, bottom, ease + 0.002)
            layers.append(
                Layer([band], _darker(fill), label_, minus=tuple(minus))
            )
        if kind == "shirt":
            layers += self._buttons(garment, label_, bottom, fill)
        if kind == "hoodie":
            layers += self._hood(garment, label_, fill)
        return layers

    def collar(self, garment, label="upper_clothes"):
        """Layers round the neck, in front of it."""
        figure = self.figure
        if garment.kind not in ("shirt", "sweater", "jacket"):
            return []
        x, y = figure.at("neck")
        unit, facing = figure.unit, figure.facing
        shift = 0.012 * np.sin(figure.pose.yaw)
        label_ = tags(label, "torso")
        light = np.array(garment.rgb) * 0.92
        if garment.kind == "sweater" or facing < 0:
            rim = [[-0.036, -0.030], [-0.02, -0.018], [0.02, -0.018], [0.036, -0.030]]
            rim = np.array(rim) * unit + [x + shift * unit, y]
            radii = np.full(4, 0.0085) * unit
            return [Layer([tube(rim, radii)], light, label_)]
        layers = []
        for side in (-1, 1):
            flap = np.array(
                [
                    [side * 0.034, -0.044],
                    [side * 0.044, -0.016],
                    [side * 0.026, 0.020],
                    [0.002 * side, -0.006],
                ]
            )
            flap = (flap + [shift, 0]) * unit + [x, y]
            layers.append(Layer([flap], light * 1.04, label_, shadow=0.2))
        return layers

    def _neckline(self, garment, label):
        figure = self.figure
        x, y = figure.at("neck")
        unit, facing = figure.unit, max(figure.facing, -0.15)
        x = x + 0.014 * unit * np.sin(figure.pose.yaw)
        if label == "coat":
            if figure.facing < 0.1:
                return [ellipse(x, y - 0.040 * unit, 0.03 * unit, 0.02 * unit)]
            x = x + 0.05 * unit * np.sin(figure.pose.yaw)
            w = (0.016 + 0.034 * facing) * unit
            pelvis = figure.at("pelvis")
            low = pelvis + (pelvis - [x, y]) * 0.6
            opening = [
                [x - 0.8 * w, y - 0.07 * unit],
                [x + 0.8 * w, y - 0.07 * unit],
                [low[0] + 1.25 * w, low[1]],
                [low[0] - 1.25 * w, low[1]],
            ]
            return [np.array(opening)]
        deep = {"tank top": 0.055, "dress": 0.045, "t-shirt": 0.022}
        deep = deep.get(garment.kind, 0.012)
        deep = 0.008 + deep * (0.15 + 0.85 * max(facing, 0))
        wide = {"tank top": 0.052, "dress": 0.052}.get(garment.kind, 0.038)
        return [
            ellipse(x, y - 0.034 * unit, wide * unit, (0.030 + deep) * unit)
        ]

    def _buttons(self, garment, label, bottom, fill):
        figure = self.figure
        if figure.facing < 0.45:
            return []
        neck, pelvis = figure.at("neck"), figure.at("pelvis")
        shift = 0.055 * np.sin(figure.pose.yaw) * figure.unit
        t = np.array([0.03, bottom - 0.01])[:, None]
        line = neck + t * (pelvis - neck) + [shift, 0]
        layers = [Layer([tube(line, np.full(2, 0.0022) * figure.unit)], _darker(fill))]
        color = 0.25 + 0.5 * np.array(garment.second_rgb)
        for share in np.linspace(0.1, 0.92, 5):
            x, y = line[0] + share * (line[1] - line[0])
            size = 0.0050 * figure.unit
            layers.append(Layer([ellipse(x, y, size, size)], color))
        return layers

    def _hood(self, garment, label, fill):
        figure = self.figure
        x, y = figure.at("neck")
        unit = figure.unit
        layers = []
        if figure.facing < 0:
            shape = ellipse(x, y + 0.005 * unit, 0.062 * unit, 0.055 * unit)
            return [Layer([shape], _darker(fill), label, shadow=0.3)]
        neck, pelvis = figure.at("neck"), figure.at("pelvis")
        at = neck + 0.72 * (pelvis - neck)
        w = 0.060 * unit * max(figure.facing, 0.25)
        at = at + [0.03 * unit * np.sin(figure.pose.yaw), 0]
        pocket = [[-0.7, -0.5], [0.7, -0.5], [1, 0.5], [-1, 0.5]]
        pocket = np.array(pocket) * [w, 0.055 * unit] + at
        layers.append(Layer([pocket], _darker(fill), label))
        if figure.facing > 0.4:
            for side in (-1, 1):
                line = np.array([[side * 0.016, -0.002], [side * 0.018, 0.055]])
                line = line * unit + [x + 0.2 * w * np.sin(figure.pose.yaw), y]
                radii = np.full(2, 0.003) * unit
                layers.append(Layer([tube(line, radii)], np.full(3, 0.93)))
        return layers

    def bottom_leg(self, garment, side, slim=False):
        """Layers of one leg of trousers or shorts."""
        if garment.kind == "skirt":
            return []
        figure, layers = self.figure, []
        limbs = figure.build.limbs
        ease = 0.004 + 0.010 * garment.wide
        if slim:
            ease = 0.004
        reach = 2.0 if garment.kind != "shorts" else 0.45 + 0.5 * garment.length
        pieces = [("thigh", "hip", "knee", (0, min(reach, 1.0)))]
        if reach > 1:
            pieces.append(("shin", "knee", "ankle", (0, 0.93)))
        for name, start, end, share in pieces:
            radii = limb_radii(name, limbs, ease)
            if name == "shin":
                radii = np.array(radii) + [0, 0.2, 0.8, 1.4] * np.full(4, ease)
            if reach < 1:
                radii = np.array(radii) + [0, 0.004, 0.010]
            shape, frame = figure.segment(
                f"{side}_{start}",
                f"{side}_{end}",
                radii,
                share,
                (True, name == "thigh" and reach > 1),
            )
            label = tags("pants", f"{side}_{name}")
            fill = cloth(garment, frame, self.seed)
            layers.append(
                Layer(
                    [shape],
                    fill,
                    label,
                    shadow=0.3 if name == "thigh" else 0.0,
                )
            )
        return layers

    def hips(self, garment):
        """Layers of what is worn round the hips."""
        figure = self.figure
        ease = 0.005
        if garment.kind == "skirt":
            return self.skirt(garment, "skirt", 0.62)
        shape, frame = figure.torso(0.66, 1.02, ease)
        low = self._crotch(ease)
        fill = cloth(garment, frame, self.seed)
        label = tags("pants", "lap")
        layers = [Layer([shape], fill, label), Layer([low], fill, label)]
        belt, _ = figure.torso(0.66, 0.74, ease + 0.001)
        return [*layers, Layer([belt], _darker(fill), label)]

    def _crotch(self, ease):
        """Where the legs of trousers meet."""
        figure = self.figure
        down = figure.at("pelvis") - figure.at("neck")
        across = np.array([down[1], -down[0]]) / np.linalg.norm(down)
        half = (figure.half_width(1.0) + ease) * figure.unit
        corners = ((1.0, -1), (1.0, 1), (1.10, 0.8), (1.22, 0), (1.10, -0.8))
        return np.array(
            [
                figure.at("neck") + t * down + share * half * across
                for t, share in corners
            ]
        )

    def skirt(self, garment, label, waist):
        """Layers of a skirt from `waist`, in lengths of the spine, down."""
        figure, unit = self.figure, self.figure.unit
        upper, frame = figure.torso(waist, 1.0, 0.006, 0.006)
        count = len(upper) // 2
        left, right = upper[:count], upper[count:][::-1]
        reach = 0.36 + 0.78 * garment.length
        ends = []
        for side in ("right", "left"):
            hip, knee = figure.at(f"{side}_hip"), figure.at(f"{side}_knee")
            ankle = figure.at(f"{side}_ankle")
            if reach < 1:
                ends.append(hip + reach * 1.3 * (knee - hip))
            else:
                ends.append(knee + 0.35 * (ankle - knee))
        ends = np.array(ends)
        flare = (0.052 + 0.035 * garment.wide) * unit
        low = ends[:, 1].max()
        low = max(low, figure.at("pelvis")[1] + 0.09 * unit)
        if left[0, 0] > right[0, 0]:
            left, right = right, left
        x0 = min(ends[:, 0].min() - flare, left[-1, 0] - 0.3 * flare)
        x1 = max(ends[:, 0].max() + flare, right[-1, 0] + 0.3 * flare)
        t = np.linspace(0, 1, 15)[1:]
        hem = np.stack([x1 + (x0 - x1) * t, 0 * t + low], 1)
        bow = 4 * t * (1 - t)
        hem[:, 1] += 0.012 * unit * bow + 0.004 * unit * np.sin(t * 26)
        shape = np.concatenate([left, [[x0, low]], hem[::-1], right[::-1]])
        top = figure.at("pelvis")[1] - 0.06 * unit
        frame = Frame(
            (0.5 * (x0 + x1), top),
            (0.5 * (x0 + x1), low),
            frame.half,
            unit,
            figure.pose.yaw,
            (0.5 * (x1 - x0) - frame.half) / (low - top),
        )
        fill = cloth(garment, frame, self.seed)
        pleats = _pleats(fill, figure, x0, x1, low)
        return [Layer([shape], pleats, tags(label, "lap"), shadow=0.3)]

    def shoe(self, garment, side):
        """Layers of one shoe."""
        figure, unit = self.figure, self.figure.unit
        label = tags(f"{side}_shoe", f"{side}_shin")
        shape, frame = foot(figure, side, 0.004)
        fill = cloth(garment, frame, self.seed)
        layers = []
        if garment.kind == "boots":
            share = (0.45 - 0.25 * garment.length, 1.0)
            radii = limb_radii("shin", figure.build.limbs, 0.010)
            leg, frame = figure.segment(
                f"{side}_knee", f"{side}_ankle", radii, share, (False, True)
            )
            layers.append(Layer([leg], cloth(garment, frame, self.seed), label))
        heel, toe = figure.at(f"{side}_heel"), figure.at(f"{side}_toe")
        drop = [0, 0.010 * unit]
        sole = tube(
            np.array([heel + drop, toe + drop]), np.array([0.022, 0.022]) * unit
        )
        if garment.kind == "sneakers":
            layers.append(Layer([sole], np.full(3, 0.93), label))
        minus = ()
        if garment.kind == "flats":
            x, y = figure.at(f"{side}_ankle")
            y = y - 0.010 * unit
            minus = (ellipse(x, y, 0.024 * unit, 0.026 * unit),)
        layers.append(Layer([shape], fill, label, minus=minus))
        if garment.kind == "sneakers":
            middle = 0.5 * (figure.at(f"{side}_ankle") + toe)
            lace = ellipse(*middle, 0.010 * unit, 0.007 * unit)
            layers.append(Layer([lace], np.array(garment.second_rgb)))
        return layers


def _darker(fill):
    return lambda x, y: 0.86 * fill(x, y)


def _pleats(fill, figure, x0, x1, low):
    top = figure.at("pelvis")[1] - 0.05 * figure.unit

    def pleated(x, y):
        down = np.clip((y - top) / (low - top), 0, 1)
        middle = 0.5 * (x0 + x1)
        u = (x - middle) / ((x1 - x0) * (0.35 + 0.65 * down))
        return fill(x, y) * (1 + 0.06 * down * np.sin(u * 40))[..., None]

    return pleated
