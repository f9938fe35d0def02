"""`python -m keras_gan_translate` is the command line."""

from keras_gan_translate.cli import main

main(prog_name="kgt")
