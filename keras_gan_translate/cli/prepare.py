"""`prepare`: what people have, made what models are trained with."""

import click

from keras_gan_translate.cli.console import console, print_json, progress


@click.group()
def prepare():
    r"""Make training data of what you have.

    \b
        kgt prepare faces photos/ --out faces/
        kgt prepare shards selfie2anime/ --out shards/
    """


@prepare.command()
@click.argument("photos", nargs=-1, required=True, metavar="PHOTOS...")
@click.option("--out", required=True, help="Folder for the faces.")
@click.option(
    "--image-size",
    type=click.IntRange(min=16),
    default=256,
    show_default=True,
    help="Height and width of each face in pixels.",
)
@click.option("--largest", is_flag=True, help="Of each photo only the largest.")
@click.option(
    "--smallest",
    type=click.IntRange(min=16),
    metavar="PIXELS",
    help="Skip faces whose crop has a shorter side in the photo.  [default: "
    "half of --image-size]",
)
@click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    metavar="COUNT",
    help="Pictures of more pixels are refused.  [default: 50 million]",
)
@click.option("--force", is_flag=True, help="Replace files that exist already.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def faces(photos, out, max_pixels, as_json, **options):
    r"""Find, align and cut out the faces of photos.

    PHOTOS are images and folders of images. Faces are found however they are
    turned, and cut out as FFHQ's are: eyes level, the face about two thirds
    of the height. Each becomes a PNG file with the photo's name; further
    faces of a photo are numbered. Photos are never changed, and files that
    exist not without --force.

    Beside the folder OUT two files are written: OUT-sheet.png, a contact
    sheet to look through, and OUT-skipped.csv, photos without a face, faces
    too small and files that cannot be read, with the reason. If there are any
    of the last, or no face at all, the exit code is 1.
    """
    from keras_gan_translate.data import images
    from keras_gan_translate.data.faces import prepare_faces

    images.limit_pixels(max_pixels or images.MAX_PIXELS)
    bar, task = progress("Finding faces", None)
    with bar:
        done = prepare_faces(
            list(photos),
            out,
            on_photo=lambda number, count: bar.update(
                task, completed=number, total=count
            ),
            **options,
        )
    if as_json:
        print_json(vars(done))
    else:
        say = console(stderr=True)
        say.print(
            f"{done.photos} photos: {len(done.faces)} faces, "
            f"{len(done.skipped)} skipped, {done.unreadable} of them not "
            "readable.",
            markup=False,
            soft_wrap=True,
        )
        for path in (done.faces and out, done.sheet, done.skipped_list):
            if path:
                click.echo(path)
    if done.unreadable or not done.faces:
        raise click.exceptions.Exit(1)


@prepare.command()
@click.argument("data", nargs=-1, required=True, metavar="DATA...")
@click.option("--out", required=True, help="Folder for the shards.")
@click.option(
    "--shard-size",
    type=click.IntRange(min=1),
    default=1024,
    show_default=True,
    help="Images in a file.",
)
@click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    metavar="COUNT",
    help="Pictures of more pixels are left out.  [default: 50 million]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def shards(data, out, shard_size, max_pixels, as_json):
    r"""Pack unpaired training images into few large files.

    DATA is a folder of images of two domains, as `train` reads it, or two
    folders. Trained on, the shards give the same batches in the same order,
    and need no memory for them: images are decoded when their turn comes.
    Images that cannot be read are left out and named; the exit code is then
    1.

    \b
        kgt prepare shards selfie2anime/ --out shards/
        kgt train cyclegan shards/
    """
    from keras_gan_translate.data import images
    from keras_gan_translate.data.packing import pack_images

    images.limit_pixels(max_pixels or images.MAX_PIXELS)
    bar, task = progress("Packing", None)
    with bar:
        index, skipped = pack_images(
            data[0] if len(data) == 1 else tuple(data),
            out,
            shard_size=shard_size,
            on_images=lambda done, total: bar.update(
                task, completed=done, total=total
            ),
        )
    if as_json:
        print_json(index | {"skipped": skipped})
    else:
        click.echo(out)
    for path, reason in skipped.items():
        console(stderr=True).print(
            f"Left out '{path}': {reason}.",
            style="red",
            markup=False,
            soft_wrap=True,
        )
    if skipped:
        raise click.exceptions.Exit(1)
