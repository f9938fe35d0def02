"""The config of a run, before there is Keras: what its data say of it."""

import inspect

from keras_gan_translate.data.kinds import DataKind, kind_of


def complete(config, model_class):
    """A config with what its data say of the model, and the model's defaults.

    Looks at the data before the model is built: how many domains there are is
    known from the folder.

    Args:
        config: dict as `Run.config`.
        model_class: the model's class, or an outline of it.

    Returns:
        Another dict.

    Raises:
        ValueError: there are no such data, or an option is not for them.
    """
    kind = kind_of(model_class, config)
    known = inspect.signature(model_class).parameters
    options = data_options(config, kind, known)
    split = config.get("split") or "train"
    found = kind.find(source_of(config), split, **options)
    arguments = {
        name: value
        for name, value in kind.arguments(found).items()
        if name in known
    }
    batch_size = config.get("batch_size") or model_class.batch_size
    return config | {"batch_size": batch_size} | arguments


def source_of(config):
    """What a config trains on, as `open_dataset` takes it."""
    return config.get("data") or (config["data_a"], config["data_b"])


def data_options(config, kind, arguments):
    """What a config tells the kind of data, and what is not for it.

    Args:
        config: dict as `Run.config`.
        kind: a `DataKind`.
        arguments: names of the model's own arguments.

    Returns:
        Dict of options.

    Raises:
        ValueError: one is not for this kind.
    """
    options = {}
    for other in DataKind.kinds:
        for name, option in other.options.items():
            own = name in kind.options
            if config.get(name) is None or (own and option.of_model):
                continue
            if own or name not in arguments:
                options[name] = config[name]
    return kind.check_options(options)
