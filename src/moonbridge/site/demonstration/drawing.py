"""A drawing of a synthetic piece: the outline of a clast that never was, as large as its mass says, with a scale bar and the words.

Drawn when the demonstration is loaded, the same bytes each time; no picture of anything real is shipped or copied.
"""

import io
from math import cos, pi, sin, tau
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFont

WORDS: Final = "synthetic drawing"
DENSITY: Final = 3.0
"""Grams in a cubic centimetre, assumed for the drawing: basalt without holes."""
BAR: Final = 5
"""Millimetres that the scale bar is long."""
SIZE: Final = (960, 720)
FILLED: Final = 0.55
"""The diameter of the piece as a share of the picture's height."""
CORNERS: Final = 17
GRAINS: Final = 140
ROUGH: Final = 0.16
"""How far corners lie from a circle, as a share of its radius."""
FINE: Final = 2
"""Drawn so many times larger, then made smaller, so that slanting lines are smooth."""
PAPER, STONE, EDGE, INK = "#f7f4ec", "#9a968e", "#4c4a46", "#22211f"

type Point = tuple[float, float]


def diameter(grams: float) -> float:
    """Return the diameter in millimetres of a ball of this mass and of :data:`DENSITY`."""
    return float(10 * (6 * grams / (pi * DENSITY)) ** (1 / 3))


def draw(name: str, grams: float) -> bytes:
    """Return a PNG picture of a clast called ``name``; its outline and its grains follow from the name."""
    width, height = (FINE * side for side in SIZE)
    radius = FILLED * height / 2
    per_millimetre = 2 * radius / diameter(grams)
    picture = Image.new("RGB", (width, height), PAPER)
    canvas, chance = ImageDraw.Draw(picture), Random(name)  # noqa: S311 - a shape, not a secret
    centre = (width / 2, height * 0.46)
    outline = _rounded(_rounded(_outline(chance, centre, radius)))
    canvas.polygon(outline, fill=STONE)
    canvas.line([*outline, *outline[:2]], fill=EDGE, width=5 * FINE, joint="curve")
    _grains(canvas, chance, centre, radius)
    _scale(canvas, BAR * per_millimetre, height)
    canvas.text((width / 2, 28 * FINE), f"{name} · {WORDS}", INK, _font(46), anchor="ma")
    target = io.BytesIO()
    picture.resize(SIZE, Image.Resampling.LANCZOS).save(target, "PNG")
    return target.getvalue()


def _outline(chance: Random, centre: Point, radius: float) -> list[Point]:
    reach = [radius * (1 + chance.uniform(-ROUGH, ROUGH)) for _ in range(CORNERS)]
    turns = [tau * corner / CORNERS for corner in range(CORNERS)]
    return [(centre[0] + far * cos(turn), centre[1] + far * sin(turn)) for far, turn in zip(reach, turns, strict=True)]


def _rounded(corners: list[Point]) -> list[Point]:
    """Return an outline with each corner cut off at a quarter of its sides (Chaikin, 1974)."""
    sides = zip(corners, [*corners[1:], corners[0]], strict=True)
    return [_between(begin, end, share) for begin, end in sides for share in (0.25, 0.75)]


def _between(begin: Point, end: Point, share: float) -> Point:
    return begin[0] + share * (end[0] - begin[0]), begin[1] + share * (end[1] - begin[1])


def _grains(canvas: ImageDraw.ImageDraw, chance: Random, centre: Point, radius: float) -> None:
    """Strew dark and light grains over the stone, none of them beyond its outline."""
    for _ in range(GRAINS):
        far, turn, size = radius * 0.8 * chance.random() ** 0.5, chance.uniform(0, tau), FINE * chance.uniform(1.5, 6)
        x, y = centre[0] + far * cos(turn), centre[1] + far * sin(turn)
        canvas.ellipse(
            (x - size, y - size, x + size, y + size / 2), fill=chance.choice(("#6f6c66", "#bdb9b0", "#55534e"))
        )


def _scale(canvas: ImageDraw.ImageDraw, length: float, height: int) -> None:
    left, top = 60 * FINE, height - 60 * FINE
    canvas.rectangle((left, top, left + length, top + 8 * FINE), fill=INK)
    canvas.text((left + length / 2, top - 10 * FINE), f"{BAR} mm", INK, _font(38), anchor="md")


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * FINE)
