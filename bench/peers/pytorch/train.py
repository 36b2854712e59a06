"""
Trains the same network in PyTorch's eager mode. Each line of JSON on stdin asks for one step; the answer has
its milliseconds.

    {"size": 224, "precision": "bf16", "layout": "channels_last", "batch": 32}  ->  {"ms": 1034.2}

The first answer has the versions. A model is kept while size and precision stay the same.
"""
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

CLASSES = 5
WARM_UP = 2

# 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection (paper, table 1).
MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


class Conv(nn.Module):
    def __init__(self, inputs, outputs, size, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)), inplace=True)


class Inception(nn.Module):
    def __init__(self, inputs, widths):
        super().__init__()
        one, reduce3, three, reduce5, five, pool = widths
        self.branch1 = Conv(inputs, one, 1)
        self.branch3 = nn.Sequential(Conv(inputs, reduce3, 1), Conv(reduce3, three, 3))
        self.branch5 = nn.Sequential(Conv(inputs, reduce5, 1), Conv(reduce5, five, 5))
        self.branch_pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), Conv(inputs, pool, 1))
        self.outputs = one + three + five + pool

    def forward(self, x):
        branches = (self.branch1, self.branch3, self.branch5, self.branch_pool)
        return torch.cat([branch(x) for branch in branches], 1)


def googlenet():
    """Batch norm, 5x5 third branches, no auxiliary classifiers: our variant bn5x5."""
    pool = lambda: nn.MaxPool2d(3, 2, ceil_mode=True)
    layers = [Conv(3, 64, 7, 2), pool(), Conv(64, 64, 1), Conv(64, 192, 3), pool()]
    channels = 192
    for name, widths in MODULES.items():
        if name in ("4a", "5a"):
            layers.append(pool())
        layers.append(Inception(channels, widths))
        channels = layers[-1].outputs
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4), nn.Linear(channels, CLASSES)]
    return nn.Sequential(*layers, *head)


class Training:
    def __init__(self, size, precision, layout, batch):
        torch.manual_seed(1)
        memory = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        self.model = googlenet().train().to(memory_format=memory)
        self.bf16 = precision == "bf16"
        self.images = torch.randn(batch, 3, size, size).to(memory_format=memory)
        labels = torch.arange(batch) % CLASSES
        self.labels = F.one_hot(labels, CLASSES).float() * 0.9 + 0.1 / CLASSES
        kernels = [p for p in self.model.parameters() if p.dim() > 1]
        others = [p for p in self.model.parameters() if p.dim() == 1]
        groups = [{"params": kernels, "weight_decay": 5e-4}, {"params": others, "weight_decay": 0}]
        self.optimizer = torch.optim.SGD(groups, lr=0.01, momentum=0.9, nesterov=True)

    def step(self):
        self.optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            logits = self.model(self.images)
        F.cross_entropy(logits.float(), self.labels).backward()
        self.optimizer.step()


def answer(**fields):
    print(json.dumps(fields), flush=True)


def main():
    kept, case = {}, None
    answer(version=torch.__version__.split("+")[0], threads=torch.get_num_threads())
    for line in sys.stdin:
        asked = json.loads(line)
        layout = asked["layout"]
        if case != (asked["size"], asked["precision"]):
            kept, case = {}, (asked["size"], asked["precision"])
        if layout not in kept:
            kept[layout] = Training(**asked)
            for _ in range(WARM_UP):
                kept[layout].step()
        began = time.perf_counter()
        kept[layout].step()
        answer(ms=1000 * (time.perf_counter() - began))


main()
