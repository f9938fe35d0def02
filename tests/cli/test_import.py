import numpy as np
import pytest
import yaml

from keras_gan_translate.data import (
    read_image,
    resize_image,
    synthetic_faces,
    write_image,
)
from keras_gan_translate.models import CycleGAN
from keras_gan_translate.runs.run import Run
from keras_gan_translate.support.pictures import GAP, TITLE_HEIGHT
from tests.checkpoints.published import as_torch, published
from tests.cli.conftest import error_of, forbid_sockets, run_cli


@pytest.fixture(scope="module")
def model():
    return CycleGAN(image_size=32, filters=2, num_blocks=1, pool_size=0)


@pytest.fixture
def project(model, tmp_path):
    """checkpoints/horse2zebra as the authors' code leaves it."""
    torch = pytest.importorskip("torch")
    folder = tmp_path / "checkpoints" / "horse2zebra"
    folder.mkdir(parents=True)
    for part, network, seed in (
        ("G_A", model.generator_ab, 1),
        ("G_B", model.generator_ba, 2),
        ("D_A", model.discriminator_b, 3),
    ):
        tensors = as_torch(published(network, seed))
        torch.save(tensors, folder / f"latest_net_{part}.pth")
    (folder / "train_opt.txt").write_text("  crop_size: 32 [default: 256]\n")
    return folder


def cell(sample, column):
    """An image of 256 pixels in the sample's one row."""
    left = GAP + column * (256 + GAP)
    return sample[TITLE_HEIGHT : TITLE_HEIGHT + 256, left : left + 256]


def test_a_run_folder_like_any_other(project, tmp_path, monkeypatch):
    forbid_sockets(monkeypatch)
    monkeypatch.chdir(tmp_path)
    result = run_cli("import", project)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "runs" / "horse2zebra"
    assert "CycleGAN(filters=2, num_blocks=1" in result.stdout
    assert "generator_ba from 'G_B'" in result.stdout
    assert "Sample, of a drawn face" in result.stdout
    assert f"Run folder: {folder}" in result.stdout
    run = Run(folder)
    assert run.config["image_size"] == 32
    assert run.config["imported_from"] == str(project)
    for name in ("environment.json", "index.html"):
        assert (folder / name).stat().st_size
    sample = read_image(folder / "samples" / "epoch_0000.png")
    translators = run.model("last")
    (face,) = synthetic_faces(1, 256, styles=("photo",))
    expected = translators.translate(face[0], "ab")
    np.testing.assert_array_equal(cell(sample, 1), expected)

    photo = tmp_path / "photo.png"
    write_image(photo, face[0][:60, :80])
    result = run_cli("translate", folder, photo, "--direction ba")
    assert result.exit_code == 0, result.output
    translated = read_image(tmp_path / "out" / "photo.png")
    np.testing.assert_array_equal(
        translated, run.model().translate(face[0][:60, :80], "ba")
    )
    # Again, it is the same run.
    assert run_cli("import", project).exit_code == 0


def test_one_direction_and_a_photo(project, tmp_path):
    photo = tmp_path / "photo.png"
    (face,) = synthetic_faces(1, 64, styles=("photo",))
    write_image(photo, face[0][:40])
    out = tmp_path / "run"
    result = run_cli(
        "import", project, "--part G_B --photo", photo, "--out", out
    )
    assert result.exit_code == 0, result.output
    assert f"Sample, of {photo}" in result.stdout
    config = yaml.safe_load((out / "config.yaml").read_text())
    assert config["directions"] == ["ba"]
    assert [path.name for path in (out / "best").iterdir()] == [
        "generator_ba.keras"
    ]
    model = Run(out).model()
    assert list(model.directions) == ["ba"]
    shown = resize_image(face[0][:40], 256)
    sample = read_image(out / "samples" / "epoch_0000.png")
    np.testing.assert_array_equal(cell(sample, 0), shown)


def test_nothing_is_written_after_an_error(project, tmp_path):
    out = tmp_path / "run"
    for options, message in (
        ("--part disGA", "no part 'disGA'"),
        (f"--photo {tmp_path / 'absent.png'}", "absent.png"),
        ("--model ugatit", "Known are"),
    ):
        result = run_cli("import", project, options, "--out", out)
        assert message in error_of(result)
        assert not out.exists()
    (project / "latest_net_G_A.pth").write_bytes(b"damaged")
    result = run_cli("import", project, "--out", out)
    assert "latest_net_G_A.pth" in error_of(result)
    assert not out.exists()
    result = run_cli("import", tmp_path / "nowhere", "--out", out)
    assert "nowhere" in error_of(result)
