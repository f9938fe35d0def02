"""What all things of a drawn scene share: classes, light and place."""

import dataclasses

import numpy as np

from keras_gan_translate.data.drawn.colors import between

SCENE_CLASSES = (
    "sky",
    "sun",
    "cloud",
    "hill",
    "water",
    "grass",
    "road",
    "tree",
    "house",
    "roof",
    "window",
    "door",
    "car",
    "boat",
    "person",
)
CLASS = {name: i for i, name in enumerate(SCENE_CLASSES)}
CAMERA = 4.2  # metres above the ground
# Hour -> colours of the sky above and at the horizon, and of the light.
HOURS = {
    "noon": ((0.30, 0.56, 0.90), (0.80, 0.91, 0.98), (1.00, 1.00, 0.98)),
    "morning": ((0.55, 0.74, 0.92), (1.00, 0.92, 0.80), (1.02, 0.97, 0.90)),
    "evening": ((0.34, 0.36, 0.62), (0.99, 0.70, 0.50), (1.00, 0.80, 0.68)),
    "gray": ((0.62, 0.67, 0.73), (0.85, 0.87, 0.89), (0.88, 0.90, 0.93)),
}
SEASONS = {
    "spring": (0.52, 0.74, 0.32),
    "summer": (0.38, 0.62, 0.28),
    "autumn": (0.66, 0.62, 0.30),
}


@dataclasses.dataclass(frozen=True)
class Air:
    """Light and place that all things of a scene share.

    Attributes:
        hour: One of `HOURS`.
        season: One of `SEASONS`.
        sun: (x, y) of the sun in heights of the picture.
        horizon: y of the horizon.
        half: Half the width of the picture.
        seed: Number of all its textures.
    """

    hour: str
    season: str
    sun: tuple
    horizon: float
    half: float
    seed: int

    @property
    def light(self):
        """Where the light comes from: -1 the left to 1 the right."""
        return float(np.clip(self.sun[0] / self.half, -1, 1)) * 0.6

    def scale(self, y):
        """Heights of the picture in a metre that stands at `y`."""
        return (y - self.horizon) / CAMERA

    def lit(self, fill, y=None):
        """A fill in this light, in the haze of what stands at `y`."""
        tint = np.array(HOURS[self.hour][2])
        haze = np.array(HOURS[self.hour][1])
        far = 0.0 if y is None else 0.42 * np.exp(-(y - self.horizon) / 0.08)

        def shone(x, y):
            color = fill(x, y) if callable(fill) else np.asarray(fill)
            return between(color * tint, haze, far)

        return shone
