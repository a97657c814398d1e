"""The tea shop's pictures, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from dealings.samples.drawing import Canvas
from dealings.samples.still_life import Finish, disc, leaf, room, shadow
from dealings.samples.tea_leaves import (
    DARK_LEAF,
    GOLDEN_LEAF,
    GREEN_LEAF,
    SILVER_LEAF,
    blossom,
    cake,
    loose,
    pearls,
    pouch,
    stack,
    wrapper,
)
from dealings.samples.tea_ware import ASH, CELADON, WHITE, cup, gaiwan, glass, jar, pitcher, teapot, tin, tray

Scene = Callable[[Canvas], None]
ZINI: Final = Finish("#74432f", gloss=0.35, rough=0.09)
ZHUNI: Final = Finish("#b0492c", gloss=0.38, rough=0.07)
DUANNI: Final = Finish("#c9a063", gloss=0.3, rough=0.09)


def table() -> Canvas:
    return room("#f2ebdd", "#e0cfb4")


def longjing(canvas: Canvas) -> None:
    tin(canvas, 660, 510, 112, 300, "#3f6b4f", "龙井")
    glass(canvas, 360, 590, 122, 350, "#d4d98a", leaves=34)
    loose(canvas, 650, 620, 120, 36, GREEN_LEAF, seed=3, length=30, width=7)


def longjing_tin(canvas: Canvas) -> None:
    tin(canvas, 430, 580, 150, 400, "#3f6b4f", "龙井")
    loose(canvas, 700, 610, 110, 40, GREEN_LEAF, seed=4, length=30, width=7)


def longjing_pouch(canvas: Canvas) -> None:
    pouch(canvas, 420, 590, 160, 420, "龙井")
    loose(canvas, 720, 610, 110, 40, GREEN_LEAF, seed=8, length=30, width=7)


def biluochun(canvas: Canvas) -> None:
    tin(canvas, 720, 480, 100, 270, "#2f5d63", "碧螺")
    gaiwan(canvas, 400, 570, 1.15, WHITE, tea="#cdd07c")
    loose(
        canvas, 730, 625, 110, 46, ("#4b5540", "#6b7558", "#8f977b", "#b9bfa4", "#dcdfce"), seed=6, length=20, width=5
    )


def shou_puer(canvas: Canvas) -> None:
    wrapper(canvas, 650, 370, 230, "熟普")
    cake(canvas, 350, 510, 240, DARK_LEAF)
    cup(canvas, 720, 610, 70, WHITE, "#6e1f10")


def shou_puer_loose(canvas: Canvas) -> None:
    pouch(canvas, 400, 590, 150, 390, "熟普", paper="#a98d6b")
    loose(canvas, 700, 610, 150, 62, DARK_LEAF, seed=9, length=26, width=6)


def shou_puer_stack(canvas: Canvas) -> None:
    stack(canvas, 450, 540, 235, "熟普", 7)
    cup(canvas, 800, 610, 62, WHITE, "#6e1f10")


def sheng_puer(canvas: Canvas) -> None:
    wrapper(canvas, 650, 370, 230, "易武", ink="#38572f", paper="#f0e8d2")
    cake(canvas, 350, 510, 240, ("#3b3a22", "#555230", "#6f6a40", "#8b8450", "#b3aa72"), seed=12)
    cup(canvas, 720, 610, 70, WHITE, "#d9a441")


def jinjunmei(canvas: Canvas) -> None:
    tin(canvas, 400, 570, 136, 370, "#8c2a20", "金骏眉")
    loose(canvas, 690, 610, 150, 58, GOLDEN_LEAF, seed=21, length=30, width=4.5)
    cup(canvas, 670, 470, 58, WHITE, "#b9562a")


def tieguanyin(canvas: Canvas) -> None:
    jar(canvas, 400, 570, 150, 300, CELADON, "观音")
    pearls(canvas, 690, 610, 140, 66, ("#33452c", "#46593a", "#5d6f46", "#283722"), seed=2)


def white_tea(canvas: Canvas) -> None:
    jar(canvas, 390, 575, 165, 330, Finish("#5d5a55", gloss=0.3, rough=0.12), "白茶")
    loose(canvas, 700, 610, 150, 64, SILVER_LEAF, seed=8, length=42, width=7)


def jasmine(canvas: Canvas) -> None:
    glass(canvas, 380, 580, 125, 330, "#e3d891", leaves=22)
    loose(
        canvas, 690, 590, 140, 52, ("#47532f", "#66713f", "#8d9560", "#b5ba8c", "#dcdcc0"), seed=5, length=26, width=5
    )
    for x, y, size, degrees in (
        (610, 590, 32, 10),
        (700, 552, 36, 40),
        (770, 604, 30, 0),
        (840, 640, 32, 25),
        (560, 640, 27, 50),
    ):
        blossom(canvas, x, y, size, degrees)
    blossom(canvas, 360, 326, 30, 20)
    blossom(canvas, 425, 318, 24, 45)


def yixing(finish: Finish) -> Scene:
    def scene(canvas: Canvas) -> None:
        teapot(canvas, 455, 560, 1.38, finish)
        cup(canvas, 800, 612, 62, finish, "#a8501f")

    return scene


def gaiwans(finish: Finish, tea: str) -> Scene:
    def scene(canvas: Canvas) -> None:
        gaiwan(canvas, 420, 565, 1.32, finish)
        cup(canvas, 800, 605, 66, finish, tea)

    return scene


def cups(canvas: Canvas) -> None:
    cup(canvas, 300, 440, 108, ASH, "#c98a35")
    cup(canvas, 590, 425, 106, ZHUNI, "#a8501f")
    cup(canvas, 420, 600, 130, WHITE, "#d9b455")
    cup(canvas, 730, 580, 126, CELADON, "#cdbd58")


def glass_pitcher(canvas: Canvas) -> None:
    pitcher(canvas, 410, 580, 140, 330, "#d58a33")
    cup(canvas, 770, 605, 68, WHITE, "#d58a33")


def tea_tray(canvas: Canvas) -> None:
    tray(canvas, 480, 620, 410, 210)
    teapot(canvas, 370, 530, 1.0, ZINI)
    cup(canvas, 660, 485, 54, WHITE, "#b9562a")
    cup(canvas, 770, 515, 57, WHITE, "#b9562a")
    cup(canvas, 655, 550, 60, WHITE, "#b9562a")


def storefront(canvas: Canvas) -> None:
    shadow(canvas, 480, 560, 250)
    disc(canvas, 480, 556, 300, Finish("#a9713f", gloss=0.2, rough=0.06), thick=18)
    teapot(canvas, 470, 560, 1.2, ZHUNI)
    leaf(canvas, (660, 590), 110, -20, "#6f8a3a")


SCENES: Final[Mapping[str, Scene]] = {
    "longjing": longjing,
    "longjing-tin": longjing_tin,
    "longjing-pouch": longjing_pouch,
    "biluochun": biluochun,
    "shou-puer": shou_puer,
    "shou-puer-loose": shou_puer_loose,
    "shou-puer-stack": shou_puer_stack,
    "sheng-puer": sheng_puer,
    "jinjunmei": jinjunmei,
    "tieguanyin": tieguanyin,
    "white-tea": white_tea,
    "jasmine": jasmine,
    "yixing-zini": yixing(ZINI),
    "yixing-zhuni": yixing(ZHUNI),
    "yixing-duanni": yixing(DUANNI),
    "gaiwan-white": gaiwans(WHITE, "#d9b455"),
    "gaiwan-celadon": gaiwans(CELADON, "#cdbd58"),
    "gaiwan-ash": gaiwans(ASH, "#c98a35"),
    "cups": cups,
    "pitcher": glass_pitcher,
    "tray": tea_tray,
}
