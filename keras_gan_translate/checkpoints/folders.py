"""Folders of published projects: which files in them are the weights."""

import re

from keras_gan_translate.support.messages import shorten
from keras_gan_translate.support.untrusted import is_file, read_bytes


def find_weights(folder, suffixes, known=lambda path: None):
    """Finds the newest weights in a folder, as a project left it.

    Known are TensorFlow checkpoints (the newest one that the file
    `checkpoint` names), .npy files with an array each, and files by network
    and epoch, such as `latest_net_G_A.pth`, `200_net_G_A.pth` or
    `selfie2anime_params_0100000.pt`. Where the folder has none of these, the
    one folder in it that has is taken.

    Args:
        folder: A `pathlib.Path`.
        suffixes: Endings of weights files, such as ".pth".
        known: Function of a path, whether the file holds weights whatever
            its name; asked where no file has one of the endings.

    Returns:
        The path of one source: a file, a checkpoint's prefix or the folder of
        .npy files; or, of several files, a dict from the network's name, such
        as "G_A", to the path.

    Raises:
        ValueError: If there are none, or several that nothing tells apart.
    """
    found = _find(folder, suffixes, known)
    if found:
        return found
    below = [p for p in sorted(folder.iterdir()) if p.is_dir()]
    found = {p: _find(p, suffixes, known) for p in below}
    found = {p: f for p, f in found.items() if f}
    if len(found) == 1:
        return found.popitem()[1]
    if found:
        raise ValueError(
            f"'{folder}' has weights in several folders: "
            f"{shorten(p.name for p in found)}. Choose one of them."
        )
    raise ValueError(
        f"There are no weights in '{folder}'. Expected are a TensorFlow "
        f"checkpoint, .npy files, or files ending in {', '.join(suffixes)}. "
        f"It has: {shorten(sorted(p.name for p in folder.iterdir()))}."
    )


def _find(folder, suffixes, known):
    indices = {p.stem for p in folder.glob("*.index")}
    if indices:
        return folder / _newest_checkpoint(folder, indices)
    if any(folder.glob("*.npy")):
        return folder
    newest = {}  # network -> (epoch, path)
    paths = [path for path in sorted(folder.iterdir()) if path.is_file()]
    of_name = [path for path in paths if path.suffix.lower() in suffixes]
    for path in of_name or filter(known, paths):
        network, epoch = _network_and_epoch(path.stem)
        if network not in newest or epoch >= newest[network][0]:
            newest[network] = epoch, path
    files = {network: path for network, (_, path) in newest.items()}
    return files.popitem()[1] if len(files) == 1 else files


def _newest_checkpoint(folder, prefixes):
    if len(prefixes) == 1:
        return prefixes.pop()
    pointer = folder / "checkpoint"
    lines = _lines(pointer) if is_file(pointer) else []
    begins = 'model_checkpoint_path: "'
    named = [line for line in lines if line.startswith(begins)]
    if named:
        # The path may be one of the machine that trained.
        path = named[0].removeprefix(begins).rpartition('"')[0]
        name = re.split(r"[/\\]", path)[-1]
        if name in prefixes:
            return name
    raise ValueError(
        f"'{folder}' has several TensorFlow checkpoints and no file "
        f"`checkpoint` that names the newest: {shorten(sorted(prefixes))}. "
        f"Choose one: '{folder / min(prefixes)}'."
    )


def _network_and_epoch(stem):
    """("G_A", 200) of "200_net_G_A"; "latest" is above any number."""
    words = re.split("[-_.]", stem)
    epoch = -1.0
    for i, word in reversed(list(enumerate(words))):
        if word == "latest" or word.isdigit():
            epoch = float("inf") if word == "latest" else float(word)
            del words[i]
            break
    return "_".join(words).removeprefix("net_"), epoch


def _lines(path):
    return read_bytes(path).decode("utf-8", "replace").split("\n")


def read_options(path):
    """The options that a project wrote beside its weights.

    Args:
        path: A `pathlib.Path` of the weights or of their folder; the file is
            `train_opt.txt`, `opt.txt` or `test_opt.txt`, with lines such as
            `crop_size: 256   [default: 128]`.

    Returns:
        Dict of strings by name, empty without such a file.
    """
    folder = path if path.is_dir() else path.parent
    for name in ("train_opt.txt", "opt.txt", "test_opt.txt"):
        if is_file(folder / name):
            parts = [line.partition(":") for line in _lines(folder / name)]
            return {
                key.lstrip(" "): value.partition("[default: ")[0].strip()
                for key, colon, value in parts
                if colon and re.fullmatch(r" *\w+", key)
            }
    return {}
