"""The bookshop's covers and pictures, by name."""

import random
from collections.abc import Callable, Mapping
from typing import Final

from dealings.samples.drawing import (
    Canvas,
    Point,
    Shape,
    curve,
    darker,
    ellipse,
    glow,
    lighter,
    linear,
    radial,
    rectangle,
    ribbon,
    smooth,
    turn,
)
from dealings.samples.lettering import seal, write_across, write_down
from dealings.samples.still_life import Finish, disc, leaf, room, shadow
from dealings.samples.tea_ware import WHITE, cup
from dealings.samples.volumes import COVER, Cover, Volume, lying, notebook_cover, opened, standing

Scene = Callable[[Canvas], None]
W, H = COVER
EVERYTHING: Final = rectangle(0, 0, W, H)


def table() -> Canvas:
    return room("#efe9df", "#dccbb3")


def _ground(canvas: Canvas, colour: str) -> None:
    canvas.fill(
        EVERYTHING, linear((0, 0), (W * 0.4, H), (0, lighter(colour, 0.14)), (0.5, colour), (1, darker(colour, 0.16)))
    )
    canvas.grain(EVERYTHING, 0.07)


def _slip(canvas: Canvas, title: str, author: str, *, x: float = 78, ink: str = "#241c16") -> None:
    """The printed strip on a thread-bound book."""
    size = 62 if len(title) < 3 else 52
    end = 66 + len(title) * size * 1.12
    canvas.fill(rectangle(x - 38, 36, x + 38, end, 2), "#f5ecd8")
    canvas.fill(
        ribbon([(x - 32, 42), (x + 32, 42), (x + 32, end - 6), (x - 32, end - 6), (x - 32, 42)], 1.6), ink, opacity=0.7
    )
    write_down(canvas, title, (x, 52), size, ink)
    write_down(canvas, author, (x, end + 20), 24, "#f5ecd8")


def _hills(canvas: Canvas, tones: tuple[str, ...], base: float, rise: float, seed: int) -> None:
    rng = random.Random(seed)
    for n, tone in enumerate(tones):
        y = base + n * rise * 0.55
        line = curve([(-30 + k * 70, y - rng.uniform(0.1, 1) * rise) for k in range(8)])
        ridge = Shape([*line, (W + 60, H + 10), (-40, H + 10)])
        canvas.fill(ridge, linear((0, y - rise), (0, y + rise * 1.6), (0, tone), (1, lighter(tone, 0.55))))


def _tea_classic(canvas: Canvas) -> None:
    _ground(canvas, "#4d6148")
    _hills(canvas, ("#5f7558", "#74896a", "#8fa183"), 330, 90, 4)
    twig = curve([(W + 10, 60), (280, 110), (236, 190), (222, 270)])
    canvas.fill(ribbon(twig, 7, 5, 3), "#6f7f4c")
    for n, degrees in ((6, 150), (10, 20), (15, 170), (20, 40), (26, 120), (29, 70)):
        leaf(canvas, twig[n], 92 - n, degrees, "#b3c084", broad=0.4)
    _slip(canvas, "茶经", "陆羽")


def _dream_memories(canvas: Canvas) -> None:
    _ground(canvas, "#33475c")
    canvas.spot(glow((240, 130), 150, 150, "#f6e6b8", 0.7))
    canvas.fill(ellipse(240, 130, 52), radial((226, 116), 80, 80, (0, "#fffbe8"), (1, "#ecd79c")))
    _hills(canvas, ("#2c4054", "#24374a"), 360, 60, 9)
    for n in range(9):
        y = 400 + n * 11
        canvas.fill(ribbon([(200 - n * 9, y), (280 + n * 7, y)], 2.2), "#f0dfae", opacity=0.45 - n * 0.04)
    boat = smooth((160, 392), (205, 404), (262, 400), (300, 384), (268, 414), (204, 416))
    canvas.fill(boat, "#16222e")
    canvas.fill(smooth((196, 400), (204, 372), (236, 370), (250, 399)), "#1c2a38")
    _slip(canvas, "陶庵梦忆", "张岱")


