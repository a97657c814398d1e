"""The quiet part of three months: wallets filled, things looked at, orders without many words."""

from typing import Final

from dealings.samples.script import Cancel, Conversation, Line, Open, Order, Step, TopUp, When, ago, day, deal

STAFF: Final = {"shannan-tea": "xiaohe", "guoran": "dashu", "dengxia": "amu"}

_SHIP_AT: Final = 10 * 60 + 30
"""Parcels leave in the morning after, at half past ten."""
_DAYS_TO_ARRIVE: Final = 3

_TOP_UPS: Final[tuple[tuple[int, str, str, int], ...]] = (
    (89, "20:10", "mei", 200000),
    (61, "12:00", "mei", 150000),
    (23, "12:15", "mei", 120000),
    (76, "12:30", "arun", 200000),
    (20, "19:00", "arun", 100000),
    (84, "21:00", "lin", 150000),
    (40, "21:10", "lin", 120000),
    (66, "13:00", "sofia", 200000),
    (82, "19:00", "tom", 200000),
    (41, "19:00", "tom", 80000),
    (86, "09:00", "hejing", 200000),
    (45, "09:00", "hejing", 120000),
    (36, "20:00", "qiming", 100000),
    (33, "11:30", "xiulan", 60000),
    (60, "18:00", "xiaosong", 3150),
    (14, "22:10", "xiaosong", 15000),
    (31, "08:30", "priya", 150000),
    (9, "10:00", "priya", 60000),
    (90, "16:00", "daniel", 120000),
    (5, "16:30", "daniel", 60000),
)

_LOOKS: Final[tuple[tuple[int, str, str, str, str], ...]] = (
    (87, "21:15", "lin", "longjing-2026", "search"),
    (80, "13:40", "sofia", "gaiwan", "search"),
    (78, "09:50", "daniel", "longjing-2026", "shop"),
    (71, "22:05", "priya", "the-book-of-tea", "search"),
    (67, "18:15", "hejing", "dalian-cherry", "search"),
    (63, "20:30", "qiming", "jinjunmei", "search"),
    (57, "12:20", "mei", "the-book-of-tea", "shop"),
    (55, "21:45", "tom", "walden", "search"),
    (51, "19:20", "arun", "yixing-teapot", "card-friends-pot"),
    (45, "22:10", "lin", "shou-puer-2018", "shop"),
    (42, "08:30", "xiulan", "season-box", "search"),
    (39, "21:00", "daniel", "walden", "search"),
    (35, "12:45", "sofia", "yixing-teapot", "shop"),
    (31, "20:20", "mei", "korla-pear", "search"),
    (27, "13:10", "priya", "six-chapters-of-a-floating-life", "shop"),
    (24, "19:35", "qiming", "season-box", "search"),
    (20, "21:30", "sofia", "aged-white-tea", "search"),
    (17, "12:50", "hejing", "linen-notebook", "search"),
    (14, "21:05", "arun", "linen-notebook", "shop"),
    (11, "20:45", "lin", "jinjunmei", "search"),
    (8, "22:30", "tom", "gaiwan", "search"),
    (6, "12:10", "daniel", "longjing-2026", "search"),
    (4, "20:00", "sofia", "linen-notebook", "search"),
    (3, "21:20", "priya", "jasmine", "search"),
    (2, "13:15", "xiulan", "aged-white-tea", "card-family-white"),
)

