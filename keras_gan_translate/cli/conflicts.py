"""What of `translate` does not go together, and what to leave out."""


def check_model(translator, source, tile, attention):
    """Refuses what a model cannot do.

    Args:
        translator: as of `translators.open_translator`.
        source: the `Field` that it translates, or None.
        tile: whether --tile was given.
        attention: whether --attention was.

    Raises:
        ValueError: it cannot do it, or translates no images at all.
    """
    if source is None:
        raise ValueError(
            f"The model of '{translator.path}' makes images of no image: use "
            "`kgt generate`."
        )
    if attention and not translator.has_attention:
        raise ValueError(
            f"The model of '{translator.path}' has no attention: leave out "
            "--attention."
        )
    if tile and not translator.can_tile:
        raise ValueError(
            f"'{translator.path}' cannot work on parts of an image: only run "
            "folders and .keras files can, of models that take any image "
            "size. Leave out --tile."
        )


def check_faces(source, known, given, tile, attention):
    """Refuses what does not go with --faces.

    Args:
        source: the `Field` that is translated.
        known: the translator's options: dict from the word to its `Field`.
        given: dict of what the user gave, by word.
        tile: whether --tile was given.
        attention: whether --attention was.

    Raises:
        ValueError: something does not go with it; or what finds faces is not
            installed.
    """
    from keras_gan_translate.data.faces import networks

    if source.reads != "image":
        raise ValueError(
            "This model translates no photos, and --faces are found in photos: "
            "leave it out."
        )
    for flag, is_given in (("--tile", tile), ("--attention", attention)):
        if is_given:
            raise ValueError(f"{flag} is of whole photos: not with --faces.")
    for word, value in given.items():
        if value is not None and word in known and known[word].per_pixel:
            raise ValueError(
                f"--{word.replace('_', '-')} lies upon the whole photo: not "
                "with --faces."
            )
    networks.check_installed()


def check_videos(has_video, how):
    """Refuses what is of videos where there are none, and of images else.

    Args:
        has_video: whether one of the inputs is a video.
        how: a `works.How`.

    Raises:
        ValueError: something does not go; or what measures flicker is not
            installed.
    """
    from keras_gan_translate.metrics.optical_flow import check_installed

    if how.attention and (how.tile or has_video):
        raise ValueError(
            "Heatmaps are made of whole images: leave out --attention for "
            "videos and with --tile."
        )
    for flag in ("smooth", "flicker"):
        if getattr(how, flag) and not has_video:
            raise ValueError(
                f"--{flag} is of videos, and none is given: leave it out."
            )
    if how.flicker:
        check_installed()
    if how.faces and has_video:
        raise ValueError(
            "In videos faces are not found: leave out --faces, or the videos."
        )
