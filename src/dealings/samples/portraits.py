"""Faces for the sample people, and signs for their shops: square, made to be cut round and shown small."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image

from dealings.samples.drawing import (
    Canvas,
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
)
from dealings.samples.lettering import write_across
from dealings.samples.still_life import ball, leaf

SIDE: Final = 320
"""Pixels: an avatar is never shown larger than 96 CSS pixels, on screens with three to one."""
SQUARE: Final = rectangle(0, 0, SIDE, SIDE)
LIGHT, TAN, BROWN, DEEP = "#f4d2b4", "#e6b78f", "#b97f56", "#8f5a3a"
BLACK, CHESTNUT, AUBURN, SAND, GREY = "#2a2320", "#4d3325", "#8a4a2a", "#b98f58", "#a7a29b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is to be seen of someone."""

    wall: str
    skin: str
    hair: str
    cut: str
    top: str
    collar: str = "round"
    glasses: bool = False
    beard: bool = False
    old: bool = False
    lips: str = "#b5594f"


def portrait(person: Person) -> Image.Image:
    """Head and shoulders before a plain wall."""
    canvas = Canvas(Image.new("RGB", (SIDE, SIDE), person.wall))
    canvas.fill(
        SQUARE,
        radial((90, 60), 330, 330, (0, lighter(person.wall, 0.5)), (0.55, person.wall), (1, darker(person.wall, 0.22))),
    )
    _hair_behind(canvas, person)
    _shoulders(canvas, person)
    _head(canvas, person)
    _face(canvas, person)
    _hair_before(canvas, person)
    if person.glasses:
        _glasses(canvas)
    return canvas.image


def _tone(canvas: Canvas, shape: Shape, colour: str, *, clip: Shape | None = None) -> None:
    left, top, right, bottom = shape.bounds
    canvas.fill(
        shape,
        linear((left, top), (right, bottom), (0, lighter(colour, 0.26)), (0.45, colour), (1, darker(colour, 0.3))),
        clip=clip,
    )


def _shoulders(canvas: Canvas, person: Person) -> None:
    body = smooth((18, 340), (40, 268), (100, 244), (160, 238), (220, 244), (280, 268), (302, 340), (160, 380))
    _tone(canvas, body, person.top)
    neck = smooth((130, 196), (190, 196), (192, 246), (160, 268), (128, 246))
    canvas.fill(neck, linear((0, 196), (0, 262), (0, darker(person.skin, 0.3)), (1, darker(person.skin, 0.04))))
    if person.collar == "shirt":
        for way in (-1, 1):
            flap = Shape([(160, 272), (160 + way * 40, 238), (160 + way * 58, 258), (160 + way * 24, 300)])
            canvas.fill(flap, lighter(person.top, 0.5 if way < 0 else 0.3))
    elif person.collar == "high":
        canvas.fill(
            smooth((122, 240), (160, 252), (198, 240), (202, 264), (160, 278), (118, 264)), darker(person.top, 0.2)
        )
    elif person.collar == "apron":
        canvas.fill(
            Shape([(104, 282), (216, 282), (234, 330), (86, 330)]),
            linear((90, 282), (230, 320), (0, "#5d4a3a"), (1, "#3a2c22")),
        )
        for way in (-1, 1):
            canvas.fill(
                ribbon(curve([(160 + way * 52, 286), (160 + way * 56, 258), (160 + way * 46, 240)]), 11), "#4a3a2d"
            )
    else:
        canvas.fill(ribbon(curve([(122, 246), (160, 272), (198, 246)]), 8), darker(person.top, 0.25))


