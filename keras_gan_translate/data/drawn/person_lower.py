"""Skirts, trousers and shoes on a drawn person."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.cloth import Frame, cloth
from keras_gan_translate.data.drawn.painting import Layer, ellipse, tube
from keras_gan_translate.data.drawn.person_body import (
    foot,
    limb_radii,
    tags,
)
from keras_gan_translate.data.drawn.person_clothes import darker


class LowerWear:
    """Makes the layers of what is worn below the waist.

    Args:
        figure: A `person_body.Figure`.
        seed: Number of the folds' pattern.
    """

    def __init__(self, figure, seed):
        self.figure, self.seed = figure, seed

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
        # Flatter light than a cylinder's: it meets that of both legs.
        frame = dataclasses.replace(frame, half=1.3 * frame.half)
        fill = cloth(garment, frame, self.seed)
        label = tags("pants", "lap")
        layers = [Layer([shape], fill, label), Layer([low], fill, label)]
        belt, _ = figure.torso(0.66, 0.74, ease + 0.001)
        return [*layers, Layer([belt], darker(fill), label)]

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


def _pleats(fill, figure, x0, x1, low):
    top = figure.at("pelvis")[1] - 0.05 * figure.unit

    def pleated(x, y):
        down = np.clip((y - top) / (low - top), 0, 1)
        middle = 0.5 * (x0 + x1)
        u = (x - middle) / ((x1 - x0) * (0.35 + 0.65 * down))
        return fill(x, y) * (1 + 0.06 * down * np.sin(u * 40))[..., None]

    return pleated
