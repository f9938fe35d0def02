"""`translate --engine`: images by the million."""

import click

from keras_gan_translate.cli.console import console, print_json, progress

# What does not go with an engine, by word, and why.
NOT_WITH = {
    "grid": "is for looking at a few",
    "attention": "is for looking at a few",
    "smooth": "is of videos",
    "flicker": "is of videos",
}


def check_engine(engine, options, others):
    """Refuses what does not go with an engine, and what does only with one.

    Args:
        engine: its name, or None.
        options: dict of options that are of engines, by word.
        others: dict of those in `NOT_WITH`, by word; whether it was given.

    Raises:
        ValueError: something was given that does not go.
    """
    if engine:
        for word, is_given in others.items():
            if is_given:
                raise ValueError(
                    f"--{word} {NOT_WITH[word]}: not with --engine."
                )
        return
    for word, value in options.items():
        if value is not None:
            raise ValueError(
                f"--{word.replace('_', '-')} is of --engine ray: add that, or "
                "leave it out."
            )


def fill_shards(model, inputs, out, as_json, shard_size=None, **how):
    """Translates with an engine, and tells what came of it.

    Args:
        model: as of `scale.translate_shards`.
        inputs: as there.
        out: as there.
        as_json: whether the manifest is printed, instead of its place.
        shard_size: as there; None for the usual one.
        **how: its other arguments.
    """
    from keras_gan_translate.inference.video import is_video_name
    from keras_gan_translate.scale import translate_shards
    from keras_gan_translate.scale.shards import MANIFEST, SKIPPED
    from keras_gan_translate.scale.translating import SHARD_SIZE

    if any(map(is_video_name, inputs)):
        raise ValueError("Videos are translated without --engine.")
    bar, task = progress("Translating", None)

    def tell(done, shards, pictures):
        note = f"{pictures} pictures"
        bar.update(task, completed=done, total=shards, note=note)

    with bar:
        manifest = translate_shards(
            model,
            inputs,
            out,
            shard_size=shard_size or SHARD_SIZE,
            on_progress=tell,
            **how,
        )
    if as_json:
        print_json(manifest)
    else:
        click.echo(f"{out}/{MANIFEST}")
    if manifest["skipped"]:
        console(stderr=True).print(
            f"{manifest['skipped']} pictures could not be translated: "
            f"{out}/{SKIPPED} says why.",
            style="red",
            soft_wrap=True,
        )
        raise click.exceptions.Exit(1)
