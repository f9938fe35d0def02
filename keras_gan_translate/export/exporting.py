"""A translator in every format that is wanted, or in none."""

import dataclasses
import os
import pathlib
import re

import keras
import numpy as np

from keras_gan_translate.export.network import (
    check_backend,
    check_image_size,
    describe,
    input_facts,
    made_up,
    resize_raw,
    translator_fields,
    translator_network,
)
from keras_gan_translate.export.spec import (
    IMAGES,
    MAX_PIXELS,
    TranslatorSpec,
    is_picture,
)
from keras_gan_translate.support.messages import check_choice
from keras_gan_translate.support.references import paper_of
from keras_gan_translate.support.version import __version__, git_commit

FORMATS = ("saved_model", "litert", "onnx")
SPEC, PICTURE = "translator.json", "parity.png"
PARITY_IMAGES = 8  # that artefacts are compared on
ANY_SIZE = 256  # pixels of these, where a model has no size of its own


def export_translator(
    model,
    folder,
    direction=None,
    formats=("saved_model", "litert"),
    precisions=("float32",),
    image_size=None,
    images=None,
    origin="those given",
    name=None,
    dtype="uint8",
    resize="cover",
    licence=None,
    mobile=False,
    batch_size=1,
    max_pixels=None,
    bounds=None,
    threads=(1, 2),
    training=None,
    on_step=None,
):
    """Exports a translator and proves that every artefact equals the model.

    All is made in a folder aside. Each artefact is opened by its real runtime
    and compared with `model.translate`; if one is worse than its bound, or
    anything else fails, nothing of it comes into `folder`.

        NAME/1/                the SavedModel; NAME/ is TensorFlow Serving's
                               model_base_path
        NAME-float32.tflite    and other precisions; NAME.onnx
        translator.json        the `TranslatorSpec`
        card.md, card.json     the model card
        parity.json, .png      what was compared, and how it looks

    An export of the same name, model and direction that is in `folder` is
    replaced, file by file. Its SavedModel stays and gets a further version
    beside it: servers take up the new one when it is there, then let the old
    one go. Any other folder that is not empty is refused.

    Args:
        model: a `GAN`; one that computes in half precision is exported, and
            compared, in float32, as artefacts compute.
        folder: is made if absent.
        direction: one of `model.translators`; the first if None.
        formats: some of "saved_model", "litert", "onnx".
        precisions: of the LiteRT files, one for each: "float32", "float16",
            "dynamic_int8", "int8"; the other formats are in float32.
        image_size: height and width of the input of LiteRT and ONNX files, in
            pixels; "any" for all multiples of the model's; its own if None.
            A SavedModel takes any size where the model does.
        images: what the artefacts are compared on and "int8" is calibrated
            on: uint8 arrays (H, W, 3) of any size, a hundred of those that
            are to be translated, or raw label maps; drawn faces or maps, and
            no "int8", if None. Masks and what else is needed beside them is
            made up.
        origin: whose images these are, for the card.
        name: of the export, as in a URL; the folder's if None.
        dtype: "uint8" or, for [-1, 1] in and out, "float32".
        resize: how training made its squares, and `images` are made one:
            "cover", "letterbox" or "stretch".
        licence: of the training data.
        mobile: whether LiteRT files are for the GPUs of phones; but for
            "int8" they take and give float32 then, as the description inside
            each of them says.
        batch_size: number of images that LiteRT files take at once.
        max_pixels: of what a server translates at once, counted in the
            translation, at most; 2048 by 2048 if None.
        bounds: replaces bounds of `parity.check_parity`.
        threads: numbers of threads that artefacts are timed at.
        training: what the card tells of the training.
        on_step: called with a line of text before every step that takes time.

    Returns:
        List of dicts, for every artefact what was measured.

    Raises:
        ParityError: a ValueError; an artefact is worse than its bound.
        ValueError: an option that is unknown or does not fit, or `folder` is
            in use for something else.
        ImportError: what a format needs is missing.

    Example:
        model = Run("runs/anime").model()
        export_translator(model, "saved_models/anime", images=photos)
    """
    # Here, because they are slow to import or are extras.
    from keras_gan_translate.export import card, parity
    from keras_gan_translate.support.files import folder_written_aside

    say = on_step or (lambda text: None)
    folder = pathlib.Path(folder)
    check_backend("An export")
    _check_options(formats, precisions, images)
    direction = model.direction(direction)
    translator_fields(model, direction)  # refuses what translates no image
    spec = TranslatorSpec(
        name=_checked_name(name or folder.resolve().name),
        model=type(model).__name__.lower(),
        paper=paper_of(type(model)),
        direction=direction,
        image_size=_image_size(model, direction, image_size),
        size_multiple=model.size_multiple,
        scale=model.scale,
        dtype=dtype,
        resize=resize,
        licence=licence or "not stated",
        version=__version__,
        commit=git_commit(),
        inputs=input_facts(model, direction),
        batch_size=_checked_batch_size(batch_size, mobile),
        max_pixels=max_pixels or MAX_PIXELS,
    )
    _check_target(folder, spec)
    if images is None:
        origin = "drawn faces, not of the model's data"
        if not is_picture(model.field(model.source(direction))):
            origin = "made-up maps, not of the model's data"
    compared, calibration = _prepare_images(model, spec, images)
    origin = f"{len(compared)} images: {origin}"
    into_place = _merge if _is_filled(folder) else os.rename
    with (
        folder_written_aside(folder, into_place) as aside,
        model.averaged_weights(),
    ):
        model = _in_float32(model)
        paths = []
        for path in _plan(folder, spec.name, formats, precisions):
            say(f"Writing {path}")
            _write(model, spec, aside / path, calibration, mobile)
            # Of a SavedModel the folder of its versions, which has the name.
            paths.append(aside / path.partition("/")[0])
        say(f"Comparing with the model on {origin}")
        rows = parity.check_parity(
            model,
            direction,
            paths,
            compared,
            bounds,
            aside / PICTURE,
            threads,
            compared.shape[1],
        )
        rows = [row | {"images": origin} for row in rows]
        parity.write_parity(aside, rows)
        network = translator_network(model, direction, dtype, spec.image_size)
        spec = describe(spec, network, spec.batch_size)
        (aside / SPEC).write_text(spec.to_json(), encoding="utf-8")
        card.write_card(aside, spec, rows, training)
    return rows


