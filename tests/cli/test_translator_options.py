"""Every field of a translator is an option of the command line."""

import json

import numpy as np
import PIL.Image
import pytest

from keras_gan_translate import zoo
from keras_gan_translate.data import read_image, write_image
from keras_gan_translate.runs.run import Run
from tests import toys
from tests.cli.conftest import error_of, run_cli

TOYS = {
    name.lower(): getattr(toys, name)
    for name in (
        "Domains",
        "Changes",
        "Exemplars",
        "Styles",
        "Maps",
        "Holes",
        "Sampler",
    )
}


@pytest.fixture
def run_of(tmp_path, monkeypatch):
    """Makes a run folder of a toy, as if the zoo had it."""
    monkeypatch.setattr(zoo, "find_model", TOYS.__getitem__)

    def make(name):
        run = Run.create(tmp_path / name, {"model": name})
        model = TOYS[name]()
        for network in model.translator_networks:
            path = run.folder / "best" / f"{network}.keras"
            path.parent.mkdir(exist_ok=True)
            getattr(model, network).save(path)
        return run

    return make


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "in" / "photo.png"
    pixels = np.random.default_rng(1).integers(0, 256, (12, 8, 3), "uint8")
    write_image(path, pixels)
    return path


def translated(*words):
    # One test translates into the same files again and again.
    result = run_cli("translate --json --force", *words)
    assert result.exit_code == 0, result.output
    return [
        read_image(job["output"])
        for job in json.loads(result.stdout)
        if "output" in job
    ]


def write_map(path, values):
    path.parent.mkdir(exist_ok=True)
    PIL.Image.fromarray(values).save(path)
    return path


def test_help_lists_them_with_their_choices(run_of):
    def help_of(name):
        result = run_cli("translate", run_of(name).folder, "--help")
        return " ".join(result.output.split())

    output = help_of("domains")
    assert "--domain NAME" in output and "One of red, green, blue." in output
    output = help_of("changes")
    assert "--attributes +NAME,-NAME,..." in output
    assert "names of Smiling, Hat, Bald." in output
    assert "--strength FLOAT" in output
    assert "Multiplies --attributes: 0 leaves everything" in output
    output = help_of("styles")
    assert "--style SEED|IMAGE" in output and "[default: 0]" in output
    output = help_of("holes")
    assert "--mask FILE" in output and "A hole in a picture" in output
    assert "--domain" not in run_cli("translate --help").output


def test_a_domain(run_of, photo, tmp_path):
    run = run_of("domains")
    (image,) = translated(
        run.folder, photo, "--domain=blue --out", tmp_path / "out"
    )
    expected = run.model().translate(photo, domain="blue")
    np.testing.assert_array_equal(image, expected)

    def error(*words):
        return error_of(run_cli("translate", *words, "--out", tmp_path / "out"))

    assert "Did you mean 'green'" in error(run.folder, photo, "--domain grean")
    assert "Did you mean '--domain'" in error(
        run.folder, photo, "--domian green"
    )
    assert "To which `domain`? There are red" in error(run.folder, photo)
    assert "No such option '--domain'" in error(
        run_of("styles").folder, photo, "--domain red"
    ).replace(": --domain", " '--domain'")


def test_changes_of_attributes(run_of, photo, tmp_path):
    run, out = run_of("changes"), ("--out", tmp_path / "out")
    model = run.model()
    for words, options in (
        (["--attributes", "-Hat,+Smiling"], {}),
        (["--attributes=-Hat,+Smiling", "--strength=0.5"], {"strength": 0.5}),
    ):
        (image,) = translated(run.folder, photo, *words, *out)
        expected = model.translate(photo, attributes="Smiling,-Hat", **options)
        np.testing.assert_array_equal(image, expected)
    images = translated("--grid --strength 0.5", run.folder, photo, *out)
    assert len(images) == 3
    expected = model.translate(photo, attributes="+Bald", strength=0.5)
    np.testing.assert_array_equal(images[2], expected)

    def error(*words):
        return error_of(run_cli("translate", run.folder, photo, *words, *out))

    assert "Did you mean 'Bald'" in error("--attributes", "-Bold")
    assert "Which `attributes`? Say changes" in error()
    assert "'half' is not a valid float" in error(
        "--attributes Hat --strength half"
    )


def test_an_exemplar_is_a_file_of_any_size(run_of, photo, tmp_path):
    run, other = run_of("exemplars"), tmp_path / "other.png"
    pixels = np.random.default_rng(2).integers(0, 256, (30, 9, 3), "uint8")
    write_image(other, pixels)
    out = ("--out", tmp_path / "out")
    (image,) = translated(run.folder, photo, "--exemplar", other, *out)
    expected = run.model().translate(photo, exemplar=other)
    np.testing.assert_array_equal(image, expected)
    same = run.model().translate(photo, exemplar=photo)
    assert not np.array_equal(image, same)

    def error(*words):
        return error_of(run_cli("translate", run.folder, photo, *words, *out))

    assert "Which `exemplar`? Give a picture" in error()
    assert "There is no file 'none.png'" in error("--exemplar none.png")