def _six_chapters(cloth: str, bloom: str) -> Cover:
    def paint(canvas: Canvas) -> None:
        _ground(canvas, cloth)
        branch = curve([(W + 10, 90), (270, 150), (220, 240), (190, 330), (200, 430)])
        canvas.fill(ribbon(branch, 16, 11, 8, 3), darker(cloth, 0.72))
        for start, end in ((150, 0), (236, 1), (300, 2)):
            x, y = branch[12 + end * 10]
            canvas.fill(
                ribbon(curve([(x, y), (x + 40 - end * 50, y - 30), (x + 70 - end * 90, y - 64 + start * 0.02)]), 7, 2),
                darker(cloth, 0.72),
            )
        for x, y, size in (
            (300, 84, 26),
            (246, 118, 22),
            (284, 178, 28),
            (212, 196, 20),
            (232, 268, 27),
            (170, 300, 21),
            (214, 356, 23),
            (322, 40, 20),
            (176, 236, 15),
        ):
            _plum(canvas, x, y, size, bloom)
        _slip(canvas, "浮生六记", "沈复")

    return paint


def _plum(canvas: Canvas, x: float, y: float, size: float, colour: str) -> None:
    for n in range(5):
        ((px, py),) = turn([(x + size * 0.62, y)], n * 72 - 90, (x, y))
        canvas.fill(
            ellipse(px, py, size * 0.52),
            radial((px - 3, py - 4), size * 0.7, size * 0.7, (0, lighter(colour, 0.6)), (1, colour)),
        )
    canvas.fill(ellipse(x, y, size * 0.2), "#e9c15d")


def _recipes(canvas: Canvas) -> None:
    _ground(canvas, "#a8472e")
    for x, y, half in ((238, 330, 92), (266, 190, 60), (190, 446, 50)):
        canvas.fill(ellipse(x, y + 8, half), "#5c1f12", opacity=0.4)
        canvas.fill(
            ellipse(x, y, half),
            radial((x - half * 0.3, y - half * 0.3), half * 1.4, half * 1.4, (0, "#fffdf6"), (1, "#d9d0bd")),
        )
        ring = ellipse(0, 0, half * 0.82).outlines[0]
        canvas.fill(ribbon([(x + px, y + py) for px, py in ring], 3), "#34577a")
        canvas.fill(
            ellipse(x, y, half * 0.62),
            radial((x - half * 0.2, y - half * 0.2), half * 0.9, half * 0.9, (0, "#e9a24b"), (1, "#9c4a1c")),
        )
        for n in range(6):
            ((px, py),) = turn([(x + half * 0.34, y)], n * 61, (x, y))
            canvas.fill(
                ellipse(px, py, half * 0.13),
                radial((px - 2, py - 3), half * 0.2, half * 0.2, (0, "#d8dc84"), (1, "#6a7d2c")),
            )
    _slip(canvas, "随园食单", "袁枚")


def _odes(canvas: Canvas) -> None:
    _ground(canvas, "#e4dac2")
    for x, height, bend in ((230, 330, 26), (262, 400, -18), (292, 350, 34), (322, 280, 10), (206, 240, -22)):
        stem = curve([(x, H + 10), (x + bend, H - height * 0.5), (x + bend * 2, H - height)])
        canvas.fill(ribbon(stem, 5, 2), "#6b7b58")
        for n in range(12):
            px, py = stem[len(stem) - 1 - n]
            for way in (-1, 1):
                canvas.fill(
                    Shape(turn(ellipse(px, py, 12, 3).outlines[0], way * 50 - 90, (px, py))).moved(way * 6, 0),
                    "#a98d58",
                    opacity=0.85,
                )
    canvas.fill(ellipse(256, 90, 40), radial((250, 84), 60, 60, (0, "#d9694b"), (1, "#b5402a")))
    canvas.fill(rectangle(40, 36, 116, 300, 2), "#3b4a3c")
    write_down(canvas, "诗经", (78, 60), 60, "#f5ecd8")
    seal(canvas, (78, 262), 36, "诗")