def _plan(folder, name, formats, precisions):
    """The paths of the artefacts in the folder, by which `_write` knows."""
    from keras_gan_translate.export.saved_model import next_version

    paths = []
    if "saved_model" in formats:
        paths.append(f"{name}/{next_version(folder / name)}")
    if "litert" in formats:
        paths += [f"{name}-{precision}.tflite" for precision in precisions]
    if "onnx" in formats:
        paths.append(f"{name}.onnx")
    return paths


def _write(model, spec, path, calibration, mobile):
    """Writes one artefact; its path says which."""
    from keras_gan_translate.export import litert, onnx, saved_model

    if not path.suffix:
        # A server takes any size, whatever the files for phones are made for.
        spec = dataclasses.replace(spec, image_size=model.fixed_size)
    network = translator_network(
        model, spec.direction, spec.dtype, spec.image_size
    )
    if path.suffix == ".tflite":
        precision = path.stem.removeprefix(f"{spec.name}-")
        calibration = _calibration(spec, calibration)
        batch = {"batch_size": spec.batch_size} if spec.batch_size > 1 else {}
        litert.write(
            network, spec, path, precision, calibration, mobile, **batch
        )
    elif path.suffix == ".onnx":
        onnx.write(network, spec, path)
    else:
        saved_model.write(network, spec, path.parent, int(path.name))


def _check_options(formats, precisions, images):
    from keras_gan_translate.export import int8, litert

    for format in formats:
        check_choice("format", format, FORMATS)
    for precision in precisions:
        check_choice("precision", precision, litert.PRECISIONS)
    if not formats or not precisions:
        raise ValueError(
            f"Nothing would be exported. Received: formats={formats}, "
            f"precisions={precisions}."
        )
    if "litert" not in formats and set(precisions) != {"float32"}:
        raise ValueError(
            f"precisions={precisions} are those of LiteRT files, which are "
            f"not among formats={formats}. Add 'litert'."
        )
    if "litert" in formats and "int8" in precisions and images is None:
        raise ValueError(
            "int8 is calibrated on images like those it will translate, and "
            f"there are none: give `images`, {int8.CALIBRATION_IMAGES} or "
            "better a hundred (--images FOLDER), or take dynamic_int8, which "
            "needs none."
        )


