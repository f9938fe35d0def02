"""The parity gate: every artefact against the model it was made from."""

import json
import math
import os
import pathlib
import platform

import numpy as np

from keras_gan_translate.data import write_image
from keras_gan_translate.export.artefacts import (
    RUNTIMES,
    format_of,
    open_artefact,
)
from keras_gan_translate.export.measure import measure
from keras_gan_translate.export.network import resize_raw
from keras_gan_translate.support.files import write_text
from keras_gan_translate.support.messages import check_choice
from keras_gan_translate.support.pictures import draw_caption, draw_grid

# Precision -> (what is measured, its bound): a difference on the scale of
# pixels, 0..255, is at most that, a PSNR in dB, with peak 255, at least.
BOUNDS = {
    "float32": ("max_difference", 1.0),
    "float16": ("psnr", 45.0),
    "dynamic_int8": ("psnr", 35.0),
    "int8": ("psnr", 30.0),
}
SIGNS = {"max_difference": "max <=", "psnr": "PSNR >="}
REMEDIES = {
    "float32": "Rounding alone does not do that: the artefact computes "
    "something else than the model, please report it.",
    "float16": "Take float32, or look for very large values in the network.",
    "dynamic_int8": "Train longer, or take float16.",
    "int8": "Calibrate it on more images, such as it will translate, or take "
    "dynamic_int8.",
}
DEFAULT_SIZE = 256  # pixels, where neither artefact nor model has one
THREADS = (1, 2)
PICTURES = 3  # images in the picture
CHOICES = 4  # domains or styles that are compared
CELL = 256  # pixels of the picture's cells, at most
AMPLIFIED = 8  # how many times differences are shown


class ParityError(ValueError):
    """An artefact does not translate as its model does.

    Args:
        message: what was measured, what was expected, what to do.
        rows: the rows of all artefacts, without latencies.
    """

    def __init__(self, message, rows):
        super().__init__(message)
        self.rows = rows


def check_parity(
    model,
    direction,
    paths,
    images,
    bounds=None,
    picture=None,
    threads=THREADS,
    image_size=None,
):
    """Compares artefacts with the model they were made from, and times them.

    Each is opened by every runtime of its format and compared with
    `model.translate` on images of its size; one that takes any size also on
    an image that is no square. The worst runtime counts. What a translator
    takes beside an image goes through its choices, four at most, from image
    to image; masks and maps are made up by their fields.

    Args:
        model: a `GAN`, with the weights that were exported.
        direction: the one that was exported.
        paths: the artefacts, as in `open_artefact`; a name that ends in
            "-float16" tells its precision, float32 is understood.
        images: uint8 arrays (H, W, 3) of any size, real ones; raw maps where
            the translator takes these.
        bounds: dict of numbers that replace those in `BOUNDS`, by precision.
        picture: .png file for input, both translations and their difference.
        threads: numbers of threads that artefacts are timed at; none skips
            the timing.
        image_size: height and width at which those of any size are compared
            and timed; the model's own if None.

    Returns:
        List of one dict per artefact: `artefact`, `format`, `precision`,
        `runtimes`, `image_size` (None: any), `compared` (number of images),
        `psnr` (dB, None where equal), `max_difference`, `mean_difference`
        (0..255), `bound`, `size` (bytes), `latency_ms` (by number of
        threads) and `peak_memory` (bytes, of a process that runs it).

    Raises:
        ParityError: an artefact is worse than its bound.
        ValueError: there is no image, or an unknown precision in `bounds`.
    """
    for precision in bounds or {}:
        check_choice("precision", precision, tuple(BOUNDS))
    if not len(images):
        raise ValueError("The parity gate needs real images; it got none.")
    reference = _Reference(model, direction, images, image_size)
    comparisons = [_compare(reference, path, bounds or {}) for path in paths]
    rows = [row for row, _ in comparisons]
    if picture:
        write_image(picture, _draw(comparisons, reference))
    failures = [_failure(row) for row in rows if not row["passed"]]
    if failures:
        raise ParityError(" ".join(failures), rows)
    for path, (row, images) in zip(paths, comparisons):
        image, options = images["input"][0], images["options"][0]
        runs = {str(n): measure(path, image, n, options) for n in threads}
        row["latency_ms"] = {n: run["latency_ms"] for n, run in runs.items()}
        peaks = [run["peak_memory"] for run in runs.values()]
        row["peak_memory"] = max(filter(None, peaks), default=None)
    return rows


