"""The page on which one paints, compared with LiteRT here."""

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan_translate import fields
from keras_gan_translate.data import read_image, synthetic_faces
from keras_gan_translate.engine.translator import Translator
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.web import server as web
from tests.test_gan import seeded
from tests.toys import Conditioned, Domains, Holes, Maps, Styles, conditional
from tests.web.conftest import (
    SIZE,
    error,
    open_page,
    pixels,
    save_photo,
    translate,
)
from tests.web.test_fields import exported, paint

pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")
if keras.backend.backend() != "tensorflow":
    pytest.skip("exports are written with TensorFlow", allow_module_level=True)


class Repainted(Holes):
    """What is known does not stay as it is."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        inputs = self.filler.inputs
        self.filler = conditional(inputs, "filler")


CLASSES = ("sky", "ground", "thing")


class Painted(Conditioned):
    """A hole, lines and strokes of colour, as SC-FEGAN."""

    translators = {
        "ab": Translator(
            "filler",
            takes=("image", "mask", "sketch", "strokes"),
            makes="image",
        )
    }
    players = {"generator": ("filler",)}

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.batch = {
            "image": fields.Image(),
            "mask": fields.Mask(),
            "sketch": fields.Sketch(),
            "strokes": fields.Strokes(),
        }
        image, mask, sketch, strokes = inputs = [
            keras.Input((None, None, channels)) for channels in (3, 1, 1, 3)
        ]
        known = image * (1.0 - mask)
        given = [known, mask, sketch, strokes]
        filled = conditional(given, "inner")(given)
        self.filler = keras.Model(inputs, known + filled * mask, name="filler")

    def generator_loss(self, batch, training=True):
        raise NotImplementedError("it is not trained")


@pytest.fixture
def opened(page, serve):
    """Function of a toy: opens the page with it."""

    def start(toy):
        page.call("Emulation.clearDeviceMetricsOverride")
        page.call("Emulation.setTouchEmulationEnabled", enabled=False)
        open_page(page, serve(exported(toy), page=web.PAINT).url)
        return page

    return start


@pytest.fixture
def wide(tmp_path):
    """A photo that is larger than the model's square, and no square."""
    face = synthetic_faces(1, 150)[0][0]
    path = tmp_path / "wide.png"
    Image.fromarray(np.pad(face, ((0, 0), (30, 60), (0, 0)))).save(path)
    return path


def stroke(page, *points):
    paint(page, *points, on="stage")


def tool(page, name, group="tool"):
    page.run(
        f"document.querySelector('input[name={group}][value=\"{name}\"]')"
        ".click()"
    )


def layer(page, title):
    page.run(
        "[...document.querySelectorAll('#layer-choice label')]"
        f".find((label) => label.textContent === '{title}').click()"
    )


def after(page, script=None):
    """Does something that translates, and waits until it has."""
    said = "document.getElementById('status').textContent"
    if script is not None:
        page.run(f"{said} = ''; {script}")
    page.wait(
        f"{said}.startsWith('Translated') && !document.querySelector('"
        "[aria-busy=true]')"
        " || document.getElementById('error').textContent"
    )
    assert error(page) == "" and page.errors == []
    return pixels(page, "after")


def redone(page, *points):
    """The translation after a stroke, which nobody asks for."""
    page.run("document.getElementById('status').textContent = ''")
    stroke(page, *points)
    return after(page)


def numbers(page, name="images", classes=CLASSES):
    """The classes that a layer shows, uint8 (H, W)."""
    shown = pixels(page, f"document.getElementById('layer-{name}')")
    equal = shown[..., None, :] == fields.LabelMap(classes=classes).colours()
    assert equal.all(-1).any(-1).all()
    return equal.all(-1).argmax(-1).astype("uint8")


def mask(page):
    """The hole that is shown, 255 and 0."""
    return np.where(alpha(page, "mask") > 0, 255, 0).astype("uint8")


def alpha(page, name):
    values = page.run(
        "import('./picture.js').then(({pixelsOf}) => [...pixelsOf("
        f"document.getElementById('layer-{name}')).data])"
    )
    return np.array(values, "uint8").reshape(SIZE, SIZE, 4)[..., 3]


def assert_made(page, toy, source, found, **options):
    expected = open_artefact(exported(toy)).translate(source, **options)
    assert np.abs(found.astype(int) - expected).max() <= 1


