"""SIGTERM and Ctrl-C, while there is something to save first."""

import os
import signal
import threading

GRACE = 30.0  # seconds, as process managers give before they kill
STOPS = (signal.SIGTERM, signal.SIGINT)
TEXT = b"\nThe current step is saved first. Once more stops at once.\n"


class Signals:
    """Takes notice of a signal instead of dying of it.

    Attributes:
        caught: number of the signal, None while there is none. After `GRACE`
            seconds without `stop`, or at the second signal, the process ends
            all the same.
    """

    def __init__(self):
        self.caught = None
        self.before = {}
        self.timer = None

    def install(self):
        """From now on; only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in STOPS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self.before[number] = signal.signal(number, self._notice)

    def release(self):
        """Gives signals back to whoever had them."""
        for number, handler in self.before.items():
            signal.signal(number, handler)
        self.before = {}
        if self.timer is not None:
            self.timer.cancel()

    def ask(self):
        """As if SIGTERM had come."""
        if self.caught is None:
            self._notice(signal.SIGTERM, None)

    def stop(self):
        """Ends what is going on, as the signal would have done.

        Raises:
            KeyboardInterrupt: it was Ctrl-C.
            SystemExit: it was SIGTERM; the exit code is 143.
        """
        caught = self.caught
        self.release()
        if caught == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + caught)

    def _notice(self, number, frame):
        if self.caught is not None:
            self.stop()
        self.caught = number
        self.timer = threading.Timer(GRACE, os._exit, [128 + number])
        self.timer.daemon = True
        self.timer.start()
        os.write(2, TEXT)  # `print` may be what was interrupted
