"""How long the doctor takes for a folder of photographs, and how much memory.

    python -m tests.long.doctor --count 10000 --megapixels 1

Makes them first: JPEG of quality 88, clouds of all sizes with grain, each
blended of two places of large ones, so that no two are copies. Looks at them,
and prints seconds, processor seconds and the peak of memory. The bound:
10,000 photographs in 120 s on two cores, in 1 GiB. Half of the processor
seconds is what two quiet cores take at least.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image, ImageOps

BASES = 4
LOOK = """
import json, pathlib, resource, sys, time
sys.argv = ["kgt"]
from keras_gan_translate.data import diagnose
began = time.monotonic()
diagnosis = diagnose({folder!r})
used = resource.getrusage(resource.RUSAGE_SELF)
# What the process had before it was this program counts in ru_maxrss.
status = pathlib.Path("/proc/self/status").read_text()
print(json.dumps({{
    "files": diagnosis.looked,
    "seconds": round(time.monotonic() - began, 1),
    "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
    "peak_mib": int(status.split("VmHWM:")[1].split()[0]) // 1024,
    "findings": {{f.name: f.count for f in diagnosis.findings}},
}}))
"""


def photos(folder, count, megapixels):
    """Writes photo-like JPEGs of two domains."""
    width = int((megapixels * 1e6 * 4 / 3) ** 0.5)
    height = width * 3 // 4
    random = np.random.RandomState(0)
    large = (2 * width, 2 * height)
    bases = []
    for _ in range(BASES):
        channels = []
        for _ in range(3):
            total = np.zeros(large[::-1], "float32")
            cells = 6
            while cells < width:
                noise = random.standard_normal((cells, cells)) / cells**0.7
                layer = Image.fromarray(noise.astype("float32"))
                layer = layer.resize(large, Image.Resampling.BILINEAR)
                total += np.asarray(layer)
                cells *= 2
            total += 0.06 * random.standard_normal(total.shape)  # grain
            channels.append(np.clip(128 + 130 * total, 0, 255))
        pixels = np.stack(channels, axis=-1).astype("uint8")
        bases.append(Image.fromarray(pixels))

    def part():
        left, top = random.randint(width), random.randint(height)
        base = bases[random.randint(BASES)]
        return base.crop((left, top, left + width, top + height))

    for number in range(count):
        photo = Image.blend(part(), part(), random.uniform(0.2, 0.8))
        if number % 2:  # the other domain
            photo = ImageOps.posterize(photo, 3)
        path = folder / f"train{'AB'[number % 2]}" / f"{number:05}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        photo.save(path, quality=88)


def look(folder):
    """Looks at a folder, in a process of its own."""
    code = LOOK.format(folder=str(folder))
    subprocess.run([sys.executable, "-c", code], check=True)


def main():
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--megapixels", type=float, default=1.0)
    parser.add_argument("--folder", help="of photos that were made before")
    options = parser.parse_args()
    if options.folder:
        return look(options.folder)
    with tempfile.TemporaryDirectory() as name:
        began = time.monotonic()
        photos(pathlib.Path(name), options.count, options.megapixels)
        size = sum(p.stat().st_size for p in pathlib.Path(name).rglob("*.jpg"))
        print(
            f"{options.count} photos of {options.megapixels:g} megapixels, "
            f"{size / options.count / 1000:.0f} kB each, made in "
            f"{time.monotonic() - began:.0f} s",
            flush=True,
        )
        look(name)


if __name__ == "__main__":
    main()
