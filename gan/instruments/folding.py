"""Convolutions that have swallowed their batch normalisation: the same function in eval mode with fewer steps to
differentiate."""

from __future__ import annotations

import copy
from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def folded(network: nn.Module) -> nn.Module:
    """A frozen copy in eval mode. Where batch normalisation follows a convolution in an ``nn.Sequential``, the two
    become one convolution (exact up to rounding); everything else stays as it is. A network without weights of its own,
    an ONNX session for example, is not copied: it may not know how, and has nothing to fold."""
    if next(network.parameters(), None) is None:
        return network.eval()
    network = copy.deepcopy(network).eval().requires_grad_(False)
    for part in network.modules():
        if isinstance(part, nn.Sequential):
            for (name, first), (next_name, second) in list(pairwise(part.named_children())):
                if isinstance(first, nn.Conv2d | nn.ConvTranspose2d) and isinstance(second, nn.BatchNorm2d):
                    if second.running_mean is None:  # it normalises by the statistics of the batch
                        continue
                    setattr(part, name, fuse_conv_bn_eval(first, second, isinstance(first, nn.ConvTranspose2d)))
                    setattr(part, next_name, nn.Identity())
    return network.requires_grad_(False)