def write_parity(folder, rows):
    """Writes the rows of `check_parity` as parity.json, with the machine."""
    machine = {
        "platform": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
    }
    text = json.dumps({"machine": machine, "artefacts": rows}, indent=2)
    write_text(pathlib.Path(folder) / "parity.json", text + "\n")


def format_rows(rows):
    """The rows of `check_parity` for people, as (titles, lists of cells).

    PSNR in dB; differences of 255; ms/2 is the latency in milliseconds at two
    threads; Peak is memory in MiB.
    """
    titles = ["Artefact", "MiB", "PSNR", "Max", "Mean", "Bound"]
    titles += [f"ms/{n}" for n in THREADS] + ["Peak"]
    cells = []
    for row in rows:
        latency = row.get("latency_ms", {})
        peak = row.get("peak_memory")
        cells.append(
            [
                row["artefact"],
                f"{row['size'] / 2**20:.1f}",
                "equal" if row["psnr"] is None else f"{row['psnr']:.1f}",
                str(row["max_difference"]),
                f"{row['mean_difference']:.3f}",
                row["bound"],
                *[
                    f"{latency[str(n)]:.0f}" if str(n) in latency else "-"
                    for n in THREADS
                ],
                f"{peak / 2**20:.0f}" if peak else "-",
            ]
        )
    return titles, cells


def size_of(path):
    """Bytes of a file, or of all files in a folder."""
    path = pathlib.Path(path)
    files = [p for p in path.rglob("*") if p.is_file()] or [path]
    return sum(file.stat().st_size for file in files)


def precision_of(path):
    """The precision that an artefact's name ends in; float32 if in none."""
    stem = pathlib.Path(path).stem
    named = [name for name in BOUNDS if stem.endswith(f"-{name}")]
    return named[0] if named else "float32"


