"""U-GAT-IT light in plain PyTorch; `benchmark_accelerator.py` measures it.

The networks, losses and updates of `models/ugatit.py`, written as one writes
them in PyTorch; nothing of this package is used. Tensors have the names of the
published weights, so that `import_weights` reads them. Nothing is
backpropagated into a player whose turn it is not, as in the package.
"""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import spectral_norm
from torch_cyclegan import _squares


class Mixed(nn.Module):
    """Instance and layer normalization, mixed by rho (AdaLIN, ILN)."""

    def __init__(self, width, rho, own_style=False):
        super().__init__()
        self.rho = nn.Parameter(torch.full((1, width, 1, 1), rho))
        if own_style:
            self.gamma = nn.Parameter(torch.ones(1, width, 1, 1))
            self.beta = nn.Parameter(torch.zeros(1, width, 1, 1))

    def forward(self, x, gamma=None, beta=None):
        x = x.float()
        if gamma is None:
            gamma, beta = self.gamma, self.beta
        parts = []
        for axes in ((2, 3), (1, 2, 3)):
            variance, mean = torch.var_mean(x, axes, keepdim=True)
            parts.append((x - mean) * torch.rsqrt(variance + 1e-5))
        instance, layer = parts
        return gamma * (self.rho * instance + (1 - self.rho) * layer) + beta


class Block(nn.Module):
    """Two convolutions with instance normalization, and the input added."""

    def __init__(self, width):
        super().__init__()
        self.conv_block = nn.Sequential(
            *_convolution(width, width, 3),
            nn.InstanceNorm2d(width),
            nn.ReLU(),
            *_convolution(width, width, 3),
            nn.InstanceNorm2d(width),
        )

    def forward(self, x):
        return x + self.conv_block(x)


class AdaptiveBlock(nn.Module):
    """Two convolutions with AdaLIN, and the input added."""

    def __init__(self, width):
        super().__init__()
        self.pad = nn.ReflectionPad2d(1)
        self.conv1 = nn.Conv2d(width, width, 3, bias=False)
        self.norm1 = Mixed(width, 0.9)
        self.conv2 = nn.Conv2d(width, width, 3, bias=False)
        self.norm2 = Mixed(width, 0.9)

    def forward(self, x, gamma, beta):
        y = self.norm1(self.conv1(self.pad(x)), gamma, beta).relu()
        return x + self.norm2(self.conv2(self.pad(y)), gamma, beta)


class Attention(nn.Module):
    """CAM: two classifiers, whose weights scale the features."""

    def __init__(self, width, norm=lambda layer: layer):
        super().__init__()
        self.gap_fc = norm(nn.Linear(width, 1, bias=False))
        self.gmp_fc = norm(nn.Linear(width, 1, bias=False))
        self.conv1x1 = nn.Conv2d(2 * width, width, 1)

    def attend(self, x):
        """Features before their activation, and the logits (N, 2)."""
        average, largest = x.mean((2, 3)), x.amax((2, 3))
        logits = torch.cat([self.gap_fc(average), self.gmp_fc(largest)], 1)
        scaled = [
            x * getattr(layer, "weight_orig", layer.weight)[:, :, None, None]
            for layer in (self.gap_fc, self.gmp_fc)
        ]
        return self.conv1x1(torch.cat(scaled, 1)), logits


class Generator(Attention):
    """Halvings and blocks, attention, adaptive blocks and doublings."""

    def __init__(self, filters, num_blocks):
        n = filters
        super().__init__(4 * n)
        layers = []
        for a, b, size, stride in (
            (3, n, 7, 1),
            (n, 2 * n, 3, 2),
            (2 * n, 4 * n, 3, 2),
        ):
            layers += _convolution(a, b, size, stride)
            layers += [nn.InstanceNorm2d(b), nn.ReLU()]
        blocks = [Block(4 * n) for _ in range(num_blocks)]
        self.DownBlock = nn.Sequential(*layers, *blocks)
        self.FC = nn.Sequential(
            nn.Linear(4 * n, 4 * n, bias=False),
            nn.ReLU(),
            nn.Linear(4 * n, 4 * n, bias=False),
            nn.ReLU(),
        )
        self.gamma = nn.Linear(4 * n, 4 * n, bias=False)
        self.beta = nn.Linear(4 * n, 4 * n, bias=False)
        self.adaptive = []
        for i in range(1, num_blocks + 1):
            block = AdaptiveBlock(4 * n)
            self.add_module(f"UpBlock1_{i}", block)
            self.adaptive.append(f"UpBlock1_{i}")
        layers = []
        for a, b in ((4 * n, 2 * n), (2 * n, n)):
            layers += [nn.Upsample(scale_factor=2), *_convolution(a, b, 3)]
            layers += [Mixed(b, 0.0, own_style=True), nn.ReLU()]
        self.UpBlock2 = nn.Sequential(
            *layers, *_convolution(n, 3, 7), nn.Tanh()
        )

    def forward(self, x):
        x, logits = self.attend(self.DownBlock(x))
        x = x.relu()
        style = self.FC(x.mean((2, 3)))
        gamma = self.gamma(style)[:, :, None, None]
        beta = self.beta(style)[:, :, None, None]
        for name in self.adaptive:
            x = getattr(self, name)(x, gamma, beta)
        return self.UpBlock2(x), logits


