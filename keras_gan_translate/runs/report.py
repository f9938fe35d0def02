"""Pictures and the page of a run folder."""

import dataclasses
import datetime
import functools
import importlib.resources
import json
import math
import pathlib

import numpy as np
import PIL.Image

from keras_gan_translate.data import write_image
from keras_gan_translate.data.showing import PAIRS, ROWS, cells_of, draw_cells
from keras_gan_translate.fields import Image
from keras_gan_translate.runs.diagnosis import MEASURES, measure_of
from keras_gan_translate.runs.run import ENVIRONMENT, Run, read_kept
from keras_gan_translate.support.files import write_text, written_aside
from keras_gan_translate.support.pages import page_style, picture_url

MAX_EMBEDDED = 20 * 2**20  # bytes of pictures in index.html


def write_results_plot(folder):
    """Draws results.csv of a run folder as results.png.

    Args:
        folder: a run folder; without finished epochs nothing is written.
    """
    run = Run(folder)
    if run.results:
        title = run.folder.resolve().name
        draw_losses(run.results, run.folder / "results.png", title)


def draw_losses(results, path, title):
    """Draws loss curves, a panel per player; validation is dashed.

    Panels of positive losses are logarithmic.

    Args:
        results: dicts of floats by epoch, as `Run.results`; one at least.
        path: the PNG to write.
        title: stands above.
    """
    # Not pyplot: it would choose a window system, and keeps figures alive.
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogFormatter

    panels = group_losses(results)
    panels.pop("samples", None)  # no losses
    checked = any(name.startswith("val_") for name in results[-1])
    figure = Figure(figsize=(6 * len(panels), 4.2), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (player, names) in zip(axes, panels.items()):
        lowest = math.inf
        for i, name in enumerate(names):
            for prefix, style in (("", "-"), ("val_", "--")):
                points = [
                    (row["epoch"], row[prefix + name])
                    for row in results
                    if math.isfinite(row.get(prefix + name, math.nan))
                ]
                if not points:
                    continue
                epochs, values = zip(*points)
                lowest = min(lowest, *values)
                axis.plot(
                    epochs,
                    values,
                    style,
                    color=f"C{i}",
                    marker="." if len(points) < 3 else None,
                    label=None if prefix else name.removeprefix(f"{player}_"),
                )
        if 0 < lowest < math.inf:
            axis.set_yscale("log")
            axis.yaxis.set_major_formatter("{x:g}")
            axis.yaxis.set_minor_formatter(
                LogFormatter(minor_thresholds=(1, 0.5))
            )
        axis.set(title=player, xlabel="epoch")
        axis.grid(alpha=0.25)
        if lowest < math.inf:
            axis.legend(frameon=False)
    figure.suptitle(title + (" (dashed: validation)" if checked else ""))
    with written_aside(path) as aside:
        figure.savefig(aside, format="png", dpi=110)


def group_losses(results):
    """The names of the training losses by player.

    Args:
        results: rows of results.csv, as `Run.results`.

    Returns:
        Dict from player ("samples" for what is measured on them, "all players"
        for the sum) to a list of column names.
    """
    groups = {}
    for name in dict.fromkeys(name for row in results for name in row):
        if name.startswith("val_") or name in ("epoch", "seconds"):
            continue
        player = name.split("_")[0]
        if measure_of(name):
            player = "samples"
        elif name == "loss":
            player = "all players"
        groups.setdefault(player, []).append(name)
    return groups


def write_data_picture(dataset, path, fields=None):
    """Writes the first batches as the network sees them, side by side.

    Args:
        dataset: iterable of batches, dicts by name or tuples of "a" and "b".
        path: the picture.
        fields: name -> `Field`, which draw themselves; other entries are
            images, float in [-1, 1] or uint8, or not shown.

    Raises:
        ValueError: the dataset is empty.
    """
    fields = fields or {}
    wanted = ROWS * PAIRS
    cells = {}
    for batch in dataset:
        if not isinstance(batch, dict):
            batch = dict(zip("ab", batch))
        for key in sorted(batch, key=list({**fields, **batch}).index):
            drawn = cells_of(fields.get(key, Image()), np.asarray(batch[key]))
            if drawn:
                cells.setdefault(key, []).extend(drawn)
        count = min(map(len, cells.values()), default=wanted)
        if count >= wanted:
            break
    if not cells:
        raise ValueError("The data set is empty: there is nothing to draw.")
    write_image(path, draw_cells(cells, count))


def write_page(folder):
    """Writes index.html of a run folder: one page that needs nothing else.

    Pictures are embedded; beyond 20 MB of them evenly spaced epochs are
    shown. It makes no request and opens from the disk.

    Args:
        folder: a run folder.
    """
    run = Run(folder)
    environment = read_kept(run.folder / ENVIRONMENT)
    samples = sorted((run.folder / "samples").glob("epoch_*.png"))
    data = {
        "title": run.folder.resolve().name,
        "written": f"{datetime.datetime.now():%Y-%m-%d %H:%M}",
        "config": run.config,
        "environment": {
            name: value
            for name, value in environment.items()
            if name not in ("config", "later")
        },
        "results": [
            # JSON has no NaN.
            {k: v if math.isfinite(v) else None for k, v in row.items()}
            for row in run.results
        ],
        "groups": group_losses(run.results),
        "lights": [dataclasses.asdict(x) for x in run.diagnose()],
        "measures": {
            prefix: {**dataclasses.asdict(measure), "range": measure.range}
            for prefix, measure in MEASURES.items()
        },
        "samples": _embed_samples(samples),
        "num_samples": len(samples),
        "data": embed_picture(run.folder / "data.png"),
    }
    template = importlib.resources.files(__package__) / "page.html"
    # Within a script element only "<" could end the data.
    text = json.dumps(data, default=str).replace("<", "\\u003c")
    page = template.read_text(encoding="utf-8")
    page = page.replace("{{style}}", page_style()).replace("{{data}}", text)
    write_text(run.folder / "index.html", page)


def _embed_samples(paths):
    """[{epoch, image}] of as many pictures as there is room for."""
    if not paths:
        return []
    # All pictures of a run have one size, so the last one tells the rest.
    room = max(2, MAX_EMBEDDED // len(embed_picture(paths[-1])))
    if len(paths) > room:
        kept = np.linspace(0, len(paths) - 1, room).round().astype(int)
        paths = [paths[i] for i in kept]
    return [
        {"epoch": int(path.stem.split("_")[1]), "image": embed_picture(path)}
        for path in paths
    ]


def embed_picture(path):
    """A picture as a data URL, None if it is absent."""
    path = pathlib.Path(path)
    return _data_url(path, path.stat().st_mtime_ns) if path.exists() else None


@functools.lru_cache(maxsize=512)  # the page is written after every epoch
def _data_url(path, _changed):
    with PIL.Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    # A quarter of PNG's size; the exact pixels are in the folder.
    return picture_url(pixels, quality=90, subsampling=0)
