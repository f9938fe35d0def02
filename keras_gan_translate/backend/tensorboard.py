"""Pictures for TensorBoard."""


def image_writer(folder):
    """A function (name, uint8 image, step) that writes for TensorBoard.

    Raises:
        ImportError: TensorFlow or TensorBoard is absent.
    """
    try:
        import tensorboard  # noqa: F401, `tf.summary.image` needs it
        import tensorflow as tf
    except ImportError as error:
        raise ImportError(
            "Writing images for TensorBoard needs TensorFlow and TensorBoard: "
            "run `pip install tensorflow tensorboard`, or leave out "
            "`tensorboard`; PNG files in `folder` need nothing."
        ) from error
    writer = tf.summary.create_file_writer(str(folder))

    def write(name, image, step):
        with writer.as_default():
            tf.summary.image(name, image[None], step=step)
        writer.flush()

    return write