def _checked_name(name):
    from keras_gan_translate.export.litert import PRECISIONS

    # It becomes the name of files and a part of the server's URL; what it
    # ends in would be taken for the precision of a file.
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) or name.endswith(
        tuple(f"-{precision}" for precision in PRECISIONS)
    ):
        raise ValueError(
            "An export is named by letters, digits, '.', '_' and '-', such as "
            "'ugatit-anime', and not by a precision at the end. Received: "
            f"name={name!r}."
        )
    return name


def _image_size(model, direction, image_size):
    """The size of LiteRT and ONNX files; None for any."""
    if image_size == "any":
        return check_image_size(model, None)
    if image_size is None:
        return check_image_size(
            model, model.image_size_of(model.source(direction))
        )
    if not isinstance(image_size, int):
        raise ValueError(
            "image_size is a number of pixels, 'any', or None for the "
            f"model's own. Received: {image_size!r}."
        )
    return check_image_size(model, image_size)


def _prepare_images(model, spec, images):
    """The images to compare on, and those to calibrate on; squares.

    Where there are enough, no image is among both.
    """
    source = model.source(spec.direction)
    field, own = model.field(source), model.image_size_of(source)
    size = spec.image_size or own or ANY_SIZE
    size = -(-size // spec.size_multiple) * spec.size_multiple
    given = images is not None
    if not given:
        images = made_up(field, PARITY_IMAGES, size)
    squares = [resize_raw(field, image, size, spec.resize) for image in images]
    compared, others = squares[:PARITY_IMAGES], squares[PARITY_IMAGES:]
    calibration = others if len(others) >= len(compared) else squares
    return np.stack(compared), np.stack(calibration) if given else None


def _calibration(spec, images):
    """What goes in for "int8": images, and what is made up beside them."""
    if images is None or len(spec.inputs) == 1:
        return images
    return {
        name: images
        if name == IMAGES
        else made_up(field, len(images), images.shape[1])
        for name, field in spec.fields.items()
    }


def _checked_batch_size(batch_size, mobile):
    if not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(
            "batch_size is the number of images that a LiteRT file takes at "
            f"once, 1 or more. Received: {batch_size!r}."
        )
    if mobile and batch_size > 1:
        raise ValueError(
            "GPUs of phones take one image at a time. Received: mobile=True, "
            f"batch_size={batch_size}."
        )
    return batch_size


def _in_float32(model):
    """The model, or if it computes in half precision a copy that does not."""
    networks = model.translator_networks
    layers = [
        layer for name in networks for layer in getattr(model, name).layers
    ]
    if all(layer.compute_dtype == "float32" for layer in layers):
        return model
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        copy = type(model).from_config(
            model.get_config() | {"dtype": "float32"}
        )
    finally:
        keras.config.set_dtype_policy(policy)
    for name in networks:
        getattr(copy, name).set_weights(getattr(model, name).get_weights())
    return copy


def _is_filled(folder):
    return folder.is_dir() and any(folder.iterdir())


def _check_target(folder, spec):
    """Refuses a folder that holds something else than an earlier export."""
    if not folder.exists() or (folder.is_dir() and not _is_filled(folder)):
        return
    if (folder / spec.name).is_symlink():
        raise ValueError(
            f"'{folder / spec.name}' is a link, which is not followed; nothing "
            "was written. Remove it, or choose another folder (--out)."
        )
    try:
        text = (folder / SPEC).read_text(encoding="utf-8")
        there = TranslatorSpec.from_json(text)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"'{folder}' exists and is no export; nothing in it was touched. "
            "Choose another folder (--out)."
        ) from error
    for fact in ("name", "model", "direction"):
        old, new = getattr(there, fact), getattr(spec, fact)
        if old != new:
            raise ValueError(
                f"'{folder}' holds the export of another {fact}: {old!r}, not "
                f"{new!r}; nothing in it was touched. Choose another folder "
                "(--out)."
            )


def _merge(aside, folder):
    """Moves a new export over an earlier one, each artefact at one stroke."""
    name = TranslatorSpec.from_json((aside / SPEC).read_text()).name
    made = {path.name for path in aside.iterdir()}
    for path in aside.iterdir():
        if path.is_dir():
            (folder / name).mkdir(exist_ok=True)
            for version in path.iterdir():
                os.rename(version, folder / name / version.name)
        else:
            os.replace(path, folder / path.name)
    for path in folder.glob(f"{name}*"):
        # What is left of the earlier export is not on the new card.
        if path.suffix in (".tflite", ".onnx") and path.name not in made:
            path.unlink()
