"""One training step of the papers' flying-shapes RNN-EM in PyTorch: the peer of `nem-stream bench training`.

Same network, batch, unroll and loss (64 clips of 20 steps, K = 3, responsibilities held constant, Adam); prints clips/s,
median of the steps. Needs Debian's python3-torch and libopenblas0-pthread. Usage: training.py THREADS STEPS
"""
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1)
torch.set_num_threads(int(sys.argv[1]))
BATCH, STEPS, SLOTS = 64, 20, 3


class Upsampling(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 4)

    def forward(self, x):
        return self.convolution(F.pad(F.interpolate(x, scale_factor=2), (1, 2, 1, 2)))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.first_norm = nn.Conv2d(1, 32, 4, 2, 1), nn.GroupNorm(1, 32)
        self.second, self.second_norm = nn.Conv2d(32, 64, 4, 2, 1), nn.GroupNorm(1, 64)
        self.code, self.code_norm = nn.Linear(3136, 512), nn.LayerNorm(512)
        self.cell, self.cell_norm = nn.Linear(612, 100), nn.LayerNorm(100)
        self.wide, self.wide_norm = nn.Linear(100, 512), nn.LayerNorm(512)
        self.grid, self.grid_norm = nn.Linear(512, 3136), nn.LayerNorm(3136)
        self.up, self.up_norm, self.last = Upsampling(64, 32), nn.GroupNorm(1, 32), Upsampling(32, 1)

    def forward(self, delta, theta):
        x = F.elu(self.first_norm(self.first(delta)))
        x = F.elu(self.second_norm(self.second(x)))
        x = F.elu(self.code_norm(self.code(x.flatten(1))))
        theta = torch.sigmoid(self.cell_norm(self.cell(torch.cat([x, theta], 1))))
        y = F.relu(self.wide_norm(self.wide(theta)))
        y = F.relu(self.grid_norm(self.grid(y))).view(-1, 64, 7, 7)
        return torch.sigmoid(self.last(F.relu(self.up_norm(self.up(y))))), theta


network = Network()
optimizer = torch.optim.Adam(network.parameters(), 1e-3)


def step():
    x = (torch.rand(STEPS + 1, BATCH, 1, 28, 28) < 0.1).float()
    theta = torch.zeros(BATCH * SLOTS, 100)
    psi = torch.zeros(BATCH, SLOTS, 1, 28, 28)
    gamma = torch.randn(BATCH, SLOTS, 1, 28, 28).abs()
    gamma = gamma / gamma.sum(1, keepdim=True)
    loss = 0
    for t in range(STEPS):
        delta = (gamma * (x[t][:, None] - psi)).view(BATCH * SLOTS, 1, 28, 28)
        predicted, theta = network(delta, theta)
        psi, seen = predicted.view(BATCH, SLOTS, 1, 28, 28), x[t + 1][:, None]
        with torch.no_grad():
            likelihood = seen * psi + (1 - seen) * (1 - psi) + 1e-6
            gamma = likelihood / likelihood.sum(1, keepdim=True)
        p = psi.clamp(1e-6, 1 - 1e-6)
        own = -(seen * p.log() + (1 - seen) * (1 - p).log())
        loss = loss + (gamma * own - (1 - gamma) * (1 - p).log()).sum() / (BATCH * STEPS)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def seconds():
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


seconds()
print(BATCH / statistics.median(seconds() for _ in range(int(sys.argv[2]))))
