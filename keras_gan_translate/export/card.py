"""The model card: what an export is, was made from and is for."""

import dataclasses
import hashlib
import json
import pathlib

from keras_gan_translate.export.parity import format_rows
from keras_gan_translate.export.spec import IMAGES
from keras_gan_translate.fields import Field
from keras_gan_translate.support.files import write_text

CARD, DATA = "card.md", "card.json"
INTENDED = (
    "Translating photos for art, play and study: by people who chose to, of "
    "themselves or of others who agreed to it.",
    "Research on image-to-image translation, with the figures below as they "
    "were measured.",
)
NOT_INTENDED = (
    "Pictures of people who did not consent to being translated or shown.",
    "Identifying anybody, or telling age, sex, origin, health or mood from a "
    "face: what comes out is invented by the network, it is no evidence.",
    "Deception: passing a translation off as a photo, or as the work of an "
    "artist. Say that it was made by a network.",
    "Medical, legal, or any other decisions about people.",
)
LIMITS = (
    "It has learned what its training images had in common, and works worse "
    "on what they lack: other poses, ages, skin colours, light or sizes.",
)
EXIF = (
    "Cameras note in the EXIF data how a photo is to be turned. The signature "
    "serving_bytes of the SavedModel, which takes files, turns them upright "
    "itself. Everything else takes pixels, and whoever decodes the photo turns "
    "it upright first; `kgt translate` and the clients in "
    "examples/ do."
)
# What a config's paths say of a disk is nobody's business.
PATHS = ("data", "data_a", "data_b", "start_from")


def write_card(folder, spec, rows, training=None):
    """Writes card.md for people and card.json for programs.

    Args:
        folder: of the export, everything else in it complete; its files'
            hashes are in the card.
        spec: the `TranslatorSpec`.
        rows: what `check_parity` returned.
        training: what a run folder knows, or None: a dict of `config`,
            `environment`, `results` (list of dicts by epoch) and `epoch`,
            after which the weights were saved (the last if absent).
    """
    folder = pathlib.Path(folder)
    card = {
        "translator": dataclasses.asdict(spec),
        "training": _training(training),
        "parity": rows,
        "intended_use": INTENDED,
        "not_intended": NOT_INTENDED,
        "limits": LIMITS,
        "exif": EXIF,
        "files": hash_files(folder),
    }
    write_text(folder / DATA, json.dumps(card, indent=2) + "\n")
    write_text(folder / CARD, _to_markdown(card))


