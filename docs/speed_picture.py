#!/usr/bin/env python3
"""Draws docs/speed.svg from the table "Beside other programs" in docs/MEASUREMENTS.md: candidates a second and core.

Usage: docs/speed_picture.py. The scale is logarithmic: from one tick to the next the speed is ten times higher.
"""

import math
import re
from pathlib import Path
from xml.sax.saxutils import escape

DOCS = Path(__file__).resolve().parent
ROW = re.compile(r"^\| (?P<name>[^|]+) \| (?P<least>[\d.]+)(?: to (?P<most>[\d.]+))? \|")
TICKS = [1, 10, 100]  # million
NAMES, WIDTH, BAR, GAP, TOP = 230, 460, 22, 12, 20


def rows():
    """Name and speeds, in million a second, of each row of the table."""
    text = (DOCS / "MEASUREMENTS.md").read_text(encoding="utf-8")
    section = text.split("### Beside other programs\n", 1)[1].split("\n#", 1)[0]
    for match in filter(None, map(ROW.match, section.splitlines())):
        least = float(match["least"])
        yield match["name"], least, float(match["most"] or least)


def across(speed):
    """Where a speed lies: the scale begins at half a million."""
    return NAMES + WIDTH * math.log10(speed / 0.5) / math.log10(400 / 0.5)


def svg(table):
    height = TOP + len(table) * (BAR + GAP) + 40
    floor = height - 36
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {NAMES + WIDTH + 110} {height}" role="img">',
        "<title>Candidates a second and core, beside other programs</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        '<g font-family="system-ui, sans-serif" font-size="13" fill="#1f2328">',
    ]
    for tick in TICKS:
        x = across(tick)
        lines.append(f'<path d="M{x:.1f} {TOP - 8}V{floor}" stroke="#d0d7de"/>')
        lines.append(f'<text x="{x:.1f}" y="{floor + 18}" text-anchor="middle">{tick} M/s</text>')
    for number, (name, least, most) in enumerate(table):
        y = TOP + number * (BAR + GAP)
        own = name.startswith("keygen")
        said = f"{least:g}" if least == most else f"{least:g} to {most:g}"
        lines.append(f'<text x="{NAMES - 10}" y="{y + 16}" text-anchor="end">{escape(name)}</text>')
        lines.append(
            f'<rect x="{NAMES}" y="{y}" width="{across(most) - NAMES:.1f}" height="{BAR}" rx="3" '
            f'fill="{"#0b62c4" if own else "#8c959f"}"/>'
        )
        lines.append(f'<text x="{across(most) + 6:.1f}" y="{y + 16}">{said} M/s</text>')
    return "\n".join([*lines, "</g>", "</svg>", ""])


if __name__ == "__main__":
    (DOCS / "speed.svg").write_text(svg(list(rows())), encoding="utf-8")
