"""What networks return: a tensor, or a dict where there is more to say."""


def image_of(output):
    """The image of a generator, whether or not it returns more with it."""
    return output["image"] if isinstance(output, dict) else output


def logits_of(output):
    """All logits of a discriminator by name: its own, and CAM's if any."""
    if not isinstance(output, dict):
        return {"logits": output}
    return {k: v for k, v in output.items() if k.endswith("logits")}
