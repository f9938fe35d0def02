"""The page: findings with their pictures, a table, and a contact sheet."""

import datetime
import html
import importlib.resources
import pathlib
import re

import numpy as np

from keras_gan_translate.data.images import (
    ImageError,
    read_image,
    read_map,
    resize_image,
    resize_map,
)
from keras_gan_translate.support.files import write_text
from keras_gan_translate.support.pages import page_style, picture_url

MARK = '<meta name="generator" content="kgt doctor">'
SIDE = 128  # pixels of a thumbnail's longer side
SHEET = 24  # pictures of each part
EXAMPLES = 12  # of a finding
GROUPS = 6


def write_page(diagnosis, path):
    """Writes the page of a `Diagnosis`: one file that makes no request.

    Args:
        diagnosis: a `Diagnosis`.
        path: the HTML file.
    """
    title = " + ".join(pathlib.Path(p).name or p for p in diagnosis.source)
    parts = [_finding(found) for found in diagnosis.findings]
    if not parts:
        parts = [
            '<section class="card finding good"><h2>Nothing to find fault '
            "with</h2><p>All checks have passed.</p></section>"
        ]
    parts = [f'<div class="findings">{"".join(parts)}</div>']
    parts += [_costs(diagnosis), _table(diagnosis.facts), *_sheets(diagnosis)]
    body = "\n".join(part for part in parts if part)
    style = importlib.resources.files(__package__) / "page.css"
    style = page_style() + style.read_text(encoding="utf-8")
    write_text(
        path,
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"{MARK}\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src '
        "'none'; img-src data:; style-src 'unsafe-inline'\">\n"
        f"<title>{_text(title)}: training data</title>\n"
        f"<style>\n{style}</style>\n</head>\n<body>\n<header>"
        f'<h1>{_text(title)}</h1><p class="soft">{_subtitle(diagnosis)}</p>'
        f"{_counts(diagnosis)}</header>\n<main>\n{body}\n</main>\n</body>\n"
        "</html>\n",
    )


