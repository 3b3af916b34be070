"""Writes optimizers.safetensors: two 1 x 1 convolutions after ten steps of PyTorch's optimizers.

Run with PyTorch (made with 2.15): python make_optimizers.py
Weights and data come from the generator of golden.py, which the test repeats.
"""

import torch
import torch.nn.functional as F
from torch.nn.utils import clip_grad_norm_
from torch.optim import SGD, Adam, AdamW
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn

from golden import Generator, write

BATCH, SIZE, CHANNELS, FILTERS = 4, 6, 3, 5
results = {}


def data():
    generator = Generator(7)
    image = generator.tensor([BATCH, SIZE, SIZE, CHANNELS], 1.0).permute(0, 3, 1, 2)
    target = (generator.tensor([BATCH, 1, SIZE, SIZE], 1.0) > 0).float()
    return image, target


class Net(torch.nn.Module):
    def __init__(self, norm):
        super().__init__()
        generator = Generator(6)
        self.a = torch.nn.Conv2d(CHANNELS, FILTERS, 1)
        self.norm = torch.nn.BatchNorm2d(FILTERS) if norm else torch.nn.Identity()
        self.b = torch.nn.Conv2d(FILTERS, 1, 1)
        with torch.no_grad():
            for value in [self.a.weight, self.a.bias, self.b.weight, self.b.bias]:
                value.copy_(generator.tensor(value.shape, 1.0))

    def forward(self, x):
        return self.b(F.relu(self.norm(self.a(x))))


def keep(name, net):
    for key, value in net.state_dict().items():
        if value.dtype == torch.float32:
            results[f"{name}/{key}"] = value.clone()


def train(name, make, decay=0.0, clip=None, norm=False, averages=()):
    net, (image, target) = Net(norm), data()
    groups = [{"params": [p for p in net.parameters() if p.dim() > 1], "weight_decay": decay},
              {"params": [p for p in net.parameters() if p.dim() == 1], "weight_decay": 0.0}]
    optimizer = make(groups)
    losses, norms = [], []
    for step in range(10):
        optimizer.zero_grad()
        # The loss is large, so that gradients are, and clipping has something to do.
        loss = 10 * F.binary_cross_entropy_with_logits(net(image), target)
        loss.backward()
        if clip:
            norms.append(clip_grad_norm_(net.parameters(), clip).item())
        optimizer.step()
        losses.append(loss.item())
        for average in averages:
            average(net, step)
    results[f"{name}/losses"] = torch.tensor(losses)
    if clip:
        results[f"{name}/norms"] = torch.tensor(norms)
    keep(name, net)
    return net


train("sgd", lambda p: SGD(p, lr=0.1))
train("momentum", lambda p: SGD(p, lr=0.05, momentum=0.9), decay=0.1)
train("nesterov", lambda p: SGD(p, lr=0.05, momentum=0.8, nesterov=True), decay=0.1)
train("adam", lambda p: Adam(p, lr=0.05))
train("adam decay", lambda p: Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-6), decay=0.1)
train("adamw", lambda p: AdamW(p, lr=0.05), decay=0.5)
train("clipped sgd", lambda p: SGD(p, lr=0.1, momentum=0.9), decay=0.1, clip=0.5)
train("clipped adamw", lambda p: AdamW(p, lr=0.05), decay=0.1, clip=0.5)

# By SGD: Adam would blow up the rounding of the zero gradient of a bias before batch norm.
# Averages, with batch norm measured anew over two batches: the images, and their negatives.
start = Net(True)
ema = AveragedModel(start, multi_avg_fn=get_ema_multi_avg_fn(0.75))
ema.update_parameters(start)  # PyTorch's average begins with the first weights it is given
swa = AveragedModel(Net(True))
train("averaged", lambda p: SGD(p, lr=0.05, momentum=0.9), norm=True, averages=[
    lambda net, step: ema.update_parameters(net),
    lambda net, step: swa.update_parameters(net) if step >= 6 else None])
image, _ = data()
for name, average in [("ema", ema), ("swa", swa)]:
    update_bn([image, -image], average)
    keep(name, average.module)
write("optimizers", results)
print({key: value.tolist() for key, value in results.items() if key.endswith(("losses", "norms"))})