_ORDERS: Final[tuple[tuple[int, str, str, str, str, tuple[str, ...], int, str], ...]] = (
    (84, "12:40", "daniel", "guoran", "yangshan-peach", ("6 只",), 1, "search"),
    (75, "22:30", "arun", "shannan-tea", "tieguanyin", ("清香", "125 克"), 1, "card-friends-tieguanyin"),
    (76, "20:20", "mei", "shannan-tea", "tieguanyin", ("清香", "125 克"), 1, "card-friends-tieguanyin"),
    (73, "19:50", "lin", "shannan-tea", "biluochun", ("50 克",), 1, "search"),
    (67, "20:10", "hejing", "guoran", "feizixiao-lychee", ("5 斤",), 1, "shop"),
    (65, "21:05", "sofia", "dengxia", "linen-notebook", ("砖红", "横线"), 2, "search"),
    (61, "20:40", "tom", "shannan-tea", "fairness-pitcher", (), 1, "shop"),
    (58, "12:15", "lin", "dengxia", "recipes-from-the-garden", (), 1, "shop"),
    (54, "09:40", "daniel", "guoran", "qilin-melon", (), 2, "search"),
    (51, "20:25", "tom", "shannan-tea", "yixing-teapot", ("朱泥",), 1, "card-friends-pot"),
    (49, "21:10", "hejing", "dengxia", "the-little-prince", (), 1, "search"),
    (43, "19:55", "mei", "shannan-tea", "shou-puer-2018", ("散茶 100 克",), 1, "shop"),
    (36, "20:55", "hejing", "guoran", "grapes", ("阳光玫瑰",), 1, "card-neighbours-grapes"),
    (36, "20:57", "hejing", "guoran", "grapes", ("巨峰",), 1, "card-neighbours-grapes"),
    (36, "21:40", "qiming", "guoran", "grapes", ("巨峰",), 1, "card-neighbours-grapes"),
    (30, "20:15", "lin", "guoran", "gannan-orange", ("5 斤",), 1, "card-neighbours-orange"),
    (30, "20:22", "mei", "guoran", "gannan-orange", ("10 斤",), 1, "card-neighbours-orange"),
    (29, "20:30", "hejing", "guoran", "gannan-orange", ("10 斤",), 1, "card-neighbours-orange"),
    (26, "20:30", "hejing", "dengxia", "dream-of-the-red-chamber", (), 1, "card-lin-hejing-red"),
    (21, "20:40", "mei", "shannan-tea", "aged-white-tea", ("300 克 陶罐",), 1, "card-family-white"),
    (19, "21:50", "lin", "shannan-tea", "sheng-puer-2012", ("品鉴装 25 克",), 1, "card-friends-sheng"),
    (18, "21:15", "tom", "shannan-tea", "sheng-puer-2012", ("品鉴装 25 克",), 2, "card-friends-sheng"),
    (15, "21:35", "qiming", "guoran", "fuping-persimmon", ("9 只",), 1, "card-neighbours-persimmon"),
    (12, "20:50", "lin", "shannan-tea", "jinjunmei", ("50 克",), 1, "search"),
    (9, "21:20", "sofia", "shannan-tea", "longjing-2026", ("50 克 纸袋",), 1, "search"),
    (7, "19:15", "qiming", "shannan-tea", "jinjunmei", ("125 克",), 1, "search"),
    (6, "20:30", "arun", "guoran", "korla-pear", ("5 斤",), 1, "search"),
    (3, "20:45", "sofia", "dengxia", "linen-notebook", ("墨绿", "空白"), 1, "search"),
    (2, "20:05", "hejing", "guoran", "yantai-apple", ("10 斤",), 1, "card-neighbours-apple"),
    (2, "20:45", "qiming", "guoran", "yantai-apple", ("5 斤",), 1, "card-neighbours-apple"),
    (1, "21:30", "tom", "dengxia", "walden", (), 1, "search"),
)
"""Days ago, when, who, shop, product, variant, how many, and what led there."""


def _ordered(
    days: int, clock: str, who: str, shop: str, product: str, values: tuple[str, ...], count: int, via: str
) -> tuple[Step, ...]:
    """Looked at, ordered and paid; shipped and received where there has been time for it."""
    ordered = day(days, clock)
    arrived = days - _DAYS_TO_ARRIVE
    return (
        Open(When(days, ordered.minute - 4), who, product, via),
        *deal(
            f"{who}-{product}-{days}-{ordered.minute}",
            who,
            Line(product, values, count),
            shop=shop,
            by=STAFF[shop],
            via=via,
            ordered=ordered,
            shipped=When(days - 1, _SHIP_AT) if days > 1 else None,
            confirmed=When(arrived, 19 * 60 + days) if arrived > 0 else None,
        ),
    )


_UNFINISHED: Final[tuple[Step, ...]] = (
    Open(day(53, "23:02"), "daniel", "gaiwan", "search"),
    Order(
        at=day(53, "23:05"),
        who="daniel",
        key="daniel-cancelled",
        lines=(Line("gaiwan", ("甜白",)),),
        via="search",
    ),
    Cancel(day(53, "23:09"), "daniel-cancelled"),
    Open(day(10, "22:40"), "tom", "the-book-of-tea", "search"),
    Order(at=day(10, "22:44"), who="tom", key="tom-unpaid", lines=(Line("the-book-of-tea", ()),), via="search"),
    Open(ago(9), "arun", "classic-of-tea", "search"),
    Order(at=ago(6), who="arun", key="arun-open", lines=(Line("classic-of-tea", ()),), via="search"),
)
"""One thought better of, one forgotten (it closes by itself), one still waiting to be paid."""

EVERYDAY: Final = Conversation(
    key="everyday",
    kind="none",
    members=(),
    began=day(91, "09:00"),
    steps=(
        *(TopUp(day(days, clock), who, amount) for days, clock, who, amount in _TOP_UPS),
        *(Open(day(days, clock), who, product, via) for days, clock, who, product, via in _LOOKS),
        *(step for row in _ORDERS for step in _ordered(*row)),
        *_UNFINISHED,
    ),
)
