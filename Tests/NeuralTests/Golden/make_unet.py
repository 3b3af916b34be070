"""Writes unet.safetensors: a small U-Net's logits, loss, gradients and ten training losses.

Run with PyTorch (made with 2.15): python make_unet.py
Inputs and weights come from the generator of golden.py, which the test repeats; only results are stored.
"""

import torch
import torch.nn.functional as F

from golden import Generator, write

BATCH, SIZE, PAD, LEVELS, FILTERS, FEATURES = 3, 13, (1, 2), 3, 4, 2
parameters, statistics = {}, {}
weights = Generator(1)


def parameter(name, shape, scale, offset=0.0):
    if name not in parameters:
        parameters[name] = (weights.tensor(shape, scale) + offset).requires_grad_()
    return parameters[name]


def block(x, filters, name, training):
    for i in range(2):
        w = parameter(f"{name}.conv{i}.weight", [filters, x.shape[1], 3, 3], 0.25)
        x = F.conv2d(x, w, padding=1)
        at = f"{name}.bn{i}"
        gamma = parameter(f"{at}.weight", [filters], 0.25, 1.0)
        beta = parameter(f"{at}.bias", [filters], 0.25)
        if at not in statistics:
            statistics[at] = [torch.zeros(filters), torch.ones(filters)]
        x = F.relu(F.batch_norm(x, *statistics[at], gamma, beta, training, 0.1, 1e-5))
    return x


def unet(image, features, training=True):
    x = F.pad(image, PAD + PAD, mode="reflect")
    skips = []
    for level in range(LEVELS - 1):
        x = block(x, FILTERS << level, f"enc{level}", training)
        skips.append(x)
        x = F.max_pool2d(x, 2)
    vectors = features[:, :, None, None].expand(-1, -1, x.shape[2], x.shape[3])
    x = block(torch.cat([x, vectors], 1), FILTERS << (LEVELS - 1), "mid", training)
    for level in reversed(range(LEVELS - 1)):
        filters = FILTERS << level
        w = parameter(f"up{level}.weight", [x.shape[1], filters, 2, 2], 0.25)
        b = parameter(f"up{level}.bias", [filters], 0.25)
        x = torch.cat([skips[level], F.conv_transpose2d(x, w, b, stride=2)], 1)
        x = block(x, filters, f"dec{level}", training)
    x = F.conv2d(x, parameter("head.weight", [1, FILTERS, 1, 1], 0.5),
                 parameter("head.bias", [1], 0.25))
    return x[:, :, PAD[0]:PAD[0] + SIZE, PAD[0]:PAD[0] + SIZE]


def loss_of(z, t):
    p = torch.sigmoid(z)
    overlap, total = (p * t).sum((1, 2, 3)), (p + t).sum((1, 2, 3))
    dice = 1 - (2 * overlap + 1) / (total + 1)
    return F.binary_cross_entropy_with_logits(z, t) + dice.mean()


data = Generator(2)
image = data.tensor([BATCH, 1, SIZE, SIZE], 1.0)
features = data.tensor([BATCH, FEATURES], 1.0)
target = (data.tensor([BATCH, 1, SIZE, SIZE], 1.0) > 0.25).float()

results = {}
z = unet(image, features)
loss = loss_of(z, target)
loss.backward()
results["logits"] = z.detach()
results["loss"] = loss.detach().reshape(1)
for name, value in parameters.items():
    results[f"gradient/{name}"] = value.grad.clone()

for value in statistics.values():
    value[0].zero_()
    value[1].fill_(1)
decayed = [p for p in parameters.values() if p.dim() > 1]
plain = [p for p in parameters.values() if p.dim() == 1]
optimizer = torch.optim.AdamW(
    [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}], lr=0.01)
losses = []
for step in range(10):
    optimizer.zero_grad()
    loss = loss_of(unet(image, features), target)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
results["losses"] = torch.tensor(losses)
with torch.no_grad():
    results["logits after training"] = unet(image, features, training=False)

write("unet", results)
print("losses", losses)
