"""The names of TensorFlow checkpoints, without what is not a network's."""

import re

_OBJECT = "/.ATTRIBUTES/VARIABLE_VALUE"
_AVERAGE = "/ExponentialMovingAverage"
# What optimizers store beside a variable, as its child.
_SLOT = re.compile(r"/(Adam|Adam_1|Momentum|RMSProp|RMSProp_1|Adagrad)$")
# What training stores beside the networks: step counters, optimizers' state.
_TRAINING = re.compile(
    r"(^|/)(_CHECKPOINTABLE_OBJECT_GRAPH|save_counter|global_step|step"
    r"|beta[12]_power(_\d+)?|[^/]*optimizer[^/]*)(/|$)",
    re.IGNORECASE,
)


def plain_names(names):
    """The names by which networks' tensors are known.

    Checkpoints of TensorFlow 2 name a variable by its path among Python's
    objects, with a suffix that is dropped here; those of TensorFlow 1 by its
    own name. Optimizers' slots, step counters and configurations are left
    out. Where TensorFlow 1 kept a moving average of a variable, it is the
    one that is returned under the variable's name.

    Args:
        names: All names that a checkpoint holds.

    Returns:
        Dict from plain name to stored name.
    """
    plain, averages = {}, {}
    for stored in sorted(names):
        name = stored.removesuffix(_OBJECT)
        if ".OPTIMIZER_SLOT" in name or "/.ATTRIBUTES/" in name:
            continue
        if name.endswith(_AVERAGE):
            averages[name.removesuffix(_AVERAGE)] = stored
        elif not (_SLOT.search(name) or _TRAINING.search(name)):
            plain[name] = stored
    return plain | averages
