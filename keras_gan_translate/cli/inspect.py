"""`inspect`: what an exported file is, and what it takes and gives."""

import click

from keras_gan_translate.cli.console import console, format_bytes, print_json

SHAPES = 3  # of an operator that are shown


@click.command()
@click.argument("file")
@click.option(
    "--check-gpu",
    is_flag=True,
    help="List what the GPU of a phone would not take (.tflite).",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def inspect(file, check_gpu, as_json):
    """Say what an exported translator is, takes and gives.

    FILE is a .tflite, .onnx or .keras file, or a SavedModel folder. It is
    read, not run.
    """
    from keras_gan_translate.export.inspection import inspect_artefact

    described = inspect_artefact(file, check_gpu)
    if as_json:
        print_json(described)
        return
    out = console()
    size = format_bytes(described["bytes"])
    out.print(f"{file}: {described['format']}, {size}", markup=False)
    if described["format"] != "keras":
        _print_spec(out, described["spec"])
    _print_signatures(out, described["signatures"])
    for name, count in described.get("parameters", {}).items():
        out.print(f"{name}: {count:,} parameters", markup=False)
    if "weights" in described:
        parts = [
            f"{format_bytes(count)} {dtype}"
            for dtype, count in described["weights"].items()
        ]
        out.print(f"Weights: {', '.join(parts)}")
        _print_operators(out, described["operators"])
    if check_gpu:
        _print_gpu(out, described["gpu"])


def _print_spec(out, spec):
    if spec is None:
        out.print("No description of a translator is in it.", style="yellow")
        return
    table = _table("fact", "value")
    for name, value in spec.items():
        if name == "inputs":
            for facts in value:
                _add(table, f"input {facts['input']}", _input(facts))
        elif value is not None:
            _add(table, name, value)
    out.print(table)


def _input(facts):
    """A field of a description in words."""
    left = ("name", "kind", "input", "control", "dtype", "shape", "palette")
    more = []
    for key, value in facts.items():
        if key not in left and value is not None:
            value = value if isinstance(value, list) else [value]
            more.append(f"{key} {', '.join(map(str, value))}")
    return "; ".join([facts["kind"], *more])


def _print_signatures(out, signatures):
    table = _table("signature", "", "name", "type", "shape")
    for signature in signatures:
        name = signature["name"]
        for side, arrow in (("inputs", "takes"), ("outputs", "gives")):
            for tensor in signature[side]:
                kind, shape = _type(tensor), _shape(tensor)
                _add(table, name, arrow, tensor["name"], kind, shape)
                name = ""
    out.print(table)


def _print_operators(out, rows):
    table = _table("operator", "count", "makes")
    for row in rows:
        shapes = row["shapes"]
        more = f" and {len(shapes) - SHAPES} more" * (len(shapes) > SHAPES)
        shown = ", ".join(shapes[:SHAPES]) + more
        _add(table, row["operator"], row["count"], shown)
    out.print(table)


def _print_gpu(out, findings):
    if not findings:
        out.print(
            "GPU: all of it runs there, and float16 holds its constants.",
            style="green",
        )
        return
    titles = {
        "unsupported": "GPU: these run on the processor, or nowhere",
        "precision": "GPU: these come out wrong in float16",
    }
    for kind, title in titles.items():
        rows = [finding for finding in findings if finding["kind"] == kind]
        if not rows:
            continue
        out.print(f"{title} (mobile=True, --mobile, avoids most):", style="red")
        table = _table("operator", "count", "why", "makes")
        for row in rows:
            shapes = ", ".join(row["shapes"][:SHAPES])
            _add(table, row["operator"], row["count"], row["reason"], shapes)
        out.print(table)


def _type(tensor):
    if "scale" not in tensor:
        return tensor["dtype"]
    scale, zero = tensor["scale"], tensor["zero_point"]
    return f"{tensor['dtype']} ({scale:.4g} per level, zero at {zero})"


def _shape(tensor):
    sizes = ["any" if size is None else str(size) for size in tensor["shape"]]
    return " x ".join(sizes)


def _table(*columns):
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _add(table, *cells):
    from rich.markup import escape

    # Names in a file are anybody's; brackets would be markup.
    table.add_row(*(escape(str(cell)) for cell in cells))
