"""`import`: a published project's folder to a run folder."""

import itertools
import pathlib

import click

from keras_gan_translate.cli import outlines
from keras_gan_translate.cli.console import console
from keras_gan_translate.support.messages import check_folder, near_matches

SAMPLE_SIZE = 256  # pixels, of the sample's translation
SAMPLE = "samples/epoch_0000.png"


@click.command("import")
@click.argument("folder")
@click.option("--model", help="As `models` lists it.  [default: recognised]")
@click.option("--part", help="Network of the source.  [default: all]")
@click.option("--out", help="The run folder.  [default: runs/FOLDER]")
@click.option(
    "--photo",
    metavar="IMAGE",
    help="What the sample translates.  [default: a drawn face]",
)
@click.option("--force", is_flag=True, help="Replace files that exist already.")
def import_(folder, model, part, out, photo, force):
    """Make a run folder of a published project's weights.

    FOLDER is taken as the project left it: latest_net_G_A.pth with opt.txt
    beside it, U-GAT-IT's params_latest.pt, TensorFlow checkpoints, .npy files;
    a single file will do as well. What comes out is like a run that `train`
    wrote: `translate` and `export` take it. Files of a run that exists are not
    overwritten without --force.
    """
    check_weights(folder, model)
    from keras_gan_translate import data
    from keras_gan_translate.callbacks import sample_grid
    from keras_gan_translate.checkpoints import recognise
    from keras_gan_translate.runs import report
    from keras_gan_translate.runs.run import CONFIG, Run
    from keras_gan_translate.support.outputs import check_outputs

    say = console()
    source = pathlib.Path(folder).absolute()
    name = source.name if source.is_dir() else source.stem
    out = pathlib.Path(out or pathlib.Path("runs", name))
    force = force or _is_of(out, source)
    check_outputs([out / CONFIG, out / SAMPLE], out, force)
    picture = None if photo is None else data.read_image(photo)
    found = recognise(folder, model, part)
    say.print(f"Recognised {found}", markup=False, soft_wrap=True)
    translators = found.load()
    shown = "a drawn face" if photo is None else photo
    sample = sample_grid(translators, _sample_images(translators, picture))

    written = [f"{w}/{n}.keras" for n, w in _places(translators)]
    check_outputs([out / path for path in written], out, force)
    run = Run.create(out, _config(found, translators, source))
    save_translators(translators, run.folder)
    data.write_image(run.folder / SAMPLE, sample)
    report.write_page(run.folder)
    say.print(
        f"Sample, of {shown}: {(run.folder / SAMPLE).resolve()}",
        markup=False,
        soft_wrap=True,
    )
    say.print(
        f"Run folder: {run.folder.resolve()}", markup=False, soft_wrap=True
    )


def check_weights(source, model):
    """Raises where there is no such source or model, before Keras is there."""
    path = pathlib.Path(source)
    # A TensorFlow checkpoint is named by what its files have in common.
    if not path.exists() and not path.with_name(f"{path.name}.index").exists():
        check_folder(path.parent)
        there = [other.name for other in path.parent.iterdir()]
        raise FileNotFoundError(
            f"There is no file or folder '{path}'."
            + near_matches(path.name, there)
        )
    if model is not None:
        outlines.find_model(model)


def _is_of(folder, source):
    """Whether a run folder is an import of a source, and nothing more."""
    from keras_gan_translate.callbacks import Resume
    from keras_gan_translate.runs.run import CONFIG, Run

    if not (folder / CONFIG).is_file() or Resume.find(folder):
        return False
    return Run(folder).config.get("imported_from") == str(source)


def save_translators(model, folder):
    """Writes a model's translators as training would, last/ and best/.

    Args:
        model: a `GAN`.
        folder: `pathlib.Path` of the run.
    """
    from keras_gan_translate.support.files import written_aside

    for name, which in _places(model):
        with written_aside(folder / which / f"{name}.keras") as aside:
            getattr(model, name).save(aside)


def _places(model):
    """(network, folder in the run) of all files of translators."""
    return itertools.product(model.translator_networks, ("last", "best"))


def _config(found, model, source):
    """The config of an imported run, flat, as `train` writes it."""
    from keras_gan_translate.cli.model_options import arguments

    config = {"model": found.model}
    config |= arguments(type(model)) | found.arguments
    config["directions"] = list(model.directions)
    config["imported_from"] = str(source)
    config["imported_parts"] = dict(found.parts)
    return config


def _sample_images(model, picture):
    """What `sample_grid` is to translate: a photo, or a drawn face."""
    import numpy as np

    from keras_gan_translate import data

    size = model.fixed_size
    if size is None:
        multiple = model.size_multiple
        size = max(multiple, SAMPLE_SIZE // model.scale // multiple * multiple)
    if picture is None:
        (faces,) = data.synthetic_faces(1, size, styles=("photo",))
    else:
        faces = data.resize_image(picture, size)[None]
    examples, random = {}, np.random.default_rng(0)
    # A model of one direction from B to A takes what is there, too.
    for direction in model.directions:
        for name, field in model.inputs(direction).items():
            if name == model.source(direction) and field.reads == "image":
                examples[name] = faces
            elif field.per_pixel:  # maps and masks, which no photo has
                examples[name] = field.example(1, size, random)
    return examples
