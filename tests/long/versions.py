"""Which versions the library works with: `python -m tests.long.versions`.

For every Python from 3.11 on that is found, and on both backends, an
environment with the oldest versions that pyproject.toml declares, and one with
the newest; in each of them some tests. Prints a table.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHONS = [f"python3.{minor}" for minor in range(11, 15)]
SHOWN = ("keras", "tensorflow", "jax", "numpy", "pillow", "h5py")
TESTS = (
    "tests/test_kept_files.py",
    "tests/test_gan.py",
    "tests/test_fields.py",
    "tests/layers/test_all_layers.py",
    "tests/callbacks/test_resume.py",
)


def main():
    """Makes the environments, runs the tests, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pythons", nargs="+", default=PYTHONS)
    parser.add_argument("--tests", nargs="+", default=TESTS)
    arguments = parser.parse_args()
    print("| Python | backend | versions | result |\n|---|---|---|---|")
    for python in arguments.pythons:
        path = shutil.which(python)
        if path is None:
            print(f"| {python} | | | not installed here |", flush=True)
            continue
        for backend in ("tensorflow", "jax"):
            for age in ("oldest", "newest"):
                with tempfile.TemporaryDirectory() as folder:
                    cells = tried(path, backend, age, folder, arguments.tests)
                print(f"| {python} | {backend}, {age} | {cells} |", flush=True)


def tried(python, backend, age, folder, tests):
    """Versions and result of one environment, as two cells of the table."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    inside = os.path.join(folder, "bin", "python")
    wanted = requirements(backend, age)
    pip = [inside, "-m", "pip", "--disable-pip-version-check"]
    if problem := run([*pip, "install", "-q", *wanted, "pytest>=8"]):
        return f"| cannot be installed: {problem}"
    listed = subprocess.run(
        [*pip, "list", "--format", "freeze"], capture_output=True, text=True
    ).stdout
    versions = dict(line.split("==") for line in listed.split() if "==" in line)
    shown = ", ".join(f"{n} {versions[n]}" for n in SHOWN if n in versions)
    failed = run(
        [inside, "-m", "pytest", "-q", *tests],
        KERAS_BACKEND=backend,
        TF_CPP_MIN_LOG_LEVEL="2",
    )
    return f"{shown} | {failed or 'passes'}"


def requirements(backend, age):
    """What pip is asked for, of what pyproject.toml declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    declared = list(project["project"]["dependencies"])
    if backend == "jax":
        declared = [x for x in declared if not x.startswith("tensorflow")]
        declared += project["project"]["optional-dependencies"]["jax"]
    if age == "newest":
        return declared
    return [re.sub(">=", "==", requirement) for requirement in declared]


def run(command, **environment):
    """Runs a command; returns the last line it printed if it failed."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
    )
    if not done.returncode:
        return ""
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"


if __name__ == "__main__":
    sys.exit(main())
