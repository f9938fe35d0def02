"""The page live: a clip in place of the camera, the shipped weights."""

import base64
import json
import pathlib

import numpy as np
import pytest
from PIL import Image

from keras_gan_translate.data import write_image
from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_clips import clip
from keras_gan_translate.data.faces import find_faces, networks
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.inference.faces import translate_faces
from keras_gan_translate.inference.smoothing import Smoother
from tests.faces import background, drawn_face, needs_finder
from tests.web.browser import chromium
from tests.web.conftest import (
    CAMERA,
    allow_camera,
    error,
    open_page,
    pixels,
    psnr,
    status,
    translate,
    wait_error,
)

pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")
MODEL = pathlib.Path(__file__).parents[2] / "saved_models" / "drawn_toon"
MODEL = MODEL / "ab" / "drawn-toon-ab-float16.tflite"
SIZE = 128  # pixels that it takes, and that the camera gives


def write_y4m(path, frames, rate=30):
    """Writes what Chromium takes for a camera; sides are even."""
    height, width = frames[0].shape[:2]
    with open(path, "wb") as file:
        facts = f"W{width} H{height} F{rate}:1 Ip A1:1 C420jpeg"
        file.write(f"YUV4MPEG2 {facts}\n".encode())
        for frame in frames:
            planes = np.asarray(Image.fromarray(frame).convert("YCbCr"))
            file.write(b"FRAME\n" + planes[..., 0].tobytes())
            for plane in planes[::2, ::2, 1:].transpose(2, 0, 1):
                file.write(plane.tobytes())


@pytest.fixture(scope="module")
def camera(tmp_path_factory, litert):
    """A browser before whose camera a drawn face blinks, and light changes."""
    folder = tmp_path_factory.mktemp("camera")
    scene = np.stack([background(SIZE, SIZE) + 3 * t for t in range(16)])
    place = np.s_[:, 24:104, 30:110]
    scene[place] = clip(draw_face(3, extras=False), "blink", 16, 80).frames
    write_y4m(folder / "clip.y4m", scene)
    seen = f"--use-file-for-fake-video-capture={folder / 'clip.y4m'}"
    with chromium(folder / "profile", CAMERA, seen) as page:
        allow_camera(page)
        yield page


def go_live(page):
    page.run("live.click()")
    page.wait(
        "!document.getElementById('after').hidden"
        " || document.getElementById('error').textContent"
    )
    assert error(page) == "" and page.errors == []


def pause(page):
    """Pauses it, once what is worked on is shown."""
    page.run("pause.click()")
    before, now = None, pixels(page, "after")
    while before is None or (before != now).any():
        page.run("new Promise((done) => setTimeout(done, 200))")
        before, now = now, pixels(page, "after")


def assert_translated(page):
    """Live with `steady` off, or a photo."""
    expected = open_artefact(MODEL).translate(pixels(page, "before"))
    after = pixels(page, "after")
    assert np.abs(after.astype(int) - expected).max() <= 1
    return after


def assert_recorded(path, last):
    """A video of pictures as the last one, at least two of them."""
    av = pytest.importorskip("av", reason="the extra `video` is missing")
    with av.open(str(path)) as file:
        frames = [f.to_ndarray(format="rgb24") for f in file.decode(video=0)]
    assert len(frames) >= 2 and frames[-1].shape == last.shape
    assert max(psnr(frame, last) for frame in frames) > 24


def test_live(camera, serve, tmp_path):
    page = camera
    page.call(
        "Browser.setDownloadBehavior",
        behavior="allow",
        downloadPath=str(tmp_path),
    )
    open_page(page, serve(MODEL).url)
    go_live(page)
    page.run("steady.click(); record.click()")
    assert status(page).startswith("Live. On this device, by its processor (")
    page.wait("/^\\d+\\.\\d of \\d+ pictures.s$/.test(rate.textContent)")
    assert page.run("!buttons.checkVisibility() && pause.checkVisibility()")
    assert page.run("getComputedStyle(after).transform") != "none"  # a mirror

    pause(page)
    assert page.run("rate.textContent") == "paused"
    assert page.run("/^\\d:\\d\\d$/.test(recorded.textContent)")
    still = assert_translated(page)
    page.run("new Promise((done) => setTimeout(done, 300))")
    assert (pixels(page, "after") == still).all()
    page.run("pause.click()")
    page.wait_for(lambda: (pixels(page, "after") != still).any())
    pause(page)
    assert_translated(page)
    page.run("pause.click()")
    page.wait("/pictures.s$/.test(rate.textContent)")

    page.run("end.click()")
    page.wait("buttons.checkVisibility() && eye.srcObject === null")
    page.wait("document.getElementById('status').textContent.includes('Saved')")
    saved = tmp_path / status(page).removeprefix("Saved as ").rstrip(".")
    assert saved.stem == "live-drawn-toon-ab"
    page.wait_for(saved.exists)
    assert_recorded(saved, pixels(page, "after"))
    # Its last picture stays, and may be saved or translated again.
    assert page.run("!save.disabled && !choose.disabled")
    assert_translated(page)

    allow_camera(page, "denied")
    page.run("document.getElementById('live').click()")
    assert "The camera is not allowed" in wait_error(page)
    allow_camera(page)
    assert page.run("buttons.checkVisibility() && !choose.disabled")