def is_ours(path):
    """Whether a file is such a page, which may be replaced."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return MARK in file.read(1000)
    except OSError:
        return False


def _text(value):
    return html.escape(str(value))


def _sentence(value):
    """Words with what one types set apart: `so`, and --so 3."""
    return re.sub(
        r"`([^`]+)`|(--[a-z-]+(?: \d+)?)",
        lambda match: f"<code>{match[1] or match[2]}</code>",
        _text(value),
    )


def _subtitle(diagnosis):
    words = [_text(text) for text in diagnosis.summary.values()]
    if diagnosis.guessed and diagnosis.kind:
        words.append("<code>--kind</code> reads them in another way")
    words.append(
        f"{diagnosis.looked:,} of {diagnosis.files:,} files looked at in "
        f"{diagnosis.seconds:.0f} s"
    )
    words.append(f"{datetime.datetime.now():%Y-%m-%d %H:%M}")
    return " · ".join(words)


def _counts(diagnosis):
    counts = {}
    for found in diagnosis.findings:
        counts[found.level] = counts.get(found.level, 0) + 1
    names = {"trouble": "trouble", "watch": "to watch", "note": "to know"}
    items = [
        f'<li class="{level}">{count} {names[level]}</li>'
        for level, count in counts.items()
    ]
    return f'<ul class="counts">{"".join(items)}</ul>' if items else ""


def _finding(found):
    title = found.name.replace("_", " ").capitalize().replace("exif", "EXIF")
    parts = [
        f'<section class="card finding {found.level}"><h2>{_text(title)}'
        f"<small>{found.level}</small></h2><p>{_sentence(found.what)}</p>"
    ]
    if found.advice:
        parts.append(f'<p class="soft">{_sentence(found.advice)}</p>')
    if found.command:
        parts.append(f"<pre><code>{_text(found.command)}</code></pre>")
    if found.groups:
        items = "".join(
            f"<li>{_pictures(group[:4])}{_more(group, 4, 'files')}</li>"
            for group in found.groups[:GROUPS]
        )
        parts.append(f'<ul class="groups">{items}</ul>')
        parts.append(_more(found.groups, GROUPS, "groups"))
    elif found.files:
        parts.append(_pictures(found.files[:EXAMPLES], found.reasons))
        parts.append(_more(found.files, EXAMPLES, "files"))
    return "".join(parts) + "</section>"


def _more(things, limit, word):
    if len(things) <= limit:
        return ""
    return f'<p class="many">and {len(things) - limit:,} {word} more</p>'


def _pictures(paths, reasons=()):
    """The files as pictures, and those that are none as lines."""
    items, lines = [], []
    for path in paths:
        url = _thumbnail(path)
        name = _text(f"{path.parent.name}/{path.name}")
        why = _text(reasons[path]) if path in reasons else ""
        if url:
            items.append(
                f'<li title="{_text(path)}"><img alt="" src="{url}">{name}'
                f"{'<br>' if why else ''}{why}</li>"
            )
        else:
            lines.append(f"<li>{name} <span>{why}</span></li>")
    found = f'<ul class="sheet">{"".join(items)}</ul>' if items else ""
    return found + (f'<ul class="plain">{"".join(lines)}</ul>' if lines else "")


def _thumbnail(path, as_map=False):
    """A data URL, "" of what cannot be read."""
    if path.is_dir():
        return ""
    try:
        pixels = _painted(read_map(path)) if as_map else read_image(path, SIDE)
    except ImageError:
        return ""
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return picture_url(resize_image(pixels, size, "stretch"))


def _painted(values):
    """Numbers as colours: those of few values far apart."""
    values = resize_map(values, SIDE, "stretch").astype(int)
    if values.max() <= 1 or set(np.unique(values)) <= {0, 255}:
        return np.repeat((values > 0)[..., None] * np.uint8(255), 3, axis=-1)
    turns = values[..., None] * 0.381966 + np.array([0, 1 / 3, 2 / 3])
    colours = 140 + 90 * np.cos(2 * np.pi * turns)
    return np.where(values[..., None], colours, 40).astype("uint8")


def _table(facts):
    rows = [
        "<tr><th>split</th><th>part</th><th>files</th><th>width</th>"
        "<th>height</th><th>formats</th><th>modes</th><th>mean colour</th></tr>"
    ]
    for row in facts:
        files = f"{row['files']:,}"
        if row["usable"] != row["files"]:
            files += f" ({row['usable']:,} looked at and usable)"
        colour = ""
        if "colour" in row:
            levels = ", ".join(f"{level:.0f}" for level in row["colour"])
            colour = (
                f'<span class="swatch" style="background: rgb({levels})">'
                f"</span>{levels}"
            )
        cells = [
            _text(row["split"]),
            _text(row["part"]),
            files,
            _range(row.get("width")),
            _range(row.get("height")),
            _text(_words(row.get("formats", {}))),
            _text(_words(row.get("modes", {}))),
            colour,
        ]
        rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return (
        '<section class="card"><h2>What there is</h2><div class="wide"><table>'
        f"{''.join(rows)}</table></div></section>"
    )


def _range(three):
    if not three:
        return ""
    low, middle, high = three
    return str(low) if low == high else f"{low} to {high}, median {middle}"


def _words(counts):
    return ", ".join(f"{count:,} {word}" for word, count in counts.items())


def _costs(diagnosis):
    if not diagnosis.costs:
        return ""
    words = "".join(
        f"<tr><td>{_text(name)}</td><td>{_text(value)}</td></tr>"
        for name, value in diagnosis.costs["words"].items()
    )
    return (
        '<section class="card"><h2>What an epoch costs here</h2>'
        f'<div class="wide"><table>{words}</table></div></section>'
    )


def _sheets(diagnosis):
    """A contact sheet of each part of the first split, evenly chosen."""
    material = diagnosis.material
    lists = [(*key, paths, False) for key, paths in material.parts.items()]
    lists += [(*key, paths, True) for key, paths in material.maps.items()]
    for split, part, paths, is_map in lists:
        if split != material.first:
            continue
        usable = [
            path
            for path in paths
            if (seen := material.looks.get(path)) and not seen.reason
        ]
        if not usable:
            continue
        rows = np.linspace(0, len(usable) - 1, min(SHEET, len(usable)))
        items = []
        for row in rows.round().astype(int):
            path = usable[row]
            url = _thumbnail(path, is_map)
            items.append(
                f'<li title="{_text(path)}"><img alt="" '
                f'src="{url}">{_text(path.name)}</li>'
            )
        title = material.name_of(split, part)
        title = "All of it" if title == "there" else title
        yield (
            f'<section class="card"><h2>{_text(title)}: {len(items)} of '
            f'{len(paths):,}</h2><ul class="sheet">{"".join(items)}</ul>'
            "</section>"
        )
