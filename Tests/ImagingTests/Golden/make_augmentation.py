"""Writes augmentation.json: what albumentations makes of a small picture.

Run with albumentations (made with 2.0.8, OpenCV 5.0, NumPy 2.4, SciPy 1.17): python make_augmentation.py
Flips, turns, padding, crops and equalization are in bytes, all else in 10000ths of full scale. OpenCV 4 would round
places to 32nds of a pixel.
Where albumentations has a definition of its own, the same one is written out here:
- its lens turns about a point half a pixel off the middle; here it is the middle;
- its grid shows a pixel twice at each line; here columns are stretched evenly (numpy.interp);
- elastic fields are cubic B-splines through given points, here by SciPy.
"""

import json
import pathlib

import albumentations as A
import cv2
import numpy as np
from albumentations.augmentations.blur import functional as fblur
from albumentations.augmentations.crops import functional as fcrops
from albumentations.augmentations.geometric import functional as fgeometric
from albumentations.augmentations.pixel import functional as fpixel
from scipy.interpolate import BSpline

WIDTH, HEIGHT = 24, 20
x, y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
picture = np.round(
    127 + 60 * np.sin(x / 3.1 + y / 7) + 45 * np.cos(y / 2.7 - x / 9) + 15 * np.sin(x * y / 40)
).astype(np.uint8)
colours = np.stack([picture[:5, :6], picture[5:10, 6:12], picture[10:15, 12:18]], axis=-1)
image = (picture / 255).astype(np.float32)
results = {}


def store(name, values):
    if values.dtype == np.uint8:
        results[name] = values.flatten().tolist()
    else:
        results[name] = np.round(values.flatten() * 10000).astype(int).tolist()


def sampled(name, map_x, map_y, border=cv2.BORDER_REFLECT_101):
    """Maps are of pixels' numbers; ours are of points, a half more."""
    store(name, fgeometric.remap(image, map_x, map_y, cv2.INTER_LINEAR, border, 0))


results["picture"] = picture.flatten().tolist()
results["colours"] = colours.flatten().tolist()

# Exact.
for name, transform in [("hflip", A.HorizontalFlip(p=1)), ("vflip", A.VerticalFlip(p=1)),
                        ("transpose", A.Transpose(p=1))]:
    store(name, transform(image=picture)["image"])
    store(name + " colours", transform(image=colours)["image"])
for turns in [1, 2, 3]:
    store(f"rot90 {turns}", fgeometric.rot90(picture, turns))
store("pad", fgeometric.pad_with_params(picture, 3, 3, 4, 4, cv2.BORDER_REFLECT_101, 0))
store("pad edge", fgeometric.pad_with_params(picture, 3, 3, 4, 4, cv2.BORDER_REPLICATE, 0))
store("crop", fcrops.crop(picture, 5, 3, 17, 12))


# Affine: turned against the clock by positive angles, about the middle.
def affine(translate=(0, 0), scale=1, rotate=0):
    return fgeometric.create_affine_transformation_matrix(
        {"x": translate[0], "y": translate[1]}, {"x": 0, "y": 0}, {"x": scale, "y": scale}, rotate,
        fgeometric.center((HEIGHT, WIDTH)))


def warped(name, matrix, border=cv2.BORDER_REFLECT_101):
    store(name, fgeometric.warp_affine(image, matrix, cv2.INTER_LINEAR, 0, border, (HEIGHT, WIDTH)))


move = affine((2.5, -1.25), 1.1, 8)
warped("rotate", affine(rotate=20))
warped("rotate zero", affine(rotate=20), cv2.BORDER_CONSTANT)
warped("rotate edge", affine(rotate=20), cv2.BORDER_REPLICATE)
warped("shift scale rotate", move)

# A crop of 18.5 x 15 pixels at (2.25, 3.5), enlarged.
sampled("sized crop", *np.meshgrid(
    (np.arange(WIDTH) + 0.5) * 18.5 / WIDTH + 2.25 - 0.5, (np.arange(HEIGHT) + 0.5) * 15 / HEIGHT + 3.5 - 0.5))

