"""Which versions the library works with: `python -m tests.long.versions`.

For every Python from 3.11 on that is found, and on both backends, an
environment with the oldest versions that pyproject.toml declares, and one with
the newest; in each of them some tests. Prints a table. What cannot be installed
or fails is a row of it, and the next environment is tried; the exit code is 1
then.
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
LONGEST = 7200  # seconds that a command may take
PASSES = "passes"
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
    for test in arguments.tests:
        if not (ROOT / test.partition("::")[0]).exists():
            parser.error(f"There is no {test}.")
    good = True
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
                good &= cells[1] == PASSES
                cells = " | ".join(cell.replace("|", "/") for cell in cells)
                print(f"| {python} | {backend}, {age} | {cells} |", flush=True)
    return 0 if good else 1


def tried(python, backend, age, folder, tests):
    """(versions, result) of one environment."""
    if problem := run([python, "-m", "venv", folder]):
        return "", f"no environment: {problem}"
    inside = os.path.join(folder, "bin", "python")
    wanted = requirements(backend, age)
    pip = [inside, "-m", "pip", "--disable-pip-version-check"]
    if problem := run([*pip, "install", "-q", *wanted, "pytest>=8"]):
        return "", f"cannot be installed: {problem}"
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
    return shown, failed or PASSES


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
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=ROOT,
            env=os.environ | environment,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return f"not done after {LONGEST} s"
    if not done.returncode:
        return ""
    # pytest's verdict is on standard output, whatever TensorFlow says beside.
    lines = (done.stderr + "\n" + done.stdout).strip().splitlines()
    died = done.returncode < 0 or not lines
    code = [f"exit code {done.returncode}"] if died else []
    return ", ".join([*code, *lines[-1:]])


if __name__ == "__main__":
    sys.exit(main())
