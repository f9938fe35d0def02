"""The drawn world: data that nobody has to download."""
