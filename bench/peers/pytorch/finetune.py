"""
Fine-tunes the weights of a Hebb package (BVLC's GoogLeNet, variant `lrn`) in PyTorch with torchvision's transforms:
the plain recipe that `npm run bench -- transfer` compares `hebb train --init` with. Prints a line of JSON per epoch.

    python finetune.py --package models/imagenet --data flowers --epochs 7 --precision bf16

All layers are trained by SGD (Nesterov, momentum 0.9), the classifier at ten times the trunk's rate, with a cosine
schedule; crops of 0.35 to 1, mirrored; label smoothing 0.1; the averaged weights are measured (decay 0.998).
"""
import argparse
import json
import time
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torchvision import datasets, transforms

MODULES = ["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"]


def conv(weights, name, stride=1):
    kernel = weights[f"{name}/kernel"]  # height, width, in, out
    size, _, inputs, outputs = kernel.shape
    layer = nn.Conv2d(inputs, outputs, size, stride, size // 2)
    layer.weight.data = kernel.permute(3, 2, 0, 1).contiguous()
    layer.bias.data = weights[f"{name}/bias"].clone()
    return nn.Sequential(layer, nn.ReLU(inplace=True))


class Inception(nn.Module):
    def __init__(self, weights, name):
        super().__init__()
        at = lambda part: conv(weights, f"inception{name}/{part}")
        self.branches = nn.ModuleList([
            at("1x1"),
            nn.Sequential(at("3x3_reduce"), at("3x3")),
            nn.Sequential(at("5x5_reduce"), at("5x5")),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), at("pool_proj")),
        ])

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


def googlenet(weights, classes):
    pool = lambda: nn.MaxPool2d(3, 2, ceil_mode=True)
    norm = lambda: nn.LocalResponseNorm(5, 1e-4, 0.75, 1)
    trunk = [conv(weights, "conv1", 2), pool(), norm(), conv(weights, "conv2_reduce"), conv(weights, "conv2"), norm(), pool()]
    for name in MODULES:
        if name in ("4a", "5a"):
            trunk.append(pool())
        trunk.append(Inception(weights, name))
    classifier = nn.Linear(1024, classes)
    nn.init.normal_(classifier.weight, std=0.01)
    nn.init.zeros_(classifier.bias)
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4), classifier)
    return nn.ModuleDict({"trunk": nn.Sequential(*trunk), "head": head})


def run(model, images):
    return model["head"](model["trunk"](images))


def to_input(manifest):
    """uint8 RGB [3, s, s] -> the package's input: (v - mean) * scale, in its channel order."""
    of = manifest["preprocessing"]
    mean = torch.tensor(of["mean"]).view(3, 1, 1)
    scale = torch.tensor(of["scale"], dtype=torch.float32).view(3, 1, 1)
    if of["channelOrder"] == "bgr":
        return lambda pixels: (pixels.flip(0).float() - mean.flip(0)) * scale
    return lambda pixels: (pixels.float() - mean) * scale


def loaders(options, manifest):
    size = options.size
    tail = [transforms.PILToTensor(), to_input(manifest)]
    train = [transforms.RandomResizedCrop(size, (0.35, 1)), transforms.RandomHorizontalFlip(), *tail]
    val = [transforms.Resize(round(size * 256 / 224)), transforms.CenterCrop(size), *tail]
    folder = lambda side, steps: datasets.ImageFolder(Path(options.data) / side, transforms.Compose(steps))
    train, val = folder("train", train), folder("val", val)
    order = torch.Generator().manual_seed(options.seed)
    return (
        torch.utils.data.DataLoader(train, options.batch, shuffle=True, drop_last=True, generator=order),
        torch.utils.data.DataLoader(val, 50),
        len(train.classes),
    )


@torch.no_grad()
def top1(model, loader, autocast):
    model.eval()
    right = total = 0
    for images, labels in loader:
        with autocast():
            answers = run(model, images.to(memory_format=torch.channels_last)).argmax(1)
        right += (answers == labels).sum().item()
        total += len(labels)
    return right / total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=0.01)
    parser.add_argument("--precision", choices=["f32", "bf16"], default="bf16")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    manifest = json.loads((Path(options.package) / "manifest.json").read_text())
    weights = load_file(Path(options.package) / "weights.f32.safetensors")
    train, val, classes = loaders(options, manifest)
    model = googlenet(weights, classes).to(memory_format=torch.channels_last)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.998))
    groups = [
        {"params": model["trunk"].parameters(), "lr": options.rate / 10},
        {"params": model["head"].parameters(), "lr": options.rate},
    ]
    optimizer = torch.optim.SGD(groups, momentum=0.9, nesterov=True, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.epochs * len(train))
    autocast = lambda: torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16")
    began = time.perf_counter()
    for epoch in range(options.epochs):
        model.train()
        for images, labels in train:
            optimizer.zero_grad()
            with autocast():
                logits = run(model, images.to(memory_format=torch.channels_last))
            F.cross_entropy(logits.float(), labels, label_smoothing=0.1).backward()
            optimizer.step()
            schedule.step()
            average.update_parameters(model)
        figures = {"epoch": epoch + 1, "seconds": time.perf_counter() - began}
        figures["top1"] = top1(average.module, val, autocast)
        print(json.dumps(figures), flush=True)


main()