def test_pictures_are_passed_over_and_never_queued(camera, serve):
    """Work that takes longer than a picture always gets the newest one."""
    page = camera
    page.open(serve(MODEL).url)
    ended, busiest, taken, newest, rate = page.run("""
        import("./camera.js").then(async ({ CameraLoop }) => {
          let [busy, busiest, newest, ended, told] = [0, 0, 0, null, null];
          const [taken, video] = [[], document.getElementById("eye")];
          const count = (_, { presentedFrames }) => {
            newest = presentedFrames;
            video.requestVideoFrameCallback(count);
          };
          video.requestVideoFrameCallback(count);
          const live = new CameraLoop(video, {
            async work() {
              busiest = Math.max(busiest, ++busy);
              taken.push(newest);
              await new Promise((done) => setTimeout(done, 150));
              busy--;
              if (taken.length === 8) throw new Error("enough");
            },
            tell: (rate) => { told = [rate.shown, rate.given]; },
            ended: (error) => { ended = error.message; },
          });
          await live.start();
          while (!ended) await new Promise((done) => setTimeout(done, 50));
          return [ended, busiest, taken, newest, told, video.srcObject];
        })
    """)[:5]
    assert (ended, busiest, len(taken)) == ("enough", 1, 8)
    assert (np.diff(taken) >= 2).sum() >= 5  # the camera gives 30 a second
    assert newest - taken[-1] >= 1
    shown, given = rate
    assert 0 < shown < 7 and given > shown


@pytest.fixture(scope="module")
def portrait():
    """A photo with a turned face off its middle; nothing but noise else."""
    face = Image.fromarray(drawn_face(size=160)[0])
    photo = Image.fromarray(background(300, 400))
    photo.paste(face.rotate(-20, Image.Resampling.BICUBIC), (30, 40))
    return np.asarray(photo)


def test_only_faces(page, serve, portrait, tmp_path):
    needs_finder()
    write_image(tmp_path / "portrait.png", portrait)
    open_page(page, serve(MODEL, faces=networks.files()).url)
    translate(page, tmp_path / "portrait.png")
    assert status(page).startswith("One face found; all else is the photo’s")
    before, after = pixels(page, "before"), pixels(page, "after")
    assert (before == portrait).all()

    (face,) = find_faces(portrait)
    model = open_artefact(MODEL)
    expected, _ = translate_faces(portrait, model.translate, SIZE, [face])
    inside = (expected != portrait).any(-1)
    changed = (after != portrait).any(-1)
    # Its square may lie a pixel off that of the library; beyond it no bit is
    # another.
    x, y = np.meshgrid(*(np.arange(n) + 0.5 for n in (400, 300)))
    far = np.hypot(*([x, y] - face.middle[:, None, None])) > 0.75 * face.side
    assert far.mean() > 0.3 and not changed[far].any()
    assert (changed & inside).sum() > 0.9 * inside.sum()
    assert psnr(after[inside], expected[inside]) > 25
    assert psnr(after[inside], portrait[inside]) < 22

    # The edge between before and after runs through the face.
    edge = page.run("slider.valueAsNumber") / 100 * 400
    assert abs(edge - face.middle[0]) < 0.1 * face.side

    page.run("face.click()")
    page.wait("after.width === after.height && stage.ariaBusy === 'false'")
    assert status(page).startswith("Translated in")
    assert_translated(page)


def test_without_a_face_it_is_the_whole_picture(page, serve, tmp_path):
    needs_finder()
    write_image(tmp_path / "none.png", background(200, 260))
    open_page(page, serve(MODEL, faces=networks.files()).url)
    translate(page, tmp_path / "none.png")
    assert status(page).startswith("No face was found: this is the whole")
    assert_translated(page)


def test_a_face_live(camera, serve):
    needs_finder()
    page = camera
    open_page(page, serve(MODEL, faces=networks.files()).url)
    go_live(page)
    # A camera's first picture may be black.
    page.wait(
        "/^Live: one face is transl/.test("
        "document.getElementById('status').textContent)"
    )
    pause(page)
    before, after = pixels(page, "before"), pixels(page, "after")
    changed = (before != after).any(-1)
    # The face lies around (70, 64) and its square is not half the picture.
    assert changed[50:80, 55:85].mean() > 0.9
    assert not changed[:8].any() and not changed[:, :8].any()
    page.run("face.click(); pause.click()")
    page.wait("document.getElementById('status').textContent.match('Live. On')")
    page.run("end.click()")
    page.wait("buttons.checkVisibility()")


def test_smoothing_is_that_of_the_library(page, serve):
    """Level by level: a noisy clip, and another of twice its size."""
    page.open(serve(MODEL).url)
    drawn = clip(draw_face(3, extras=False), "blink", 5, 48).frames
    noise = np.random.default_rng(0).normal(0, 4, drawn.shape)
    source = np.clip(drawn + noise, 0, 255).astype("uint8")[:, :40]
    made = 255 - np.repeat(np.repeat(source, 2, 1), 2, 2)
    for clips in ((source, 255 - source), (source, made)):
        opaque = [np.insert(frames, 3, 255, axis=-1) for frames in clips]
        texts = [[encoded(f) for f in frames] for frames in opaque]
        sizes = [frames.shape[1:3] for frames in clips]
        smoothed = page.run(f"""
            import("./smoothing.js").then(({{ Smoother }}) => {{
              const picture = (text, [height, width]) => new ImageData(
                Uint8ClampedArray.from(atob(text), (c) => c.charCodeAt(0)),
                width, height);
              const [[source, made], sizes] = {json.dumps([texts, sizes])};
              const smoother = new Smoother();
              return source.map((text, i) => btoa(String.fromCharCode(
                ...smoother.smooth(picture(text, sizes[0]),
                                   picture(made[i], sizes[1])).data)));
            }})
        """)
        smoother = Smoother()
        for before, after, text in zip(*clips, smoothed, strict=True):
            seen = np.frombuffer(base64.b64decode(text), "uint8")
            seen = seen.reshape(*after.shape[:2], 4)[..., :3]
            assert (seen == smoother(before, after)).all()
        assert (seen != after).any()


def encoded(values):
    return base64.b64encode(values.tobytes()).decode()
