"""Writes losses.safetensors: values and gradients of the losses by PyTorch's automatic differentiation.

Run with PyTorch (made with 2.15) and segmentation_models_pytorch (0.6), whose Lovász and focal losses
serve where PyTorch has none: python make_losses.py
Inputs come from the generator of golden.py, which the test repeats; only results are stored.
"""

import torch
import torch.nn.functional as F
from segmentation_models_pytorch import losses as smp

from golden import Generator, write

COUNT, HEIGHT, WIDTH, CLASSES = 2, 24, 17, 4
data = Generator(3)
z = data.tensor([COUNT, 1, HEIGHT, WIDTH], 4.0)
t = (data.tensor([COUNT, 1, HEIGHT, WIDTH], 1.0) > 0.25).float()
t[1] = 0  # an image without foreground
w = data.tensor([COUNT, 1, HEIGHT, WIDTH], 1.0) + 1.5
# Logits are read and gradients stored with the channels last.
zc = data.tensor([COUNT, HEIGHT, WIDTH, CLASSES], 4.0).permute(0, 3, 1, 2)
tc = ((data.tensor([COUNT, HEIGHT, WIDTH], 1.0) + 1) * (CLASSES / 2)).floor().long()


def dice(z, t):
    p = torch.sigmoid(z)
    overlap, total = (p * t).sum((1, 2, 3)), (p + t).sum((1, 2, 3))
    return (1 - (2 * overlap + 1) / (total + 1)).mean()


def lovasz_elu(z, t):
    """smp has only relu: sorted errors times the differences of the Jaccard loss."""
    sums = []
    for logits, labels in zip(z.flatten(1), t.flatten(1)):
        errors, order = torch.sort(1 - logits * (2 * labels - 1), descending=True, stable=True)
        labels = labels[order]
        jaccard = 1 - (labels.sum() - labels.cumsum(0)) / (labels.sum() + (1 - labels).cumsum(0))
        steps = torch.diff(jaccard, prepend=torch.zeros(1))
        sums.append(torch.dot(F.elu(errors) + 1, steps))
    return torch.stack(sums).mean()


def symmetric(loss):
    return lambda z, t: (loss(z, t) + loss(-z, 1 - t)) / 2


def focal(gamma, alpha):
    # Its mask of ignored pixels wants a value that no pixel has.
    return smp.FocalLoss("binary", gamma=gamma, alpha=alpha, ignore_index=-1)


lovasz = smp.LovaszLoss("binary", per_image=True)
results = {}


def add(name, logits, loss):
    logits = logits.clone().requires_grad_()
    value = loss(logits)
    value.backward()
    results[f"{name}/value"] = value.detach().reshape(1)
    results[f"{name}/gradient"] = logits.grad.permute(0, 2, 3, 1).contiguous()


add("bce", z, lambda z: F.binary_cross_entropy_with_logits(z, t))
add("bce weighted", z, lambda z: F.binary_cross_entropy_with_logits(
    z, t, weight=w, pos_weight=torch.tensor(3.0)))
add("dice", z, lambda z: dice(z, t))
add("lovasz", z, lambda z: lovasz(z, t))
add("lovasz symmetric", z, lambda z: symmetric(lovasz)(z, t))
add("lovasz elu", z, lambda z: lovasz_elu(z, t))
add("lovasz elu symmetric", z, lambda z: symmetric(lovasz_elu)(z, t))
add("focal", z, lambda z: focal(2.0, None)(z, t))
add("focal weighted", z, lambda z: focal(1.5, 0.3)(z, t))
add("sum", z, lambda z: 0.5 * F.binary_cross_entropy_with_logits(z, t) + 2 * dice(z, t)
    + 0.25 * lovasz_elu(z, t))
add("cross entropy", zc, lambda z: F.cross_entropy(z, tc))
add("cross entropy weighted", zc,
    lambda z: (F.cross_entropy(z, tc, reduction="none") * w[:, 0]).mean())
write("losses", results)
print({name: value.item() for name, value in results.items() if name.endswith("value")})
