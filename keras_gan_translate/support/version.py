"""The version, in one place."""

import pathlib
import subprocess

__version__ = "0.1.0"


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
