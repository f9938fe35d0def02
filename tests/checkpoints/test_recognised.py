import pathlib
import subprocess
import sys

import numpy as np
import pytest
from keras import ops

from keras_gan_translate.checkpoints import load_translator, recognise
from keras_gan_translate.models import UGATIT, CycleGAN, Pix2Pix
from keras_gan_translate.networks import resnet_generator
from tests.checkpoints.published import as_torch, published
from tests.checkpoints.test_sources import Evil
from tests.shared import fixture

SMALL = {"filters": 2, "num_blocks": 1}


@pytest.fixture(scope="module")
def cyclegan():
    return CycleGAN(image_size=32, pool_size=0, **SMALL)


@pytest.fixture(scope="module")
def ugatit():
    return UGATIT(image_size=32, **SMALL)


@pytest.fixture(scope="module")
def weights(cyclegan):
    """Of two generators and a discriminator, as PyTorch's CycleGAN."""
    return {
        "G_A": published(cyclegan.generator_ab, 1),
        "G_B": published(cyclegan.generator_ba, 2),
        "D_A": published(cyclegan.discriminator_b, 3),
    }


def assert_filled(network, arrays):
    kernel = ops.transpose(network.get_layer("stem_conv").kernel, (3, 2, 0, 1))
    np.testing.assert_array_equal(kernel, arrays["model.1.weight"])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (
            "ugatit_gen_light",
            "UGATIT(filters=8, num_blocks=4, light=True): generator_ab.",
        ),
        (
            "ugatit_gen_full",
            "UGATIT(filters=8, num_blocks=4, light=False, image_size=64): "
            "generator_ab.",
        ),
        (
            "cyclegan_gen_resnet9",
            "CycleGAN(filters=8, num_blocks=9, normalization='instance'): "
            "generator_ab.",
        ),
        (
            "cyclegan_gen_resnet6_batch",
            "CycleGAN(filters=8, num_blocks=6, normalization='batch'): "
            "generator_ab.",
        ),
        (
            "pix2pix_gen_unet256",
            "Pix2Pix(image_size=256, filters=8): generator.",
        ),
    ],
)
def test_arguments_follow_from_names_and_shapes(name, title):
    arrays, info = fixture(name)
    arrays = {n: a for n, a in arrays.items() if n[:2] != "__"}
    width = info["args"]["ngf"]
    assert str(recognise(arrays)) == title.replace("=8", f"={width}")


def test_discriminators_are_no_translators():
    arrays, _ = fixture("ugatit_dis_global")
    with pytest.raises(ValueError, match="no translator that is known"):
        recognise({n: a for n, a in arrays.items() if n[:2] != "__"})


def test_both_directions(weights):
    found = recognise(weights)
    assert found.parts == {"generator_ab": "G_A", "generator_ba": "G_B"}
    model = found.load()
    assert isinstance(model, CycleGAN)
    assert model.directions == ("ab", "ba")
    assert model.translator_networks == ("generator_ab", "generator_ba")
    assert_filled(model.generator_ab, weights["G_A"])
    assert_filled(model.generator_ba, weights["G_B"])


@pytest.mark.parametrize(
    ("part", "direction"), [("G_A", "ab"), ("G_B", "ba"), ("D_A", None)]
)
def test_one_part(weights, part, direction):
    if direction is None:
        with pytest.raises(ValueError, match="no translator"):
            recognise(weights, part=part)
        return
    model = load_translator(weights, part=part, image_size=32)
    assert model.image_size == 32
    assert list(model.directions) == [direction]
    assert_filled(model.translator(direction), weights[part])
    # The other network is noise: it cannot be used by mistake.
    other = {"ab": "ba", "ba": "ab"}[direction]
    with pytest.raises(ValueError, match="directions"):
        model.translate(np.zeros((32, 32, 3), "uint8"), other)


def test_a_network_without_a_name_is_the_first(weights):
    model = load_translator(weights["G_B"])
    assert list(model.directions) == ["ab"]
    assert_filled(model.generator_ab, weights["G_B"])
    with pytest.raises(ValueError, match="'one', 'two'.*`part`"):
        recognise({"one": weights["G_A"], "two": weights["G_B"]})


def test_networks_under_prefixes(weights):
    flat = {
        f"{part}.{name}": array
        for part, arrays in weights.items()
        for name, array in arrays.items()
    }
    model = load_translator({"state_dict": flat, "epoch": 3})
    assert_filled(model.generator_ba, weights["G_B"])
    model = load_translator(flat, part="G_B")
    assert_filled(model.generator_ba, weights["G_B"])


def test_a_moving_average_is_taken_and_told(weights):
    source = {"G_A": weights["G_A"], "G_A_ema": weights["G_B"]}
    found = recognise(source)
    assert "the average was taken" in str(found)
    assert found.parts == {"generator_ab": "G_A_ema"}
    assert_filled(found.load().generator_ab, weights["G_B"])
    plain = load_translator(source, part="G_A")
    assert_filled(plain.generator_ab, weights["G_A"])


