"""A drawing of how cost grows, for docs: one panel a quantity, logarithms on both axes, and dashed the line of exact
proportion through the last point. Writes SVG by hand, so that it is small, the same bytes for the same numbers, and needs
no package."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, ACROSS, UP = 250, 236, 46, 46, 190, 140


def ticks(low, high):
    """Powers of ten within, with 2 and 5 between where there is room."""
    steps = (1, 2, 5) if high / low < 300 else (1,)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [m * 10.0**e for e in range(first, last + 1) for m in steps if low <= m * 10.0**e <= high]


def shown(value):
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def panel(at_x, label, points, unit, y_low, y_high):
    x_low, x_high = points[0][0] / 1.25, points[-1][0] * 1.25

    def x(value):
        return at_x + LEFT + ACROSS * math.log(value / x_low) / math.log(x_high / x_low)

    def y(value):
        return TOP + UP * (1 - math.log(value / y_low) / math.log(y_high / y_low))

    out = [f'<rect x="{at_x + LEFT}" y="{TOP}" width="{ACROSS}" height="{UP}" fill="none" stroke="#999"/>']
    for value in ticks(y_low, y_high):
        out.append(f'<line x1="{at_x + LEFT}" x2="{at_x + LEFT + ACROSS}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
                   f'stroke="#ddd"/><text x="{at_x + LEFT - 4}" y="{y(value) + 3.5:.1f}" text-anchor="end">'
                   f'{shown(value)}</text>')
    for value, _ in points:
        out.append(f'<text x="{x(value):.1f}" y="{TOP + UP + 15}" text-anchor="middle">{shown(value)}</text>')
    last_x, last_y = points[-1]
    start_x = max(x_low, last_x * y_low / last_y)
    out.append(f'<line x1="{x(start_x):.1f}" y1="{y(last_y * start_x / last_x):.1f}" x2="{x(last_x):.1f}" '
               f'y2="{y(last_y):.1f}" stroke="#888" stroke-dasharray="4 3"/>')
    path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
    out.append(f'<polyline points="{path}" fill="none" stroke="#0b5394" stroke-width="1.5"/>')
    for a, b in points:
        out.append(f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3.2" fill="#0b5394"><title>{shown(a)} {escape(label)}: '
                   f'{b:.2g} {unit}</title></circle>')
    out.append(f'<text x="{at_x + LEFT + ACROSS / 2}" y="{TOP + UP + 33}" text-anchor="middle">{escape(label)}</text>')
    return out


def write(path, title, unit, panels):
    """panels: [(label, [(x, cost), ...])], x and cost above 0, x ascending."""
    costs = [cost for _, points in panels for _, cost in points]
    y_low, y_high = min(costs) / 1.5, max(costs) * 1.5
    width = WIDTH * len(panels)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" '
           f'viewBox="0 0 {width} {HEIGHT}" role="img" font-family="sans-serif" font-size="11" fill="#333">',
           f"<title>{escape(title)}</title>", f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>',
           f'<text x="{LEFT}" y="18" font-size="13">{escape(title)}</text>',
           f'<text x="{LEFT}" y="36">{escape(unit)}; dashed: in proportion</text>']
    for k, (label, points) in enumerate(panels):
        out += panel(k * WIDTH, label, points, unit, y_low, y_high)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([*out, "</svg>"]) + "\n")
