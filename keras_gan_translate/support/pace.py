"""Work beside something that must not become slower by it."""

import time

LONGEST = 1.0  # seconds of a rest, whatever the piece before it took


class Pace:
    """Work in small pieces, with a rest after each.

    What works beside a training takes its processors, and the interpreter's
    lock. With rests it takes a share of one processor, until it is hurried.

        pace = Pace(0.05, hurried)
        for piece in pieces:
            write(piece)
            pace.rest()

    Args:
        share: of the time, that work takes at most; the rest are rests.
        hurried: `threading.Event`; once it is set there are no rests.

    Attributes:
        rested: seconds of all rests.
    """

    def __init__(self, share, hurried):
        self.share, self.hurried = share, hurried
        self.rested = 0.0
        self.began = time.thread_time()

    def rest(self):
        """Rests as long as the work since the last rest asks for."""
        worked = time.thread_time() - self.began
        start = time.monotonic()
        self.hurried.wait(min(worked * (1 / self.share - 1), LONGEST))
        self.rested += time.monotonic() - start
        self.began = time.thread_time()
