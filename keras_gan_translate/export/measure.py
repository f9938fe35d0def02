"""How long an artefact takes and how much memory, in a process of its own.

TensorFlow takes its number of threads once in a process, and only a process
that does nothing else has a peak memory worth telling. Keras and the model
that was exported are not loaded there.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

RUNS = 5  # timed; their median is told
MAX_SECONDS = 20.0  # of them together
IMAGE = "_image"  # no user's word
TIMEOUT = 900  # seconds for a process that should take some ten


def measure(path, image, threads, options=None):
    """Measures an artefact on the processor.

    Args:
        path: as in `open_artefact`.
        image: uint8 array (H, W, 3) that it takes.
        threads: number of threads of the runtime.
        options: dict of what it takes beside the image, by word: numbers and
            arrays.

    Returns:
        Dict of `latency_ms`, the median of the time from image to image once
        the first is through, and `peak_memory` of the process in bytes.

    Raises:
        ValueError: the process failed; says how.
    """
    package = pathlib.Path(__file__).parents[2]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(
            filter(None, (str(package), os.environ.get("PYTHONPATH")))
        ),
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "inputs.npz")
        np.savez(file, **{IMAGE: image}, **(options or {}))
        answer = subprocess.run(
            [sys.executable, "-m", __name__, str(path), file, str(threads)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
    if answer.returncode:
        raise ValueError(
            f"'{path}' was opened and compared, but measuring it in a process "
            f"of its own failed with exit code {answer.returncode}: "
            f"{' '.join(answer.stderr.split())[-300:]}"
        )
    return json.loads(answer.stdout.splitlines()[-1])


def _measure_here(path, inputs, threads):
    from keras_gan_translate.export.artefacts import open_artefact

    artefact = open_artefact(path, threads=threads)
    options = {name: inputs[name] for name in inputs if name != IMAGE}
    image = inputs[IMAGE]
    artefact.translate(image, **options)  # the first allocates
    seconds = []
    while len(seconds) < RUNS and sum(seconds) < MAX_SECONDS:
        start = time.perf_counter()
        artefact.translate(image, **options)
        seconds.append(time.perf_counter() - start)
    return {
        "latency_ms": round(1000 * statistics.median(seconds), 2),
        "peak_memory": _peak_memory(),
    }


def _peak_memory():
    """Largest resident memory of this process in bytes; None if unknown."""
    try:
        # What `getrusage` tells includes the process that started this one.
        status = pathlib.Path("/proc/self/status").read_text()
        return 1024 * int(status.partition("VmHWM:")[2].split()[0])
    except (OSError, IndexError):
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


if __name__ == "__main__":
    file, arrays, number = sys.argv[1:]
    print(json.dumps(_measure_here(file, dict(np.load(arrays)), int(number))))
