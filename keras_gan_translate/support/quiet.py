"""What TensorFlow logs while it is imported, which no setting keeps back."""

import contextlib
import importlib.abc
import importlib.util
import os
import sys
import tempfile

LEVEL = "TF_CPP_MIN_LOG_LEVEL"  # 0 to 3: TensorFlow's own setting
# "I0000 00:00:1795776597.169489 31368 port.cc:153] ..." of absl's log, which
# follows the setting only later: what a level from 1 on leaves out.
LETTERS = ("I", "W", "E")
ANNOUNCEMENT = b"WARNING: All log messages before absl"


def quieten_tensorflow(level):
    """TensorFlow's log shows from this level on, its import included.

    What the user has set counts more. Nothing happens where TensorFlow is
    imported already.

    Args:
        level: "0" for all, "1" for warnings, "2" for errors, "3" for what
            ends the process.
    """
    if "tensorflow" in sys.modules:
        return
    level = os.environ.setdefault(LEVEL, level)
    left_out = LETTERS[: int(level)] if level.isdecimal() else ()
    finders = [type(finder) for finder in sys.meta_path]
    if left_out and _Finder not in finders:
        sys.meta_path.insert(0, _Finder(left_out))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds TensorFlow by the others until it is imported."""

    def __init__(self, left_out):
        self.left_out, self.asks_others = left_out, False

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow" or self.asks_others:
            return None
        self.asks_others = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.asks_others = False
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def quietly(module):
                sys.meta_path.remove(self)
                with without_chatter(self.left_out):
                    execute(module)

            spec.loader.exec_module = quietly
        return spec


@contextlib.contextmanager
def without_chatter(left_out):
    """Within it standard error goes aside; what is no chatter comes after.

    Args:
        left_out: some of `LETTERS`; errors are shown all the same where an
            exception follows them.
    """
    try:
        error = os.dup(2)
    except OSError:  # a program without a terminal may have none
        yield
        return
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except BaseException:
            left_out = [letter for letter in left_out if letter != "E"]
            raise
        finally:
            os.dup2(error, 2)
            os.close(error)
            aside.seek(0)
            for line in aside:
                if not _is_chatter(line, left_out):
                    os.write(2, line)


def _is_chatter(line, left_out):
    letter, number = line[:1].decode("latin-1"), line[1:5]
    return line.startswith(ANNOUNCEMENT) or (
        letter in left_out and number.isdigit() and line[5:6] == b" "
    )
