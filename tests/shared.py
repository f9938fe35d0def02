"""Where the fixtures and real images lie: beside the repository, or nowhere."""

import json
import os
import pathlib

import pytest

SHARED = pathlib.Path(
    os.environ.get("KGT_SHARED", pathlib.Path(__file__).parents[2] / "shared")
)


def shared(*parts):
    """Path below the shared folder; skips the test where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path} is absent; set KGT_SHARED to the shared folder")
    return path


def fixture(name):
    """(arrays, manifest entry) of a reference fixture; no pickle is read."""
    import numpy as np

    path = shared("fixtures", f"{name}.npz")
    with np.load(path) as arrays:
        arrays = dict(arrays)
    if name.startswith("train_"):
        info = json.loads(path.with_suffix(".json").read_text())
    else:
        manifest = json.loads(shared("fixtures", "MANIFEST.json").read_text())
        info = manifest["fixtures"][name]
    return arrays, info
