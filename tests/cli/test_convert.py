import keras
import numpy as np
import pytest

from keras_gan_translate.checkpoints import import_weights
from keras_gan_translate.models import CycleGAN
from tests.checkpoints.published import published
from tests.cli.conftest import error_of, forbid_sockets, run_cli


@pytest.fixture(scope="module")
def model():
    return CycleGAN(image_size=32, filters=2, num_blocks=1, pool_size=0)


@pytest.fixture(scope="module")
def source(model, tmp_path_factory):
    """A flat .npz with a prefix for each of two generators."""
    path = tmp_path_factory.mktemp("published") / "horse2zebra.npz"
    arrays = {
        f"{part}.{name}": array
        for part, network in (("G_A", "generator_ab"), ("G_B", "generator_ba"))
        for name, array in published(
            getattr(model, network), ord(part[-1])
        ).items()
    }
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("options", "network", "part"),
    [
        ("", "generator_ab", "G_A"),
        ("--direction ba", "generator_ba", "G_B"),
        ("--part G_B --model cyclegan", "generator_ba", "G_B"),
    ],
)
def test_one_keras_file(
    model, source, tmp_path, monkeypatch, options, network, part
):
    forbid_sockets(monkeypatch)
    out = tmp_path / "new" / "translator.keras"
    result = run_cli("convert --from", source, options, "--out", out)
    assert result.exit_code == 0, result.output
    assert result.stdout.split() == [str(out)]
    assert "CycleGAN(filters=2, num_blocks=1" in result.stderr
    assert f"Written: {network}" in result.stderr
    expected = import_weights(getattr(model, network), source, part)
    converted = keras.saving.load_model(out)
    x = np.linspace(-1, 1, 32 * 32 * 3, dtype="float32").reshape(1, 32, 32, 3)
    np.testing.assert_array_equal(converted(x), expected(x))


def test_errors(source, tmp_path):
    out = tmp_path / "translator.keras"
    for options, message in (
        (f"--out {tmp_path / 'a.h5'}", "file ending in .keras"),
        (f"--out {out} --part G", "no part 'G'"),
        (f"--out {out} --model pix2pixx", "Did you mean 'pix2pix'"),
        (f"--out {out} --direction xy", "not 'xy'"),
    ):
        result = run_cli("convert --from", source, options)
        assert message in error_of(result)
    result = run_cli("convert --from", tmp_path / "absent.pt", "--out", out)
    assert "no file" in error_of(result)
    assert not list(tmp_path.iterdir())
