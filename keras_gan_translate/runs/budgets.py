"""How wide and how deep a student may be, found out by exporting it."""

import dataclasses
import re
import tempfile

from keras_gan_translate.data import synthetic_faces
from keras_gan_translate.export import export_translator
from keras_gan_translate.export.int8 import CALIBRATION_IMAGES
from keras_gan_translate.export.operators import multiply_adds, read_graph
from keras_gan_translate.runs.run import create_model

WIDTHS, DEPTHS = (8, 12, 16, 24, 32, 48), (2, 4, 6, 9)
NARROW = 2  # depth at which widths are compared: the least
THREADS = 2
# unit -> (what is measured, how much of it a unit is)
UNITS = {
    "kb": ("size", 1e3),
    "mb": ("size", 1e6),
    "kib": ("size", 2**10),
    "mib": ("size", 2**20),
    "mmac": ("operations", 1e6),
    "gmac": ("operations", 1e9),
    "ms": ("latency", 1.0),
}


@dataclasses.dataclass(frozen=True)
class Budget:
    """What a student may take at most.

    Attributes:
        text: as the user wrote it.
        measure: "size" of the int8 file in bytes, "operations", the
            multiply-adds for an image, or "latency" of an image in
            milliseconds, on two threads of this machine.
        most: the number.
    """

    text: str
    measure: str
    most: float


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A student that was exported and measured.

    Attributes:
        filters: its width.
        num_blocks: its depth.
        size: of its int8 LiteRT file, in bytes.
        operations: multiply-adds for an image, counted from that file.
        latency: milliseconds for an image; None if not measured.
    """

    filters: int
    num_blocks: int
    size: int
    operations: int
    latency: float | None


def parse(text):
    """A `Budget` from its words.

    Args:
        text: such as "1MB", "2GMAC" or "33ms"; capitals do not matter.

    Raises:
        ValueError: it is none.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", str(text).lower())
    if not match or match[2] not in UNITS or not float(match[1]):
        raise ValueError(
            "A budget is a number and its unit: the size of the int8 file, "
            "such as 1MB, multiply-adds for an image, such as 2GMAC, or the "
            f"time for one on {THREADS} threads here, such as 33ms. Received: "
            f"{text!r}; units: {', '.join(UNITS)}."
        )
    measure, unit = UNITS[match[2]]
    return Budget(str(text).strip(), measure, float(match[1]) * unit)


def choose(budget, measured):
    """The largest candidate within a budget, and all that were measured.

    Widths grow until one is too much; the widest that is not grows in depth
    while the budget allows it.

    Args:
        budget: a `Budget`.
        measured: function from (filters, num_blocks) to a `Candidate`.

    Returns:
        (the chosen `Candidate`, list of all in the order of measuring)

    Raises:
        ValueError: even the smallest is too much; says how much it takes.
    """
    tried, best = [], None

    def fits(filters, num_blocks):
        tried.append(measured(filters, num_blocks))
        return getattr(tried[-1], budget.measure) <= budget.most

    for filters in WIDTHS:
        if not fits(filters, NARROW):
            break
        best = tried[-1]
    if best is None:
        least = tried[0]
        raise ValueError(
            f"No student is within {budget.text}: the smallest, "
            f"--width {least.filters} --depth {least.num_blocks}, takes "
            f"{in_words(budget.measure, getattr(least, budget.measure))}. "
            "Allow more, or take a smaller --image-size."
        )
    for num_blocks in DEPTHS[1:]:
        if not fits(best.filters, num_blocks):
            break
        best = tried[-1]
    return best, tried


def measure_student(config, filters, num_blocks, latency=False):
    """Exports a student, not trained yet, to int8 LiteRT and measures it.

    Args:
        config: dict as `Run.config`, of the model "distilled".
        filters: its width.
        num_blocks: its depth.
        latency: whether to time it, which takes as long as it takes.

    Returns:
        A `Candidate`.
    """
    model = create_model(
        config | {"filters": filters, "num_blocks": num_blocks}
    )
    # What is measured does not depend on what is on the images.
    images = synthetic_faces(2 * CALIBRATION_IMAGES, model.image_size)[0]
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/student"
        (row,) = export_translator(
            model,
            path,
            formats=("litert",),
            precisions=("int8",),
            images=images,
            bounds={"int8": 0.0},  # it has learned nothing to lose
            threads=(THREADS,) if latency else (),
        )
        graph = read_graph(f"{path}/{row['artefact']}")
    return Candidate(
        filters,
        num_blocks,
        row["size"],
        multiply_adds(graph.operators),
        row["latency_ms"][str(THREADS)] if latency else None,
    )


def in_words(measure, value):
    """A measured number with its unit."""
    if value is None:
        return "not measured"
    if measure == "size":
        return f"{value / 1e6:.2f} MB"
    if measure == "operations":
        return f"{value / 1e9:.3f} GMAC"
    return f"{value:.1f} ms"
