"""Panels of a dashboard as one SVG, from what Prometheus answered: lines, stacks, numbers, bars and tables."""

import math
import re
from xml.sax.saxutils import escape

CELL_W, CELL_H, GAP = 50, 30, 8
WIDTH = 24 * CELL_W
COLOURS = ["#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#37872d", "#8ab8ff", "#ffcb7d", "#ff7383",
           "#ca95e5", "#56a64b", "#3274d9", "#e0b400", "#e02f44", "#8f3bb8"]
NAMED = {"green": "#73bf69", "orange": "#ff9830", "red": "#f2495c"}
BACK, CARD, EDGE, TEXT, SOFT, GRID = "#111217", "#181b1f", "#26292e", "#d8d9da", "#8e9196", "#24272c"


def label(sample: dict, legend: str) -> str:
    if legend in ("", "__auto"):
        return ", ".join(value for name, value in sample["metric"].items() if not name.startswith("__"))
    return re.sub(r"\{\{(\w+)\}\}", lambda found: sample["metric"].get(found[1], ""), legend)


def number(value: float, unit: str) -> str:
    if math.isnan(value):
        return "–"
    if unit == "percentunit":
        return f"{value * 100:,.0f} %" if abs(value) >= 1 else f"{value * 100:.3g} %" if value >= 0.01 else f"{value * 100:.2g} %"
    if unit == "s":
        for size, name in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")):
            if abs(value) >= size:
                return f"{value / size:.3g} {name}"
        return "0 s"
    if unit in ("bytes", "Bps"):
        ending = "B/s" if unit == "Bps" else "B"
        for power, name in ((4, "Ti"), (3, "Gi"), (2, "Mi"), (1, "Ki")):
            if abs(value) >= 1024**power:
                return f"{value / 1024**power:.3g} {name}{ending}"
        return f"{value:.3g} {ending}"
    ending = "/s" if unit == "ops" else ""
    for size, name in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if abs(value) >= size:
            return f"{value / (1e3 if size == 1e4 else size):.3g}{name}{ending}"
    return f"{value:,.0f}{ending}" if abs(value) >= 100 else f"{value:.3g}{ending}"


def ticks(low: float, high: float, unit: str) -> list[float]:
    if unit == "percentunit" and high <= 1.001:
        return [0, 0.25, 0.5, 0.75, 1] if high > 0.5 else [high * i / 4 for i in range(5)]
    span = (high - low) or 1
    scale = 1.0
    if unit in ("bytes", "Bps"):
        scale = 1024.0 ** max(0, int(math.log(max(span, 1), 1024)))
    step = 10 ** math.floor(math.log10(span / scale / 4))
    step = scale * next(step * factor for factor in (1, 2, 2.5, 5, 10) if step * factor >= span / scale / 4.5)
    if unit == "s" and span > 120:
        step = next((one for one in (60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200) if one >= span / 4.5), step)
    first = math.ceil(low / step - 1e-9)
    return [step * i for i in range(first, int(high / step + 1e-9) + 1)]


def text(x: float, y: float, said: str, size: int = 11, colour: str = TEXT, anchor: str = "start", weight: str = "normal") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{escape(said)}</text>")


def shortened(said: str, characters: int) -> str:
    return said if len(said) <= characters else said[: max(1, characters - 1)] + "…"


def colour_of(value: float, defaults: dict) -> str:
    colour = NAMED["green"]
    for step in defaults["thresholds"]["steps"]:
        if step["value"] is None or value >= step["value"]:
            colour = NAMED.get(step["color"], step["color"])
    return colour


