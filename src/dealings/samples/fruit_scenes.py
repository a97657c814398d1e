"""The cooperative's pictures, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from dealings.samples.drawing import Canvas
from dealings.samples.fruit import (
    apple,
    bunch,
    cherry,
    lychee,
    orange,
    peach,
    pear,
    peeled_lychee,
    persimmon,
    stalk,
    strawberry,
)
from dealings.samples.fruit_boxes import crate, honey, melon_half, pile, watermelon
from dealings.samples.still_life import Finish, disc, leaf, room, shadow

Scene = Callable[[Canvas], None]


def table() -> Canvas:
    return room("#f7ecdc", "#e9d2b2")


def peaches(canvas: Canvas) -> None:
    leaf(canvas, (560, 330), 190, -14, "#7f9c45", broad=0.3)
    pile(canvas, peach, [(560, 520, 122), (300, 590, 140), (690, 600, 132)])
    leaf(canvas, (330, 345), 170, 196, "#6f8f3c", broad=0.3)


def peach_crate(canvas: Canvas) -> None:
    def inside(canvas: Canvas) -> None:
        for x in (270, 410, 550, 690):
            peach(canvas, x, 420, 76)
        for x in (220, 350, 480, 610, 740):
            peach(canvas, x, 480, 80)

    crate(canvas, 480, 620, 360, 210, inside)


def oranges(canvas: Canvas) -> None:
    leaf(canvas, (620, 380), 170, -30, "#4f7a35", broad=0.4)
    pile(canvas, orange, [(540, 500, 118), (300, 570, 128), (760, 590, 112), (530, 640, 126)])
    leaf(canvas, (325, 330), 150, 205, "#5c8a3c", broad=0.4)


def pears(canvas: Canvas) -> None:
    pile(canvas, pear, [(470, 520, 96), (680, 580, 104), (300, 600, 108)])
    leaf(canvas, (330, 284), 130, -10, "#7c9a40")


def apples(canvas: Canvas) -> None:
    pile(canvas, apple, [(560, 510, 118), (310, 580, 132), (690, 610, 128)])
    leaf(canvas, (330, 322), 130, -24, "#6d9340")


def persimmons(canvas: Canvas) -> None:
    pile(canvas, persimmon, [(480, 470, 112), (280, 570, 128), (700, 560, 124), (480, 630, 132)])


def lychees(canvas: Canvas) -> None:
    leaf(canvas, (420, 330), 200, 188, "#4d7438", broad=0.34)
    leaf(canvas, (520, 330), 190, -14, "#557f3d", broad=0.34)
    stalk(canvas, (440, 470), (470, 270), bend=-14, width=8)
    stalk(canvas, (540, 460), (476, 270), bend=12, width=8)
    pile(canvas, lychee, [(400, 470, 72), (540, 455, 74), (300, 560, 80), (470, 560, 84), (640, 560, 80)])
    pile(canvas, peeled_lychee, [(780, 620, 78)])


def cherries(size: float) -> Scene:
    def scene(canvas: Canvas) -> None:
        s = size
        places = [(420, 490, s), (590, 480, s * 1.04), (270, 580, s * 1.05), (500, 600, s * 1.1), (720, 590, s * 1.06)]
        pile(canvas, cherry, places)
        for (x, y, r), end, bend in zip(
            places, ((500, 200), (520, 190), (200, 290), (530, 196), (800, 250)), (-22, 22, -26, 34, 30), strict=True
        ):
            stalk(canvas, (x, y - r * 1.56), end, bend=bend)
        leaf(canvas, (516, 196), 170, -12, "#64893a", broad=0.42)

    return scene


def strawberries(canvas: Canvas) -> None:
    disc(canvas, 480, 590, 330, Finish("#e8e4da", gloss=0.5), thick=14)
    pile(canvas, strawberry, [(400, 480, 80), (560, 470, 82), (290, 560, 84), (660, 560, 84), (480, 590, 94)])


def grapes(colour: str) -> Scene:
    def scene(canvas: Canvas) -> None:
        bunch(canvas, 470, 560, 56, colour)

    return scene


def melon(canvas: Canvas) -> None:
    shadow(canvas, 620, 520, 200, height=160)
    watermelon(canvas, 620, 545, 200)
    melon_half(canvas, 340, 620, 190)


def honey_jar(canvas: Canvas) -> None:
    honey(canvas, 440, 590, 150, 330, "槐蜜")
    honey(canvas, 730, 600, 92, 200, "槐蜜")


def season_box(canvas: Canvas) -> None:
    def inside(canvas: Canvas) -> None:
        watermelon(canvas, 650, 450, 110)
        pear(canvas, 300, 450, 62)
        pear(canvas, 410, 430, 60)
        apple(canvas, 520, 470, 74)
        orange(canvas, 250, 500, 74)
        peach(canvas, 390, 500, 76)
        orange(canvas, 740, 505, 72)
        persimmon(canvas, 610, 505, 74)
        leaf(canvas, (470, 360), 120, -30, "#6d9340")
        leaf(canvas, (560, 330), 110, -150, "#5c8a3c")

    crate(canvas, 480, 630, 370, 190, inside)


SCENES: Final[Mapping[str, Scene]] = {
    "peaches": peaches,
    "peach-crate": peach_crate,
    "oranges": oranges,
    "pears": pears,
    "apples": apples,
    "persimmons": persimmons,
    "lychees": lychees,
    "cherries": cherries(70),
    "cherries-large": cherries(84),
    "strawberries": strawberries,
    "grapes-green": grapes("#b9c956"),
    "grapes-purple": grapes("#4b2f63"),
    "watermelon": melon,
    "honey": honey_jar,
    "season-box": season_box,
}