def _head(canvas: Canvas, person: Person) -> None:
    for way in (-1, 1):
        canvas.fill(ellipse(160 + way * 62, 152, 12, 18), darker(person.skin, 0.12))
    head = smooth(
        (98, 140),
        (108, 92),
        (160, 72),
        (212, 92),
        (222, 140),
        (212, 186),
        (184, 220),
        (160, 228),
        (136, 220),
        (108, 186),
    )
    skin = person.skin
    canvas.fill(head, radial((138, 128), 130, 140, (0, lighter(skin, 0.32)), (0.5, skin), (1, darker(skin, 0.28))))
    for way in (-1, 1):
        canvas.spot(glow((160 + way * 36, 176), 24, 17, "#d9604a", 0.26), clip=head)
    if person.beard:
        beard = Shape(
            [
                *curve([(104, 158), (118, 178), (136, 184), (160, 180), (184, 184), (202, 178), (216, 158)]),
                *curve([(216, 158), (206, 204), (180, 228), (160, 234), (140, 228), (114, 204), (104, 158)]),
            ]
        )
        _tone(canvas, beard, person.hair)


def _face(canvas: Canvas, person: Person) -> None:
    ink = "#2a1d18"
    for way in (-1, 1):
        x = 160 + way * 26
        canvas.fill(ellipse(x, 150, 6.2, 7), ink)
        canvas.fill(ellipse(x - 1.6, 147.6, 2), "#ffffff")
        brow = curve([(x - 13, 134 - way), (x, 128), (x + 13, 134 + way)])
        canvas.fill(ribbon(brow, 3, 5, 3), darker(person.hair, 0.25) if not person.old else "#8d8780")
        if person.old:
            canvas.fill(
                ribbon(curve([(x - 11, 162), (x, 166), (x + 11, 162)]), 1.8), darker(person.skin, 0.4), opacity=0.6
            )
    canvas.fill(ribbon(curve([(162, 154), (167, 170), (157, 173)]), 2, 3.4, 2), darker(person.skin, 0.36), opacity=0.8)
    smile = curve([(141, 190), (160, 201), (179, 190)])
    lower = curve([(179, 190), (160, 208), (141, 190)])
    canvas.fill(Shape(smile + lower), person.lips)
    canvas.fill(ribbon(smile, 2, 3, 2), darker(person.lips, 0.4))


def _hair_behind(canvas: Canvas, person: Person) -> None:
    shapes = {
        "long": smooth((92, 120), (160, 62), (228, 120), (240, 200), (236, 290), (84, 290), (80, 200)),
        "bob": smooth((90, 120), (160, 64), (230, 120), (238, 190), (222, 226), (98, 226), (82, 190)),
        "curly": smooth(
            (80, 130), (96, 74), (160, 42), (224, 74), (240, 130), (252, 190), (232, 244), (88, 244), (68, 190)
        ),
        "tail": smooth((206, 90), (256, 110), (262, 190), (240, 262), (222, 200), (214, 140)),
    }
    if person.cut in shapes:
        _tone(canvas, shapes[person.cut], darker(person.hair, 0.14))
    if person.cut == "bun":
        ball(canvas, ellipse(160, 52, 34, 30), person.hair, gloss=0.2)
    if person.cut == "curly":
        for x, y in ((78, 170), (74, 210), (96, 240), (242, 170), (246, 210), (224, 240), (86, 128), (234, 128)):
            ball(canvas, ellipse(x, y, 21), person.hair, gloss=0.15)


