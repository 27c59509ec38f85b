"""How many dots per inch a page image has: what the file says where that is believable, else what A4 would have."""

from dataclasses import dataclass

A4_INCHES = (8.27, 11.69)
_PAPERS = ((8.27, 11.69), (11.69, 16.54), (5.83, 8.27), (8.5, 11.0), (8.5, 14.0), (16.54, 23.39))  # short, long; inches
_DEFAULTS = {1.0, 72.0, 96.0}  # what cameras, phones and programs write when they do not know
_PAPER_TOLERANCE = 0.04
_PHYSICAL = (1.2, 48.0)  # inches of a page's sides, from an identity card to an A0 drawing
_DPI = (60.0, 1300.0)  # below is no scan, above no office scanner delivers
_SHEET = (1.15, 1.8)  # long to short side of whole sheets: A4 1.41, letter 1.29, legal 1.65
_CUTTING_DPI = 200.0
_SMALL_PIXELS = 600  # an image with both sides shorter is a cutting, not a page
_SMALL_DPI = 150.0
_USUAL = (300.0, 200.0, 150.0, 400.0, 600.0, 100.0)  # an estimate this near to a scanner's setting is that setting
_SQUARE = 1.03  # axes that differ by less are taken as equal


@dataclass(frozen=True, slots=True)
class Resolution:
    """Dots per inch along the image's width and height."""

    x: float
    y: float
    believed: bool  # False: estimated from the paper size

    @property
    def square(self) -> bool:
        """Say whether both axes are alike; fax images are not."""
        return max(self.x, self.y) <= _SQUARE * min(self.x, self.y)


def resolution(width: int, height: int, said: tuple[float, float] | None) -> Resolution:
    """Return the resolution of an image of `width` x `height` pixels for which the file says `said`."""
    if said and _believable(width, height, said):
        return Resolution(said[0], said[1], True)
    dpi = estimate(width, height)
    return Resolution(dpi, dpi, False)


def estimate(width: int, height: int) -> float:
    """Return the resolution at which the image just fits an A4 sheet; what has not a sheet's shape is a cutting."""
    if max(width, height) < _SMALL_PIXELS:
        return _SMALL_DPI
    short, long = sorted((width, height))
    if not _SHEET[0] * short <= long <= _SHEET[1] * short:
        return max(_CUTTING_DPI, min(long / A4_INCHES[1], _DPI[1]))
    exact = min(max(short / A4_INCHES[0], long / A4_INCHES[1], _DPI[0]), _DPI[1])
    return next((usual for usual in _USUAL if abs(exact - usual) <= _SQUARE * usual - usual), exact)


def _believable(width: int, height: int, said: tuple[float, float]) -> bool:
    if not all(_DPI[0] <= axis <= _DPI[1] for axis in said):
        return False
    short, long = sorted((width / said[0], height / said[1]))
    if not (_PHYSICAL[0] / 4 <= short and long <= _PHYSICAL[1]):
        return False
    if round(said[0]) not in _DEFAULTS:  # PNG keeps pixels per metre: 72 comes back as 71.98
        return True
    return any(
        abs(short - paper[0]) <= _PAPER_TOLERANCE * paper[0] and abs(long - paper[1]) <= _PAPER_TOLERANCE * paper[1]
        for paper in _PAPERS
    )
