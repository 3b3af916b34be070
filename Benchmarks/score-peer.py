#!/usr/bin/env python3
"""Trains the default network's peer in PyTorch by the default recipe, and prints its score against time.

    python score-peer.py WORKSPACE --weights FILE [--fold 0] [--epochs 20] [--threads 1] > peer.jsonl

WORKSPACE is one in which `work run folds` has run for the salt competition: images, masks and data/folds.csv are taken
from there, so that both train on the same images and are judged on the same. FILE is what
`work weights fetch efficientnet-lite0` keeps. The network is segmentation_models_pytorch's U-Net on
EfficientNet-Lite0 with the filters of ours, and goes without its hypercolumn and deep supervision; loss, schedule,
optimizer, batch and augmentation are those of params.yaml. Computed in bfloat16 (autocast), channels last, PyTorch's
fastest setting on processors with AVX512_BF16.

Each validation is a line: epoch, seconds since training began, without validations, and the mean precision over IoU 0.50 to 0.95 at a
threshold of 0.5, without test-time augmentation, as on train's page. Needs torch, segmentation_models_pytorch and pillow.
"""

import argparse
import csv
import json
import math
import pathlib
import struct
import time

import numpy as np
import segmentation_models_pytorch as smp
import torch
import torch.nn.functional as F
from PIL import Image

SIDE, PADDED, BATCH = 101, 128, 16
BEFORE = (PADDED - SIDE) // 2
AFTER = PADDED - SIDE - BEFORE


def tensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    return {
        name: torch.from_numpy(
            np.frombuffer(data[slice(*entry["data_offsets"])], np.float32).reshape(entry["shape"]).copy())
        for name, entry in header.items() if entry["dtype"] == "F32"
    }


def take_weights(encoder, published):
    """The published tensors under timm's names: the same layers in the same order."""
    pairs = [("conv_stem", "_conv_stem"), ("bn1", "_bn0")]
    number = 0
    for stage, blocks in enumerate(encoder.model.blocks):
        for index, block in enumerate(blocks):
            ours = f"blocks.{stage}.{index}."
            theirs = f"_blocks.{number}."
            names = ([("conv_pw", "_expand_conv"), ("bn1", "_bn0"), ("conv_dw", "_depthwise_conv"), ("bn2", "_bn1"),
                      ("conv_pwl", "_project_conv"), ("bn3", "_bn2")] if hasattr(block, "conv_pwl") else
                     [("conv_dw", "_depthwise_conv"), ("bn1", "_bn1"), ("conv_pw", "_project_conv"), ("bn2", "_bn2")])
            pairs += [(ours + one, theirs + other) for one, other in names]
            number += 1
    state = encoder.model.state_dict()
    for ours, theirs in pairs:
        for part in ("weight", "bias", "running_mean", "running_var"):
            if f"{ours}.{part}" in state:
                tensor = published[f"{theirs}.{part}"]
                if ours == "conv_stem":
                    tensor = tensor.sum(1, keepdim=True)  # grey
                assert tensor.shape == state[f"{ours}.{part}"].shape, ours
                state[f"{ours}.{part}"] = tensor
    encoder.model.load_state_dict(state)


def lovasz(logits, target):
    """Lovász hinge with elu + 1, an image at a time, as it is and with marks and background exchanged."""
    def one(logits, target):
        errors, order = torch.sort(1 - logits * (2 * target - 1), descending=True)
        truth = target[order]
        both = truth.sum() - truth.cumsum(0)
        either = truth.sum() + (1 - truth).cumsum(0)
        jaccard = 1 - both / either
        gradient = torch.cat([jaccard[:1], jaccard[1:] - jaccard[:-1]])
        return ((F.elu(errors) + 1) * gradient).sum()
    pairs = list(zip(logits.flatten(1), target.flatten(1)))
    return sum((one(a, b) + one(-a, 1 - b)) / 2 for a, b in pairs) / len(pairs)


def bce_dice(logits, target):
    p = logits.sigmoid()
    both, total = (p * target).sum((1, 2, 3)), (p + target).sum((1, 2, 3))
    return F.binary_cross_entropy_with_logits(logits, target) + (1 - (2 * both + 1) / (total + 1)).mean()


