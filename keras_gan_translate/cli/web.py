"""`web`: photos translated on a page, in the browser here or on a phone."""

import click

from keras_gan_translate.cli.pages import page_options, serve_page


@click.command()
@page_options
def web(**options):
    """Translate photos on a page in the browser, here or on your phone.

    RUN is a run folder that `train` wrote; it is exported once, to RUN/web,
    and compared with the model. So is a preset, by its name or folder, and
    FILE.keras, a whole model. FILE.tflite is an export of one image size; the
    folder of exports will do.
    Photos stay in the browser: it computes, and nothing is uploaded. The
    camera is translated live, too; and with the extra `faces` only the faces
    are, upright, and put back where they were.

    With --lan the page is for your own phone, too, in the same network. It
    comes over http there: then browsers have no live camera, but open that
    of the phone, and compute without its graphics processor.
    """
    serve_page(**options)