def downloads(page, folder):
    page.call(
        "Browser.setDownloadBehavior",
        behavior="allow",
        downloadPath=str(folder),
    )


def saved(page, button, path):
    page.run(f"document.getElementById('{button}').click()")
    page.wait_for(path.exists)
    picture = read_image(path)
    path.unlink()
    return picture


def test_a_map_is_painted_and_seen(opened, tmp_path):
    page = opened(Maps)
    page.call(
        "Emulation.setDeviceMetricsOverride",
        **{"width": 1280, "height": 800, "deviceScaleFactor": 1},
        mobile=False,
    )
    left, right = page.run(
        "[stage, view].map((figure) => figure.getBoundingClientRect().top)"
    )
    assert left == right  # side by side
    downloads(page, tmp_path)
    assert page.run("title.textContent") == "Paint a picture"
    tool(page, 2, "ink")
    made = redone(page, (0.2, 0.2), (0.5, 0.4))
    first = numbers(page)
    assert set(np.unique(first)) == {0, 2}
    assert_made(page, Maps, first, made, instances=first.astype("int32"))

    # What is left is filled; the eraser and undo take away again.
    tool(page, 1, "ink")
    tool(page, "fill")
    redone(page, (0.9, 0.9))
    filled = numbers(page)
    assert (filled == np.where(first == 2, 2, 1)).all()
    tool(page, "eraser")
    redone(page, (0.5, 0.7))
    assert 0 < (numbers(page) == 0).sum() < (filled == 1).sum()
    after(page, "undo.click()")
    assert (numbers(page) == filled).all()
    after(page, "undo.click()")
    assert (numbers(page) == first).all()
    after(page, "redo.click()")
    assert (numbers(page) == filled).all()

    # Objects are those of the classes, but where they are painted.
    layer(page, "Objects")
    tool(page, "brush")
    made = redone(page, (0.7, 0.6))
    objects = filled.astype("int32")
    objects[alpha(page, "instances") > 0] = 1001
    assert (objects == 1001).any()
    assert_made(page, Maps, filled, made, instances=objects)

    assert (saved(page, "save", tmp_path / "painting-tiny.png") == made).all()
    map_file = saved(page, "save-map", tmp_path / "painting-map.png")
    assert (map_file[..., 0] == filled).all()


@pytest.mark.parametrize("coloured", [False, True])
def test_a_map_from_a_file(opened, tmp_path, coloured):
    page = opened(Maps)
    ids = np.zeros((100, 140), "uint8")  # no square, and another size
    ids[40:, 30:] = 1
    ids[60:80, 60:90] = 2
    shown = fields.LabelMap(classes=CLASSES).colours()[ids] if coloured else ids
    Image.fromarray(shown).save(tmp_path / "map.png")
    page.run("document.getElementById('status').textContent = ''")
    page.choose_file("#file", tmp_path / "map.png")
    made = after(page)
    from keras_gan_translate.export.network import resize_raw

    expected = resize_raw(fields.LabelMap(classes=CLASSES), ids, SIZE)[..., 0]
    assert (numbers(page) == expected).all()
    objects = expected.astype("int32")
    assert_made(page, Maps, expected, made, instances=objects)


def test_files_that_are_no_maps(opened, tmp_path):
    page = opened(Maps)
    before = numbers(page)
    Image.fromarray(np.full((9, 9), 7, "uint8")).save(tmp_path / "ids.png")
    page.choose_file("#file", tmp_path / "ids.png")
    text = page.wait("document.getElementById('error').textContent")
    assert "numbers 0 to 2, and it holds up to 7" in text
    pink = np.broadcast_to(np.array([255, 0, 255], "uint8"), (9, 9, 3))
    Image.fromarray(pink.copy()).save(tmp_path / "pink.png")
    page.run("document.getElementById('error').textContent = ''")
    page.choose_file("#file", tmp_path / "pink.png")
    text = page.wait("document.getElementById('error').textContent")
    assert "100 % of it has colours of none of them, such as (255, 0" in text
    assert (numbers(page) == before).all()


