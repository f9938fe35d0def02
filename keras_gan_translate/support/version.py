"""The version, in one place."""

import importlib.metadata
import pathlib
import re
import subprocess

__version__ = "0.1.0"
KERAS = "3.15.1"  # the first that rejects all known malicious model files


def check_keras():
    """Raises where Keras is older than this library can do with.

    Raises:
        ImportError: it is older, or absent; says which command repairs it.
    """
    try:
        found = importlib.metadata.version("keras")
    except importlib.metadata.PackageNotFoundError:
        found = None
    if found is None or _numbers(found) < _numbers(KERAS):
        raise ImportError(
            f"keras_gan_translate needs Keras {KERAS} or newer; "
            f"{'there is none' if found is None else f'there is {found}'}. "
            "Older ones run code that model files from strangers hold. Repair "
            f"it with: python -m pip install --upgrade 'keras>={KERAS}'"
        )


def _numbers(version):
    """(3, 15, 1) of "3.15.1", also of "3.15.1.dev0"."""
    numbers = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, numbers[0].split("."))) if numbers else ()


def git_commit():
    """Commit of the checkout that the package runs from, None outside one."""
    package = pathlib.Path(__file__).parents[1]
    if not (package.parent / ".git").exists():
        return None
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=package,
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
