"""Writes what the tests of the ResNet-34 U-Net compare with:
  resnet34_unet_names.txt     names and shapes in the state dict of smp's Unet("resnet34")
  small_resnet_unet.safetensors    the state dict of a narrow one with fewer blocks, as PyTorch saves it
  small_resnet_unet_results.safetensors    its image, target, logits, loss and gradients

Run with PyTorch (made with 2.15), safetensors and segmentation_models_pytorch (0.6):
python make_resnet_unet.py
The narrow network is written out below; at full size its results equal smp's (checked here).
"""

import math
import pathlib

import segmentation_models_pytorch as smp
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(1)
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
FOLDER = pathlib.Path(__file__).parent


class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        if stride > 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class Encoder(nn.Module):
    def __init__(self, channels, width, blocks):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        before = width
        for stage, count in enumerate(blocks):
            layer = []
            for block in range(count):
                after = width << stage
                layer.append(Block(before, after, 2 if stage > 0 and block == 0 else 1))
                before = after
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))

    def forward(self, x):
        results = [F.relu(self.bn1(self.conv1(x)))]
        x = F.max_pool2d(results[0], 3, 2, 1)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
            results.append(x)
        return results


def convolution(before, after):
    return nn.Sequential(
        nn.Conv2d(before, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU())


class DecoderBlock(nn.Module):
    def __init__(self, before, skip, after):
        super().__init__()
        self.conv1 = convolution(before + skip, after)
        self.conv2 = convolution(after, after)

    def forward(self, x, skip):
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        if skip is not None:
            x = torch.cat([x, skip], 1)
        return self.conv2(self.conv1(x))


class Decoder(nn.Module):
    def __init__(self, width, filters):
        super().__init__()
        skips = [width * 4, width * 2, width, width, 0]
        before = [width * 8] + filters[:-1]
        self.blocks = nn.ModuleList(
            DecoderBlock(b, s, f) for b, s, f in zip(before, skips, filters))

    def forward(self, features):
        x = features[-1]
        for block, skip in zip(self.blocks, features[-2::-1] + [None]):
            x = block(x, skip)
        return x


class ResNetUNet(nn.Module):
    def __init__(self, channels, width, blocks, filters):
        super().__init__()
        self.encoder = Encoder(channels, width, blocks)
        self.decoder = Decoder(width, filters)
        self.segmentation_head = nn.Sequential(nn.Conv2d(filters[-1], 1, 3, 1, 1))

    def forward(self, x):
        return self.segmentation_head(self.decoder(self.encoder(x)))


# At full size it is smp's network.
theirs = smp.Unet("resnet34", encoder_weights=None, in_channels=3).eval()
ours = ResNetUNet(3, 64, [3, 4, 6, 3], [256, 128, 64, 32, 16]).eval()
ours.load_state_dict(theirs.state_dict())
image = torch.randn(1, 3, 64, 96)
with torch.no_grad():
    assert torch.equal(theirs(image), ours(image))
lines = [
    " ".join([name, *map(str, value.shape)]) for name, value in theirs.state_dict().items()]
(FOLDER / "resnet34_unet_names.txt").write_text("\n".join(lines) + "\n")

# A small one with weights and statistics that make every layer count.
net = ResNetUNet(3, 4, [2, 1, 2, 1], [16, 8, 4, 4, 2])
with torch.no_grad():
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.uniform_(0.5, 1.5)
            module.bias.uniform_(-0.5, 0.5)
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
        if isinstance(module, nn.Conv2d):
            fan_in = module.weight[0].numel()
            module.weight.uniform_(-math.sqrt(6 / fan_in), math.sqrt(6 / fan_in))
save_file(net.state_dict(), FOLDER / "small_resnet_unet.safetensors")

# Images of 20 x 30, padded by reflection to 32 x 32 and the logits cropped back, as the network in Swift
# does. It leaves out of its decoder what these logits don't depend on, which changes a batch's statistics, so that
# loss and gradients are those of the padded images as a whole.
top, left = 6, 1
image = torch.rand(4, 3, 20, 30) * 2 - 1
padded = F.pad(image, (left, left, top, top), mode="reflect")
target = (torch.rand(4, 1, 32, 32) > 0.6).float()


def cropped(z):
    return z[:, :, top:top + 20, left:left + 30]


def last(tensor):
    return tensor.detach().permute(0, 2, 3, 1).contiguous()


results = {"image": last(image), "padded": last(padded), "target": last(target)}
with torch.no_grad():
    results["logits"] = last(cropped(net.eval()(padded)))
net.train()
loss = F.binary_cross_entropy_with_logits(net(padded), target)
loss.backward()
results["loss"] = loss.detach().reshape(1)
for name, value in net.named_parameters():
    # Some whole gradients, and of all others their norm, along with that in double precision.
    if value.numel() <= 600:
        results[f"gradient/{name}"] = value.grad
    else:
        results[f"norm/{name}"] = value.grad.norm().reshape(1)
save_file(results, FOLDER / "small_resnet_unet_results.safetensors")
for path in sorted(FOLDER.glob("*resnet*")):
    print(path.name, path.stat().st_size, "bytes")