def test_a_hole_is_filled_and_the_rest_stays(opened, wide, tmp_path):
    page = opened(Holes)
    downloads(page, tmp_path)
    page.choose_file("#file", wide)
    page.wait("stage.classList.contains('ready')")
    page.wait(
        "document.getElementById('status').textContent.startsWith('Paint over')"
    )
    assert page.run(
        "save.disabled && !document.getElementById('error').textContent"
    )
    made = redone(page, (0.3, 0.5), (0.6, 0.5))
    hole = mask(page)
    assert 20 < (hole > 0).sum() < hole.size / 3
    assert_made(page, Holes, pixels(page, "before"), made, mask=hole)

    assert page.run("!result.hidden")
    page.run("undo.click()")
    page.wait("result.hidden && save.disabled")  # nothing is filled then
    assert (after(page, "redo.click()") == made).all()

    photo = read_image(wide)  # 150 by 240, of which the middle is translated
    whole = saved(page, "save", tmp_path / "wide-tiny.png")
    assert whole.shape == photo.shape
    places = (np.arange(150) + 0.5) * SIZE / 150
    inside = np.zeros((150, 240), bool)
    inside[:, 45:195] = hole[places.astype(int)][:, places.astype(int)] > 0
    assert (whole[~inside] == photo[~inside]).all()
    assert (whole[inside] != photo[inside]).any(-1).mean() > 0.9

    # One goes on with what was filled, at another part of the photo.
    page.run("keep.click()")
    page.wait("!part.disabled")
    page.run("part.value = 0; part.dispatchEvent(new Event('input'))")
    redone(page, (0.1, 0.1))
    again = saved(page, "save", tmp_path / "wide-tiny.png")
    right = np.zeros_like(inside)
    right[:, 100:] = True
    assert (again[right] == whole[right]).all() and (again != whole).any()


def test_a_model_that_changes_what_is_known(opened, wide, tmp_path):
    """Then the square is the model's, and the photo around it stays."""
    page = opened(Repainted)
    downloads(page, tmp_path)
    page.choose_file("#file", wide)
    page.wait("stage.classList.contains('ready')")
    redone(page, (0.3, 0.5), (0.6, 0.5))
    photo = read_image(wide)
    whole = saved(page, "save", tmp_path / "wide-tiny.png")
    around = np.ones(240, bool)
    around[45:195] = False
    assert (whole[:, around] == photo[:, around]).all()
    assert (whole[:, ~around] != photo[:, ~around]).any(-1).mean() > 0.9


def test_what_is_lacking(opened, wide):
    page = opened(Holes)
    assert page.run("again.disabled && undo.disabled && redo.disabled")
    page.choose_file("#file", wide)
    page.wait("!again.disabled")
    page.run("again.click()")
    text = page.wait("document.getElementById('error').textContent")
    assert text == "Paint over what shall be filled."
    tool(page, "fill")
    stroke(page, (0.5, 0.5))
    page.run("again.click()")
    page.wait(
        "document.getElementById('error').textContent.includes('whole picture')"
    )


def test_lines_and_colours_beside_the_hole(opened, wide):
    """Fields alone tell the page of them: as SC-FEGAN's."""
    page = opened(Painted)
    page.choose_file("#file", wide)
    page.wait("stage.classList.contains('ready')")
    titles = page.run(
        "[...document.querySelectorAll('#layer-choice label')]"
        ".map((label) => label.textContent)"
    )
    assert titles == ["Hole", "Lines", "Colour"]
    redone(page, (0.2, 0.5), (0.8, 0.5))
    layer(page, "Lines")
    redone(page, (0.3, 0.45), (0.6, 0.5))
    layer(page, "Colour")
    page.run(
        "const colour = document.querySelector('#inks input');"
        "colour.value = '#0a64c8'; colour.dispatchEvent(new Event('input'))"
    )
    made = redone(page, (0.6, 0.5), (0.7, 0.55))
    lines = np.where(alpha(page, "sketch") > 0, 0, 255).astype("uint8")
    colours = np.where(
        alpha(page, "strokes")[..., None] > 0, (0x0A, 0x64, 0xC8), 0
    ).astype("uint8")
    assert (lines == 0).sum() > 10 and (colours > 0).sum() > 30
    assert_made(
        page,
        Painted,
        pixels(page, "before"),
        made,
        mask=mask(page),
        sketch=lines[..., None],
        strokes=colours,
    )
    without = open_artefact(exported(Painted)).translate(
        pixels(page, "before"),
        mask=mask(page),
        sketch=np.full_like(lines, 255)[..., None],
        strokes=np.zeros_like(colours),
    )
    assert np.abs(made.astype(int) - without).max() > 8