_FRINGES: Final[Mapping[str, Shape]] = {
    "long": smooth(
        (96, 156),
        (92, 106),
        (120, 64),
        (168, 54),
        (214, 76),
        (228, 118),
        (224, 158),
        (212, 128),
        (186, 102),
        (150, 96),
        (120, 116),
        (108, 136),
    ),
    "bob": smooth(
        (92, 170),
        (90, 108),
        (124, 62),
        (166, 54),
        (212, 72),
        (230, 112),
        (228, 170),
        (216, 128),
        (196, 112),
        (160, 118),
        (122, 112),
        (104, 130),
    ),
    "short": smooth(
        (100, 138),
        (94, 104),
        (112, 70),
        (158, 54),
        (206, 68),
        (226, 104),
        (220, 138),
        (210, 112),
        (190, 98),
        (160, 104),
        (128, 98),
        (110, 112),
    ),
    "side": smooth(
        (100, 140),
        (92, 100),
        (116, 62),
        (176, 50),
        (222, 78),
        (226, 136),
        (214, 112),
        (206, 96),
        (170, 108),
        (126, 92),
        (110, 110),
    ),
    "bun": smooth(
        (99, 140),
        (98, 100),
        (126, 72),
        (160, 66),
        (196, 72),
        (222, 100),
        (221, 140),
        (208, 110),
        (184, 92),
        (160, 88),
        (136, 92),
        (112, 110),
    ),
    "tail": smooth(
        (99, 140),
        (96, 100),
        (122, 64),
        (168, 56),
        (212, 74),
        (226, 110),
        (221, 142),
        (206, 106),
        (176, 88),
        (142, 94),
        (114, 114),
    ),
    "curly": smooth(
        (94, 142),
        (92, 104),
        (122, 66),
        (160, 58),
        (200, 66),
        (228, 104),
        (226, 142),
        (212, 116),
        (190, 104),
        (160, 98),
        (130, 104),
        (108, 116),
    ),
    "thin": smooth((100, 146), (96, 118), (104, 96), (114, 92), (110, 116), (106, 136)).joined(
        smooth((220, 146), (224, 118), (216, 96), (206, 92), (210, 116), (214, 136))
    ),
}
"""Hair over the forehead, by cut."""


def _hair_before(canvas: Canvas, person: Person) -> None:
    if person.cut == "cap":
        _cap(canvas, person)
        return
    if person.cut == "hat":
        _straw_hat(canvas)
        return
    fringe = _FRINGES[person.cut]
    _tone(canvas, fringe, person.hair)
    canvas.spot(glow((132, 78), 42, 16, lighter(person.hair, 0.6), 0.45, -24), clip=fringe)
    if person.cut == "curly":
        for x, y in ((112, 92), (136, 76), (164, 70), (192, 78), (212, 98)):
            ball(canvas, ellipse(x, y, 19), person.hair, gloss=0.2)


def _cap(canvas: Canvas, person: Person) -> None:
    for way in (-1, 1):
        canvas.fill(
            smooth((160 + way * 64, 150), (160 + way * 66, 112), (160 + way * 54, 112), (160 + way * 56, 136)),
            person.hair,
        )
    dome = Shape(
        [*curve([(92, 118), (100, 72), (160, 46), (220, 72), (228, 118)]), *curve([(228, 118), (160, 100), (92, 118)])]
    )
    _tone(canvas, dome, person.top)
    _tone(canvas, smooth((96, 112), (160, 96), (224, 112), (250, 132), (200, 124), (130, 120)), darker(person.top, 0.3))


def _straw_hat(canvas: Canvas) -> None:
    _tone(canvas, ellipse(160, 106, 118, 30), "#dcb46a")
    canvas.fill(ellipse(160, 112, 84, 17), "#6b4a22", opacity=0.35)
    dome = Shape(
        [*curve([(96, 102), (104, 52), (160, 34), (216, 52), (224, 102)]), *curve([(224, 102), (160, 118), (96, 102)])]
    )
    _tone(canvas, dome, "#e6c27c")
    canvas.grain(dome, 0.2)
    canvas.fill(ribbon(curve([(96, 96), (160, 112), (224, 96)]), 13), "#a4432e")


def _glasses(canvas: Canvas) -> None:
    for way in (-1, 1):
        x = 160 + way * 27
        ring = [(x + px, 151 + py) for px, py in ellipse(0, 0, 20, 18).outlines[0]]
        canvas.fill(ellipse(x, 151, 19, 17), "#ffffff", opacity=0.16)
        canvas.fill(ribbon(ring, 4), "#3a2c26")
        canvas.fill(ribbon([(x + way * 20, 148), (160 + way * 62, 144)], 4), "#3a2c26")
    canvas.fill(ribbon(curve([(152, 149), (160, 145), (168, 149)]), 4), "#3a2c26")