def _convolution(a, b, size, stride=1):
    return [
        nn.ReflectionPad2d((size - 1) // 2),
        nn.Conv2d(a, b, size, stride, bias=False),
    ]


class Discriminator(Attention):
    """Halvings with spectral normalization, attention, logits."""

    def __init__(self, filters, halvings):
        width = filters * 2**halvings
        super().__init__(width, spectral_norm)
        layers, before = [], 3
        for i in range(halvings + 1):
            after, stride = filters * 2**i, 2 if i < halvings else 1
            convolution = nn.Conv2d(before, after, 4, stride)
            layers += [nn.ReflectionPad2d(1), spectral_norm(convolution)]
            layers.append(nn.LeakyReLU(0.2))
            before = after
        self.model = nn.Sequential(*layers)
        self.pad = nn.ReflectionPad2d(1)
        self.conv = spectral_norm(nn.Conv2d(width, 1, 4, bias=False))

    def forward(self, x):
        x, logits = self.attend(self.model(x))
        return self.conv(self.pad(functional.leaky_relu(x, 0.2))), logits


class Training:
    """All networks, and a step of the game.

    Args:
        filters, num_blocks: as of `UGATIT`.
        device: of torch.
        most: halvings of a discriminator, for small images.
    """

    def __init__(self, filters=64, num_blocks=4, device="cpu", most=5):
        self.networks = {
            "generator_ab": Generator(filters, num_blocks),
            "generator_ba": Generator(filters, num_blocks),
        }
        for domain in "ab":
            for scale, halvings in (("global", 5), ("local", 3)):
                self.networks[f"discriminator_{domain}_{scale}"] = (
                    Discriminator(filters, min(halvings, most))
                )
        for network in self.networks.values():
            network.to(device)
        names = list(self.networks)
        self.optimizers = [
            torch.optim.Adam(
                [p for name in group for p in self.networks[name].parameters()],
                1e-4,
                betas=(0.5, 0.999),
                weight_decay=1e-4,
                fused=device == "cuda",
            )
            for group in (names[:2], names[2:])
        ]
        self.rhos = [
            p
            for name in names[:2]
            for key, p in self.networks[name].named_parameters()
            if key.endswith("rho")
        ]

    def step(self, a, b, cast):
        """As of `torch_cyclegan.Training`."""
        net, l1 = self.networks, functional.l1_loss
        judges = {
            domain: [
                net[f"discriminator_{domain}_{s}"] for s in ("global", "local")
            ]
            for domain in "ab"
        }
        with torch.no_grad(), cast():
            fakes = {"a": net["generator_ba"](b)[0]}
            fakes["b"] = net["generator_ab"](a)[0]
        with cast():
            judged = sum(
                _squares(logits, target)
                for domain, real in (("a", a), ("b", b))
                for judge in judges[domain]
                for images, target in ((real, 1), (fakes[domain], 0))
                for logits in judge(images)
            )
        self._update(1, judged)
        for judge in judges["a"] + judges["b"]:
            judge.requires_grad_(False)
        with cast():
            (fake_b, cam_b), (fake_a, cam_a) = (
                net["generator_ab"](a),
                net["generator_ba"](b),
            )
            cycle = l1(net["generator_ba"](fake_b)[0], a)
            cycle = cycle + l1(net["generator_ab"](fake_a)[0], b)
            same_a, of_a = net["generator_ba"](a)
            same_b, of_b = net["generator_ab"](b)
            identity = l1(same_a, a) + l1(same_b, b)
            cam = sum(
                _cross_entropy(logits, target)
                for logits, target in (
                    (cam_a, 1),
                    (of_a, 0),
                    (cam_b, 1),
                    (of_b, 0),
                )
            )
            adversarial = sum(
                _squares(logits, 1)
                for domain, fake in (("a", fake_a), ("b", fake_b))
                for judge in judges[domain]
                for logits in judge(fake)
            )
            total = adversarial + 10 * cycle + 10 * identity + 1000 * cam
        self._update(0, total)
        with torch.no_grad():
            for rho in self.rhos:
                rho.clamp_(0, 1)
        for judge in judges["a"] + judges["b"]:
            judge.requires_grad_(True)
        return {
            "discriminator_adversarial": judged,
            "generator_adversarial": adversarial,
            "generator_cycle": cycle,
            "generator_identity": identity,
            "generator_cam": cam,
        }

    def _update(self, player, loss):
        self.optimizers[player].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[player].step()


def _cross_entropy(logits, target):
    logits = logits.float()
    return functional.binary_cross_entropy_with_logits(
        logits, torch.full_like(logits, target)
    )
