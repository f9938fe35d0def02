"""Runs side by side: a table of what was measured, and a page of pictures."""

from __future__ import annotations

import html
import pathlib

from keras_gan_translate.runs.evaluating import FILE
from keras_gan_translate.runs.report import embed_picture
from keras_gan_translate.runs.run import Run
from keras_gan_translate.support.files import write_text
from keras_gan_translate.support.untrusted import explained, read_json

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; padding: 0 1em;
  max-width: 1400px; color: #222; background: #fff; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { padding: .3em .8em; text-align: right; border-top: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; }
.best { font-weight: 700; }
figure { margin: 2em 0; } img { max-width: 100%; }
figcaption, p { color: #555; }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818; }
  th, td { border-color: #444; } figcaption, p { color: #aaa; } }
"""


def compare_runs(folders):
    """What run folders say of themselves, as rows of one table.

    Args:
        folders: run folders; those that were not evaluated have no scores.

    Returns:
        List of dicts for JSON: `run`, `model`, `image_size`, `epochs`,
        `hours` of training, `data`, `protocol` (None if not evaluated) and
        `scores`, name -> dict of `value` and `better`. A name begins with that
        of the direction or the domain.

    Raises:
        ValueError: one is no run folder.
    """
    return [_row(Run(folder)) for folder in folders]


def write_comparison(folders, path):
    """Writes a page with the table, and the newest samples of each run.

    It needs nothing else: pictures are embedded, and no request is made.

    Args:
        folders: run folders.
        path: the HTML file.

    Returns:
        The rows, as `compare_runs`.
    """
    rows = compare_runs(folders)
    parts = [_table(rows)]
    notes = different_protocols(rows)
    parts += [f"<p>{html.escape(note)}</p>" for note in notes]
    for folder, row in zip(folders, rows):
        samples = sorted((pathlib.Path(folder) / "samples").glob("epoch_*.png"))
        if samples:
            epoch = int(samples[-1].stem.split("_")[1])
            caption = f"{row['run']}: samples after epoch {epoch}"
            parts.append(
                f'<figure><img alt="" src="{embed_picture(samples[-1])}">'
                f"<figcaption>{html.escape(caption)}</figcaption></figure>"
            )
    body = "\n".join(parts)
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Runs side by side</title><style>{STYLE}</style>"
        f"<h1>Runs side by side</h1>\n{body}\n</html>\n"
    )
    write_text(path, page)
    return rows


def different_protocols(rows):
    """Sentences on what makes the rows' numbers no match for each other."""
    measured = [row for row in rows if row["protocol"]]
    notes = [
        f"{row['run']} was not evaluated: `kgt evaluate {row['run']}`."
        for row in rows
        if not row["protocol"]
    ]
    for fact in ("data", "split", "features", "resize", "distance", "images"):
        values = {str(row["protocol"].get(fact)) for row in measured}
        if len(values) > 1:
            notes.append(
                f"Not measured alike, {fact}: {'; '.join(sorted(values))}."
            )
    return notes


def best_of(rows, name):
    """The best value of a score; None where there is no better or no other."""
    scores = [row["scores"][name] for row in rows if name in row["scores"]]
    values = [s["value"] for s in scores if s["value"] == s["value"]]
    better = scores[0]["better"]
    if len(values) < 2 or not better:
        return None
    return min(values) if better == "lower" else max(values)


def names_of(rows):
    """The scores that any row has, in their order."""
    return list(dict.fromkeys(name for row in rows for name in row["scores"]))


def _row(run):
    protocol, scores = _evaluation(run.folder / FILE)
    results = run.results
    return {
        "run": str(run.folder),
        "model": run.config["model"],
        "image_size": run.config.get("image_size"),
        "epochs": len(results),
        "hours": sum(row.get("seconds", 0) for row in results) / 3600,
        "protocol": protocol,
        "scores": scores,
    }


def _evaluation(path):
    """(protocol, scores) of a run; None and nothing if it has none."""
    if not path.exists():
        return None, {}
    evaluated = read_json(path)
    with explained(path, "evaluation"):
        return dict(evaluated["protocol"]), {
            f"{question['name']}: {score['name']}": {
                "value": float(score["value"]),
                "better": str(score["better"]),
            }
            for question in evaluated["questions"]
            for score in question["scores"]
        }


def _table(rows):
    """Runs are columns: there are fewer of them than scores."""
    head = "".join(f"<th>{html.escape(row['run'])}</th>" for row in rows)
    lines = [f"<tr><th></th>{head}</tr>"]
    for title in ("model", "image_size", "epochs", "hours"):
        cells = "".join(
            f"<td>{html.escape(shown(row[title]))}</td>" for row in rows
        )
        lines.append(f"<tr><td>{title.replace('_', ' ')}</td>{cells}</tr>")
    for name in names_of(rows):
        best = best_of(rows, name)
        cells = ""
        for row in rows:
            value = row["scores"].get(name, {}).get("value")
            mark = (
                ' class="best"' if value is not None and value == best else ""
            )
            cells += f"<td{mark}>{shown(value)}</td>"
        lines.append(f"<tr><td>{html.escape(name)}</td>{cells}</tr>")
    return f"<table>{''.join(lines)}</table>"


def shown(value):
    """A fact or a number of four digits, "" for None."""
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
