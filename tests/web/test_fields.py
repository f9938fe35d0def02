"""The page's controls: menus, a seed, a brush; compared with LiteRT here."""

import functools
import json

import keras
import numpy as np
import pytest

from keras_gan_translate.data import write_image
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.fields import Attributes, Code, LabelMap
from tests.export.files import folder, spec_of
from tests.test_gan import seeded
from tests.toys import Changes, Domains, Exemplars, Holes, Maps, Styles
from tests.web.conftest import (
    SIZE,
    error,
    open_page,
    pixels,
    status,
    translate,
    wait_translated,
)

pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")
if keras.backend.backend() != "tensorflow":
    pytest.skip("exports are written with TensorFlow", allow_module_level=True)


@functools.cache
def exported(toy):
    """Path of a toy's file for the page."""
    from keras_gan_translate.export import litert
    from keras_gan_translate.export.network import (
        input_facts,
        translator_network,
    )

    model = seeded(toy)
    facts = input_facts(model, "ab")
    spec = spec_of(model, image_size=SIZE, dtype="float32", inputs=facts)
    network = translator_network(model, "ab", "float32", SIZE)
    path = folder() / f"{toy.__name__}-page.tflite"
    litert.write(network, spec, path)
    return path


def assert_translated(page, toy, source=None, **options):
    """The page shows what LiteRT makes of the same here; returns it."""
    if source is None:
        source = pixels(page, "before")
    expected = open_artefact(exported(toy)).translate(source, **options)
    after = pixels(page, "after")
    assert np.abs(after.astype(int) - expected).max() <= 1
    return after


def again(page, script):
    """Does something that translates again, and waits for that."""
    said = "document.getElementById('status').textContent"
    page.run(f"{said} = ''; {script}")
    page.wait(f"{said}.startsWith('Translated')")
    wait_translated(page)


def test_a_menu(page, serve, photo):
    open_page(page, serve(exported(Domains)).url)
    assert page.run("controls.checkVisibility()")
    words = page.run(
        "[...document.querySelectorAll('#controls option')]"
        ".map((option) => option.textContent)"
    )
    assert words == ["red", "green", "blue"]
    translate(page, photo)
    red = assert_translated(page, Domains, domain="red")
    again(
        page,
        "const menu = document.querySelector('#controls select');"
        "menu.value = 2; menu.dispatchEvent(new Event('change'))",
    )
    blue = assert_translated(page, Domains, domain="blue")
    assert not np.array_equal(red, blue)
    # On a phone nothing is wider than the screen.
    assert page.run("document.documentElement.scrollWidth <= innerWidth")


def test_a_change_and_its_strength(page, serve, photo):
    open_page(page, serve(exported(Changes)).url)
    words = page.run(
        "[...document.querySelectorAll('#controls option')]"
        ".map((option) => option.textContent)"
    )
    assert words == ["+Smiling", "-Smiling", "+Hat", "-Hat", "+Bald", "-Bald"]
    translate(page, photo)
    first = assert_translated(page, Changes, attributes="+Smiling")
    again(
        page,
        "const menu = document.querySelector('#controls select');"
        "menu.value = '-1'; menu.dispatchEvent(new Event('change'))",
    )
    full = assert_translated(page, Changes, attributes="-Hat")
    again(
        page,
        "const much = document.querySelector('#controls input');"
        "much.value = 1.5; much.dispatchEvent(new Event('change'))",
    )
    more = assert_translated(page, Changes, attributes="-Hat", strength=1.5)
    assert not np.array_equal(first, full) and not np.array_equal(full, more)


def test_a_second_picture(page, serve, photo, tmp_path):
    open_page(page, serve(exported(Exemplars)).url)
    page.choose_file("#file", photo)
    page.wait("document.getElementById('error').textContent")
    assert error(page) == "Choose a picture: exemplar."
    other = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), "uint8")
    write_image(tmp_path / "other.png", other)
    page.choose_file("#controls input", tmp_path / "other.png")
    page.wait("!document.getElementById('after').hidden")
    wait_translated(page)
    assert_translated(page, Exemplars, exemplar=other)