def _mornings(canvas: Canvas) -> None:
    _ground(canvas, "#c9893f")
    canvas.fill(rectangle(0, 300, W, H), linear((0, 300), (0, H), (0, "#8c5526"), (1, "#5f3517")))
    canvas.fill(
        ellipse(246, 300, 96), linear((0, 200), (0, 400), (0, "#fbe3a6"), (1, "#e89a45")), clip=rectangle(0, 0, W, 300)
    )
    for n in range(8):
        canvas.fill(
            ribbon([(180 + n * 6, 316 + n * 18), (312 - n * 8, 316 + n * 18)], 5), "#f3bf6c", opacity=0.55 - n * 0.05
        )
    for x, y, size in ((190, 380, 24), (280, 420, 28), (236, 460, 22), (316, 372, 18)):
        _plum(canvas, x, y, size, "#f0d9b8")
    _slip(canvas, "朝花夕拾", "鲁迅", ink="#3a1f0e")


def _book_of_tea(canvas: Canvas) -> None:
    _ground(canvas, "#28332f")
    canvas.fill(ribbon(_ring(W / 2, 196, 104), 20), "#d8c79a")
    canvas.fill(
        smooth((128, 196), (232, 196), (222, 250), (204, 272), (156, 272), (138, 250)),
        linear((128, 0), (232, 0), (0, "#f1e7cd"), (1, "#b8a67a")),
    )
    canvas.fill(ellipse(W / 2, 196, 52, 12), "#6f8f4a")
    for n in (-1, 0, 1):
        canvas.fill(
            ribbon(
                curve([(180 + n * 22, 178), (172 + n * 22, 156), (188 + n * 22, 136), (180 + n * 22, 116)]), 2, 5, 1
            ),
            "#f1e7cd",
            opacity=0.6,
        )
    write_across(canvas, "The Book", (W / 2, 354), 46, "#f1e7cd")
    write_across(canvas, "of Tea", (W / 2, 404), 46, "#f1e7cd")
    write_across(canvas, "OKAKURA", (W / 2, 458), 20, "#d8c79a", spacing=5)


def _ring(x: float, y: float, half: float) -> list[Point]:
    return [(x + px, y + py) for px, py in ellipse(0, 0, half).outlines[0]]


def _walden(canvas: Canvas) -> None:
    canvas.fill(EVERYTHING, linear((0, 0), (0, H), (0, "#f0d9b0"), (0.45, "#dfa877"), (1, "#8a5a4a")))
    _hills(canvas, ("#7d8a86", "#566a66"), 250, 50, 3)
    rng = random.Random(2)
    for n in range(15):
        x, tall = n * 27 - 6, rng.uniform(70, 130)
        for k in range(4):
            half, top = 9 + k * 6, 300 - tall + k * tall * 0.22
            canvas.fill(Shape([(x, top), (x + half, top + tall * 0.36), (x - half, top + tall * 0.36)]), mix_tree(n))
    canvas.fill(rectangle(0, 306, W, H), linear((0, 306), (0, H), (0, "#c98f6c"), (0.4, "#5f6f74"), (1, "#2f4349")))
    for n in range(13):
        y = 322 + n * 14
        canvas.fill(ribbon([(40 + n * 7 % 60, y), (320 - n * 11 % 90, y)], 2), "#f4d8b0", opacity=0.35)
    write_across(canvas, "WALDEN", (W / 2, 74), 58, "#3a2a22", spacing=6)
    write_across(canvas, "Thoreau", (W / 2, 132), 26, "#3a2a22")


def mix_tree(n: int) -> str:
    return ("#22382f", "#2b4539", "#35513f")[n % 3]


