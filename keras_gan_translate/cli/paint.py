"""`paint`: label maps painted on a page, and pictures made of them."""

import functools

import click

from keras_gan_translate.cli.pages import page_options, serve_page


@click.command()
@page_options
def paint(**options):
    """Paint a label map on a page, and see the picture beside it.

    There is a brush for every class, in its colour; a map can be opened from
    a file of numbers or colours, and the map and the picture are saved. A
    style is chosen where the model takes one.

    RUN is a run folder that `train` wrote; it is exported once, to RUN/web,
    and compared with the model. So is FILE.keras, a whole model. FILE.tflite
    is an export of one image size; the folder of exports will do. All is
    computed in the browser, and nothing is uploaded.
    """
    from keras_gan_translate.web import server

    check = functools.partial(server.check_paint, edits=False)
    serve_page(**options, page=server.PAINT, check=check)
