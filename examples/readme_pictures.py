"""Makes the README's pictures; those whose ingredients are missing it names.

python examples/readme_pictures.py --photos photos/ --weights hayao/
python examples/readme_pictures.py toons clip    # with new weights of ours

Cartoons need photographs and published weights, which are not in this
repository: chelsea.jpg and coffee.jpg, which scikit-image brings along (CC0),
astronaut.jpg (NASA), and CartoonGAN's generator of the style Hayao. Toons need
a preset of weights. The clip of the selfie page needs Chromium and LiteRT.js.
"""

import argparse
import contextlib
import io
import pathlib
import shutil
import sys
import tempfile
import threading
import time

import numpy as np
from PIL import Image

import keras_gan_translate as kgt
from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_clips import clip
from keras_gan_translate.metrics import psnr
from keras_gan_translate.support.files import written_aside
from keras_gan_translate.support.pictures import GAP, draw_grid

ROOT = pathlib.Path(__file__).parents[1]
PICTURES = ("cartoons", "toons", "clip")
PHOTOS = ("chelsea", "astronaut", "coffee")  # how their files' names begin
ROW = 320  # pixels of height of the cartoons
UNSEEN = 20_000_000  # the first face that no weights were trained on
WHITE = {"constant_values": 255}
WIDTH, HEIGHT = 390, 700  # of a phone, in pixels of the page


def draw_cartoons(photos, weights, path, beside=False):
    """Photographs as cartoons, side by side.

    Args:
        photos: folder of photographs.
        weights: folder of CartoonGAN's weights.
        path: the picture to write.
        beside: whether the photographs stand above them.
    """
    model = kgt.checkpoints.load_translator(weights)
    files = sorted(pathlib.Path(photos).rglob("*.jpg"))
    shown = [
        kgt.data.read_image(file)
        for name in PHOTOS
        for file in files
        if file.name.startswith(name)
    ]
    rows = [[model.translate(photo) for photo in shown]]
    rows = [shown, *rows] if beside else rows
    picture = np.concatenate([side_by_side(row) for row in rows])
    kgt.data.write_image(path, picture[:-GAP, :-GAP])


def side_by_side(images):
    """Images of one height, with white between them."""
    cells = []
    for image in images:
        image = Image.fromarray(image)
        width = round(image.width * ROW / image.height)
        image = image.resize((width, ROW), Image.Resampling.LANCZOS)
        cells.append(np.pad(image, [(0, GAP), (0, GAP), (0, 0)], **WHITE))
    return np.concatenate(cells, axis=1)


def draw_toons(model, path, first, size):
    """Drawn photos, what the model makes of them, and the true toons.

    As `kgt translate` does it: at the size that the model was trained at, and
    brought back to that of the photo.

    Args:
        model: a `GAN`.
        path: the picture to write.
        first: number of the first face.
        size: of the photos in pixels.
    """
    photos, truth = kgt.data.synthetic_faces(4, size, start=first)
    small, goal = kgt.data.synthetic_faces(4, model.image_size, start=first)
    toons = model.translate(small)
    back = model.translate(goal, direction="ba")
    grid = draw_grid(
        [
            ("photo", photos),
            ("translated", [kgt.data.resize_image(x, size) for x in toons]),
            ("true toon", truth),
            ("back to photo", [kgt.data.resize_image(x, size) for x in back]),
        ]
    )
    print(f"{path}: {psnr(toons, goal).mean():.1f} dB against the true toons")
    # 256 colours: a third of the bytes.
    picture = Image.fromarray(grid)
    palette = picture.quantize(256, kmeans=3)
    with written_aside(path) as aside:
        picture.quantize(palette=palette).save(aside, "PNG", optimize=True)