class Panel:
    """One panel in its place; `one` has "panel" (Grafana's) and "answers"."""

    def __init__(self, one: dict, x: float, y: float, width: float, height: float):
        self.panel, self.answers = one["panel"], one["answers"]
        self.x, self.y, self.width, self.height = x, y, width, height
        self.defaults = self.panel["fieldConfig"]["defaults"]
        self.unit = self.defaults.get("unit", "short")

    def drawn(self) -> str:
        frame = (f'<rect x="{self.x:.0f}" y="{self.y:.0f}" width="{self.width:.0f}" height="{self.height:.0f}" rx="3" fill="{CARD}" '
                 f'stroke="{EDGE}"/>' + text(self.x + 10, self.y + 19, self.panel["title"], 12, TEXT, weight="600"))
        return frame + getattr(self, self.panel["type"])()

    def lines(self) -> list[tuple[str, list[tuple[float, float]]]]:
        found = []
        for answer in self.answers:
            for sample in answer["result"]:
                points = [(moment, float(value)) for moment, value in sample["values"]]
                found.append((label(sample, answer["legend"]), [(t, v) for t, v in points if math.isfinite(v)]))
        found = [one for one in found if one[1]]
        # Many lines are told apart by size only: the largest first.
        return sorted(found, key=lambda one: -sum(v for _, v in one[1])) if len(found) > 8 else found

    def timeseries(self) -> str:
        lines = self.lines()
        left, right, top, bottom = self.x + 58, self.x + self.width - 12, self.y + 32, self.y + self.height - 44
        if not lines:
            return text((left + right) / 2, (top + bottom) / 2, "nothing", 12, SOFT, "middle")
        stacked = self.defaults.get("custom", {}).get("stacking", {}).get("mode") == "normal"
        begin = min(points[0][0] for _, points in lines)
        end = max(points[-1][0] for _, points in lines)
        moments = sorted({t for _, points in lines for t, _ in points})
        floor = dict.fromkeys(moments, 0.0)
        areas = []
        for name, points in lines:
            if stacked:
                values = dict(points)
                lower = dict(floor)
                for moment in moments:
                    floor[moment] += values.get(moment, 0)
                areas.append((name, [(t, lower[t], floor[t]) for t in moments], points))
            else:
                areas.append((name, [(t, 0.0, v) for t, v in points], points))
        high = max(v for _, area, _ in areas for _, _, v in area)
        low = min(0.0, min(v for _, area, _ in areas for _, _, v in area))
        high = max(high, self.defaults.get("max") or 0) or 1
        high += 0 if self.defaults.get("max") else (high - low) * 0.08

        def at(t: float, v: float) -> tuple[float, float]:
            return (left + (t - begin) / ((end - begin) or 1) * (right - left), bottom - (v - low) / (high - low) * (bottom - top))

        out = ""
        for tick in ticks(low, high, self.unit):
            _, y = at(begin, tick)
            out += f'<line x1="{left:.0f}" x2="{right:.0f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>'
            out += text(left - 6, y + 4, number(tick, self.unit) if tick else "0", 10, SOFT, "end")
        for minutes in range(0, int((end - begin) / 60) + 1, max(1, round((end - begin) / 60 / 6))):
            x, _ = at(begin + minutes * 60, low)
            out += text(x, bottom + 14, f"{minutes} min" if minutes else "0", 10, SOFT, "middle")
        for i, (_, area, _) in reversed(list(enumerate(areas))):
            colour = COLOURS[i % len(COLOURS)]
            for piece in self.pieces(area):
                over = " ".join("{:.1f},{:.1f}".format(*at(t, v)) for t, _, v in piece)
                under = " ".join("{:.1f},{:.1f}".format(*at(t, v)) for t, v, _ in reversed(piece))
                opacity = 0.5 if stacked else 0.08
                out += f'<polygon points="{over} {under}" fill="{colour}" fill-opacity="{opacity}"/>'
                out += f'<polyline points="{over}" fill="none" stroke="{colour}" stroke-width="1.3"/>'
        return out + self.legend([(name, points[-1][1]) for name, _, points in areas])

    @staticmethod
    def pieces(area: list) -> list[list]:
        """Where there was nothing for a while, the line breaks."""
        steps = sorted(b[0] - a[0] for a, b in zip(area, area[1:], strict=False))
        usual = steps[len(steps) // 2] if steps else 1
        pieces = [[area[0]]]
        for before, now in zip(area, area[1:], strict=False):
            if now[0] - before[0] > 3 * usual:
                pieces.append([])
            pieces[-1].append(now)
        return pieces

    def legend(self, names: list[tuple[str, float]]) -> str:
        out, x, y = "", self.x + 12, self.y + self.height - 11
        for i, (name, last) in enumerate(names):
            said = f"{shortened(name, 30)}  {number(last, self.unit)}"
            room = 20 + 5.9 * len(said)
            if x + room > self.x + self.width - 30 and i:
                return out + text(x, y, f"+{len(names) - i}", 10, SOFT)
            out += f'<rect x="{x:.0f}" y="{y - 7:.0f}" width="10" height="4" rx="1" fill="{COLOURS[i % len(COLOURS)]}"/>'
            out += text(x + 14, y, said, 10, SOFT)
            x += room
        return out

    def last(self) -> list[tuple[str, float]]:
        found = []
        for answer in self.answers:
            for sample in answer["result"]:
                value = sample["values"][-1][1] if "values" in sample else sample["value"][1]
                found.append((label(sample, answer["legend"]), float(value)))
        return found

    def stat(self) -> str:
        found = self.last()
        out = ""
        for i, (name, value) in enumerate(found):
            x = self.x + self.width * (2 * i + 1) / (2 * len(found))
            y = self.y + self.height / 2 + 22
            out += text(x, y, number(value, self.unit), 30 if len(found) < 2 else 24, colour_of(value, self.defaults), "middle", "600")
            if len(found) > 1:
                out += text(x, y + 24, name, 11, SOFT, "middle")
        return out or text(self.x + self.width / 2, self.y + self.height / 2 + 10, "nothing", 12, SOFT, "middle")

    def bargauge(self) -> str:
        lowest_first = "bottomk" in self.panel["targets"][0]["expr"]
        found = sorted((one for one in self.last() if math.isfinite(one[1])), key=lambda one: one[1] if lowest_first else -one[1])
        room = self.height - 40
        found = found[: int(room // 17)]
        if not found:
            return text(self.x + self.width / 2, self.y + self.height / 2 + 10, "nothing yet", 12, SOFT, "middle")
        high = self.defaults.get("max") or max(value for _, value in found) or 1
        thick = min(22, room / len(found))
        left, right, out = self.x + 158, self.x + self.width - 70, ""
        for i, (name, value) in enumerate(found):
            y = self.y + 32 + i * thick
            colour = colour_of(value, self.defaults)
            out += text(left - 8, y + thick / 2 + 4, shortened(name, 24), 11, TEXT, "end")
            out += f'<rect x="{left:.0f}" y="{y + 3:.1f}" width="{right - left:.0f}" height="{thick - 6:.1f}" fill="{GRID}"/>'
            out += (f'<rect x="{left:.0f}" y="{y + 3:.1f}" width="{max(1, (right - left) * min(1, value / high)):.1f}" '
                    f'height="{thick - 6:.1f}" fill="{colour}" fill-opacity="0.85"/>')
            out += text(right + 8, y + thick / 2 + 4, number(value, self.unit), 11, colour)
        return out

    def table(self) -> str:
        rows = [(", ".join(f"{name} {value}" for name, value in sample["metric"].items() if not name.startswith("__")),
                 float(sample["value"][1])) for answer in self.answers for sample in answer["result"]]
        if not rows:
            return text(self.x + self.width / 2, self.y + self.height / 2 + 10, "none", 12, SOFT, "middle")
        out = ""
        for i, (name, value) in enumerate(rows[: int((self.height - 40) // 22)]):
            y = self.y + 46 + i * 22
            out += text(self.x + 12, y, shortened(name, int((self.width - 60) / 6.2)), 11)
            out += text(self.x + self.width - 12, y, number(value, self.unit), 11, SOFT, "end")
            out += f'<line x1="{self.x + 10:.0f}" x2="{self.x + self.width - 10:.0f}" y1="{y + 7:.0f}" y2="{y + 7:.0f}" stroke="{GRID}"/>'
        return out


def picture(board: str, drawn: list[dict]) -> str:
    """The whole dashboard. `drawn`: its panels with their rows and answers."""
    out, row = "", ""
    lowest = 0.0
    for one in drawn:
        place = one["panel"]["gridPos"]
        x, y = GAP + place["x"] * CELL_W, GAP + place["y"] * CELL_H
        if one["row"] != row:
            row = one["row"]
            out += text(GAP + 4, GAP + (place["y"] - 1) * CELL_H + 21, row, 14, TEXT, weight="600")
        width, height = place["w"] * CELL_W - GAP, place["h"] * CELL_H - GAP
        out += Panel(one, x, y, width, height).drawn()
        lowest = max(lowest, y + height)
    size = f'width="{WIDTH + GAP}" height="{lowest + GAP:.0f}"'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH + GAP} {lowest + GAP:.0f}" '
            f'font-family="Inter, Helvetica, Arial, sans-serif" role="img" aria-label="{escape(board)}">'
            f'<rect width="100%" height="100%" fill="{BACK}"/>{out}</svg>\n')
