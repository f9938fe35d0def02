"""Export of translators, each proven equal to its model."""

from keras_gan_translate.export.spec import TranslatorSpec


def __getattr__(name):
    # Whoever runs an artefact needs neither Keras nor TensorFlow for it.
    if name == "export_translator":
        from keras_gan_translate.export.exporting import export_translator

        return export_translator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