class _Reference:
    """What the model makes of the images, at every size it is asked for."""

    def __init__(self, model, direction, images, image_size):
        self.model, self.direction = model, direction
        self.images, self.known = images, {}
        self.image_size = image_size
        self.source = model.field(model.source(direction))
        self.options = model.options(direction)
        # Every choice comes to be compared, however few images there are.
        choices = [f.choices()[:CHOICES] for f in self.options.values()]
        self.count = max(len(images), *map(len, choices), 0)

    def at(self, artefact):
        """(images, options, translations), lists, at an artefact's size."""
        how = artefact.spec.resize if artefact.spec else "cover"
        size = artefact.image_size or self._usual_size()
        wanted = [(i, size, how) for i in range(self.count)]
        if not artefact.image_size:
            oblong = (size[0], size[1] + self.model.size_multiple)
            wanted.append((0, oblong, how))
        for key in wanted:
            if key not in self.known:
                number, size, how = key
                image = self.images[number % len(self.images)]
                image = resize_raw(self.source, image, size, how)
                options = self._options(number, size)
                translated = self.model.translate(
                    image, self.direction, **options
                )
                self.known[key] = image, options, translated
        return tuple(zip(*[self.known[key] for key in wanted]))

    def _options(self, number, size):
        """What goes beside an image, raw, by word."""
        random = np.random.default_rng(number)
        options = {}
        for word, field in self.options.items():
            choices = field.choices()[:CHOICES]
            if choices:
                choice = choices[number % len(choices)]
                options[word] = field.parse(choice, self.model)
            else:
                (value,) = field.example(1, max(size), random)
                if field.per_pixel:
                    value = value[: size[0], : size[1]]
                options[word] = value
        return options

    def _usual_size(self):
        multiple = self.model.size_multiple
        own = self.model.image_size_of(self.model.source(self.direction))
        size = self.image_size or own or DEFAULT_SIZE
        return (-(-size // multiple) * multiple,) * 2


def _compare(reference, path, bounds):
    """(row, dict of lists: input, Keras' translation, the artefact's)."""
    path, precision, worst = pathlib.Path(path), precision_of(path), None
    format = format_of(path)
    for runtime in RUNTIMES[format]:
        artefact = open_artefact(path, runtime=runtime)
        inputs, options, expected = reference.at(artefact)
        found = [
            artefact.translate(image, **given)
            for image, given in zip(inputs, options)
        ]
        measured = _differences(expected, found)
        if worst is None or measured["mean_square"] > worst["mean_square"]:
            worst = measured
            images = {
                "input": inputs,
                "options": options,
                "Keras": expected,
                "artefact": found,
            }
    square = worst.pop("mean_square")
    psnr = 10 * math.log10(255**2 / square) if square else None
    name, bound = BOUNDS[precision]
    bound = float(bounds.get(precision, bound))
    passed = {
        "max_difference": worst["max_difference"] <= bound,
        "psnr": psnr is None or psnr >= bound,
    }[name]
    return {
        "artefact": path.name,
        "format": format,
        "precision": precision,
        "runtimes": list(RUNTIMES[format]),
        "image_size": artefact.image_size and list(artefact.image_size),
        "compared": len(inputs),
        "psnr": psnr and round(psnr, 2),
        **worst,
        "bound": f"{SIGNS[name]} {bound:g}",
        "passed": passed,
        "size": size_of(path),
    }, images


def _differences(expected, found):
    differences = [
        np.abs(one.astype("int16") - other)
        for one, other in zip(expected, found, strict=True)
    ]
    flat = np.concatenate([d.ravel() for d in differences]).astype("float64")
    return {
        "max_difference": int(flat.max()),
        "mean_difference": round(float(flat.mean()), 4),
        "mean_square": float(np.mean(flat**2)),
    }


def _failure(row):
    measured = (
        f"a difference of up to {row['max_difference']} of 255"
        if row["bound"].startswith("max")
        else f"a PSNR of {row['psnr']:.1f} dB"
    )
    return (
        f"'{row['artefact']}' does not translate as its model does: on "
        f"{row['compared']} images it has {measured} to it, and its bound is "
        f"{row['bound']}. {REMEDIES[row['precision']]} Other bounds are set "
        f"with `bounds` (--bound {row['precision']} NUMBER)."
    )


def _draw(comparisons, reference):
    """A picture with the columns input, Keras; artefact, difference; ..."""
    sides = [image.shape[:2] for _, c in comparisons for image in c["Keras"]]
    cell = min(CELL, *(min(side) for side in sides))
    columns, drawn = [], None
    for row, images in comparisons:
        if images["input"][0] is not drawn:  # another size than before
            drawn = images["input"][0]
            columns.append(
                ("input", map(reference.source.draw, images["input"]))
            )
            for word, field in reference.options.items():
                values = [options[word] for options in images["options"]]
                columns.append((word, map(field.draw, values)))
            columns.append(("Keras", images["Keras"]))
        pairs = zip(images["Keras"], images["artefact"])
        differences = [
            np.minimum(np.abs(k.astype("int16") - a) * AMPLIFIED, 255)
            for k, a in pairs
        ]
        title = f"{row['format']} {row['precision']}"
        columns.append((title, images["artefact"]))
        columns.append((f"difference x{AMPLIFIED}", differences))
    return draw_grid(
        [
            (title, [_cell(image, cell) for image in list(images)[:PICTURES]])
            for title, images in columns
        ]
    )


def _cell(drawn, side):
    """What a field draws as a square: an image, a caption, or nothing."""
    if isinstance(drawn, np.ndarray):
        return _crop(drawn, side)
    return draw_caption(drawn or "", side, side)


def _crop(image, side):
    """The middle of an image, enlarged by a whole factor if it is smaller."""
    factor = -(-side // min(image.shape[:2]))
    image = image.repeat(factor, axis=0).repeat(factor, axis=1)
    top, left = ((n - side) // 2 for n in image.shape[:2])
    return image[top : top + side, left : left + side].astype("uint8")
