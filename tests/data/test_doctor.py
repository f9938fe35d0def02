"""Planted faults: each is named, and nothing is on data that are sound.

None of it needs a model, so none of it imports TensorFlow.
"""

import io
import itertools
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import diagnose
from keras_gan_translate.data.doctor.likeness import groups_of, near_pairs
from keras_gan_translate.data.doctor.looking import thumbnail

SIZE = 96
# What is said of sound data, too.
ALWAYS = {"nothing_held_out", "pixel_modes", "ids_unused"}


def picture(number, size=(SIZE, SIZE), style="photo"):
    """Something like a photo: clouds of all sizes, and an edge or two.

    The style "flat" has the same colours in four levels, "soft" no detail.
    """
    random = np.random.RandomState(number)
    height, width = size
    total = np.zeros((height, width, 3))
    for cells in (3, 6, 12, 24):
        noise = random.uniform(-1, 1, (cells, cells, 3)) / cells**0.7
        # Brightness varies more than colour.
        noise = 0.4 * noise + noise.mean(axis=-1, keepdims=True)
        for channel in range(3):
            layer = Image.fromarray(noise[..., channel].astype("float32"))
            layer = layer.resize((width, height), Image.Resampling.BICUBIC)
            total[..., channel] += np.asarray(layer)
    left, top = random.randint(0, width // 2), random.randint(0, height // 2)
    total[top : top + height // 3, left : left + width // 3] += (
        random.uniform(-1, 1, 3) * 0.8
    )
    total += random.uniform(-0.3, 0.3, 3)
    pixels = np.clip(128 + 90 * total, 0, 255)
    if style == "soft":
        small = Image.fromarray(pixels.astype("uint8")).resize((12, 12))
        pixels = np.asarray(small.resize((width, height)))
    if style == "flat":
        pixels = np.floor(pixels / 64) * 64 + 32
    return pixels.astype("uint8")


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)


def make_unpaired(root):
    numbers = itertools.count()
    for split, count in (("train", 56), ("test", 8)):
        for domain, style in (("A", "photo"), ("B", "flat")):
            for i in range(count):
                save(
                    root / f"{split}{domain}" / f"{domain}{i:03}.jpg",
                    picture(next(numbers), style=style),
                    quality=92,
                )


def make_domains(root):
    numbers = itertools.count(3000)
    for name, style in (("day", "photo"), ("ink", "flat"), ("fog", "soft")):
        for i in range(56):
            path = root / "train" / name / f"{name}{i}.png"
            save(path, picture(next(numbers), style=style))


def make_paired(root):
    for split, first, count in (("train", 1000, 52), ("val", 1100, 6)):
        for i in range(first, first + count):
            name = f"scene_{i}.webp"
            save(root / "A" / split / name, picture(i), lossless=True)
            flat = picture(i, style="flat")
            save(root / "B" / split / name, flat, lossless=True)


def make_side_by_side(root):
    for i in range(1200, 1252):
        both = np.concatenate([picture(i), picture(i, style="flat")], axis=1)
        save(root / "train" / f"{i}.jpg", both)


