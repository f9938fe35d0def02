"""Enlarges reduced photos and says how close they come to the originals.

    python examples/super_resolution.py netG_epoch_4_100.pth Set5 --out large

Photos are reduced by an antialiased bicubic, then enlarged by a bicubic (both
Pillow's) and by the network. PSNR and SSIM are those of papers: luma of BT.601
without rounding, as many pixels of border cropped as the scale.
"""

import argparse
import pathlib

import numpy as np
from PIL import Image

import keras_gan_translate as kgt

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("weights", help="a published SRGAN generator")
parser.add_argument("photos", help="a folder of originals")
parser.add_argument("--out", help="folder for bicubic, network and original")
arguments = parser.parse_args()

model = kgt.checkpoints.load_translator(arguments.weights)
scale = model.scale
rows = []


def show(name, row):
    """Prints PSNR and SSIM of the bicubic and of the network."""
    print(f"{name:12}" + "{:8.2f} dB{:8.4f}{:8.2f} dB{:8.4f}".format(*row))


print(f"{'':12}{f'bicubic x{scale}':>19}{f'network x{scale}':>19}")
for path in kgt.data.list_images(arguments.photos):
    truth = kgt.data.read_image(path)
    height, width = (side // scale for side in truth.shape[:2])
    truth = truth[: height * scale, : width * scale]
    small = kgt.data.reduce_images(truth[None], scale)[0]
    bicubic = Image.fromarray(small).resize(
        truth.shape[1::-1], Image.Resampling.BICUBIC
    )
    enlarged = [np.array(bicubic), model.translate(small)]
    rows.append(
        [
            metric(image, truth, luma=True, crop=scale)
            for image in enlarged
            for metric in (kgt.metrics.psnr, kgt.metrics.ssim)
        ]
    )
    show(path.stem, rows[-1])
    if arguments.out:
        picture = np.concatenate([*enlarged, truth], axis=1)
        target = pathlib.Path(arguments.out, path.name).with_suffix(".png")
        kgt.data.write_image(target, picture)
show(f"{len(rows)} photos", np.mean(rows, axis=0))
