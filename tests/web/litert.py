"""LiteRT.js where only its files' names matter."""


def make_litert(folder):
    """The folder @litertjs as npm makes it; files hold their own names."""
    packages = folder / "npm" / "node_modules" / "@litertjs"
    for name in (
        "core/dist/index.js",
        "core/wasm/litert.js",
        "core/wasm/litert.wasm",
        "core/package.json",
        "wasm-utils/dist/index.js",
    ):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).write_text(name)
    return packages
