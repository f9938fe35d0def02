"""How many pictures a second the page makes live, in headless Chromium.

    python -m tests.web.rates                     # the shipped weights
    python -m tests.web.rates anime.tflite --seconds 20

A drawn face turns before the camera, at 30 pictures a second of 640 by 480.
Every way of the page is printed on a line of its own: whole picture or face,
smoothed or not. --webgpu asks for the graphics processor; where Chromium has
none, its imitation in software says nothing of one.
"""

import argparse
import pathlib
import tempfile
import threading
import time

import numpy as np

from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_clips import clip
from keras_gan_translate.data.faces import networks
from keras_gan_translate.web import server as web
from tests.faces import background
from tests.web.browser import chromium
from tests.web.conftest import CAMERA, allow_camera, open_page, status
from tests.web.test_live import MODEL, go_live, write_y4m

GPU = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader")


def write_clip(path):
    """A face of 300 pixels in a picture of 640 by 480, which turns."""
    scene = np.stack([background(480, 640)] * 30)
    face = clip(draw_face(3, extras=False), "turn", 30, 300).frames
    scene[:, 90:390, 170:470] = face
    write_y4m(path, scene)


def measure(page, seconds):
    """(pictures a second, words) of what is live now."""
    page.wait("/pictures/.test(rate.textContent)")
    rates, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        page.run("new Promise((done) => setTimeout(done, 1000))")
        rates.append(float(page.run("parseFloat(rate.textContent)")))
    return np.median(rates), status(page)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", default=str(MODEL))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--webgpu", action="store_true")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        web.PageServer(
            arguments.model, web.find_litert(), faces=networks.files()
        ) as server,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        clip_path = pathlib.Path(folder, "clip.y4m")
        write_clip(clip_path)
        seen = f"--use-file-for-fake-video-capture={clip_path}"
        flags = (CAMERA, seen, *(GPU if arguments.webgpu else ()))
        with chromium(pathlib.Path(folder, "profile"), *flags) as page:
            allow_camera(page)
            open_page(page, f"http://127.0.0.1:{server.port}/")
            go_live(page)
            for face in (True, False):
                for steady in (True, False):
                    page.run(
                        f"if (face.checked !== {str(face).lower()})"
                        "  face.click();"
                        f"if (steady.checked !== {str(steady).lower()})"
                        "  steady.click();"
                    )
                    page.run("rate.textContent = ''")
                    rate, words = measure(page, arguments.seconds)
                    what = "face" if face else "whole picture"
                    how = "steady" if steady else "as it comes"
                    print(f"{rate:5.1f} a second: {what}, {how}. {words}")
        server.shutdown()


if __name__ == "__main__":
    main()