def test_checks_are_what_holds(page, serve):
    open_page(page, serve(exported(Changes)).url)
    facts = Attributes(names=("Smiling", "Hat")).to_facts("attributes")
    facts |= {"control": Attributes.control, "input": "attributes"}
    found = page.run(
        "import('./controls.js').then(({makeControls}) => {"
        "const row = document.createElement('div'); let calls = 0;"
        "document.body.append(row);"
        f"const {{attributes}} = makeControls(row, [{json.dumps(facts)}], 8, "
        "'cover', {changed: () => calls++});"
        "row.querySelectorAll('input')[1].click();"
        "return [row.textContent, calls, [...attributes()]]; })"
    )
    assert found == ["attributesSmilingHat", 1, [0, 1]]


def test_seeds_are_those_of_the_library(page, serve, photo):
    open_page(page, serve(exported(Styles)).url)
    for seed, size in ((0, 8), (1234, 5), (2**31, 2)):
        found = page.run(
            "import('./controls.js').then(({normal}) => "
            f"[...normal({seed}, {size})])"
        )
        expected = Code(size=size).parse(seed)
        np.testing.assert_array_equal(np.float32(found), expected)
    translate(page, photo)
    first = assert_translated(page, Styles, style=0)
    again(
        page,
        "const seed = document.querySelector('#controls input');"
        "seed.value = 7; seed.dispatchEvent(new Event('change'))",
    )
    assert not np.array_equal(first, assert_translated(page, Styles, style=7))
    again(page, "document.querySelector('#controls button').click()")
    seed = page.run("document.querySelector('#controls input').valueAsNumber")
    assert_translated(page, Styles, style=seed)


def paint(page, *points, on="paint"):
    """Draws a stroke through points, from 0 to 1 of the picture's sides."""
    box = page.run(
        "(({x, y, width, height}) => [x, y, width, height])"
        f"(document.getElementById('{on}').getBoundingClientRect())"
    )
    kinds = ["mousePressed", *["mouseMoved"] * (len(points) - 1)]
    for kind, (x, y) in zip([*kinds, "mouseReleased"], [*points, points[-1]]):
        page.call(
            "Input.dispatchMouseEvent",
            type=kind,
            x=box[0] + x * box[2],
            y=box[1] + y * box[3],
            button="left",
            buttons=1,
            clickCount=1,
        )


def painted(page):
    """What the brush's canvas shows, uint8 (H, W, 4)."""
    width, height, data = page.run(
        "import('./picture.js').then(({pixelsOf}) => {"
        "const {width, height, data} = pixelsOf(paint);"
        "return [width, height, [...data]]; })"
    )
    return np.array(data, "uint8").reshape(height, width, 4)


def test_a_mask_is_painted(page, serve, photo):
    open_page(page, serve(exported(Holes)).url)
    page.choose_file("#file", photo)
    page.wait(
        "document.getElementById('status').textContent.startsWith('Paint')"
    )
    page.run("again.click()")
    page.wait("document.getElementById('error').textContent")
    assert "Paint over what is missing" in error(page)
    page.run("[...document.querySelectorAll('#controls button')][0].click()")
    paint(page, (0.3, 0.5), (0.6, 0.5))  # and all between
    mask = np.where(painted(page)[..., 3] > 0, 255, 0).astype("uint8")
    assert 20 < (mask > 0).sum() < mask.size / 4 and mask[SIZE // 2, SIZE // 2]
    again(page, "again.click()")
    assert_translated(page, Holes, mask=mask)


def test_a_map_is_painted_by_class(page, serve):
    open_page(page, serve(exported(Maps)).url)
    assert page.run("choose.textContent") == "Choose a map"
    page.run(
        "const menu = document.querySelector('#controls select');"
        "menu.value = 2; menu.dispatchEvent(new Event('change'))"
    )
    paint(page, (0.2, 0.2), (0.4, 0.4))
    shown = painted(page)[..., :3]
    colours = LabelMap(classes=("sky", "ground", "thing")).colours()
    classes = (shown[..., None, :] == colours).all(-1)
    assert classes.any(-1).all()  # the page and the library have one palette
    classes = classes.argmax(-1).astype("uint8")
    assert set(np.unique(classes)) == {0, 2}
    again(page, "again.click()")
    nothing = np.zeros((SIZE, SIZE), "int32")
    assert_translated(page, Maps, classes, instances=nothing)
    assert "Translated in" in status(page)
