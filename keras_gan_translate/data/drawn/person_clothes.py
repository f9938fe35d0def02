"""Garments on a drawn person, and the same cut laid out alone."""

import numpy as np

from keras_gan_translate.data.drawn.cloth import cloth
from keras_gan_translate.data.drawn.painting import Layer, ellipse, tube
from keras_gan_translate.data.drawn.person_body import limb_radii, tags

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


class UpperWear:
    """Makes the layers of what is worn above the waist.

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
                fore.append(Layer([cuff], darker(fill), label_))
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
        layers = [Layer([shape], fill, label_, minus=tuple(minus), shadow=0.3)]
        if kind in ("sweater", "hoodie", "jacket") and not cut:
            band, _ = figure.torso(bottom - 0.09, bottom, ease + 0.002)
            layers.append(
                Layer([band], darker(fill), label_, minus=tuple(minus))
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
            rim = [
                [-0.036, -0.030],
                [-0.02, -0.018],
                [0.02, -0.018],
                [0.036, -0.030],
            ]
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
        layers = [
            Layer([tube(line, np.full(2, 0.0022) * figure.unit)], darker(fill))
        ]
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
            return [Layer([shape], darker(fill), label, shadow=0.3)]
        neck, pelvis = figure.at("neck"), figure.at("pelvis")
        at = neck + 0.72 * (pelvis - neck)
        w = 0.060 * unit * max(figure.facing, 0.25)
        at = at + [0.03 * unit * np.sin(figure.pose.yaw), 0]
        pocket = [[-0.7, -0.5], [0.7, -0.5], [1, 0.5], [-1, 0.5]]
        pocket = np.array(pocket) * [w, 0.055 * unit] + at
        layers.append(Layer([pocket], darker(fill), label))
        if figure.facing > 0.4:
            for side in (-1, 1):
                line = np.array([[side * 0.016, -0.002], [side * 0.018, 0.055]])
                line = line * unit + [x + 0.2 * w * np.sin(figure.pose.yaw), y]
                radii = np.full(2, 0.003) * unit
                layers.append(Layer([tube(line, radii)], np.full(3, 0.93)))
        return layers


def darker(fill):
    """A fill for hems, cuffs and seams."""
    return lambda x, y: 0.86 * fill(x, y)
