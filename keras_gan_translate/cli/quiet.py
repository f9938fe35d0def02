"""What TensorFlow logs while it is imported, before it can be told not to."""

import contextlib
import importlib.abc
import importlib.util
import os
import re
import sys
import tempfile

# "I0000 00:00:1795776597.169489 31368 port.cc:153] ..." of absl's log; errors
# begin with E and F.
CHATTER = re.compile(rb"WARNING: All log messages before absl|[IW]\d{4} ")


def import_tensorflow_quietly():
    """Whoever imports TensorFlow from now on sees its errors only."""
    if "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    """Finds TensorFlow once, and leaves it to the others then."""

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def quietly(module):
                with without_chatter():
                    execute(module)

            spec.loader.exec_module = quietly
        return spec


@contextlib.contextmanager
def without_chatter():
    """Within it standard error goes aside; what is no chatter comes after."""
    with tempfile.TemporaryFile() as aside:
        error = os.dup(2)
        os.dup2(aside.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(error, 2)
            os.close(error)
            aside.seek(0)
            for line in aside:
                if not CHATTER.match(line):
                    os.write(2, line)