def make_semantic(root):
    for i in range(1300, 1352):
        photo = picture(i)
        save(root / "train_img" / f"{i}.jpg", photo)
        save(root / "train_label" / f"{i}.png", photo[..., 0] // 52)
    (root / "classes.txt").write_text("sky\nsea\nsand\nrock\nwood\n")


def make_masked(root):
    for i in range(1400, 1452):
        save(root / "photos" / f"{i}.jpg", picture(i))
        mask = np.zeros((SIZE, SIZE), "uint8")
        mask[i % 40 : i % 40 + 30, 20:60] = 255
        save(root / "masks" / f"{i}.png", mask)


def make_attributes(root):
    lines = ["image,hat,smile"]
    for i in range(1500, 1560):
        save(root / "images" / f"{i}.jpg", picture(i))
        lines.append(f"{i}.jpg,{i % 2},{i % 3 // 2}")
    (root / "attributes.csv").write_text("\n".join(lines) + "\n")


SOUND = {
    "unpaired": make_unpaired,
    "domains": make_domains,
    "paired": make_paired,
    "side_by_side": make_side_by_side,
    "semantic": make_semantic,
    "masked": make_masked,
    "attributes": make_attributes,
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A function from a name to a folder of sound data, made once."""
    folder, made = tmp_path_factory.mktemp("sound"), {}

    def make(name):
        if name not in made:
            SOUND[name](folder / name)
            made[name] = folder / name
        return made[name]

    return make


def named(diagnosis):
    return {finding.name for finding in diagnosis.findings}


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_said_of_sound_data(sound, name):
    diagnosis = diagnose(sound(name))
    said = [f for f in diagnosis.findings if f.name not in ALWAYS]
    assert not said, [f.what for f in said]
    kind = {"side_by_side": "paired"}.get(name, name)
    assert diagnosis.kind == kind and diagnosis.guessed
    assert diagnosis.looked == diagnosis.files > 50
    assert diagnosis.worst in ("good", "note")


# The faults. Each is a function of the folder, and names what is expected.


def truncate(root):
    path = root / "trainA" / "A003.jpg"
    path.write_bytes(path.read_bytes()[:-400])


def page_instead(root):
    (root / "trainB" / "B001.jpg").write_text("<html>404</html>")


def nothing_inside(root):
    (root / "testA" / "A001.jpg").write_bytes(b"")


def copied_to_test(root):
    shutil.copy(root / "trainA" / "A010.jpg", root / "testA" / "other.jpg")


def encoded_anew_in_test(root):
    image = Image.open(root / "trainB" / "B010.jpg")
    image.resize((80, 80)).save(root / "testB" / "other.webp", quality=60)


def mirrored_in_test(root):
    image = Image.open(root / "trainA" / "A011.jpg")
    image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    image.save(root / "testA" / "other.png")


def copied(root):
    shutil.copy(root / "trainA" / "A010.jpg", root / "trainA" / "copy.jpg")


def as_png(root):
    Image.open(root / "trainA" / "A010.jpg").save(root / "trainA" / "new.png")


def mirrored(root):
    image = Image.open(root / "trainA" / "A020.jpg")
    image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    image.save(root / "trainA" / "new.jpg", quality=60)


def darker(root):
    image = Image.open(root / "trainA" / "A021.jpg")
    image.point(lambda v: v * 0.8).save(root / "trainA" / "new.png")


def cut(root):
    image = Image.open(root / "trainA" / "A022.jpg")
    image.crop((4, 4, 92, 92)).save(root / "trainA" / "new.png")


def in_both_domains(root):
    shutil.copy(root / "trainA" / "A012.jpg", root / "trainB" / "same.jpg")


def one_sort(root):
    shutil.rmtree(root / "trainB")
    for i in range(56):
        save(root / "trainB" / f"more{i}.jpg", picture(5000 + i))


def few(root):
    for path in sorted((root / "trainB").iterdir())[12:]:
        path.unlink()


def tiny(root):
    for i in range(4):
        save(root / "trainA" / f"tiny{i}.png", picture(6000 + i, (40, 48)))


def long(root):
    save(root / "trainA" / "panorama.jpg", picture(6100, (96, 300)))


def lying(root):
    exif = Image.Exif()
    exif[0x0112] = 6
    save(root / "trainA" / "phone.jpg", picture(6200, (96, 128)), exif=exif)


def deep(root):
    pixels = picture(6300)[..., 0].astype("uint16") * 257
    save(root / "trainA" / "deep.png", pixels)


def cmyk(root):
    image = Image.fromarray(picture(6301)).convert("CMYK")
    image.save(root / "trainA" / "print.jpg")


def see_through(root):
    alpha = np.full((SIZE, SIZE, 1), 200, "uint8")
    pixels = np.concatenate([picture(6302), alpha], axis=-1)
    save(root / "trainB" / "layer.png", pixels)


def colourless(root):
    for i in range(5):
        pixels = picture(6400 + i)
        pixels = np.repeat(pixels[..., 1:2], 3, axis=-1)
        save(root / "trainA" / f"old{i}.jpg", pixels)


def one_colour(root):
    save(root / "trainA" / "wall.png", np.full((SIZE, SIZE, 3), 90, "uint8"))


def warm(root):
    for path in (root / "trainB").iterdir():
        pixels = np.asarray(Image.open(path)) * 0.9 + [25, 0, -25]
        save(path, np.clip(pixels, 0, 255).astype("uint8"), quality=92)


def dark(root):
    for path in (root / "trainA").iterdir():
        save(path, np.asarray(Image.open(path)) // 2, quality=92)


def new_format(root):
    (root / "trainA" / "photo.avif").write_bytes(b"\0\0\0\x1cftypavif")


def aside(root):
    save(root / "raw" / "extra.jpg", picture(6500))


def animation(root):
    frames = [Image.fromarray(picture(6600 + i)) for i in range(2)]
    path = root / "trainA" / "moves.webp"
    frames[0].save(path, save_all=True, append_images=frames[1:])


def smaller_domain(root):
    for i in range(120):
        save(root / "train" / "day" / f"m{i}.jpg", picture(7000 + i))


def no_partner(root):
    (root / "B" / "train" / "scene_1003.webp").unlink()


def other_shape(root):
    path = root / "B" / "train" / "scene_1004.webp"
    save(path, np.asarray(Image.open(path))[:80], lossless=True)


def shuffled(root):
    paths = sorted((root / "B" / "train").iterdir())
    pictures = [path.read_bytes() for path in paths]
    for path, content in zip(paths, pictures[5:] + pictures[:5]):
        path.write_bytes(content)


def too_high(root):
    path = root / "train_label" / "1310.png"
    values = np.array(Image.open(path))
    values[:3] = 9
    save(path, values)


def unlabelled(root):
    (root / "classes.txt").unlink()
    for path in sorted((root / "train_label").iterdir())[:9]:
        values = np.array(Image.open(path))
        values[0] = 255
        save(path, values)


def unused(root):
    with open(root / "classes.txt", "a") as file:
        file.write("".join(f"extra {i}\n" for i in range(9)))


def map_of_other_shape(root):
    path = root / "train_label" / "1311.png"
    save(path, np.array(Image.open(path))[:, :70])


def map_in_colours(root):
    save(root / "train_label" / "1312.png", picture(1312))


def maps_as_jpeg(root):
    for path in sorted((root / "train_label").iterdir())[:5]:
        Image.open(path).save(path.with_suffix(".jpg"), quality=80)
        path.unlink()
    (root / "classes.txt").write_text("".join(f"{i}\n" for i in range(64)))


def mask_of_other_shape(root):
    path = root / "masks" / "1410.png"
    save(path, np.array(Image.open(path))[:, 20:])


def no_hole(root):
    save(root / "masks" / "1411.png", np.zeros((SIZE, SIZE), "uint8"))


def soft(root):
    ramp = np.linspace(0, 255, SIZE).astype("uint8")
    save(root / "masks" / "1412.png", np.tile(ramp, (SIZE, 1)))


def inverted(root):
    for path in (root / "masks").iterdir():
        save(path, 255 - np.array(Image.open(path)))


def rows_alone(root):
    with open(root / "attributes.csv", "a") as file:
        file.write("gone.jpg,1,0\nlost.jpg,0,0\n")


def images_alone(root):
    save(root / "images" / "new.jpg", picture(8000))


def rare(root):
    lines = (root / "attributes.csv").read_text().splitlines()
    beard = ["beard", "1", *"0" * (len(lines) - 2)]
    rows = [f"{line},{value}" for line, value in zip(lines, beard)]
    (root / "attributes.csv").write_text("\n".join(rows) + "\n")


FAULTS = [
    ("unpaired", truncate, "broken_files"),
    ("unpaired", page_instead, "broken_files"),
    ("unpaired", nothing_inside, "broken_files"),
    ("unpaired", copied_to_test, "leaks"),
    ("unpaired", encoded_anew_in_test, "leaks"),
    ("unpaired", mirrored_in_test, "leaks"),
    ("unpaired", copied, "duplicates"),
    ("unpaired", as_png, "duplicates near_duplicates"),
    ("unpaired", mirrored, "near_duplicates"),
    ("unpaired", darker, "near_duplicates"),
    ("unpaired", cut, "near_duplicates"),
    ("unpaired", in_both_domains, "shared_by_domains"),
    ("unpaired", one_sort, "domains_alike"),
    ("unpaired", few, "few_images unequal_domains"),
    ("unpaired", tiny, "small_images"),
    ("unpaired", long, "long_images"),
    ("unpaired", lying, "rotated_by_exif"),
    ("unpaired", deep, "pixel_modes gray_images"),
    ("unpaired", cmyk, "pixel_modes"),
    ("unpaired", see_through, "pixel_modes"),
    ("unpaired", colourless, "gray_images"),
    ("unpaired", one_colour, "blank_images gray_images"),
    ("unpaired", warm, "colour_casts"),
    ("unpaired", dark, "colour_casts"),
    ("unpaired", new_format, "other_formats"),
    ("unpaired", aside, "idle_folders"),
    ("unpaired", animation, "animated"),
    ("domains", smaller_domain, "unequal_domains"),
    ("paired", no_partner, "left_out"),
    ("paired", other_shape, "misfits"),
    ("paired", shuffled, "pairs_unrelated"),
    ("semantic", too_high, "ids_out_of_range"),
    ("semantic", unlabelled, "ids_out_of_range"),
    ("semantic", unused, "ids_unused"),
    ("semantic", map_of_other_shape, "layout misfits"),
    ("semantic", map_in_colours, "broken_files"),
    ("semantic", maps_as_jpeg, "lossy_maps"),
    ("masked", mask_of_other_shape, "misfits"),
    ("masked", no_hole, "masks_without_holes"),
    ("masked", soft, "soft_masks"),
    ("masked", inverted, "inverted_masks"),
    ("attributes", rows_alone, "rows_without_images left_out"),
    ("attributes", images_alone, "images_without_rows"),
    ("attributes", rare, "rare_attributes"),
]


@pytest.mark.parametrize(
    ("name", "fault", "expected"),
    FAULTS,
    ids=[fault.__name__ for _, fault, _ in FAULTS],
)
def test_a_fault_is_named_and_no_other(sound, tmp_path, name, fault, expected):
    root = shutil.copytree(sound(name), tmp_path / "data")
    fault(root)
    before = {p: p.stat() for p in root.rglob("*") if p.is_file()}
    found = named(diagnose(root))
    expected = set(expected.split())
    # Of two names one may be enough.
    assert found & expected
    assert found <= expected | ALWAYS
    after = {p: p.stat() for p in root.rglob("*") if p.is_file()}
    assert {p: (s.st_mtime_ns, s.st_size) for p, s in before.items()} == {
        p: (s.st_mtime_ns, s.st_size) for p, s in after.items()
    }


def test_two_folders_are_two_domains(tmp_path):
    for i in range(3):
        save(tmp_path / "selfies" / f"{i}.jpg", picture(i))
        save(tmp_path / "anime" / f"{i}.jpg", picture(10 + i, style="flat"))
    folders = (tmp_path / "selfies", tmp_path / "anime")
    diagnosis = diagnose(folders)
    assert diagnosis.kind == "unpaired"
    assert [row["part"] for row in diagnosis.facts] == ["selfies", "anime"]
    assert named(diagnosis) == {"few_images", "nothing_held_out"}
    few_, _ = diagnosis.findings
    assert few_.what.endswith("3 in selfies, 3 in anime.")
    assert "kgt doctor" in diagnosis.command


def test_a_folder_of_photos_is_no_kind_in_particular(tmp_path):
    for i in range(3):
        save(tmp_path / "deep" / f"{i}.png", picture(i))
    diagnosis = diagnose(tmp_path)
    assert diagnosis.kind == "photos"
    assert diagnosis.summary == {"train": "3 photos"}


@pytest.mark.parametrize("size", [64, 128])
def test_pictures_smaller_than_the_training_are_told(tmp_path, size):
    for i in range(3):
        save(tmp_path / f"{i}.png", picture(i))
    found = named(diagnose(tmp_path, image_size=size))
    assert ("small_images" in found) == (size > SIZE)


def test_what_can_be_answered_in_no_way_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="There is no image in"):
        diagnose(tmp_path)
    with pytest.raises(ValueError, match="There is no folder"):
        diagnose(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="files are looked at"):
        diagnose("drawn:faces")
    with pytest.raises(ValueError, match="Did you mean 'unpaired'"):
        diagnose(tmp_path, "unpared")
    with pytest.raises(ValueError, match="is for masked"):
        diagnose(tmp_path, "unpaired", holes="strokes")


def test_what_training_refuses_is_a_finding(sound):
    diagnosis = diagnose(sound("attributes"), "unpaired")
    layout = diagnosis.findings[0]
    assert layout.name == "layout" and "No unpaired data" in layout.what
    assert diagnosis.worst == "trouble"


def test_the_quick_form_looks_at_some_and_names_plain_faults(sound, tmp_path):
    root = shutil.copytree(sound("unpaired"), tmp_path / "data")
    for i in range(120):
        save(root / "trainA" / f"m{i}.jpg", picture(9000 + i))
    copied_to_test(root)
    diagnosis = diagnose(root, "unpaired", quick=True)
    assert diagnosis.looked < diagnosis.files
    # One of the two copies need not have been looked at.
    assert "leaks" in named(diagnosis)
    assert named(diagnosis) <= {"leaks", "unequal_domains"}


def test_files_and_command_of_a_finding(sound, tmp_path):
    root = shutil.copytree(sound("unpaired"), tmp_path / "my data")
    copied_to_test(root)
    found = {f.name: f for f in diagnose(root).findings}
    leaks = found["leaks"]
    # What is set aside is trained on, what tests stays.
    assert leaks.files == (root / "trainA" / "A010.jpg",)
    assert leaks.groups[0][0].name == "A010.jpg"
    assert f"kgt doctor '{root}' --files leaks" in leaks.command
    assert leaks.level == "trouble" and leaks.count == 1


def test_json_holds_all_of_it(sound):
    text = json.dumps(diagnose(sound("masked")).to_dict())
    told = json.loads(text)
    assert told["kind"] == "masked" and told["worst"] == "note"
    assert told["findings"][0]["name"] == "nothing_held_out"
    assert {row["part"] for row in told["facts"]} == {"image", "mask"}


def test_the_page_needs_nothing_else_and_believes_no_name(sound, tmp_path):
    root = shutil.copytree(sound("unpaired"), tmp_path / "data")
    save(root / "trainA" / "<b>&.jpg", picture(1), quality=30)
    save(root / "trainA" / "<b>&2.jpg", picture(1), quality=50)
    page_instead(root)
    path = tmp_path / "page.html"
    diagnose(root).write_page(path)
    page = path.read_text(encoding="utf-8")
    assert "&lt;b&gt;&amp;.jpg" in page and "<b>&" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page
    assert "Broken files" in page and "Near duplicates" in page
    # Sheets of both domains, and the pictures that are meant.
    assert page.count("data:image/jpeg;base64") > 48
    assert len(page) < 1_000_000


def test_pictures_of_one_hand_are_no_copies():
    """Portraits that differ in a mouth are not; an encoding more is."""
    thumbs = []
    for i in range(40):
        face = np.full((SIZE, SIZE, 3), 250, "uint8")
        face[10:86, 20:76] = (230, 180, 150)
        face[12:40, 18:78] = (40, 30, 20)
        face[60 : 64 + i % 5, 30 + i // 5 : 50 + i // 3] = 60
        thumbs.append(thumbnail(face))
        with io.BytesIO() as file:
            Image.fromarray(face).save(file, "JPEG", quality=50)
            again = np.asarray(Image.open(file))
    alone = near_pairs(np.stack(thumbs))
    with_copy = near_pairs(np.stack([*thumbs, thumbnail(again)]))
    assert set(with_copy) - set(alone) >= {(39, 40, False)}


def test_groups_are_what_hangs_together():
    assert groups_of([(4, 2), (1, 9), (2, 7), (9, 3)]) == [[1, 3, 9], [2, 4, 7]]
    assert groups_of([]) == []


def test_it_needs_neither_keras_nor_tensorflow():
    code = (
        "import sys; sys.argv = ['kgt']\n"
        "from keras_gan_translate.data import diagnose\n"
        "assert not {'keras', 'tensorflow', 'jax'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_splits_with_tables_of_their_own(tmp_path):
    for split, first, count in (("train", 0, 30), ("test", 30, 12)):
        lines = ["file_name,hat"]
        for i in range(first, first + count):
            save(tmp_path / split / f"{i}.jpg", picture(1700 + i))
            lines.append(f"{i}.jpg,{i % 2}")
        lines += ["gone.jpg,1"] if split == "test" else []
        table = tmp_path / split / "metadata.csv"
        table.write_text("\n".join(lines) + "\n")
    found = {f.name: f for f in diagnose(tmp_path, "attributes").findings}
    assert found["rows_without_images"].count == 1
    assert "images_without_rows" not in found
