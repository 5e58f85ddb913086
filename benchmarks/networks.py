"""Seconds per step of SLIP on networks, in PyTorch as one would write it by hand: the rival of NetworkTimes.

    networks.py DEVICE PRECISION STEPS ROW...     DEVICE cpu or cuda; PRECISION fp32 or tf32; ROW r1, r2 (few-shot), r3, r4 (cleaning)

Sizes are those of NetworkTimes; texts are random, with the lengths that SNLI's sentences have. Few-shot learning needs no second derivatives of
its encoder, so that nn.RNN reads packed sequences (cuDNN on a GPU), once a step for both sets of all tasks. Cleaning needs them, so that its
recurrent network is a loop over time. Features, graphs and products are shared as far as the recursion allows.
"""

import statistics
import sys
import time

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

WORDS = 300
STEP = 1e-4  # short enough for random data; time does not depend on it


def sizes(layers):
    return sum(a * b + b for a, b in zip(layers, layers[1:]))


def head(y, layers, inputs):
    """A multilayer perceptron whose weights are one vector."""
    at = 0
    for k, (a, b) in enumerate(zip(layers, layers[1:])):
        weight = y[at : at + a * b].view(a, b)
        at += a * b
        inputs = inputs @ weight + y[at : at + b]
        at += b
        if k < len(layers) - 2:
            inputs = inputs.relu()
    return inputs


def lengths(count, mean, spread, longest):
    return (torch.randn(count) * spread + mean).round().clamp(2, longest).long()


class FewShot:
    """20 tasks of 20 + 20 pairs of sentences."""

    def __init__(self, device, hidden, width):
        self.rnn = nn.RNN(WORDS, hidden, 2).to(device)
        self.projection = nn.Linear(4 * hidden, hidden).to(device)
        self.layers = [hidden, width, width, 2]
        self.y = (torch.randn(sizes(self.layers)) * 0.05).to(device)
        self.z = torch.zeros_like(self.y)
        self.momentum = [torch.zeros_like(p) for p in self.parameters()]
        self.pairs = 20 * 40
        self.lengths = torch.cat([lengths(self.pairs, 14, 6, 50), lengths(self.pairs, 8, 3, 30)])
        self.texts = torch.randn(int(self.lengths.max()), 2 * self.pairs, WORDS).to(device)
        self.labels = torch.randint(2, (self.pairs,)).to(device)

    def parameters(self):
        return [*self.rnn.parameters(), *self.projection.parameters()]

    def encode(self):
        packed = pack_padded_sequence(self.texts, self.lengths, enforce_sorted=False)
        outputs, _ = pad_packed_sequence(self.rnn(packed)[0], padding_value=-1e9)
        u, v = outputs.max(0).values.split(self.pairs)
        return self.projection(torch.cat([u, v, (u - v).abs(), u * v], 1))

    def step(self):
        features = self.encode()
        support, query = features.detach().split(self.pairs // 2)
        support.requires_grad_()
        query.requires_grad_()
        labels, asked = self.labels.split(self.pairs // 2)
        y = self.y.detach().requires_grad_()
        lower = cross_entropy(head(y, self.layers, support), labels) + 1e-4 * y.square().sum()
        (gradient,) = torch.autograd.grad(lower, y, create_graph=True)
        hessian, cross = torch.autograd.grad(gradient, (y, support), self.z)
        upper = cross_entropy(head(y, self.layers, query), asked)
        up_y, up_query = torch.autograd.grad(upper, (y, query))
        total = torch.autograd.grad(features, self.parameters(), torch.cat([-cross, up_query]))
        update(self.parameters(), self.momentum, total)
        self.y = y.detach() - STEP * gradient.detach()
        self.z = self.z - STEP * (hessian - up_y)


class Cleaning:
    """512 texts of 25 words to learn from and 512 to judge by, a weight for each of 6,000."""

    def __init__(self, device, hidden, width):
        self.shapes = [(WORDS, hidden), (hidden, hidden), (hidden,), (hidden, hidden), (hidden, hidden), (hidden,)]
        self.layers = [hidden, width, 2]
        count = sum(torch.Size(s).numel() for s in self.shapes) + sizes(self.layers)
        self.y = (torch.randn(count) * 0.02).to(device)
        self.z = torch.zeros_like(self.y)
        self.x = torch.zeros(6000, device=device)
        self.momentum = [torch.zeros_like(self.x)]
        self.texts = torch.randn(2, 25, 512, WORDS).to(device)
        self.labels = torch.randint(2, (2, 512)).to(device)
        self.numbers = torch.randint(6000, (512,)).to(device)

    def logits(self, y, texts):
        at, parts = 0, []
        for shape in self.shapes:
            size = torch.Size(shape).numel()
            parts.append(y[at : at + size].view(shape))
            at += size
        values = texts
        for into, recurrent, bias in (parts[:3], parts[3:]):
            inputs, states = values @ into + bias, []
            for step in inputs.unbind(0):
                states.append((torch.addmm(step, states[-1], recurrent) if states else step).tanh())
            values = torch.stack(states)
        return head(y[at:], self.layers, values.max(0).values)

    def step(self):
        y = self.y.detach().requires_grad_()
        weights = self.x[self.numbers].sigmoid().requires_grad_()
        losses = cross_entropy(self.logits(y, self.texts[0]), self.labels[0], reduction="none")
        lower = (weights * losses).mean() + 1e-4 * y.square().sum()
        (gradient,) = torch.autograd.grad(lower, y, create_graph=True)
        hessian, cross = torch.autograd.grad(gradient, (y, weights), self.z)
        upper = cross_entropy(self.logits(y, self.texts[1]), self.labels[1])
        (up_y,) = torch.autograd.grad(upper, y)
        s = weights.detach()
        slope = torch.zeros_like(self.x).index_add_(0, self.numbers, -cross * s * (1 - s))
        update([self.x], self.momentum, [slope])
        self.y = y.detach() - STEP * gradient.detach()
        self.z = self.z - STEP * (hessian - up_y)


def update(parameters, momentum, gradients):
    """The normalised step with momentum."""
    with torch.no_grad():
        torch._foreach_mul_(momentum, 0.9)
        torch._foreach_add_(momentum, gradients, alpha=0.1)
        norm = torch.stack(torch._foreach_norm(momentum)).norm() + 1e-12
        torch._foreach_add_(parameters, [m / norm for m in momentum], alpha=-0.05)


ROWS = {
    "r1": (FewShot, 256, 128),
    "r2": (FewShot, 4096, 1024),
    "r3": (Cleaning, 256, 128),
    "r4": (Cleaning, 4096, 1024),
}


def main():
    device, precision, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.manual_seed(0)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    for row in sys.argv[4:]:
        kind, hidden, width = ROWS[row]
        work = kind(device, hidden, width)
        seconds = []
        for i in range(steps + 3):
            begin = time.perf_counter()
            work.step()
            finite = bool(work.y.isfinite().all())  # waits for the device, as Stackel's check does
            if not finite:
                raise SystemExit(f"{row} diverges")
            if i >= 3:
                seconds.append(time.perf_counter() - begin)
        print(f"{row} slip {statistics.median(seconds):.4f} {min(seconds):.4f}", flush=True)


main()
