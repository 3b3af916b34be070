#!/usr/bin/env python3
"""Times a training step of the default network's peer in PyTorch: segmentation_models_pytorch's U-Net on
EfficientNet-Lite0, with random weights, for grey images of 101 x 101 pixels padded by reflection to 128 x 128, batches of 16,
BCE + Dice, AdamW. Prints milliseconds an image of five steps in each setting; the first ones warm up.

    python encoder-peer.py THREADS

in an environment with torch and segmentation_models_pytorch; beside it, in turns,

    work bench --model efficientnet-lite0-unet --channels 1 --size 101 --batch 16 --threads THREADS
"""

import sys
import time

import segmentation_models_pytorch as smp
import torch
import torch.nn.functional as F

SIDE, BATCH, STEPS = 101, 16, 5


def loss_of(logits, target):
    p = logits.sigmoid()
    both, sum_of = (p * target).sum((1, 2, 3)), (p + target).sum((1, 2, 3))
    dice = 1 - ((2 * both + 1) / (sum_of + 1)).mean()
    return F.binary_cross_entropy_with_logits(logits, target) + dice


def milliseconds(bfloat16, channels_last):
    torch.manual_seed(1)
    net = smp.Unet("tu-tf_efficientnet_lite0", encoder_weights=None, in_channels=1,
                   decoder_channels=(192, 96, 48, 32, 24)).train()
    image = torch.rand(BATCH, 1, SIDE, SIDE)
    target = (torch.rand(BATCH, 1, SIDE, SIDE) > 0.5).float()
    if channels_last:
        net = net.to(memory_format=torch.channels_last)
        image = image.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    before = (128 - SIDE) // 2
    after = 128 - SIDE - before
    for _ in range(STEPS):
        began = time.time()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            logits = net(F.pad(image, (before, after, before, after), mode="reflect"))
        logits = logits[:, :, before:before + SIDE, before:before + SIDE].float()
        optimizer.zero_grad()
        loss_of(logits, target).backward()
        optimizer.step()
        yield (time.time() - began) / BATCH * 1000


torch.set_num_threads(int(sys.argv[1]))
for bfloat16 in (True, False):
    for channels_last in (True, False):
        times = [round(value, 1) for value in milliseconds(bfloat16, channels_last)]
        print("bfloat16" if bfloat16 else "float32", "channels last" if channels_last else "channels first", *times)
