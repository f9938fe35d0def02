"""How the command line speaks: rich for people, JSON for programs."""

import json

import click


def console(stderr=False):
    """A `rich.console.Console`; rich is imported when it is needed."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def print_json(value):
    """Writes a value to standard output as indented JSON."""
    click.echo(json.dumps(value, indent=2, default=str))


def format_bytes(count):
    """A number of bytes for people: '1.5 GB'."""
    if count is None:
        return "not known here"
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            break
        count /= 1000
    else:
        unit = "GB"
    return f"{count:.3g} {unit}"


def format_seconds(seconds):
    """A duration for people: '2.5 hours'."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    # Two digits, and none of them in front of an e.
    told = f"{seconds:.0f}" if seconds >= 99 else f"{seconds:.2g}"
    return f"{told} seconds"


def progress(description, total, stderr=True):
    """A `rich.progress.Progress` with one task, started by `with`.

    Args:
        description: what is being done.
        total: number of steps.
        stderr: keeps standard output for results.

    Returns:
        (progress, its task)
    """
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=console(stderr),
        transient=True,
        # Results printed meanwhile stay on standard output.
        redirect_stdout=False,
    )
    return bar, bar.add_task(description, total=total, note="")