PEOPLE: Final[Mapping[str, Person]] = {
    "mei": Person(wall="#f1c9b0", skin=LIGHT, hair=BLACK, cut="long", top="#b5402e"),
    "arun": Person(
        wall="#bcd3cb", skin=BROWN, hair=BLACK, cut="short", top="#2f5d62", collar="shirt", beard=True, lips="#9c4f44"
    ),
    "lin": Person(wall="#cfd8e6", skin=LIGHT, hair=BLACK, cut="bob", top="#3d5a80", glasses=True),
    "sofia": Person(wall="#efd9a7", skin=TAN, hair=AUBURN, cut="curly", top="#4f7a5b"),
    "xiulan": Person(wall="#e6c9d2", skin=LIGHT, hair=GREY, cut="bun", top="#7d4a63", collar="high", old=True),
    "jianguo": Person(
        wall="#d5d8c4",
        skin=TAN,
        hair=GREY,
        cut="thin",
        top="#4a5a4a",
        collar="shirt",
        glasses=True,
        old=True,
        lips="#a8645a",
    ),
    "xiaosong": Person(wall="#c3dbe9", skin=TAN, hair=BLACK, cut="cap", top="#d9822b"),
    "qiming": Person(
        wall="#dccdbb",
        skin=LIGHT,
        hair=CHESTNUT,
        cut="side",
        top="#5b5f77",
        collar="shirt",
        glasses=True,
        lips="#a8645a",
    ),
    "hejing": Person(wall="#d3e2c4", skin=LIGHT, hair=CHESTNUT, cut="tail", top="#e0a458"),
    "tom": Person(wall="#cbd5d8", skin="#f3cdb6", hair=SAND, cut="short", top="#38495f", beard=True, lips="#b5665a"),
    "priya": Person(wall="#f0cda0", skin=BROWN, hair=BLACK, cut="long", top="#8a3b6b", lips="#8f3f44"),
    "daniel": Person(wall="#d9c7e0", skin=DEEP, hair=BLACK, cut="short", top="#e3b23c", lips="#6f3a34"),
    "shennan": Person(
        wall="#c9d3b2", skin=TAN, hair=BLACK, cut="side", top="#f0e7d4", collar="apron", beard=True, lips="#9c5a4c"
    ),
    "xiaohe": Person(wall="#dfe6c9", skin=LIGHT, hair=BLACK, cut="bun", top="#6f8f6a", collar="apron"),
    "luoguo": Person(wall="#f6d7a8", skin=TAN, hair=CHESTNUT, cut="hat", top="#4f7a35"),
    "dashu": Person(wall="#e9d3b0", skin=BROWN, hair=BLACK, cut="short", top="#b5562f", collar="apron", lips="#8f4f44"),
    "gudeng": Person(wall="#d8cfe0", skin=LIGHT, hair=GREY, cut="bob", top="#3a3550", glasses=True, old=True),
    "amu": Person(
        wall="#cddad9", skin=LIGHT, hair=BLACK, cut="side", top="#7a5a44", collar="high", glasses=True, lips="#a8645a"
    ),
    "jiangping": Person(wall="#d9d4cc", skin=TAN, hair=CHESTNUT, cut="bob", top="#c23b22", collar="shirt"),
}
"""By handle."""


def _tea_sign(canvas: Canvas) -> None:
    canvas.fill(SQUARE, radial((90, 60), 380, 380, (0, "#6f8f6a"), (0.6, "#3f6149"), (1, "#274232")))
    bowl = Shape(
        [
            (86, 150),
            (234, 150),
            *curve([(234, 150), (222, 214), (186, 244), (160, 246), (134, 244), (98, 214), (86, 150)]),
        ]
    )
    canvas.fill(bowl, linear((86, 0), (234, 0), (0, "#e9e1cd"), (0.3, "#fffaf0"), (1, "#b9ab8c")))
    canvas.fill(ellipse(160, 150, 74, 17), linear((86, 0), (234, 0), (0, "#fffaf0"), (1, "#d9ccb0")))
    canvas.fill(ellipse(160, 151, 67, 13), linear((90, 0), (230, 0), (0, "#8f8a32"), (1, "#d9cf72")))
    for n in (-1, 0, 1):
        steam = curve([(160 + n * 30, 126), (148 + n * 30, 100), (170 + n * 30, 78), (158 + n * 30, 50)])
        canvas.fill(ribbon(steam, 3, 8, 2), "#fffaf0", opacity=0.55)
    canvas.fill(rectangle(120, 250, 200, 262, 6), "#fffaf0")


