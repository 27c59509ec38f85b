"""How benchmarks print what they measured: `figure NAME VALUE GOAL ok|short`."""


def figure(name: str, value: float, goal: float, *, at_most: bool = False, of: int | None = None) -> bool:
    """Print one figure; returns whether the goal is reached. `of` tells the number it was counted from."""
    reached = value <= goal if at_most else value >= goal
    print(f"figure {name} {value} {goal} {'ok' if reached else 'short'}" + (f" of {of}" if of is not None else ""))
    return reached
