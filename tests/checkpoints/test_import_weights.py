import builtins
import pathlib

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.networks import patch_discriminator, resnet_generator
from tests.networks.papers import NETWORKS
from tests.shared import fixture

# The fixtures' generators are covered in tests/networks/test_papers.py; the
# errors are those of a small PatchGAN, whose tensors are written here.


def network(normalization="instance", **options):
    return patch_discriminator(2, 2, normalization, **options)


def state_dict(seed=0):
    generator = np.random.default_rng(seed)
    shapes = {
        "model.0.weight": (2, 3, 4, 4),
        "model.0.bias": (2,),
        "model.2.weight": (4, 2, 4, 4),
        "model.2.bias": (4,),
        "model.5.weight": (8, 4, 4, 4),
        "model.5.bias": (8,),
        "model.8.weight": (1, 8, 4, 4),
        "model.8.bias": (1,),
    }
    return {
        name: generator.normal(size=shape).astype("float32")
        for name, shape in shapes.items()
    }


def values(network):
    return [ops.convert_to_numpy(variable) for variable in network.variables]


def assert_imported(network, weights=None):
    weights = weights or state_dict()
    for number, name in ((0, "conv_1"), (5, "conv_3"), (8, "logits")):
        layer = network.get_layer(name)
        np.testing.assert_array_equal(
            ops.transpose(ops.convert_to_tensor(layer.kernel), (3, 2, 0, 1)),
            weights[f"model.{number}.weight"],
        )
        np.testing.assert_array_equal(
            layer.bias, weights[f"model.{number}.bias"]
        )


def assert_refused(weights, *messages):
    net = network()
    before = values(net)
    with pytest.raises(ValueError) as error:
        import_weights(net, weights)
    for message in messages:
        assert message in str(error.value)
    for ours, theirs in zip(values(net), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_arrays_by_name():
    net = network()
    assert import_weights(net, state_dict()) is net
    assert_imported(net)


def test_npz(tmp_path):
    np.savez(tmp_path / "weights.npz", **state_dict())
    net = network()
    import_weights(net, tmp_path / "weights.npz")
    assert_imported(net)


@pytest.mark.parametrize("zipped", [True, False])
def test_torch_file_of_either_age(tmp_path, zipped):
    torch = pytest.importorskip("torch")
    tensors = {n: torch.from_numpy(a) for n, a in state_dict().items()}
    path = str(tmp_path / "weights.pth")
    torch.save(tensors, path, _use_new_zipfile_serialization=zipped)
    net = network()
    import_weights(net, path)
    assert_imported(net)


def test_torch_tensors_of_other_dtypes():
    torch = pytest.importorskip("torch")
    tensors = {
        name: torch.nn.Parameter(torch.from_numpy(array).to(torch.bfloat16))
        for name, array in state_dict().items()
    }
    net = network()
    import_weights(net, tensors)
    rounded = {n: t.detach().float().numpy() for n, t in tensors.items()}
    assert_imported(net, rounded)


def test_prefix_of_data_parallel_is_dropped():
    net = network()
    import_weights(net, {f"module.{n}": a for n, a in state_dict().items()})
    assert_imported(net)


def test_stale_statistics_of_instance_norm_are_dropped():
    stale = {
        "model.3.running_mean": np.ones(4),
        "model.3.running_var": np.ones(4),
        "model.3.num_batches_tracked": np.array(7),
    }
    net = network()
    import_weights(net, {**state_dict(), **stale})
    assert_imported(net)
    # ... and only where an instance norm stands.
    assert_refused(
        {**state_dict(), "model.2.running_mean": np.ones(4)},
        "Surplus: model.2.running_mean.",
    )


def test_missing_tensor_is_named():
    weights = state_dict()
    del weights["model.5.bias"]
    assert_refused(weights, "Missing: model.5.bias (8,).")


def test_surplus_tensor_is_named():
    assert_refused(
        {**state_dict(), "model.9.weight": np.ones(3)},
        "Surplus: model.9.weight.",
    )


def test_misshapen_tensor_is_named_with_both_shapes():
    weights = {**state_dict(), "model.2.weight": np.ones((4, 2, 3, 3))}
    assert_refused(
        weights,
        "Of another shape: model.2.weight: (4, 2, 3, 3), "
        "expected (4, 2, 4, 4).",
    )


def test_all_faults_are_named_at_once():
    weights = {**state_dict(), "other": np.ones(1), "model.8.bias": np.ones(2)}
    del weights["model.0.bias"]
    assert_refused(
        weights,
        "PatchGAN",
        "Missing: model.0.bias",
        "Surplus: other",
        "model.8.bias: (2,), expected (1,)",
    )


def test_a_tensor_without_numbers_is_named():
    assert_refused({**state_dict(), "model.0.bias": ["a", "b"]}, "model.0.bias")


def test_weights_of_another_network_are_told():
    assert_refused(
        {"DownBlock.1.weight": np.ones((2, 3, 7, 7))},
        "PatchGAN",
        "DownBlock.1.weight",
        "model.0.weight",
    )


def test_a_network_without_published_weights_is_told():
    net = resnet_generator(2, 1, "instance", "cam", name="mine")
    with pytest.raises(ValueError, match="'mine'.*U-GAT-IT's generator"):
        import_weights(net, state_dict())


def test_one_of_several_networks_is_chosen_by_part(tmp_path):
    torch = pytest.importorskip("torch")
    torch.save(
        {
            part: {n: torch.from_numpy(a) for n, a in state_dict(i).items()}
            for i, part in enumerate(("disGA", "disGB"))
        },
        tmp_path / "params.pt",
    )
    net = network()
    import_weights(net, tmp_path / "params.pt", part="disGB")
    assert_imported(net, state_dict(1))
    with pytest.raises(ValueError, match="`part`: disGA, disGB"):
        import_weights(net, tmp_path / "params.pt")
    with pytest.raises(ValueError, match="no part 'disLA'.*disGA, disGB"):
        import_weights(net, tmp_path / "params.pt", part="disLA")


def test_code_in_a_torch_file_is_not_run(tmp_path):
    torch = pytest.importorskip("torch")

    class Touch:
        def __reduce__(self):
            return pathlib.Path.touch, (tmp_path / "touched",)

    torch.save({"model.0.bias": Touch()}, tmp_path / "evil.pth")
    with pytest.raises(ValueError, match="more than tensors"):
        import_weights(network(), tmp_path / "evil.pth")
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\3\4" * 9])
@pytest.mark.parametrize("suffix", [".npz", ".pth"])
def test_damaged_files_are_errors(tmp_path, suffix, content):
    if suffix == ".pth":
        pytest.importorskip("torch")
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="weights"):
        import_weights(network(), path)


