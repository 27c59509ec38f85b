"""A chart drawn on a page: the same shapes as its SVG."""

from typing import Any

from reportlab.lib.colors import HexColor, white
from reportlab.platypus import Flowable

from digitise.report.drawing import Area, Chart, Dot, Label, Pattern, Shape, Stroke
from digitise.report.pdf_fonts import BOLD, REGULAR

_SPACING = 5.0  # points between the strokes of a pattern


class ChartFlowable(Flowable):
    """A chart scaled to `width` points."""

    def __init__(self, chart: Chart, width: float) -> None:
        super().__init__()
        self._chart = chart
        self._scale = width / chart.width
        self.width, self.height = width, chart.height * self._scale

    def wrap(self, *_available: float) -> tuple[float, float]:
        """Return the size on the page."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw every shape, y turned upwards."""
        canvas: Any = self.canv
        canvas.saveState()
        canvas.scale(self._scale, self._scale)
        for shape in self._chart.shapes:
            _draw(canvas, shape, self._chart.height)
        canvas.restoreState()


def _draw(canvas: Any, shape: Shape, height: float) -> None:
    if isinstance(shape, Area):
        _area(canvas, shape, height)
    elif isinstance(shape, Stroke):
        canvas.setStrokeColor(HexColor(shape.colour))
        canvas.setLineWidth(shape.width)
        canvas.setDash(list(shape.dash))
        path = canvas.beginPath()
        path.moveTo(shape.points[0][0], height - shape.points[0][1])
        for x, y in shape.points[1:]:
            path.lineTo(x, height - y)
        canvas.drawPath(path)
        canvas.setDash([])
    elif isinstance(shape, Dot):
        canvas.setStrokeColor(HexColor(shape.colour))
        canvas.setFillColor(white if shape.hollow else HexColor(shape.colour))
        canvas.setLineWidth(1.6)
        canvas.circle(shape.x, height - shape.y, shape.radius, fill=1)
    else:
        _label(canvas, shape, height)


def _label(canvas: Any, label: Label, height: float) -> None:
    canvas.setFillColor(HexColor(label.colour))
    canvas.setFont(BOLD if label.bold else REGULAR, label.size * 1.1)  # Tinos runs smaller than a screen's sans serif
    write = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}
    write[label.anchor](label.x, height - label.y, label.text)


def _area(canvas: Any, area: Area, height: float) -> None:
    x, y = area.x, height - area.y - area.height
    colour = HexColor(area.fill.colour)
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(0.7)
    canvas.setFillColor(colour if area.fill.pattern is Pattern.SOLID else white)
    canvas.rect(x, y, area.width, area.height, fill=1)
    if area.fill.pattern in (Pattern.SOLID, Pattern.EMPTY):
        return
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(x, y, area.width, area.height)
    canvas.clipPath(clip, stroke=0)
    _hatch(canvas, area.fill.pattern, x, y, area.width, area.height)
    canvas.restoreState()


def _hatch(canvas: Any, pattern: Pattern, x: float, y: float, width: float, height: float) -> None:
    """Fill a rectangle; strokes start on one grid of the page, so that neighbours meet."""
    canvas.setLineWidth(1.1)
    if pattern is Pattern.DOTTED:
        canvas.setFillColor(canvas._strokeColorObj)
        for row in range(int(height // _SPACING) + 2):
            for column in range(int(width // _SPACING) + 2):
                shift = _SPACING / 2 if row % 2 else 0
                canvas.circle(x + column * _SPACING + shift, y + row * _SPACING + 1.5, 0.9, stroke=0, fill=1)
        return
    if pattern is Pattern.LEVEL:
        for step in range(int(height // 4) + 2):
            canvas.line(x, y + step * 4 + 1.5, x + width, y + step * 4 + 1.5)
        return
    for step in range(int((width + height) // _SPACING) + 2):
        along = x - height + step * _SPACING
        if pattern in (Pattern.RISING, Pattern.CROSSED):
            canvas.line(along, y, along + height, y + height)
        if pattern in (Pattern.FALLING, Pattern.CROSSED):
            canvas.line(along, y + height, along + height, y)