def film_page(model, path, face):
    """The selfie page on a phone, its camera before a drawn face.

    Args:
        model: a `GAN` that translates photos of drawn faces.
        path: the animated .webp file to write.
        face: number of the face.
    """
    sys.path.insert(0, str(ROOT))
    from keras_gan_translate.web import server as web
    from tests.web.browser import chromium

    litert = web.find_litert()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
            )
        )
        with contextlib.redirect_stdout(io.StringIO()):
            (row,) = model.export_translator(
                folder / "export",
                formats=("litert",),
                image_size=model.image_size,
                name="drawn-toon",
                origin="drawn faces",
                licence="none: drawn by code",
                threads=(),
            )
        server = stack.enter_context(
            web.PageServer(folder / "export" / row["artefact"], litert)
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.shutdown)
        page = stack.enter_context(
            chromium(
                folder / "profile",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={film_face(face, folder)}",
            )
        )
        page.call(
            "Browser.setPermission",
            permission={"name": "camera"},
            setting="granted",
        )
        page.phone(width=WIDTH, height=HEIGHT)
        page.open(f"http://127.0.0.1:{server.port}/")
        page.wait("document.getElementById('status').textContent === 'Ready.'")
        frames = [*act(page, folder / "shot.png")]
    images = [image for image, _ in frames]
    with written_aside(path) as aside:
        images[0].save(
            aside,
            "WEBP",
            save_all=True,
            append_images=images[1:],
            duration=[milliseconds for _, milliseconds in frames],
            loop=0,
            quality=80,
            method=6,
        )


def act(page, path):
    """Uses the page; yields what it shows, and for how long, in ms."""

    def look(milliseconds):
        page.screenshot(path)
        with Image.open(path) as image:
            image = image.convert("RGB")
        small = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        return small, milliseconds

    yield look(1200)
    page.run("take.click()")
    page.wait("document.getElementById('camera').open && video.readyState > 1")
    for _ in range(12):
        time.sleep(0.1)
        yield look(150)
    page.run("shutter.click()")
    page.wait("stage.ariaBusy === 'false' && !after.hidden")
    yield look(1200)
    # The line goes to the left, to the right, and back.
    for value in [*range(50, 0, -6), *range(0, 100, 6), *range(100, 50, -6)]:
        page.run(
            f"slider.value = {value};"
            "slider.dispatchEvent(new Event('input', {bubbles: true}))"
        )
        yield look(80)
    yield look(1500)


def film_face(number, folder):
    """A drawn face that turns, as Chromium's fake camera takes it: a path."""
    frames = clip(draw_face(number, extras=False), "turn", 13, size=480).frames[
        3:10
    ]
    path = folder / "camera.mjpeg"
    with open(path, "wb") as file:
        for frame in [*frames, *frames[::-1]]:
            Image.fromarray(frame).save(file, "JPEG", quality=95)
    return path


def main():
    """Makes the pictures that are asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", nargs="*", default=PICTURES)
    parser.add_argument("--photos", help="folder of the three photographs")
    parser.add_argument("--weights", help="folder of CartoonGAN's weights")
    parser.add_argument("--with-photos", action="store_true")
    parser.add_argument("--preset", default="drawn_toon")
    parser.add_argument("--first", type=int, default=UNSEEN, help="face")
    parser.add_argument("--size", type=int, default=256, help="of toons")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs")
    arguments = parser.parse_args()
    out = arguments.out
    if "cartoons" in arguments.pictures:
        if arguments.photos and arguments.weights:
            draw_cartoons(
                arguments.photos,
                arguments.weights,
                out / "cartoons.jpg",
                arguments.with_photos,
            )
        else:
            print("No cartoons: they need --photos and --weights.")
    if "toons" in arguments.pictures:
        model = kgt.UGATIT.from_preset(arguments.preset)
        draw_toons(model, out / "toons.png", arguments.first, arguments.size)
    if "clip" in arguments.pictures:
        if shutil.which("chromium"):
            model = kgt.UGATIT.from_preset(arguments.preset)
            film_page(model, out / "selfie_page.webp", arguments.first)
        else:
            print("No clip: it needs Chromium.")


if __name__ == "__main__":
    main()