def test_pickles_in_an_npz_are_not_read(tmp_path):
    np.savez(tmp_path / "evil.npz", a=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="plain arrays"):
        import_weights(network(), tmp_path / "evil.npz")


def test_other_files_are_errors(tmp_path):
    with pytest.raises(ValueError, match=".npz, .pt, .pth"):
        import_weights(network(), tmp_path / "weights.h5")
    with pytest.raises(FileNotFoundError, match="absent.npz"):
        import_weights(network(), tmp_path / "absent.npz")


def test_without_torch_the_extra_is_named(tmp_path, monkeypatch):
    (tmp_path / "weights.pth").write_bytes(b"")
    actual = builtins.__import__

    def without_torch(name, *args, **kwargs):
        if name == "torch":
            raise ImportError(name)
        return actual(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_torch)
    with pytest.raises(ImportError, match=r"keras-gan-translate\[torch\]"):
        import_weights(network(), tmp_path / "weights.pth")


def test_dropout_shifts_the_names_but_not_the_weights():
    """Trained with dropout, used without."""
    arrays, _ = fixture("cyclegan_gen_resnet6_batch")
    weights = {n: a for n, a in arrays.items() if n[:2] != "__"}
    with_dropout = import_weights(
        NETWORKS["cyclegan_gen_resnet6_batch"][0](8, 64), weights
    )
    without = import_weights(resnet_generator(8, 6, "batch"), weights)
    x = arrays["__in__.x"].transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(with_dropout(x), without(x))


@pytest.mark.parametrize("name", NETWORKS)
def test_every_variable_is_filled(name):
    arrays, info = fixture(name)
    weights = {n: a for n, a in arrays.items() if n[:2] != "__"}
    width = info["args"].get("ngf", info["args"].get("ndf"))
    net = NETWORKS[name][0](width, 64)
    for variable in net.variables:
        if "seed" not in variable.path:
            variable.assign(np.full(variable.shape, np.nan))
    import_weights(net, weights)
    for variable in net.variables:
        value = ops.convert_to_numpy(variable)
        assert np.all(np.isfinite(value.astype("float64"))), variable.path


def test_imports_into_a_loaded_network(tmp_path):
    arrays, _ = fixture("ugatit_gen_full")
    weights = {n: a for n, a in arrays.items() if n[:2] != "__"}
    net = NETWORKS["ugatit_gen_full"][0](8, 64)
    net.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    import_weights(loaded, weights)
    import_weights(net, weights)
    for ours, theirs in zip(values(loaded), values(net), strict=True):
        np.testing.assert_array_equal(ours, theirs)