def test_a_model_that_takes_no_brush(page, serve):
    page.open(serve(exported(Domains), page=web.PAINT).url)
    text = page.wait("document.getElementById('error').textContent")
    assert "Nothing is painted for tiny. `kgt web`" in text


def test_a_style_is_read_off_a_picture(page, serve, wide, tmp_path):
    """By the encoder that `kgt` writes beside the model; a seed takes over."""
    from keras_gan_translate.export.litert import write_encoder

    model = tmp_path / "styled.tflite"
    model.write_bytes(exported(Styles).read_bytes())
    write_encoder(
        seeded(Styles), "style", tmp_path / "encoder-style.tflite", SIZE
    )
    open_page(page, serve(model).url)
    translate(page, wide)
    script = "document.getElementById('status').textContent = ''"
    page.run(script)
    page.choose_file("#controls input[type=file]", wide)
    styled = after(page)
    picture = pixels(page, "document.querySelector('#controls canvas')")
    style = seeded(Styles).encode("style", picture)
    assert np.abs(style).max() > 0.01
    source = pixels(page, "before")
    assert_made(page, Styles, source, styled, style=style)
    again = after(page, "document.querySelector('#controls button').click()")
    seed = page.run("document.querySelector('#controls input').valueAsNumber")
    assert_made(page, Styles, source, again, style=seed)
    assert page.run("document.querySelector('#controls canvas').hidden")


@pytest.mark.parametrize("toy", [Maps, Holes])
def test_with_fingers_on_a_phone(opened, tmp_path, toy):
    page = opened(toy)
    page.phone()
    if toy is Holes:
        photo = save_photo(tmp_path / "selfie.jpg", orientation=6)
        page.choose_file("#file", photo)
        page.wait("stage.classList.contains('ready')")
    assert page.run("document.documentElement.scrollWidth") <= 390
    left, top, width = page.run(
        "(({left, top, width}) => [left, top, width])("
        "stage.getBoundingClientRect())"
    )
    page.run("document.getElementById('status').textContent = ''")
    for kind, share in (("Start", 0.3), ("Move", 0.5), ("Move", 0.6)):
        point = {"x": left + share * width, "y": top + share * width}
        page.call(
            "Input.dispatchTouchEvent", type=f"touch{kind}", touchPoints=[point]
        )
    page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    after(page)
    assert page.run("scrollY") == 0  # a stroke does not move the page
    painted = mask(page) if toy is Holes else numbers(page)
    assert painted[SIZE // 2, SIZE // 2]
    for name in ("choose", "again", "save", "undo", "redo", "clear"):
        left, right, height = page.run(
            "(({left, right, height}) => [left, right, height])("
            f"document.getElementById('{name}').getBoundingClientRect())"
        )
        assert 0 <= left < right <= 390 and height >= 44, name


def test_with_the_keyboard(opened):
    """Every control is reached, has a name and says what it does."""
    page = opened(Maps)
    redone(page, (0.5, 0.5))
    painted = numbers(page)
    found = page.accessible()
    for node in (
        ("heading", "Paint a picture"),
        ("radio", "Brush"),
        ("radio", "Eraser"),
        ("radio", "ground"),
        ("slider", "Size of the brush"),
        ("button", "Undo"),
        ("image", "The picture"),
    ):
        assert node in found, node
    assert all(
        name for role, name in found if role in ("button", "slider", "radio")
    )
    page.run("undo.focus()")
    page.press("Enter")
    after(page)
    assert (numbers(page) == 0).all()
    after(
        page,
        "document.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'Z', ctrlKey: true, shiftKey: true}))",
    )
    assert (numbers(page) == painted).all()


def test_nothing_leaves_this_machine(opened, wide):
    page = opened(Holes)
    page.choose_file("#file", wide)
    page.wait("stage.classList.contains('ready')")
    redone(page, (0.5, 0.5))
    place = page.run("location.origin")
    assert page.requests
    for method, url in page.requests:
        assert method == "GET" and url.startswith((place, "data:", "blob:"))