def test_a_grid_has_a_column_for_every_choice(run_of, photo, tmp_path):
    run, out = run_of("domains"), tmp_path / "out"
    images = translated("--grid --out", out, run.folder, photo)
    assert len(images) == 3
    for name, image in zip(("red", "green", "blue"), images):
        np.testing.assert_array_equal(
            image, read_image(out / name / "photo.png")
        )
        expected = run.model().translate(photo, domain=name)
        np.testing.assert_array_equal(image, expected)
    assert read_image(out / "grid.png").shape[1] == 4 * (256 + 4) + 4
    translated("--grid --domain red --out", out, run.folder, photo)
    assert read_image(out / "grid.png").shape[1] == 2 * (256 + 4) + 4


def test_a_style_is_a_seed_or_a_picture(run_of, photo, tmp_path):
    run = run_of("styles")
    model, out = run.model(), ("--out", tmp_path / "out")
    for words, style in (
        ((), 0),
        (("--style 3",), 3),
        (("--style", photo), read_image(photo)),
    ):
        (image,) = translated(run.folder, photo, *words, *out)
        np.testing.assert_array_equal(
            image, model.translate(photo, style=style)
        )


def test_a_mask_and_a_folder_of_masks(run_of, photo, tmp_path):
    run, out = run_of("holes"), ("--out", tmp_path / "out")
    hole = np.zeros((12, 8), "uint8")
    hole[2:5, 3:6] = 255
    mask = write_map(tmp_path / "masks" / "photo.png", hole)
    expected = run.model().translate(photo, mask=hole)
    for given in (mask, mask.parent):
        (image,) = translated(run.folder, photo, "--mask", given, *out)
        np.testing.assert_array_equal(image, expected)
    (small,) = translated(
        run.folder, photo, "--image-size 4 --mask", mask, *out
    )
    assert small.shape == (6, 4, 3)
    missing = run_cli("translate", run.folder, photo, *out)
    assert "`mask` is needed" in error_of(missing)
    missing = run_cli("translate", run.folder, photo, "--mask nope.png", *out)
    assert "There is no file 'nope.png'" in error_of(missing)
    mask.rename(mask.with_name("other.png"))
    missing = run_cli(
        "translate --force", run.folder, photo, "--mask", mask.parent, *out
    )
    assert "no file named photo" in error_of(missing)


def test_maps_are_translated_with_their_instances(run_of, tmp_path):
    run, out = run_of("maps"), tmp_path / "out"
    classes = np.random.default_rng(2).integers(0, 3, (8, 12), "uint8")
    source = write_map(tmp_path / "in" / "street.png", classes)
    things = write_map(tmp_path / "things.png", classes)
    (image,) = translated(
        run.folder, source, "--grid --instances", things, "--out", out
    )
    expected = run.model().translate(
        classes[..., None], instances=classes[..., None].astype("int32")
    )
    np.testing.assert_array_equal(image, expected)
    assert (out / "grid.png").exists()


def test_images_of_no_image_are_generated(run_of, photo, tmp_path):
    run, out = run_of("sampler"), tmp_path / "out"
    result = run_cli(
        "generate",
        run.folder,
        "--count 3 --seed 5 --kind square --grid --out",
        out,
    )
    assert result.exit_code == 0, result.output
    expected = run.model().generate(3, seed=5, kind="square")
    for i, line in enumerate(result.stdout.split()[:3]):
        assert line == str(out / f"{5 + i:06d}.png")
        np.testing.assert_array_equal(read_image(line), expected[i])
    assert (out / "grid.png").exists()
    assert "use `kgt generate`" in error_of(
        run_cli("translate", run.folder, photo, "--kind square")
    )
    assert "use `translate`" in error_of(
        run_cli("generate", run_of("domains").folder, "--domain red")
    )
    assert "Did you mean 'square'" in error_of(
        run_cli("generate", run.folder, "--kind sqare")
    )
    assert "Missing argument 'RUN'" in error_of(run_cli("generate"))


def test_a_clip_is_told_its_options(run_of, tmp_path):
    pytest.importorskip("av", reason="the extra `video` is missing")
    from tests.inference.test_video import clip, read

    source = clip(tmp_path / "in" / "clip.mp4", 2, (30, 44))
    run, out = run_of("domains"), tmp_path / "out"
    made = {}
    for domain in ("red", "blue"):
        words = ("--domain", domain, "--out", out / domain)
        result = run_cli("translate", run.folder, source, *words)
        assert result.exit_code == 0, result.output
        made[domain], _, _ = read(out / domain / "clip.mp4")
    assert len(made["red"]) == 2
    assert not np.array_equal(made["red"], made["blue"])
