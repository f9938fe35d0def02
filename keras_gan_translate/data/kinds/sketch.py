"""Photos, and what a painter would begin with: lines and colours."""

import numpy as np

from keras_gan_translate.data.colour_domains import colour_domain, draw_strokes
from keras_gan_translate.data.drawn.avatars import STYLES
from keras_gan_translate.data.drawn.face_styles import draw
from keras_gan_translate.data.drawn.face_truth import colour_strokes, edges
from keras_gan_translate.data.drawn.worlds import draw_garments
from keras_gan_translate.data.edges import canny
from keras_gan_translate.data.holes import HOLES
from keras_gan_translate.data.kinds.kind import DataKind, Found, Option
from keras_gan_translate.data.layouts import photos_anywhere
from keras_gan_translate.data.store import allocate, decode_images, run_rows
from keras_gan_translate.support.messages import check_choice

SIGMA = 2.0  # pixels, of Canny's Gaussian
PARTS = ("sketch", "colours", "strokes", "mask")


class Sketch(DataKind):
    """Batches of "image", "sketch", and of "colours", "strokes", "mask".

    Everything is made of the photos: a sketch is Canny's edges, black on
    white; colours are a flat picture of a few; strokes are some of these,
    black elsewhere; masks are holes as those of masked data. The lines and
    strokes of drawn faces are exact. What a model has no use for is not made.
    """

    name = "sketch"
    about = "photos, of which lines and colours are made"
    layouts = (
        "photos in train/ (and test/ or val/), in folders inside these, or "
        "anywhere in the folder"
    )
    options = {
        "sigma": Option(
            "Pixels by which photos are blurred before their edges are found; "
            f"more, fewer lines.  [default: {SIGMA:g}]",
        ),
        "holes": Option(
            "What is missing, for models that fill holes.  [default: strokes]",
            tuple(HOLES),
        ),
        "parts": Option("What is made of the photos.", of_model=True),
    }
    aligned = True
    maps = ("mask",)
    worlds = {
        "faces": ("photo",),
        "avatars": STYLES,
        "scenes": (),
        "garments": (),
    }
    num_styles = (1, None)

    def find_files(self, folders, split, **options):
        if len(folders) > 1:
            raise ValueError(
                "sketch takes one folder of photos, received "
                f"{len(folders)}: lines and colours are made of them. Pairs of "
                "drawings and photos are paired data."
            )
        images, _, note = photos_anywhere(folders[0], self, split)
        return Found(
            {"image": images},
            {},
            f"{self.name}: {len(images)} photos{note}; {_words(**options)}",
            {"image": f"'{folders[0]}'"},
        )

    def find_drawn(self, drawing, **options):
        exact = drawing.world == "faces"
        return {}, f"{drawing.things}; {_words(exact, **options)}"

    def read(self, found, reading):
        store = decode_images(
            [(path,) for path in found.files["image"]],
            reading.load,
            reading.how,
            where=found.where["image"],
        )
        images = store.images[:, 0]
        made = make_parts(images, reading.seed, **found.options)
        return {"image": images} | made, store.skipped

    def drawn(self, drawing, size, seed, **options):
        if drawing.world == "faces":
            return _draw_faces(drawing, size, seed, **options)
        if drawing.world == "garments":
            images = draw_garments(drawing, size, seed)["image"]
        else:
            images = drawing.by_turns(size, seed)
        return {"image": images} | make_parts(images, seed, **options)

    def extras(self, arrays, found, reading):
        if "mask" not in _parts(**found.options):
            return {}
        draw = HOLES[found.options.get("holes") or "strokes"]
        return {"draw": {"mask": draw}}

    def of_model(self, model):
        return {"parts": tuple(part for part in PARTS if part in model.batch)}


def make_parts(images, seed=0, sigma=None, parts=None, holes=None):
    """What is made of photos.

    Args:
        images: uint8 array of shape (count, height, width, 3).
        seed: Another seed, other strokes.
        sigma: As of `Sketch`; None for the default.
        parts: Those that are wanted, of `PARTS`; None for all.
        holes: As of `Sketch`; they are drawn later.

    Returns:
        Dict of uint8 arrays of shape (count, height, width, channels).

    Raises:
        ValueError: `sigma` is no positive number.
    """
    sigma = _sigma(sigma)
    parts = _parts(parts)
    made = {
        part: allocate((*images.shape[:3], channels))
        for part, channels in (("sketch", 1), ("colours", 3), ("strokes", 3))
        if part in parts
    }

    def make(row):
        if "sketch" in made:
            lines = canny(images[row], sigma)
            made["sketch"][row, ..., 0] = np.where(lines, 0, 255)
        if "colours" in made or "strokes" in made:
            flat = colour_domain(images[row])
            if "colours" in made:
                made["colours"][row] = flat
            if "strokes" in made:
                random = np.random.default_rng([seed, row])
                made["strokes"][row] = draw_strokes(flat, random)

    if made:
        for _ in run_rows(make, len(images), "Making lines and colours"):
            pass
    return made


def _draw_faces(drawing, size, seed, sigma=None, parts=None, holes=None):
    parts = _parts(parts)

    def made(face, random, style):
        image = draw(face, size[0], style)
        yield "image", image
        if "sketch" in parts:
            yield "sketch", 255 - edges(face, size[0], style)[..., None]
        if "colours" in parts:
            yield "colours", colour_domain(image)
        if "strokes" in parts:
            strokes = colour_strokes(face, size[0], random, style)
            yield "strokes", strokes[..., :3]

    return drawing.faces(made, seed)


def _parts(parts=None, **options):
    for part in parts or ():
        check_choice("parts", part, PARTS)
    return PARTS if parts is None else parts


def _sigma(sigma):
    try:
        number = SIGMA if sigma is None else float(sigma)
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number < 100:
        raise ValueError(
            f"sigma={sigma!r} is no number of pixels by which to blur: it is "
            f"more than 0, such as {SIGMA:g}."
        )
    return number


def _words(exact=False, sigma=None, parts=None, holes=None):
    """How they are made, for the summary."""
    words = "exact lines" if exact else f"lines by sigma {_sigma(sigma):g}"
    if "mask" in _parts(parts) and (holes or parts):
        words += f"; holes: {holes or 'strokes'}"
    return words