# Perspective: corners in points, of which OpenCV wants pixels' numbers.
corners = np.float32([[1.5, 0.75], [22.25, 2], [21, 18.5], [0.5, 17.25]])
frame = np.float32([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]])
perspective = cv2.getPerspectiveTransform(corners - 0.5, frame - 0.5)
store("perspective", fgeometric.perspective(
    image, perspective, WIDTH, HEIGHT, 0, cv2.BORDER_REFLECT_101, True, cv2.INTER_LINEAR))

# An elastic field of 3 x 3 cells: multiples of 1/4 of a pixel.
CELLS = 3
points = np.array([((number * 7 + 3) % 17 - 8) / 4 for number in range(2 * (CELLS + 3) ** 2)])
points = points.reshape(2, CELLS + 3, CELLS + 3)


def field(values, px, py):
    """The spline at points of the frame."""
    knots = np.arange(-3, CELLS + 4)
    def basis(places):
        places = np.clip(places, 0, CELLS - 1e-12)
        return np.stack([BSpline(knots, np.eye(CELLS + 3)[i], 3)(places) for i in range(CELLS + 3)], -1)
    across, down = basis(px / WIDTH * CELLS), basis(py / HEIGHT * CELLS)
    return np.einsum("...i,...j,ij->...", down, across, values)


def bent(px, py):
    return px + field(points[0], px, py), py + field(points[1], px, py)


px, py = x + 0.5, y + 0.5
elastic = bent(px, py)
sampled("elastic", elastic[0] - 0.5, elastic[1] - 0.5)

# A grid of 4 x 3 cells.
columns, rows = np.array([1, 1.3, 0.8, 0.7]), np.array([0.75, 1.25, 1.1])


def gridded(px, py):
    def source(places, shares, side):
        ends = np.concatenate([[0], np.cumsum(shares)]) * side / shares.sum()
        return np.interp(places, np.linspace(0, side, len(ends)), ends)
    return source(px, columns, WIDTH), source(py, rows, HEIGHT)


grid = gridded(px, py)
sampled("grid", grid[0] - 0.5, grid[1] - 0.5)

# A lens, by OpenCV's camera model.
for strength in [0.2, -0.15]:
    camera = np.array([[WIDTH, 0, WIDTH / 2 - 0.5], [0, HEIGHT, HEIGHT / 2 - 0.5], [0, 0, 1]])
    sampled(f"lens {strength}", *cv2.initUndistortRectifyMap(
        camera, np.array([strength, strength, 0, 0, 0]), None, camera, (WIDTH, HEIGHT), cv2.CV_32FC1))

# All in one sampling: flipped, bent, moved and seen in perspective, in this order.
back = np.linalg.inv(perspective) @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
back = np.linalg.inv(move) @ (back / back[2])
chain = bent(back[0] + 0.5, back[1] + 0.5)
sampled("chain", (WIDTH - chain[0] - 0.5).reshape(x.shape), (chain[1] - 0.5).reshape(x.shape))

# Values.
store("brightness contrast", A.RandomBrightnessContrast(
    brightness_limit=(0.05, 0.05), contrast_limit=(0.2, 0.2), p=1)(image=image)["image"])
for gamma in [0.7, 1.4]:
    store(f"gamma {gamma}", fpixel.gamma_transform(image, gamma))
store("clahe 4", fpixel.clahe(picture, 3.0, (4, 4)))
store("clahe 8", fpixel.clahe(picture, 40.0, (8, 8)))
for size in [3, 5]:
    store(f"blur {size}", fblur.box_blur(image, size))
store("gaussian blur", fpixel.separable_convolve(image, fblur.create_gaussian_kernel_1d(1.3)))

path = pathlib.Path(__file__).with_name("augmentation.json")
path.write_text(
    "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(values, separators=(',', ':'))}" for name, values in results.items())
    + "\n}\n")
print(path.name, path.stat().st_size, "bytes")
