import numpy as np
import pytest

from keras_gan_translate.checkpoints.parts import (
    networks_in,
    prefer_averages,
    select,
    split_by_prefix,
    without_ema,
)

A, B = np.zeros(1), np.ones(1)


def test_one_network():
    assert networks_in({"w": A}) == {"": {"w": A}}
    assert networks_in({"epoch": 3}) == {}


def test_networks_of_a_training_checkpoint():
    checkpoint = {
        "epoch": 3,
        "genA2B": {"module.w": A},
        "state": {"disGA": {"_orig_mod.module.w": B}, "best": 0.1},
        "optimizer_G": {"state": {0: {"exp_avg": A}}, "param_groups": []},
        "opt": {"state": {0: {"exp_avg": A}}, "param_groups": []},
        "lr_scheduler": {"last_epoch": 3},
    }
    found = networks_in(checkpoint)
    assert found == {"genA2B": {"w": A}, "state.disGA": {"w": B}}
    assert select(found, "disGA") == {"w": B}
    with pytest.raises(ValueError, match="'G'.*genA2B, state.disGA"):
        select(found, "G")


@pytest.mark.parametrize(
    "path", ["generator_ema", "ema.generator", "EMA_generator", "generator"]
)
def test_names_of_averages(path):
    assert without_ema(path) == "generator"
    assert without_ema("schema") == "schema"


def test_averages_are_preferred():
    networks = {"G": {"w": A}, "G_ema": {"w": B}, "D": {"w": A}}
    assert prefer_averages(networks) == (
        {"G_ema": {"w": B}, "D": {"w": A}},
        {"G_ema": "G"},
    )
    alone = {"G_ema": {"w": B}}
    assert prefer_averages(alone) == (alone, {})


def test_prefixes():
    flat = {"netG.module.w": A, "netD.model.w": B, "step": A}
    groups = split_by_prefix(flat)
    assert groups == {"netG": {"w": A}, "netD": {"model.w": B}}
    assert select({"": flat}, "netG") == {"w": A}
    assert split_by_prefix({"generator/conv/kernel": A}) == {
        "generator": {"conv/kernel": A}
    }
