"""What the scripts that train this package's small nets share: how a net begins, learns by Adam, and is written.

A net is a list of arrays: for each layer its weights (inputs, outputs) and its offsets (outputs,).
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def begun(sizes: Sequence[int], lot: np.random.Generator) -> list[Floats]:
    """Return a net before anything is learnt; `sizes` are the numbers of inputs, of each hidden layer's units, of outputs."""
    net: list[Floats] = []
    for a, b in pairwise(sizes):
        net += [lot.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32), np.zeros(b, np.float32)]
    return net


def rate(turn: int, turns: int, most: float, least: float) -> float:
    """Return the share of its gradient by which a part moves in round `turn`, 0..turns-1: half a cosine down to `least`.

    It begins at `most` + `least`.
    """
    return most * 0.5 * (1 + math.cos(math.pi * turn / turns)) + least


def batches(count: int, size: int, lot: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield the numbers of `count` samples in an order drawn by lot, at most `size` at a time, (size,)."""
    order = lot.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]


class Adam:
    """The running means of a net's gradients and of their squares."""

    def __init__(self, net: list[Floats]) -> None:
        self.net, self.step = net, 0
        self.slope: list[NDArray[Any]] = [np.zeros_like(part) for part in net]
        self.size: list[NDArray[Any]] = [np.zeros_like(part) for part in net]

    def means(self, gradients: Sequence[NDArray[Any]]) -> Iterator[tuple[Floats, NDArray[Any], NDArray[Any]]]:
        """Take in one batch's gradients, of the shapes of the net's parts; yield each part, its mean gradient, its usual size.

        All three have the part's shape. The means are freed of their beginning at 0; the size is a root mean square, never 0.
        """
        self.step += 1
        for i, gradient in enumerate(gradients):
            self.slope[i] = 0.9 * self.slope[i] + 0.1 * gradient
            self.size[i] = 0.999 * self.size[i] + 0.001 * gradient**2
            slope, size = self.slope[i] / (1 - 0.9**self.step), self.size[i] / (1 - 0.999**self.step)
            yield self.net[i], slope, np.sqrt(size) + 1e-8


def write(net: Sequence[Floats], target: Path) -> None:
    """Write a net as .npz: part i as bytes `p{i}` (int8, its shape) and the size of their step `s{i}` (float32, a scalar)."""
    made: dict[str, Any] = {}
    for i, part in enumerate(net):
        step = np.float32(max(1e-9, np.abs(part).max()) / 127)
        made |= {f"s{i}": step, f"p{i}": np.round(part / step).astype(np.int8)}
    np.savez_compressed(target, **made)
