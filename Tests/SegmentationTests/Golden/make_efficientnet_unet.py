"""Writes small_efficientnet_unet.safetensors: random weights of a narrow EfficientNet-Lite U-Net, an image, and
the logits that follow, computed in double precision by the definitions. Run with NumPy: python make_efficientnet_unet.py

efficientnet_lite_names.txt, beside it, has names and shapes in the published state dicts of lite0 and lite2, without the
layers behind the last block and without num_batches_tracked.
"""

import json
import pathlib
import struct

import numpy as np

FOLDER = pathlib.Path(__file__).parent
# kernel, stride, expansion, filters, blocks
STAGES = [(3, 1, 1, 4, 1), (3, 2, 3, 4, 2), (5, 2, 3, 4, 2), (3, 2, 3, 5, 2), (5, 1, 3, 7, 2), (5, 2, 3, 12, 2), (3, 1, 3, 20, 1)]
WIDE = ["encoder._bn0", "encoder._blocks.1._bn1", "encoder._blocks.4._bn0", "encoder._blocks.9._bn1"]
STEM, DECODER = 8, [16, 8, 8, 4, 4]
random = np.random.default_rng(1)
tensors = {}


def new(name, values):
    tensors[name] = np.asarray(values, dtype=np.float32)
    return tensors[name].astype(np.float64)


def convolution(x, name, filters, kernel=3, stride=1, depthwise=False, bias=False):
    count, height, width, channels = x.shape
    read = 1 if depthwise else channels
    w = new(f"{name}.weight", random.normal(0, np.sqrt(2 / (read * kernel * kernel)), (filters, read, kernel, kernel)))
    border = kernel // 2
    padded = np.pad(x, ((0, 0), (border, border), (border, border), (0, 0)))
    y = np.zeros((count, (height - 1) // stride + 1, (width - 1) // stride + 1, filters))
    for i in range(kernel):
        for j in range(kernel):
            tap = padded[:, i : i + height : stride, j : j + width : stride]
            y += tap * w[:, 0, i, j] if depthwise else tap @ w[:, :, i, j].T
    return y + new(f"{name}.bias", random.normal(0, 0.1, filters)) if bias else y


def norm(x, name, epsilon):
    c = x.shape[-1]
    # Few are wide enough for the limit of ReLU6: a network of many would be chaotic, and magnify every rounding.
    gamma = new(f"{name}.weight", random.uniform(0.7, 1.3, c) * (3 if name in WIDE else 1))
    beta = new(f"{name}.bias", random.normal(0, 0.3, c))
    # Statistics near the true ones, so that values stay of a size; the few pixels at the bottom may all be the same.
    mean = new(f"{name}.running_mean", x.mean((0, 1, 2)) + random.normal(0, 0.1, c))
    variance = new(f"{name}.running_var", (x.var((0, 1, 2)) + 0.5) * random.uniform(0.8, 1.2, c))
    return (x - mean) / np.sqrt(variance + epsilon) * gamma + beta


def relu6(x):
    return np.clip(x, 0, 6)


def block(x, name, kernel, stride, expansion, filters):
    channels = x.shape[-1]
    y = x
    if expansion > 1:
        y = relu6(norm(convolution(y, f"{name}._expand_conv", channels * expansion, 1), f"{name}._bn0", 1e-3))
    y = convolution(y, f"{name}._depthwise_conv", y.shape[-1], kernel, stride, depthwise=True)
    y = relu6(norm(y, f"{name}._bn1", 1e-3))
    y = norm(convolution(y, f"{name}._project_conv", filters, 1), f"{name}._bn2", 1e-3)
    return x + y if stride == 1 and channels == filters else y


image = random.normal(0, 1, (2, 72, 72, 3)).astype(np.float32)
x = relu6(norm(convolution(image.astype(np.float64), "encoder._conv_stem", STEM, 3, 2), "encoder._bn0", 1e-3))
skips, number = [], 0
for kernel, stride, expansion, filters, blocks in STAGES:
    if stride > 1:
        skips.append(x)
    for index in range(blocks):
        x = block(x, f"encoder._blocks.{number}", kernel, stride if index == 0 else 1, expansion, filters)
        number += 1
for level, filters in enumerate(DECODER):
    x = x.repeat(2, axis=1).repeat(2, axis=2)
    if skips:
        # Halves are rounded up, so that what is enlarged can be a row and a column too large.
        height, width = skips[-1].shape[1:3]
        x = np.concatenate([x[:, :height, :width], skips.pop()], axis=-1)
    for part in (1, 2):
        name = f"decoder.blocks.{level}.conv{part}"
        x = np.maximum(norm(convolution(x, f"{name}.0", filters), f"{name}.1", 1e-5), 0)
tensors["logits"] = convolution(x, "segmentation_head.0", 1, bias=True).astype(np.float32)
tensors["image"] = image

header, place = {}, 0
for name, values in tensors.items():
    header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [place, place + values.nbytes]}
    place += values.nbytes
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open(FOLDER / "small_efficientnet_unet.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text)
    for values in tensors.values():
        file.write(np.ascontiguousarray(values).tobytes())
