"""The script for accelerators: both sides run, and play the same game."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from keras_gan_translate import create_model
from keras_gan_translate.checkpoints import import_weights
from tests.models.training import replay

EXAMPLES = pathlib.Path(__file__).parents[1] / "examples"
SIZE, FILTERS, BLOCKS = 32, 4, 1


@pytest.fixture
def examples(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)


@pytest.mark.parametrize("name", ["cyclegan", "ugatit"])
def test_plain_torch_plays_the_same_game(name, examples):
    torch = pytest.importorskip("torch", reason="the extra `torch` is missing")
    import torch_cyclegan
    import torch_ugatit

    torch.manual_seed(0)
    if name == "cyclegan":
        game = torch_cyclegan.Training(FILTERS, BLOCKS)
    else:
        game = torch_ugatit.Training(FILTERS, BLOCKS, most=3)
    model = create_model(
        name, image_size=SIZE, filters=FILTERS, num_blocks=BLOCKS
    )
    for part, network in game.networks.items():
        ours = getattr(model, part)
        import_weights(
            ours, {k: v.numpy() for k, v in network.state_dict().items()}
        )
        count = sum(np.prod(v.shape) for v in ours.trainable_variables)
        assert count == sum(p.numel() for p in network.parameters())
    random = np.random.default_rng(0)
    batches = [
        {
            domain: random.uniform(-1, 1, (2, SIZE, SIZE, 3)).astype("float32")
            for domain in "ab"
        }
        for _ in range(2)
    ]
    logs = replay(model, batches, run_eagerly=True)
    for batch, log in zip(batches, logs):
        images = [torch.from_numpy(batch[d]).permute(0, 3, 1, 2) for d in "ab"]
        losses = game.step(*images, contextlib.nullcontext)
        assert {loss for loss in log if loss.count("_") == 1} >= set(losses)
        for loss, value in losses.items():
            assert log[loss] == pytest.approx(value.item(), rel=1e-4), loss


def test_published_names_fill_the_torch_programs(examples):
    torch = pytest.importorskip("torch", reason="the extra `torch` is missing")
    import torch_ugatit

    full = torch_ugatit.Generator(64, 4)
    assert sum(p.numel() for p in full.parameters()) == 10_589_888
    deep = torch_ugatit.Discriminator(4, 5)(torch.zeros(1, 3, 128, 128))
    assert deep[0].shape == (1, 1, 2, 2)


@pytest.mark.parametrize(
    "side, ways",
    [
        ("jax", ["float32"]),
        ("tensorflow", ["float32"]),
        ("torch", ["eager float32", "channels last, autocast"]),
    ],
)
def test_the_script(side, ways, tmp_path):
    pytest.importorskip(side, reason=f"{side} is not installed")
    file = tmp_path / "rows.json"
    words = (
        f"--tiny --seconds 0.01 --batches 1 --models cyclegan --sides {side}"
    )
    said = subprocess.run(
        [sys.executable, EXAMPLES / "benchmark_accelerator.py", *words.split()]
        + ["--ways", *ways, "--json", file],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    ).stdout
    rows = json.loads(file.read_text())["rows"]
    assert [row["what"] for row in rows] == ways
    for row in rows:
        assert row["seconds"] > 0 and row["batch"] == 1
        assert f"| {side}, {row['what']} | 1 |" in said
        if side != "torch":
            assert 0 < row["share"] < 1.5 and row["memory"] > 0


def test_shares_are_of_the_peak_of_the_dtype(examples):
    import benchmark_accelerator as script

    row = {"model": "ugatit", "what": "compiled", "batch": 8, "seconds": 2.0}
    facts = {"peak_gflops": {"float32": 10.0, "bfloat16": 40.0}}
    script.add_share(row, {"ugatit 8": 20e9}, facts)
    assert row["share"] == 0.25 and row["images_per_second"] == 4
    row = dict(row, what="eager float32")
    script.add_share(row, {"ugatit 8": 20e9}, facts)
    assert row["share"] == 1.0
    late = {"model": "ugatit", "what": "the rest", "missing": "no time left"}
    late["side"] = "torch"
    script.add_share(late, {}, facts)
    lines = list(script.table([late], facts))
    assert "| torch, the rest |  | no time left |" in lines[-1]
