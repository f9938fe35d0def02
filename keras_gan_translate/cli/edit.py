"""`edit`: holes painted over a photo on a page, and filled."""

import functools

import click

from keras_gan_translate.cli.pages import page_options, serve_page


@click.command()
@page_options
def edit(**options):
    """Paint a hole over your own photo on a page, and see it filled.

    Lines and strokes of colour say what shall be in it, where the model takes
    them. The photo is saved at its own size; what is known stays as it is.

    RUN is a run folder that `train` wrote; it is exported once, to RUN/web,
    and compared with the model. So is FILE.keras, a whole model. FILE.tflite
    is an export of one image size; the folder of exports will do. All is
    computed in the browser, and nothing is uploaded.
    """
    from keras_gan_translate.web import server

    check = functools.partial(server.check_paint, edits=True)
    serve_page(**options, page=server.PAINT, check=check)