def _fruit_sign(canvas: Canvas) -> None:
    canvas.fill(SQUARE, radial((90, 60), 380, 380, (0, "#fbe3b4"), (0.6, "#f2c274"), (1, "#d99a45")))
    peach = smooth(
        (72, 176), (100, 108), (158, 100), (176, 92), (226, 110), (250, 178), (214, 244), (160, 262), (108, 242)
    )
    ball(canvas, peach, "#f7c79a", shade="#b5463c", gloss=0.4)
    canvas.spot(glow((196, 170), 84, 86, "#d63f48", 0.75), clip=peach)
    canvas.fill(
        ribbon(curve([(170, 94), (148, 150), (146, 206), (160, 260)]), 2, 8, 5, 1), "#a53a3c", clip=peach, opacity=0.6
    )
    leaf(canvas, (166, 98), 110, -28, "#5c8a3c", broad=0.44)
    leaf(canvas, (164, 98), 84, 200, "#6f9a4a", broad=0.44)


def _book_sign(canvas: Canvas) -> None:
    canvas.fill(SQUARE, radial((160, 80), 330, 330, (0, "#6a6a9c"), (0.5, "#3a3a63"), (1, "#20213d")))
    canvas.spot(glow((160, 128), 150, 120, "#ffd98a", 0.75))
    lamp = Shape([(132, 64), (188, 64), (226, 132), (94, 132)])
    canvas.fill(lamp, linear((94, 0), (226, 0), (0, "#f7d98f"), (0.4, "#fff1c4"), (1, "#d99a45")))
    canvas.fill(rectangle(155, 132, 165, 206), "#b58a45")
    for way in (-1, 1):
        page = Shape(
            [
                (160, 214),
                *curve([(160, 214), (160 + way * 40, 196), (160 + way * 96, 206)]),
                (160 + way * 96, 258),
                *curve([(160 + way * 96, 258), (160 + way * 40, 248), (160, 266)]),
            ]
        )
        canvas.fill(page, linear((160, 0), (160 + way * 96, 0), (0, "#cdbf9f"), (0.2, "#fff8e6"), (1, "#e9dcc0")))
        for n in range(3):
            y = 220 + n * 13
            canvas.fill(
                ribbon(curve([(160 + way * 14, y + 4), (160 + way * 44, y - 4), (160 + way * 84, y)]), 2.6),
                "#8a7a62",
                opacity=0.7,
            )


SIGNS: Final[Mapping[str, Callable[[Canvas], None]]] = {
    "shannan-tea": _tea_sign,
    "guoran": _fruit_sign,
    "dengxia": _book_sign,
}
"""By the shop's handle."""


def sign(handle: str) -> Image.Image:
    """A shop's sign."""
    canvas = Canvas(Image.new("RGB", (SIDE, SIDE)))
    SIGNS[handle](canvas)
    return canvas.image


def group_sign(words: str, colour: str) -> Image.Image:
    """A group's picture: its name's first two letters on a colour."""
    canvas = Canvas(Image.new("RGB", (SIDE, SIDE)))
    canvas.fill(SQUARE, radial((90, 60), 380, 380, (0, lighter(colour, 0.35)), (0.6, colour), (1, darker(colour, 0.3))))
    write_across(canvas, words, (SIDE / 2, SIDE / 2), 116 if len(words) > 1 else 180, "#fffaf0")
    return canvas.image
