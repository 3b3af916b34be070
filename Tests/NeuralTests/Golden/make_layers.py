"""Writes layers.safetensors: results and gradients of single layers.

Run with PyTorch (made with 2.15): python make_layers.py
Each layer stands behind a 1 x 1 convolution. Inputs and weights come from the generator of
golden.py, seeded anew for each layer; only results are stored.
"""

import torch
import torch.nn.functional as F

from golden import Generator, write

BATCH, HEIGHT, WIDTH, INPUTS, CHANNELS = 2, 9, 7, 2, 6


def group_norm(x, p):
    return F.group_norm(x, 3, p["layer.weight"], p["layer.bias"], 1e-5)


layers = {
    "group norm": group_norm,
    "max pool": lambda x, p: F.max_pool2d(x, 3, stride=2, padding=1),
    "average pool": lambda x, p: F.avg_pool2d(x, 3, stride=2, padding=1),
    "adaptive average pool": lambda x, p: F.adaptive_avg_pool2d(x, (4, 3)),
    "bilinear": lambda x, p: F.interpolate(
        x, scale_factor=2, mode="bilinear", align_corners=False),
    "elu": lambda x, p: F.elu(x),
    "silu": lambda x, p: F.silu(x),
}

results = {}
for name, layer in layers.items():
    generator = Generator(3)
    # The test's tensors are in the order [image][row][column][channel].
    image = generator.tensor([BATCH, HEIGHT, WIDTH, INPUTS], 1.0).permute(0, 3, 1, 2)
    parameters = {
        "before.weight": generator.tensor([CHANNELS, INPUTS, 1, 1], 1.0),
        "before.bias": generator.tensor([CHANNELS], 1.0),
    }
    if layer is group_norm:
        parameters["layer.weight"] = generator.tensor([CHANNELS], 1.0)
        parameters["layer.bias"] = generator.tensor([CHANNELS], 1.0)
    for value in parameters.values():
        value.requires_grad_()
    x = F.conv2d(image, parameters["before.weight"], parameters["before.bias"])
    y = layer(x, parameters)
    target = (generator.tensor([y.shape[0], *y.shape[2:], y.shape[1]], 1.0) > 0).float()
    F.binary_cross_entropy_with_logits(y, target.permute(0, 3, 1, 2)).backward()
    results[f"{name}/result"] = y.detach().permute(0, 2, 3, 1)
    for parameter, value in parameters.items():
        results[f"{name}/{parameter}"] = value.grad

write("layers", results)