def augmented(images, masks, random):
    """hflip, random_sized_crop, shift_scale_rotate and brightness_contrast of params.yaml: one map, one sampling."""
    maps = np.zeros((len(images), 2, 3), np.float32)
    for map in maps:
        matrix = np.eye(3)
        if random.random() < 0.5:
            matrix = matrix @ np.diag([-1, 1, 1])
        if random.random() < 0.5:
            scale = math.sqrt(random.uniform(0.6, 1))
            x, y = random.uniform(scale - 1, 1 - scale, 2)
            matrix = np.array([[scale, 0, x], [0, scale, y], [0, 0, 1]]) @ matrix
        if random.random() < 0.3:
            angle = math.radians(random.uniform(-8, 8))
            scale = 1 / random.uniform(1 / 1.1, 1.1)
            x, y = random.uniform(-0.1, 0.1, 2)
            matrix = np.array([[scale * math.cos(angle), -scale * math.sin(angle), x],
                               [scale * math.sin(angle), scale * math.cos(angle), y], [0, 0, 1]]) @ matrix
        map[:] = matrix[:2]
    grid = F.affine_grid(torch.from_numpy(maps), images.shape, align_corners=False)
    images = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    masks = (F.grid_sample(masks, grid, padding_mode="reflection", align_corners=False) >= 0.5).float()
    n = len(images)
    bright = torch.from_numpy(random.uniform(-0.08, 0.08, (n, 1, 1, 1)).astype(np.float32))
    contrast = torch.from_numpy(random.uniform(0.85, 1.15, (n, 1, 1, 1)).astype(np.float32))
    mean = images.mean((2, 3), keepdim=True)
    return ((images - mean) * contrast + mean + bright).clamp(0, 1), masks


def scaled(images):
    images = (images * 255 - 127) / 128
    return F.pad(images, (BEFORE, AFTER, BEFORE, AFTER), mode="reflect").to(memory_format=torch.channels_last)


def logits_of(net, images):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = net(scaled(images))
    return logits[:, :, BEFORE:BEFORE + SIDE, BEFORE:BEFORE + SIDE].float()


def mean_precision(predicted, truth):
    scores = []
    for p, t in zip(predicted, truth):
        if not t.any() or not p.any():
            scores.append(float(not t.any() and not p.any()))
            continue
        iou = (p & t).sum() / (p | t).sum()
        scores.append(float(np.mean([iou > x for x in np.arange(0.5, 1, 0.05)])))
    return float(np.mean(scores))


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("workspace", type=pathlib.Path)
parser.add_argument("--weights", required=True)
parser.add_argument("--fold", default="0")
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seed", type=int, default=0)
a = parser.parse_args()
torch.set_num_threads(a.threads)
torch.manual_seed(a.seed)
random = np.random.default_rng(a.seed)

rows = list(csv.DictReader(open(a.workspace / "data/folds.csv")))


def load(kind, chosen):
    read = [np.asarray(Image.open(a.workspace / f"data/train/{kind}/{r['id']}.png").convert("L")) for r in chosen]
    return torch.from_numpy(np.stack(read)[:, None].astype(np.float32) / 255)


train = [r for r in rows if r["fold"] != a.fold]
left = [r for r in rows if r["fold"] == a.fold]
images, masks = load("images", train), (load("masks", train) > 0).float()
test_images, test_masks = load("images", left), (load("masks", left) > 0).numpy()

net = smp.Unet("tu-tf_efficientnet_lite0", encoder_weights=None, in_channels=1, decoder_channels=(192, 96, 48, 32, 24))
take_weights(net.encoder, tensors(a.weights))
net = net.to(memory_format=torch.channels_last)
encoder = set(map(id, net.encoder.parameters()))
optimizer = torch.optim.AdamW(
    [{"params": [p for p in net.parameters() if id(p) in encoder]},
     {"params": [p for p in net.parameters() if id(p) not in encoder]}], lr=2e-3, weight_decay=1e-4)
steps = len(images) // BATCH
schedule = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, [1e-3, 2e-3], total_steps=steps * a.epochs, pct_start=0.3, cycle_momentum=False)
seconds = 0.0
for epoch in range(1, a.epochs + 1):
    began = time.time()
    net.train()
    order = random.permutation(len(images))
    total = 0.0
    for step in range(steps):
        chosen = order[step * BATCH:(step + 1) * BATCH]
        x, y = augmented(images[chosen], masks[chosen], random)
        logits = logits_of(net, x)
        loss = lovasz(logits, y) if epoch > a.epochs // 2 else bce_dice(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item()
    seconds += time.time() - began
    line = {"epoch": epoch, "seconds": round(seconds, 1), "loss": round(total / steps, 4)}
    if epoch % 4 == 0 or epoch == a.epochs:
        net.eval()
        with torch.no_grad():
            found = torch.cat([logits_of(net, part) for part in test_images.split(32)]).numpy() >= 0
        line["score"] = round(mean_precision(found[:, 0], test_masks[:, 0]), 4)
    print(json.dumps(line), flush=True)
