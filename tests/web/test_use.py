"""How one uses the page: keyboard, screen reader, finger, phone, errors."""

import keras
import pytest

from keras_gan_translate.data import read_image
from keras_gan_translate.web import server as web
from tests.web.conftest import (
    allow_camera,
    open_page,
    pixels,
    status,
    tiny,
    translate,
    wait_error,
    wait_translated,
)

if keras.backend.backend() != "tensorflow":
    pytest.skip("exports are written with TensorFlow", allow_module_level=True)


def test_with_the_keyboard_alone(page, serve, photo, tmp_path):
    server = serve(tiny())
    open_page(page, server.url)
    page.call("Page.setInterceptFileChooserDialog", enabled=True)
    page.call(
        "Browser.setDownloadBehavior",
        behavior="allow",
        downloadPath=str(tmp_path),
    )

    def go_to(name):
        for _ in range(10):
            page.press("Tab")
            if page.run("document.activeElement.id") == name:
                # Where one is can be seen.
                assert page.run(
                    "getComputedStyle(document.activeElement).outlineStyle"
                ) not in ("none", "")
                return
        raise AssertionError(f"Tab does not reach {name}.")

    go_to("choose")
    page.press("Enter")
    page.answer_chooser(photo)
    wait_translated(page)

    page.run("document.activeElement.blur(); scrollTo(0, 0)")
    go_to("slider")
    for key, shown in (("End", 100), ("ArrowLeft", 99), ("Home", 0)):
        page.press(key)
        assert page.run("slider.valueAsNumber") == shown
        text = page.run("slider.ariaValueText")
        assert text == f"{100 - shown} percent of the translation"
        clip = page.run("getComputedStyle(after).clipPath")
        assert clip.endswith(f" {shown}%)")

    go_to("take")
    page.press(" ")
    page.wait("document.getElementById('camera').open")
    page.press("Escape")
    page.wait("!document.getElementById('camera').open")
    page.wait("video.srcObject === null")

    go_to("save")
    page.press("Enter")
    page.wait("document.getElementById('status').textContent.includes('Saved')")
    saved = tmp_path / "selfie-tiny.png"
    assert status(page) == f"Saved as {saved.name}."
    page.wait_for(saved.exists)
    assert (read_image(saved) == pixels(page, "after")).all()


def test_screen_readers(page, serve, photo):
    open_page(page, serve(tiny()).url)
    translate(page, photo)
    found = page.accessible()
    for node in (
        ("heading", "Translate a photo"),
        ("button", "Choose a photo"),
        ("button", "Take a photo"),
        ("button", "Save the picture"),
        ("slider", "How much of the translation is shown"),
        ("image", "Before: the photo, cropped"),
        ("image", "After: its translation"),
        ("status", ""),
    ):
        assert node in found, node
    assert page.run("document.documentElement.lang") == "en"
    names = [name for role, name in found if role in ("button", "slider")]
    assert all(names)


def test_the_edge_follows_a_finger(page, serve, photo):
    page.phone()
    open_page(page, serve(tiny()).url)
    translate(page, photo)
    left, top, width = page.run(
        "(({left, top, width}) => [left, top, width])("
        "stage.getBoundingClientRect())"
    )
    y = top + width / 3
    for kind, share in (("Start", 0.5), ("Move", 0.4), ("Move", 0.25)):
        point = {"x": left + share * width, "y": y}
        page.call(
            "Input.dispatchTouchEvent", type=f"touch{kind}", touchPoints=[point]
        )
    page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    assert page.run("slider.valueAsNumber") == 25


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone(page, serve, photo, tmp_path, dark, width):
    page.phone(dark, width)
    open_page(page, serve(tiny()).url)
    translate(page, photo)
    page.screenshot(tmp_path / "phone.png")
    seen = read_image(tmp_path / "phone.png")
    assert seen.shape == (2 * 844, 2 * width, 3)
    assert (seen[10, 10].mean() < 60) == dark  # the ground
    assert page.run("document.documentElement.scrollWidth") <= width
    for name in ("stage", "choose", "take", "save", "slider"):
        left, top, right, bottom = page.run(
            "(({left, top, right, bottom}) => [left, top, right, bottom])("
            f"document.getElementById('{name}').getBoundingClientRect())"
        )
        assert 0 <= left < right <= width and bottom <= 844, name
        assert bottom - top >= 44, name  # pixels that a finger hits


def test_errors_in_words(page, serve, tmp_path):
    server = serve(tiny())
    open_page(page, server.url)
    (tmp_path / "notes.jpg").write_text("no picture")
    page.choose_file("#file", tmp_path / "notes.jpg")
    assert "cannot read “notes.jpg” as a picture" in wait_error(page)
    assert page.run("save.disabled && !choose.disabled")

    allow_camera(page, "denied")
    page.run("take.click()")
    page.wait("error.textContent.includes('The camera is not allowed')")
    allow_camera(page)


@pytest.mark.parametrize("failures", [3, 1000])
def test_a_browser_too_busy_for_a_picture(page, serve, failures):
    """It fails now and then; tried again, unless it always does."""
    open_page(page, serve(tiny()).url)
    page.run(
        f"(() => {{ let left = {failures}; const make = createImageBitmap;"
        "window.createImageBitmap = (source) => left-- > 0"
        " ? Promise.reject(new Error('no memory')) : make(source); })()"
    )
    page.run("take.click()")
    page.wait("document.getElementById('camera').open && video.readyState > 1")
    page.run("shutter.click()")
    if failures < 20:
        wait_translated(page)
    else:
        assert "no picture (no memory). Try again" in wait_error(page)
    page.wait("video.srcObject === null")


@pytest.mark.parametrize(
    "address, words",
    [
        ("/model.tflite", "there is no model.tflite beside this page"),
        ("core/dist/index.js", "Run `npm install`"),
        ("core/wasm/", "Run `npm install`"),
    ],
)
def test_what_is_missing(page, serve, address, words):
    server = serve(tiny())
    server.files = {a: p for a, p in server.files.items() if address not in a}
    page.open(server.url)
    assert words in wait_error(page)


def test_a_damaged_model(page, serve, tmp_path):
    server = serve(tiny())
    damaged = tmp_path / "damaged.tflite"
    damaged.write_bytes(b"no model at all")
    server.files[f"/{web.MODEL}"] = damaged
    page.open(server.url)
    assert "is no .tflite file" in wait_error(page)
    damaged.write_bytes(tiny().read_bytes()[:3000])
    page.open(server.url)
    assert "cannot run the model" in wait_error(page)


def test_the_description_of_another_model(page, serve):
    server = serve(tiny())
    server.files[f"/{web.MODEL}"] = tiny(image_size=32)
    page.open(server.url)
    assert "describes another model: one for 64 pixels" in wait_error(page)


def test_when_the_server_is_gone_it_still_translates(page, serve, photo):
    server = serve(tiny())
    open_page(page, server.url)
    server.files.clear()
    translate(page, photo)
