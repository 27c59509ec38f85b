"""Fit the weights of `digitise.scan.doubt` on pages whose text is known.

    python -m scripts.fit_doubt DIR… [--papers 112] [--first 70000] [--cache DIR] [--new TRAIT…]

DIRs are corpora with truth (`tests/bench/ocr.py`); drawn papers of `tests/papers` join them, each with the next damage. Every page goes
through the real pipeline; each word read is wrong or right. Prints what share of letter errors the 2 % of words with the most doubt hold,
for documents left out of the fitting (five parts in turn), then the weights of the fit to all, as they stand in the module.
With `--new` only these traits and `always` are fitted and the others keep the module's weights: with a hundred wrong words on real
pages, fitting all of them anew moves the order of words more than a new trait does. The last four were fitted so, to both given
corpora and 69 drawn papers from seed 76000.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitise.model.recognition import PageText
from digitise.scan.doubt import WEIGHTS, traits
from tests.bench.fields import Case, corpus_cases, drawn_cases, read
from tests.bench.reading import Truth, score, truths
from tests.papers import paper

WORST = 0.02  # share of words that people look at
RIDGE = 2.0
PARTS = 5

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """The words of one document: what is told about each, and how many letters of it are wrong."""

    group: str
    rows: Floats
    errors: Floats


def sample(group: str, pages: Sequence[tuple[PageText, Truth]]) -> Sample:
    """Return what is learnt from one document."""
    rows, errors = [], []
    for page, truth in pages:
        counted = score(truth, page.text, [(word.text, 0.0) for word in page.words]).worst
        rows.append(traits(page.words)[: len(counted)])
        errors += [float(count) for _, count in counted]
    return Sample(group, np.concatenate(rows), np.array(errors))


def fitted(samples: Sequence[Sample], new: Sequence[str] = ()) -> Floats:
    """Return weights by Newton's steps on the ridged likelihood; counting words with more errors more made none better.

    Where traits are said to be `new`, all others but `always` keep the weights that the module has.
    """
    rows = np.concatenate([s.rows for s in samples])
    wrong = (np.concatenate([s.errors for s in samples]) > 0).astype(float)
    free = np.array([not new or name in ("always", *new) for name in WEIGHTS])
    weights = np.where(free, 0.0, list(WEIGHTS.values()))
    x = rows[:, free]
    for _ in range(40):
        told = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = x.T @ (wrong - told) - RIDGE * weights[free]
        bend = (x * (told * (1 - told))[:, None]).T @ x + RIDGE * np.eye(x.shape[1])
        step = np.linalg.solve(bend, slope)
        weights[free] += step
        if np.abs(step).max() < 1e-6:
            break
    return weights


def held(samples: Sequence[Sample], weights: Sequence[Floats]) -> float:
    """Return the share of letter errors in the words of most doubt, each document by its own weights."""
    doubt = np.concatenate([s.rows @ w for s, w in zip(samples, weights, strict=True)])
    errors = np.concatenate([s.errors for s in samples])
    worst = np.argsort(-doubt, kind="stable")[: round(WORST * len(doubt))]
    return float(errors[worst].sum() / max(1.0, errors.sum()))


def report(samples: Sequence[Sample], new: Sequence[str] = ()) -> Floats:
    """Print the shares for documents left out, and the weights fitted to all; return these."""
    left_out = [
        fitted([s for i, s in enumerate(samples) if i % PARTS != part], new) for part in range(min(PARTS, len(samples)))
    ]
    own = [left_out[i % PARTS] for i in range(len(samples))]
    for group in [*dict.fromkeys(s.group for s in samples), "all"]:
        chosen = [(s, w) for s, w in zip(samples, own, strict=True) if group in (s.group, "all")]
        share = held([s for s, _ in chosen], [w for _, w in chosen])
        words = sum(len(s.errors) for s, _ in chosen)
        print(f"{group:8} {words:7} words, left out of the fitting: {share:.3f} of the errors in the worst 2 %")
    weights = fitted(samples, new)
    for name, weight in zip(WEIGHTS, weights, strict=True):
        print(f'    "{name}": {weight:.2f},')
    return weights


def corpus(folder: Path, cache: Path | None) -> list[Sample]:
    """Return one sample per document of a corpus."""
    known = {truth.name: truth for truth in truths(folder)}
    made = []
    for case in corpus_cases(folder):
        names = sorted(name for name in known if name.startswith(f"{case.id}_p"))
        made.append(sample(folder.name, list(zip(read(case, cache), (known[name] for name in names), strict=True))))
    return made


def drawn(count: int, first: int, cache: Path | None) -> list[Sample]:
    """Return one sample per drawn paper."""
    made = []
    for seed, case in zip(range(first, first + count), drawn_cases(count, first), strict=True):
        sheets = paper(seed).sheets  # ink over the type is no part of the text
        pages = [
            (page, _truth(case, list(sheet.orders))) for page, sheet in zip(read(case, cache), sheets, strict=True)
        ]
        made.append(sample("drawn", pages))
    return made


def _truth(case: Case, orders: list[str]) -> Truth:
    return Truth(case.id, Path(), case.profile, case.images[0][1], orders, orders[0].split("\n"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dirs", nargs="*", type=Path)
    parser.add_argument("--papers", type=int, default=112)
    parser.add_argument("--first", type=int, default=70_000)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--new", nargs="+", choices=list(WEIGHTS), default=[], metavar="TRAIT")
    args = parser.parse_args()
    samples = [one for folder in args.dirs for one in corpus(folder, args.cache)]
    report([*samples, *drawn(args.papers, args.first, args.cache)], args.new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