def _pride(canvas: Canvas) -> None:
    _ground(canvas, "#1f4d4a")
    rng = random.Random(6)
    for n in range(26):
        x, y = 40 + n % 4 * 92 + (n // 4 % 2) * 44, 40 + n // 4 * 72
        if 150 < y < 380 and 40 < x < 320:
            continue
        leaf(canvas, (x, y), 44, rng.uniform(0, 360), "#3c7a66", broad=0.5)
        _plum(canvas, x, y, 13, "#e9b7a6")
    canvas.fill(rectangle(46, 150, W - 46, 372, 6), "#f3e8d3")
    canvas.fill(ribbon([(56, 160), (W - 56, 160), (W - 56, 362), (56, 362), (56, 160)], 2), "#1f4d4a")
    write_across(canvas, "Pride", (W / 2, 200), 50, "#1f4d4a")
    write_across(canvas, "and", (W / 2, 248), 26, "#a8472e")
    write_across(canvas, "Prejudice", (W / 2, 290), 44, "#1f4d4a")
    write_across(canvas, "Jane Austen", (W / 2, 340), 22, "#a8472e")


def _little_prince(canvas: Canvas) -> None:
    canvas.fill(EVERYTHING, linear((0, 0), (0, H), (0, "#16264a"), (0.6, "#2f4f80"), (1, "#7a93b0")))
    rng = random.Random(14)
    for _ in range(60):
        x, y, size = rng.uniform(0, W), rng.uniform(0, 380), rng.uniform(1, 3)
        canvas.fill(ellipse(x, y, size), "#fdf3cf", opacity=rng.uniform(0.4, 1))
    for x, y, size in ((70, 230, 13), (300, 190, 17), (250, 300, 10)):
        star = [turn([(x + (size if n % 2 else size * 0.42), y)], n * 36 - 54, (x, y))[0] for n in range(10)]
        canvas.fill(Shape(star), "#f9d97a")
    canvas.fill(
        ellipse(W / 2, 530, 190, 170), radial((120, 420), 280, 240, (0, "#e9d6a4"), (0.6, "#b89b62"), (1, "#6d5836"))
    )
    for x, y, size in ((120, 440, 18), (230, 470, 26), (280, 410, 12)):
        canvas.spot(glow((x, y), size * 1.5, size, "#5c4526", 0.6))
    stem = curve([(184, 372), (178, 330), (186, 292)])
    canvas.fill(ribbon(stem, 4, 3), "#5d8a4a")
    leaf(canvas, (181, 344), 34, -30, "#6c9a52")
    for n in range(6):
        ((px, py),) = turn([(186 + 9, 286)], n * 60, (186, 286))
        canvas.fill(ellipse(px, py, 12), radial((px - 3, py - 4), 16, 16, (0, "#ff9a8c"), (1, "#c8293a")))
    canvas.fill(ellipse(186, 286, 7), "#8f1626")
    write_across(canvas, "小王子", (W / 2, 92), 64, "#fdf3cf", spacing=8)


BOOKS: Final[Mapping[str, Volume]] = {
    "tea-classic": Volume(_tea_classic, "#43563f", "茶经"),
    "dream-memories": Volume(_dream_memories, "#2c3e51", "陶庵梦忆"),
    "six-chapters": Volume(_six_chapters("#c9d2cf", "#d88b8b"), "#aab6b2", "浮生六记", ink="#2a211a", thick=40),
    "six-chapters-cloth": Volume(_six_chapters("#7d2c33", "#f0c9b8"), "#6e232b", "浮生六记", thick=62),
    "recipes": Volume(_recipes, "#96402a", "随园食单"),
    "odes": Volume(_odes, "#3b4a3c", "诗经", thick=60),
    "mornings": Volume(_mornings, "#9c6229", "朝花夕拾", thick=44),
    "book-of-tea": Volume(_book_of_tea, "#222b28", thick=40),
    "walden": Volume(_walden, "#566a66", thick=58),
    "pride": Volume(_pride, "#1a423f", thick=62),
    "little-prince": Volume(_little_prince, "#1c2f58", "小王子", thick=38),
}


def _book(volume: Volume, prop: Scene) -> Scene:
    def scene(canvas: Canvas) -> None:
        standing(canvas, volume, 330, 600)
        prop(canvas)

    return scene


def _teacup(canvas: Canvas) -> None:
    cup(canvas, 770, 630, 62, WHITE, "#c9b04a")


def _twig(canvas: Canvas) -> None:
    shadow(canvas, 760, 622, 100, strength=0.45)
    for n, degrees in enumerate((-24, 12, -4)):
        leaf(canvas, (690 + n * 34, 628 - n * 4), 120, degrees, ("#7f9455", "#6d8448", "#93a868")[n], broad=0.34)


def _pebbles(canvas: Canvas) -> None:
    for x, y, half, tone in ((730, 620, 46, "#8d8478"), (810, 634, 36, "#b7a994"), (772, 646, 22, "#6f675d")):
        shadow(canvas, x, y - 4, half * 0.8)
        stone = smooth(
            (x - half, y - half * 0.3),
            (x - half * 0.4, y - half * 0.74),
            (x + half * 0.5, y - half * 0.68),
            (x + half, y - half * 0.24),
            (x + half * 0.4, y + half * 0.08),
            (x - half * 0.6, y + half * 0.06),
        )
        canvas.fill(
            stone,
            radial(
                (x - half * 0.4, y - half * 0.7),
                half * 2,
                half * 1.4,
                (0, lighter(tone, 0.5)),
                (0.5, tone),
                (1, darker(tone, 0.5)),
            ),
        )
        canvas.grain(stone, 0.2)


def _pencil(colour: str) -> Scene:
    def scene(canvas: Canvas) -> None:
        canvas.fill(Shape([(640, 642), (860, 616), (866, 632), (648, 656)]), "#3a2416", opacity=0.25)
        canvas.fill(
            Shape([(640, 628), (850, 600), (854, 616), (644, 644)]),
            linear((740, 606), (744, 630), (0, lighter(colour, 0.5)), (0.5, colour), (1, darker(colour, 0.4))),
        )
        canvas.fill(Shape([(640, 628), (644, 644), (606, 641)]), "#e6c896")
        canvas.fill(Shape([(618, 637), (619, 641.4), (606, 641)]), "#2a211a")
        canvas.fill(Shape([(850, 600), (870, 597), (874, 613), (854, 616)]), "#c9a35a")

    return scene


def dream_of_red(canvas: Canvas) -> None:
    y = 610.0
    for n, (tone, part) in enumerate((("#5c2226", "四"), ("#6e2a2c", "三"), ("#7f3330", "二"), ("#933d36", "一"))):
        y = lying(canvas, 250 + n * 6 % 14, y, 440, 74, tone, spine=f"红楼梦·卷{part}", ink="#f0d9a8", grounded=n == 0)
    cup(canvas, 470, y - 40, 58, WHITE, "#b9562a")


def notebook(cloth: str) -> Scene:
    volume = Volume(notebook_cover(cloth), cloth, wide=286, tall=390, thick=34)
    return _book(volume, _pencil(lighter(cloth, 0.15)))


def reading(canvas: Canvas) -> None:
    opened(canvas, 480, 600, 380, 210, (1, 0.96, 1, 0.92, 1, 0.6, 1, 0.98, 0.9, 0.4))
    disc(canvas, 800, 400, 70, Finish("#b58a55", gloss=0.2), thick=8)
    cup(canvas, 800, 404, 52, WHITE, "#c9b04a")


PROPS: Final[Mapping[str, Scene]] = {
    "tea-classic": _teacup,
    "dream-memories": _pebbles,
    "six-chapters": _twig,
    "six-chapters-cloth": _twig,
    "recipes": _teacup,
    "odes": _twig,
    "mornings": _pebbles,
    "book-of-tea": _teacup,
    "walden": _pebbles,
    "pride": _twig,
    "little-prince": _pencil("#c9563a"),
}

SCENES: Final[Mapping[str, Scene]] = {
    **{name: _book(volume, PROPS[name]) for name, volume in BOOKS.items()},
    "dream-of-red": dream_of_red,
    "notebook-green": notebook("#3f5a4c"),
    "notebook-brick": notebook("#a4533a"),
    "notebook-cream": notebook("#d9c8a6"),
    "reading": reading,
}
