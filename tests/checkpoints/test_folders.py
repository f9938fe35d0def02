import pytest

from keras_gan_translate.checkpoints.folders import find_weights, read_options

SUFFIXES = (".pt", ".pth", ".safetensors")


def folder_of(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def test_newest_epoch_of_every_network(tmp_path):
    folder = folder_of(
        tmp_path,
        "5_net_G_A.pth",
        "latest_net_G_A.pth",
        "200_net_G_A.pth",
        "95_net_G_B.pth",
        "100_net_G_B.pth",
        "opt.txt",
        "web/index.html",
    )
    assert find_weights(folder, SUFFIXES) == {
        "G_A": folder / "latest_net_G_A.pth",
        "G_B": folder / "100_net_G_B.pth",
    }


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("horse2zebra_params_0001000.pt", "horse2zebra_params_latest.pt"), 1),
        (("model/a_params_0200000.pt", "model/a_params_0100000.pt"), 0),
        (("200000-G.ckpt.pt", "netG.pth", "netG_2.pth"), None),
        (("netG_epoch_4_99.pth", "netG_epoch_4_100.pth", "LICENSE"), 1),
        (("weights.safetensors",), 0),
    ],
)
def test_one_file(tmp_path, names, expected):
    found = find_weights(folder_of(tmp_path, *names), SUFFIXES)
    if expected is None:
        assert found["netG"] == tmp_path / names[2]
    else:
        assert found == tmp_path / names[expected]


def test_a_checkpoint_and_arrays(tmp_path):
    folder_of(tmp_path, "tf/gen.index", "tf/gen.data-00000-of-00001")
    assert find_weights(tmp_path / "tf", SUFFIXES) == tmp_path / "tf/gen"
    folder_of(tmp_path, "arrays/conv.weight.npy")
    assert find_weights(tmp_path / "arrays", SUFFIXES) == tmp_path / "arrays"
    with pytest.raises(ValueError, match="several folders: arrays, tf"):
        find_weights(tmp_path, SUFFIXES)


def test_nothing_is_told_with_what_is_there(tmp_path):
    folder_of(tmp_path, "readme.md")
    with pytest.raises(ValueError, match=r"\.pth.*It has: readme\.md"):
        find_weights(tmp_path, SUFFIXES)


def test_options(tmp_path):
    assert read_options(tmp_path) == {}
    (tmp_path / "opt.txt").write_text("crop_size: 1\n")
    (tmp_path / "train_opt.txt").write_text(
        "----------------- Options ---------------\n"
        "                crop_size: 128          \t[default: 256]\n"
        "                direction: BtoA         \t[default: AtoB]\n"
        "                  gpu_ids: 0,1          \n"
        "         continue_train:                \n"
        "----------------- End -------------------\n"
    )
    assert read_options(tmp_path / "latest_net_G.pth") == {
        "crop_size": "128",
        "direction": "BtoA",
        "gpu_ids": "0,1",
        "continue_train": "",
    }


def test_long_lines_of_strangers_are_read_in_one_go(tmp_path):
    folder_of(tmp_path, "a-1.index", "a-2.index")
    words = f"x{' ' * 10**5}y"
    (tmp_path / "opt.txt").write_text(
        f"name: {words}  [default: z]\nno {words}"
    )
    assert read_options(tmp_path) == {"name": words}
    text = f'model_checkpoint_path: "{"/" * 10**5}\n'
    (tmp_path / "checkpoint").write_text(text)
    with pytest.raises(ValueError, match="several TensorFlow checkpoints"):
        find_weights(tmp_path, SUFFIXES)
    (tmp_path / "checkpoint").write_text(text.replace("\n", 'a-2"'))
    assert find_weights(tmp_path, SUFFIXES) == tmp_path / "a-2"
