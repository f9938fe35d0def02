"""What a million pictures cost, from what a smaller number took."""


def cost_per_million(manifest, price, actors=1):
    """What a million pictures cost on machines like those of a job.

    Without the time in which nothing is translated yet: a few minutes for
    each start of a machine.

    Args:
        manifest: of `translate_shards`, or a dict of its `images` and
            `seconds`, in which one actor would have made them.
        price: of a machine, for an hour, in any currency.
        actors: number of them that a machine has, as in the job.

    Returns:
        Dict of `seconds`, of an actor for a picture; `hours`, of a machine
        for a million; `price`, of these.

    Raises:
        ValueError: no picture was translated.

    Example:
        >>> cost_per_million({"images": 1, "seconds": 0.516}, price=0.10)
        {'seconds': 0.516, 'hours': 143.3, 'price': 14.33}
    """
    if not manifest["images"]:
        raise ValueError("No picture was translated, so nothing is known.")
    seconds = manifest["seconds"] / manifest["images"]
    hours = seconds * 1e6 / 3600 / actors
    return {
        "seconds": round(seconds, 4),
        "hours": round(hours, 1),
        "price": round(hours * price, 2),
    }