def test_whole_training_checkpoint(tmp_path, ugatit):
    torch = pytest.importorskip("torch")
    generator = published(ugatit.generator_ba)
    checkpoint = {
        "genA2B": as_torch(published(ugatit.generator_ab)),
        "genB2A": {
            f"module.{name}": tensor
            for name, tensor in as_torch(generator).items()
        },
        "disGA": as_torch(published(ugatit.discriminator_a_global)),
        "optimizer": {"state": {0: {"step": 1}}, "param_groups": [{"lr": 1}]},
    }
    torch.save(checkpoint, tmp_path / "selfie2anime_params_latest.pt")
    found = recognise(tmp_path)
    assert found.title == "UGATIT(filters=2, num_blocks=1, light=True)"
    # Discriminators of 256 pixels would be large.
    model = recognise(tmp_path, image_size=32).load()
    np.testing.assert_array_equal(
        model.generator_ba.get_layer("cam").projection.bias,
        generator["conv1x1.bias"],
    )


def test_options_beside_the_weights(tmp_path, weights):
    torch = pytest.importorskip("torch")
    torch.save(as_torch(weights["G_A"]), tmp_path / "latest_net_G_A.pth")
    (tmp_path / "opt.txt").write_text(
        "  direction: BtoA \t[default: AtoB]\n fineSize: 64 \n"
    )
    for source in (tmp_path, str(tmp_path / "latest_net_G_A.pth")):
        found = recognise(source)
        assert found.arguments["image_size"] == 64
        assert "what is A here is the B of its data" in str(found)
        assert recognise(source, image_size=32).arguments["image_size"] == 32


def test_kinds_must_agree(weights):
    other = published(resnet_generator(4, 1))
    with pytest.raises(ValueError, match="'G_A'.*'filters': 4.*`part`"):
        recognise({"G_A": weights["G_A"], "G_B": other})


def test_the_model_may_be_named(weights):
    assert recognise(weights, "CycleGAN").model == "cyclegan"
    with pytest.raises(ValueError, match="U-Net generator"):
        recognise(weights, "pix2pix")
    with pytest.raises(ValueError, match="Did you mean 'cyclegan'"):
        recognise(weights, "cyclegann")


def test_what_is_there_is_told():
    with pytest.raises(ValueError, match="are G: conv.weight.*CycleGAN's"):
        recognise({"G": {"conv.weight": np.ones((2, 3, 3, 3))}})
    with pytest.raises(ValueError, match="tensors are none"):
        recognise({"epoch": 3})


def test_tensors_that_sizes_follow_from_are_named(weights):
    arrays = dict(weights["G_A"])
    arrays["model.1.weight"] = np.ones(())
    with pytest.raises(ValueError, match="cyclegan's translator.*shape"):
        recognise(arrays)
    del arrays["model.1.weight"]
    with pytest.raises(ValueError, match="'model.1.weight' is missing"):
        recognise(arrays)


def test_wrong_shapes_are_named(weights):
    arrays = dict(weights["G_A"])
    arrays["model.10.conv_block.1.weight"] = np.ones((8, 8, 5, 5))
    with pytest.raises(ValueError) as error:
        load_translator(arrays)
    assert (
        "model.10.conv_block.1.weight: (8, 8, 5, 5), expected (8, 8, 3, 3)"
        in str(error.value)
    )


def test_a_malicious_file_beside_good_ones(tmp_path, weights):
    torch = pytest.importorskip("torch")
    torch.save(as_torch(weights["G_A"]), tmp_path / "latest_net_G_A.pth")
    torch.save(Evil(tmp_path / "touched"), tmp_path / "latest_net_G_B.pth")
    with pytest.raises(ValueError, match="latest_net_G_B.pth.*run code"):
        load_translator(tmp_path)
    assert not (tmp_path / "touched").exists()


def test_models_without_a_file_of_names_are_told(weights, monkeypatch):
    from keras_gan_translate.checkpoints import pix2pix

    monkeypatch.delattr(pix2pix, "MODEL")
    name = Pix2Pix.__name__.lower()
    with pytest.raises(ValueError, match=f"No published .* {name!r}"):
        recognise(weights, name)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux'")
def test_unused_parts_stay_on_the_disk(tmp_path, weights):
    torch = pytest.importorskip("torch")
    unused = {"model.0.weight_orig": torch.zeros(64, 1024, 1024)}  # 256 MiB
    path = tmp_path / "params.pt"
    torch.save({"G_A": as_torch(weights["G_A"]), "disGA": unused}, path)
    script = (
        "import pathlib, re, sys, torch\n"
        "from keras_gan_translate.checkpoints import load_translator\n"
        "def peak():\n"
        "    status = pathlib.Path('/proc/self/status').read_text()\n"
        "    return int(re.search(r'VmHWM:\\s*(\\d+) kB', status)[1])\n"
        "load_translator(sys.argv[2], image_size=32)\n"
        "before = peak()\n"
        "load_translator(sys.argv[1], image_size=32)\n"
        "print(peak() - before)\n"
    )
    torch.save(as_torch(weights["G_A"]), tmp_path / "small.pt")
    result = subprocess.run(
        [sys.executable, "-c", script, path, tmp_path / "small.pt"],
        capture_output=True,
        text=True,
        check=True,
        cwd=pathlib.Path(__file__).parents[2],
    )
    path.unlink()
    assert int(result.stdout) < 32 * 1024  # KiB
