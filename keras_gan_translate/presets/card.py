"""README.md of a preset: its card, as the Hugging Face Hub shows it."""

from keras_gan_translate.export.card import INTENDED, LIMITS, NOT_INTENDED
from keras_gan_translate.support.references import paper_of

README = "README.md"
# What metadata.json tells of a preset, and its title in the card.
SECTIONS = {
    "data": "Data",
    "command": "Made with",
    "results": "Measured",
    "attribution": "Attribution",
}


def write_card(folder, model, metadata):
    """Writes README.md of a preset.

    Args:
        folder: of the preset.
        model: a `GAN`.
        metadata: dict of what metadata.json holds: `name`, and what is known
            of `description`, `licence` (of the weights), and `SECTIONS`:
            texts, lists of them, or dicts of numbers by name.
    """
    name, model_class = metadata["name"], type(model).__name__
    head = {
        "library_name": "keras",
        "pipeline_tag": "image-to-image",
        "license": metadata.get("licence"),
        "tags": "[keras-gan-translate]",
    }
    lines = [f"{key}: {value}" for key, value in head.items() if value]
    size = metadata.get("image_size")
    pages = [
        "\n".join(["---", *lines, "---"]),
        f"# {name}",
        metadata.get("description"),
        f"{model_class}, directions {', '.join(metadata['directions'])}, "
        f"{metadata['parameter_count']:,} parameters"
        f"{f', trained on images of {size} pixels' if size else ''}.",
        f"Paper: {paper_of(type(model)) or 'not stated'}",
        "```python\n"
        "import keras_gan_translate as kgt\n\n"
        f'model = kgt.GAN.from_preset("{name}")  # or the path of this folder\n'
        'translated = model.translate("photo.png")\n'
        "```",
    ]
    for key, title in SECTIONS.items():
        if metadata.get(key):
            text = _commands if key == "command" else _text
            pages += [f"## {title}", text(metadata[key])]
    pages += ["## Intended use", _list(INTENDED)]
    pages += ["## What not to use it for", _list(NOT_INTENDED)]
    pages += ["## Limits", _list([*LIMITS, *metadata.get("limits", ())])]
    text = "\n\n".join(page for page in pages if page) + "\n"
    (folder / README).write_text(text, encoding="utf-8")


def _commands(value):
    lines = [value] if isinstance(value, str) else value
    return "\n".join(["```sh", *lines, "```"])


def _text(value):
    if isinstance(value, dict):
        return _list(f"{name}: {_told(told)}" for name, told in value.items())
    return value if isinstance(value, str) else _list(value)


def _told(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _list(lines):
    return "\n".join(f"- {line}" for line in lines)
