"""CycleGAN in plain PyTorch, which `benchmark_accelerator.py` measures beside.

The networks, losses and updates of `models/cyclegan.py`, written as one writes
them in PyTorch; nothing of this package is used. Tensors have the names of the
published weights, so that `import_weights` reads them.
"""

import itertools
import random

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """Two convolutions, and the input added."""

    def __init__(self, width):
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1),
            nn.Conv2d(width, width, 3),
            nn.InstanceNorm2d(width),
            nn.ReLU(),
            nn.ReflectionPad2d(1),
            nn.Conv2d(width, width, 3),
            nn.InstanceNorm2d(width),
        )

    def forward(self, x):
        return x + self.conv_block(x)


class Generator(nn.Module):
    """Two halvings, residual blocks, two doublings."""

    def __init__(self, filters, num_blocks):
        super().__init__()
        n = filters
        layers = [nn.ReflectionPad2d(3), *_layer(nn.Conv2d(3, n, 7))]
        for a, b in ((n, 2 * n), (2 * n, 4 * n)):
            layers += _layer(nn.Conv2d(a, b, 3, 2, 1))
        layers += [Block(4 * n) for _ in range(num_blocks)]
        for a, b in ((4 * n, 2 * n), (2 * n, n)):
            layers += _layer(nn.ConvTranspose2d(a, b, 3, 2, 1, 1))
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(n, 3, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


def _layer(convolution):
    width = convolution.out_channels
    return [convolution, nn.InstanceNorm2d(width), nn.ReLU()]


class Discriminator(nn.Module):
    """The 70 by 70 PatchGAN."""

    def __init__(self, filters):
        super().__init__()
        widths = [filters * factor for factor in (1, 2, 4, 8)]
        layers = [nn.Conv2d(3, filters, 4, 2, 1), nn.LeakyReLU(0.2)]
        for a, b in itertools.pairwise(widths):
            stride = 1 if b == widths[-1] else 2
            layers.append(nn.Conv2d(a, b, 4, stride, 1))
            layers += [nn.InstanceNorm2d(b), nn.LeakyReLU(0.2)]
        layers.append(nn.Conv2d(widths[-1], 1, 4, 1, 1))
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class Pool:
    """Gives back images of earlier steps for half of those that come."""

    def __init__(self, size=50):
        self.size, self.images = size, []

    def __call__(self, images):
        chosen = []
        for image in images:
            if len(self.images) < self.size:
                self.images.append(image)
            elif random.random() < 0.5:
                place = random.randrange(self.size)
                self.images[place], image = image, self.images[place]
            chosen.append(image)
        return torch.stack(chosen)


class Training:
    """All networks, and a step of the game.

    Args:
        filters, num_blocks: as of `CycleGAN`.
        device: of torch.
    """

    def __init__(self, filters=64, num_blocks=9, device="cpu"):
        self.networks = {
            "generator_ab": Generator(filters, num_blocks),
            "generator_ba": Generator(filters, num_blocks),
            "discriminator_a": Discriminator(filters),
            "discriminator_b": Discriminator(filters),
        }
        for network in self.networks.values():
            network.to(device)
            for name, tensor in network.named_parameters():
                if name.endswith("weight"):
                    nn.init.normal_(tensor, 0, 0.02)
                else:
                    nn.init.zeros_(tensor)
        self.optimizers = [
            torch.optim.Adam(
                [p for name in names for p in self.networks[name].parameters()],
                2e-4,
                betas=(0.5, 0.999),
                fused=device == "cuda",
            )
            for names in (list(self.networks)[:2], list(self.networks)[2:])
        ]
        self.pools = Pool(), Pool()

    def step(self, a, b, cast):
        """Both players' updates; returns the unweighted losses.

        Args:
            a: images of the first domain (N, 3, H, W) in [-1, 1].
            b: of the second.
            cast: function without arguments that makes the context in which
                the losses are computed.
        """
        net = self.networks
        judges = net["discriminator_a"], net["discriminator_b"]
        l1 = functional.l1_loss
        for judge in judges:
            judge.requires_grad_(False)
        with cast():
            fake_b, fake_a = net["generator_ab"](a), net["generator_ba"](b)
            cycle = l1(net["generator_ba"](fake_b), a)
            cycle = cycle + l1(net["generator_ab"](fake_a), b)
            identity = l1(net["generator_ba"](a), a)
            identity = identity + l1(net["generator_ab"](b), b)
            adversarial = _squares(judges[0](fake_a), 1)
            adversarial = adversarial + _squares(judges[1](fake_b), 1)
            total = adversarial + 10 * cycle + 5 * identity
        self._update(0, total)
        for judge in judges:
            judge.requires_grad_(True)
        fakes = [
            pool(fake.detach())
            for pool, fake in zip(self.pools, (fake_a, fake_b))
        ]
        with cast():
            judged = sum(
                _squares(judge(real), 1) + _squares(judge(fake), 0)
                for judge, real, fake in zip(judges, (a, b), fakes)
            )
        self._update(1, 0.5 * judged)
        return {
            "generator_adversarial": adversarial,
            "generator_cycle": cycle,
            "generator_identity": identity,
            "discriminator_adversarial": judged,
        }

    def _update(self, player, loss):
        self.optimizers[player].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[player].step()


def _squares(logits, target):
    return (logits.float() - target).square().mean()