def hash_files(folder):
    """Bytes and SHA-256 of all files in a folder, by path, but the card's.

    Args:
        folder: of an export.

    Returns:
        Dict from path to dict of `bytes` and `sha256`.
    """
    folder, files = pathlib.Path(folder), {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in (CARD, DATA):
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            files[path.relative_to(folder).as_posix()] = {
                "bytes": path.stat().st_size,
                "sha256": digest,
            }
    return files


def _training(training):
    """What the card tells of a training; None if nothing is known."""
    if training is None:
        return None
    config = {
        key: pathlib.PurePath(str(value)).name if key in PATHS else value
        for key, value in (training.get("config") or {}).items()
        if value is not None
    }
    environment = training.get("environment") or {}
    results = training.get("results") or []
    last = results[-1]["epoch"] if results else None
    epoch = training.get("epoch") or last
    metrics = [row for row in results if row["epoch"] == epoch]
    return {
        "recipe": config,
        "commit": environment.get("git_commit"),
        "versions": {
            name: environment[name]
            for name in ("keras_gan_translate", "keras", "backend", "python")
            if name in environment
        },
        "started": environment.get("started"),
        "epochs": int(epoch) if epoch else None,
        "steps": _steps(config, epoch),
        "metrics": metrics[0] if metrics else {},
    }


def _steps(config, epoch):
    """Steps until then, where the run tells how many an epoch has."""
    steps = config.get("steps_per_epoch")
    return int(epoch) * steps if epoch and steps else None


def _to_markdown(card):
    facts, training = card["translator"], card["training"]
    size = facts["image_size"]
    size = (
        f"{size} by {size} pixels"
        if size
        else f"any size (multiples of {facts['size_multiple']} pixels; a "
        "SavedModel, and this library, pad and crop the others)"
    )
    values = {
        "uint8": "uint8, 0..255",
        "float32": "float32, [-1, 1]",
    }[facts["dtype"]]
    # What makes images of maps gives RGB all the same.
    same = "the same" if _is_rgb(facts) else f"RGB, {values}"
    pages = [
        f"# {facts['name']}",
        f"{facts['model']}, direction {facts['direction']}, exported with "
        f"keras_gan_translate {facts['version']}, commit "
        f"{facts['commit'] or 'not known'}.",
        "## Model",
        _list(
            f"Paper: {facts['paper'] or 'not stated'}",
            *_inputs(facts, values, size),
            f"Output: {same}, {facts['scale']} times the size"
            if facts["scale"] > 1
            else f"Output: {same}",
            f"Images became squares in training by: {facts['resize']}",
            f"Licence of the training data: {facts['licence']}",
        ),
        card["exif"],
        "## Training",
        _training_text(training),
        "## Parity",
        _parity_text(card["parity"]),
        _table(*format_rows(card["parity"])),
        "## Intended use",
        _list(*card["intended_use"]),
        "## What not to use it for",
        _list(*card["not_intended"]),
        "## Limits",
        _list(*card["limits"]),
        "## Files",
        _table(
            ["File", "Bytes", "SHA-256"],
            [
                [path, str(file["bytes"]), f"`{file['sha256']}`"]
                for path, file in card["files"].items()
            ],
        ),
    ]
    return "\n\n".join(pages) + "\n"


def _is_rgb(facts):
    source = [x for x in facts["inputs"] if x["input"] == IMAGES]
    return not source or source[0].get("channels") == 3


def _inputs(facts, values, size):
    """Lines that say what goes in."""
    lines = []
    if _is_rgb(facts):
        lines.append(f"Input: RGB, {values}, (N, height, width, 3), {size}")
    for known in facts["inputs"]:
        if known["input"] == IMAGES and lines:
            continue
        side = facts["image_size"] or "height"
        described = Field.from_facts(known).describe(side)
        size_too = f", {size}" if known["input"] == IMAGES else ""
        lines.append(
            f"Input `{known['input']}`: {known['dtype']}, {described}{size_too}"
        )
    return lines


def _parity_text(rows):
    images = {row["images"] for row in rows if "images" in row}
    return (
        "Every artefact was opened by its real runtime and compared with the "
        f"Keras model{''.join(f', on {which}' for which in sorted(images))}. "
        "PSNR in dB, peak 255; largest and mean difference of 255; ms/2 is "
        "the median time from image to image in milliseconds at two threads "
        "of a processor; peak memory in MiB is that of a process which does "
        "nothing else. parity.json tells of which machine."
    )


def _training_text(training):
    if training is None:
        return (
            "Not known: the model was exported from memory. `keras-gan-"
            "translate export` of a run folder tells how it was trained."
        )
    known = {
        "Epochs": training["epochs"],
        "Steps": training["steps"],
        "Commit": training["commit"],
        "Started": training["started"],
        **training["versions"],
    }
    lines = [_list(*(f"{k}: {v}" for k, v in known.items() if v is not None))]
    lines.append("Recipe:")
    recipe = [[f"`{k}`", str(v)] for k, v in training["recipe"].items()]
    lines.append(_table(["Option", "Value"], recipe))
    if training["metrics"]:
        lines.append("As measured after the last of these epochs:")
        metrics = [
            [k, f"{v:.4g}"]
            for k, v in training["metrics"].items()
            if k != "epoch"
        ]
        lines.append(_table(["Metric", "Value"], metrics))
    return "\n\n".join(lines)


def _list(*lines):
    return "\n".join(f"- {line}" for line in lines)


def _table(titles, rows):
    """A Markdown table; bars inside cells are escaped."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |"
        for line in lines
    )
