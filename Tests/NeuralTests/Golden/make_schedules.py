"""Writes schedules.safetensors: learning rates by PyTorch's schedulers, the rate before each step.

Run with PyTorch (made with 2.15): python make_schedules.py
"""

import torch
from torch.optim import SGD, lr_scheduler as lr

from golden import Generator, write

results = {}


def optimizer():
    return SGD([torch.zeros(1, requires_grad=True)], lr=0.01)


def rates(name, make, steps, values=None):
    sgd = optimizer()
    schedule = make(sgd)
    found = []
    for step in range(steps):
        found.append(sgd.param_groups[0]["lr"])
        sgd.step()
        schedule.step(*([] if values is None else [values[step]]))
    results[name] = torch.tensor(found, dtype=torch.float32)


rates("one-cycle", lambda o: lr.OneCycleLR(o, max_lr=0.01, total_steps=10), 10)
rates("cosine", lambda o: lr.CosineAnnealingLR(o, T_max=19, eta_min=0.001), 20)
rates("restarts", lambda o: lr.CosineAnnealingWarmRestarts(o, T_0=5, eta_min=0.001), 23)
rates("restarts doubled", lambda o: lr.CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2), 30)
rates("warm-up, cosine", lambda o: lr.SequentialLR(o, [
    lr.LinearLR(o, start_factor=0.1, total_iters=4), lr.CosineAnnealingLR(o, T_max=15)], [4]), 20)
rates("warm-up, restarts", lambda o: lr.SequentialLR(o, [
    lr.LinearLR(o, start_factor=0.25, total_iters=3),
    lr.CosineAnnealingWarmRestarts(o, T_0=4, T_mult=3)], [3]), 20)

# Values that fall at first, then wander.
values = [abs(v) + max(0, 12 - i) / 4 for i, v in enumerate(Generator(8).tensor([40], 1.0).tolist())]
results["values"] = torch.tensor(values)
values = results["values"].tolist()
rates("plateau", lambda o: lr.ReduceLROnPlateau(o, factor=0.5, patience=2), 40, values)
rates("plateau rising", lambda o: lr.ReduceLROnPlateau(
    o, mode="max", factor=0.1, patience=3, threshold=0.05, cooldown=2, min_lr=1e-4), 40,
    [-v + 4 for v in values])
write("schedules", results)
