"""A chart as SVG: title and description for those who listen, links on every mark, patterns for grey printers, no script."""

from html import escape

from digitise.report.drawing import PAPER, Area, Chart, Dot, Fill, Label, Pattern, Shape, Stroke

FONTS = "Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_STROKES = {
    Pattern.RISING: '<path d="M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4" stroke="{0}" stroke-width="2"/>',
    Pattern.FALLING: '<path d="M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4" stroke="{0}" stroke-width="2"/>',
    Pattern.CROSSED: '<path d="M0,0 l8,8 M0,8 l8,-8" stroke="{0}" stroke-width="1.6"/>',
    Pattern.DOTTED: '<circle cx="2" cy="2" r="1.4" fill="{0}"/><circle cx="6" cy="6" r="1.4" fill="{0}"/>',
    Pattern.LEVEL: '<path d="M0,2 h8 M0,6 h8" stroke="{0}" stroke-width="1.8"/>',
}


def render(chart: Chart, *, ident: str = "") -> str:
    """Return the chart as a complete SVG document; `ident` keeps ids apart where several share one page."""
    name = f"{ident}{chart.name}"
    fills = sorted(
        {shape.fill for shape in chart.shapes if isinstance(shape, Area)}, key=lambda fill: (fill.pattern, fill.colour)
    )
    ids = {fill: f"{name}-p{number}" for number, fill in enumerate(fills)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(chart.width)}" height="{_n(chart.height)}"'
        f' viewBox="0 0 {_n(chart.width)} {_n(chart.height)}" role="group" font-family="{FONTS}"'
        f' aria-labelledby="{name}-title" aria-describedby="{name}-desc">',
        f'<title id="{name}-title">{escape(chart.title)}</title>',
        f'<desc id="{name}-desc">{escape(chart.description)}</desc>',
        "<defs>" + "".join(_pattern(fill, ids[fill]) for fill in fills) + "</defs>",
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
        *(_shape(shape, ids) for shape in chart.shapes),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def _pattern(fill: Fill, ident: str) -> str:
    if fill.pattern not in _STROKES:
        return ""
    return (
        f'<pattern id="{ident}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{PAPER}"/>{_STROKES[fill.pattern].format(fill.colour)}</pattern>'
    )


def _shape(shape: Shape, ids: dict[Fill, str]) -> str:
    if isinstance(shape, Area):
        return _linked(_area(shape, ids), shape.href, shape.title)
    if isinstance(shape, Stroke):
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in shape.points)
        dash = f' stroke-dasharray="{" ".join(_n(each) for each in shape.dash)}"' if shape.dash else ""
        return (
            f'<polyline points="{points}" fill="none" stroke="{shape.colour}" stroke-width="{_n(shape.width)}"{dash}/>'
        )
    if isinstance(shape, Dot):
        inside = PAPER if shape.hollow else shape.colour
        dot = (
            f'<circle cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}" fill="{inside}"'
            f' stroke="{shape.colour}" stroke-width="2">{_title(shape.title)}</circle>'
        )
        return _linked(dot, shape.href, shape.title)
    return _linked(_label(shape), shape.href, "")


def _area(area: Area, ids: dict[Fill, str]) -> str:
    pattern = area.fill.pattern
    plain = {Pattern.SOLID: area.fill.colour, Pattern.EMPTY: PAPER}
    fill = plain.get(pattern) or f"url(#{ids[area.fill]})"
    return (
        f'<rect x="{_n(area.x)}" y="{_n(area.y)}" width="{_n(area.width)}" height="{_n(area.height)}" fill="{fill}"'
        f' stroke="{area.fill.colour}" stroke-width="1">{_title(area.title)}</rect>'
    )


def _label(label: Label) -> str:
    turned = f' transform="rotate({_n(-label.turned)} {_n(label.x)} {_n(label.y)})"' if label.turned else ""
    weight = ' font-weight="bold"' if label.bold else ""
    anchor = f' text-anchor="{label.anchor}"' if label.anchor != "start" else ""
    return (
        f'<text x="{_n(label.x)}" y="{_n(label.y)}" font-size="{_n(label.size)}" fill="{label.colour}"'
        f"{anchor}{weight}{turned}>{escape(label.text)}</text>"
    )


def _title(text: str) -> str:
    return f"<title>{escape(text)}</title>" if text else ""


def _linked(mark: str, href: str | None, title: str) -> str:
    if not href:
        return mark
    label = f' aria-label="{escape(title)}"' if title else ""
    return f'<a href="{escape(href)}"{label}>{mark}</a>'


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
