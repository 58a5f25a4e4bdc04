"""Covers and faces as small drawings: a colour, a shape, the same for the same number."""

import colorsys
from random import Random

from sandbox import wire
from sandbox.world import World


def image(world: World, request: wire.Request, name: str) -> wire.Response:
    """GET /image/{name}: an SVG that follows from the name alone."""
    response = wire.text(draw(name), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def draw(name: str) -> str:
    rng = Random(f"cover:{name}")
    hue = rng.random()
    back, middle, front = (
        _colour((hue + shift) % 1.0, light)
        for shift, light in ((0.0, 0.28), (0.07 + rng.random() * 0.2, 0.5), (0.5, 0.72))
    )
    shapes = "".join(rng.choice(_SHAPES)(rng, colour) for colour in (middle, front, middle))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" fill="{back}"/>{shapes}</svg>'
    )


def _colour(hue: float, light: float) -> str:
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, light, 0.55))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _circle(rng: Random, colour: str) -> str:
    x, y, radius = rng.randrange(64), rng.randrange(64), rng.randrange(8, 30)
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}" opacity=".8"/>'


def _band(rng: Random, colour: str) -> str:
    angle, top, height = rng.randrange(-40, 40), rng.randrange(8, 48), rng.randrange(3, 16)
    place = f'x="-20" y="{top}" width="110" height="{height}"'
    return f'<rect {place} fill="{colour}" transform="rotate({angle} 32 32)"/>'


def _hill(rng: Random, colour: str) -> str:
    left, peak, right = (rng.randrange(20, 60) for _ in range(3))
    return f'<path d="M0 {left} Q32 {peak - 30} 64 {right} V64 H0Z" fill="{colour}" opacity=".9"/>'


_SHAPES = (_circle, _band, _hill)
