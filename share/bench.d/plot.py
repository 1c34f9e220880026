"""Growth as an SVG: both axes logarithmic, so that a straight line is a power and its slope the exponent."""

import math
from html import escape

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 440, 320, 64, 36, 36, 44
COLOURS = ["#c0392b", "#1f618d", "#7d8590", "#1e8449"]


class _Scale:
    """From values to places along an axis, whole decades at its ends."""

    def __init__(self, values, start, end):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(self.low + 1, math.ceil(math.log10(max(values))))
        self.start, self.end = start, end

    def __call__(self, value):
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def decades(self):
        return [10.0**power for power in range(self.low, self.high + 1)]


def _text(x, y, words, anchor="middle"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _time(nanoseconds):
    if nanoseconds < 1e6:
        return f"{nanoseconds / 1e3:g} us"
    return f"{nanoseconds / 1e6:g} ms" if nanoseconds < 1e9 else f"{nanoseconds / 1e9:g} s"


def _panel(title, points, offset):
    """`points`: count to row."""
    counts = sorted(points)
    names = list(points[counts[0]].samples)
    medians = {name: [(count, points[count].median(name)) for count in counts] for name in names}
    values = [value for line in medians.values() for _, value in line]
    across = _Scale(counts, offset + LEFT, offset + WIDTH - RIGHT)
    up = _Scale(values, HEIGHT - BOTTOM, TOP)
    out = [_text(offset + WIDTH / 2, 20, f"time of one start against {title}")]
    for value in across.decades():
        x = across(value)
        out.append(f'<path class="grid" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        out.append(_text(x, HEIGHT - BOTTOM + 16, f"{value:,.0f}"))
    for value in up.decades():
        y = up(value)
        out.append(f'<path class="grid" d="M{offset + LEFT} {y:.1f}H{offset + WIDTH - RIGHT}"/>')
        out.append(_text(offset + LEFT - 6, y + 4, _time(value), "end"))
    out.append(_text(offset + WIDTH / 2, HEIGHT - 8, title))
    for index, (name, line) in enumerate(medians.items()):
        colour = COLOURS[index % len(COLOURS)]
        path = " ".join(f"{across(count):.1f},{up(value):.1f}" for count, value in line)
        out.append(f'<polyline points="{path}" stroke="{colour}"/>')
        for count, value in line:
            out.append(f'<circle cx="{across(count):.1f}" cy="{up(value):.1f}" r="3" fill="{colour}"/>')
        y = TOP + 14 + 16 * index
        out.append(f'<path d="M{offset + LEFT + 8} {y - 4}h18" stroke="{colour}" stroke-width="2"/>')
        out.append(_text(offset + LEFT + 32, y, name, "start"))
    return out


def draw(growth):
    """The whole picture; None where there is nothing to draw. `growth`: title to counts to rows."""
    measured = {
        title: {count: row for count, row in rows.items() if row.state == "measured" and count}
        for title, rows in growth.items()
    }
    panels = [(title, points) for title, points in measured.items() if len(points) > 1]
    if not panels:
        return None
    width = WIDTH * len(panels)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}">',
        "<style>text{font:12px sans-serif;fill:#333}.grid{stroke:#ddd}polyline{fill:none;stroke-width:2}</style>",
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for index, (title, points) in enumerate(panels):
        out += _panel(title, points, index * WIDTH)
    return "\n".join([*out, "</svg>", ""])
