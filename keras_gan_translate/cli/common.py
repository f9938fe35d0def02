"""Options that several verbs have."""

import click

which = click.option(
    "--which",
    type=click.Choice(["best", "last"]),
    default="best",
    show_default=True,
    help="Which of the run's checkpoints.",
)
direction = click.option(
    "--direction", help="Of a model that has several.  [default: its first]"
)
