"""Door 1: `digitise …`. Commands load when they are called, so that `digitise --help` is quick."""

from digitise.cli.entry import main

__all__ = ["main"]
