"""Who lives in the demo, and the three shops they buy from."""

from typing import Final

from dealings.samples.script import Person, Shop

PASSWORD: Final = "tea-and-peaches"  # noqa: S105 - the demo prints it: everyone may be tried out
"""The same for every sample person. The demo only."""


def _zh(handle: str, name: str, bio: str, *friends: str, address: tuple[str, str, str] | None = None) -> Person:
    return Person(handle=handle, name=name, bio=bio, locale="zh-CN", picture=handle, friends=friends, address=address)


def _en(handle: str, name: str, bio: str, *friends: str, address: tuple[str, str, str] | None = None) -> Person:
    return Person(handle=handle, name=name, bio=bio, locale="en", picture=handle, friends=friends, address=address)


PEOPLE: Final = (
    _zh(
        "mei",
        "陈小梅 Mei",
        "杭州 · 平面设计 · 每天三杯茶",
        "arun",
        "lin",
        "sofia",
        "xiulan",
        "jianguo",
        "xiaosong",
        "hejing",
        "qiming",
        "tom",
        address=("陈小梅", "13800001001", "浙江省杭州市拱墅区河坊小区 7 幢 302 室"),
    ),
    _en(
        "arun",
        "Arun Nair",
        "Engineer from Kochi, in Hangzhou since 2021. Learning tea, slowly.",
        "mei",
        "lin",
        "sofia",
        "tom",
        "priya",
        "daniel",
        address=("Arun Nair", "13800001002", "浙江省杭州市西湖区文三路 268 号 5 幢 1101 室"),
    ),
    _zh(
        "lin",
        "林晓 Lin",
        "中学语文老师。书和茶，够了。",
        "mei",
        "arun",
        "sofia",
        "hejing",
        "qiming",
        "priya",
        address=("林晓", "13800001003", "浙江省杭州市上城区南宋书局巷 12 号"),
    ),
    _en(
        "sofia",
        "Sofia Rossi",
        "Ceramicist. Torino → Jingdezhen → Hangzhou.",
        "mei",
        "arun",
        "lin",
        "tom",
        "daniel",
        address=("Sofia Rossi", "13800001004", "浙江省杭州市西湖区满觉陇路 41 号 工作室"),
    ),
    _zh(
        "xiulan",
        "王秀兰",
        "小梅和小松的妈",
        "mei",
        "jianguo",
        "xiaosong",
        "hejing",
        address=("王秀兰", "13800001005", "浙江省绍兴市越城区八字桥直街 20 号"),
    ),
    _zh("jianguo", "陈建国", "退休了，钓鱼", "mei", "xiulan", "xiaosong"),
    _zh(
        "xiaosong",
        "陈小松",
        "大三，打球，饿",
        "mei",
        "xiulan",
        "jianguo",
        address=("陈小松", "13800001007", "浙江省宁波市江北区风华路 818 号 学生公寓 9 号楼"),
    ),
    _zh(
        "qiming",
        "周启明",
        "7 幢 502，有事在群里喊",
        "mei",
        "lin",
        "hejing",
        address=("周启明", "13800001008", "浙江省杭州市拱墅区河坊小区 7 幢 502 室"),
    ),
    _zh(
        "hejing",
        "何静",
        "河坊小区团长 · 两个娃",
        "mei",
        "lin",
        "qiming",
        "xiulan",
        address=("何静", "13800001009", "浙江省杭州市拱墅区河坊小区 5 幢 201 室"),
    ),
    _en(
        "tom",
        "Tom Becker",
        "Teaches German, drinks oolong.",
        "mei",
        "arun",
        "sofia",
        address=("Tom Becker", "13800001010", "浙江省杭州市西湖区浙大路 38 号 专家楼 204"),
    ),
    _en(
        "priya",
        "Priya Menon",
        "Reads on trains.",
        "arun",
        "lin",
        "daniel",
        address=("Priya Menon", "13800001011", "上海市徐汇区永嘉路 511 弄 6 号"),
    ),
    _en(
        "daniel",
        "Daniel Okafor",
        "Photographer. I'll be late, but I'll bring fruit.",
        "arun",
        "sofia",
        "priya",
        address=("Daniel Okafor", "13800001012", "浙江省杭州市滨江区江南大道 88 号 2 幢 1503"),
    ),
    _zh("shennan", "沈南", "山南茶坊 · 掌柜", "xiaohe", "gudeng"),
    _zh("xiaohe", "小禾", "山南茶坊 · 客服，下午会泡老白茶", "shennan"),
    _zh("luoguo", "罗果", "果然合作社 · 跑果园的", "dashu", "hejing"),
    _zh("dashu", "大树", "果然合作社 · 打包发货", "luoguo"),
    _zh("gudeng", "顾灯", "灯下书店 · 店主", "amu", "shennan"),
    _zh("amu", "阿木", "灯下书店 · 选书、看店、修灯", "gudeng"),
    _zh("jiangping", "江平", "平台运营"),
)
"""Members first, then the shops' people, then who runs the place."""

OPERATORS: Final = ("jiangping",)

SHOPS: Final = (
    Shop(
        handle="shannan-tea",
        name="山南茶坊 Shannan Tea",
        tagline="龙坞山脚下的一间茶坊，自己炒，自己喝，多的卖给你。",
        picture="shannan-tea",
        owner="shennan",
        staff=("xiaohe",),
    ),
    Shop(
        handle="guoran",
        name="果然合作社 Guoran Fruit Co-op",
        tagline="二十三个果园，一起卖。拼着买，更便宜。",
        picture="guoran",
        owner="luoguo",
        staff=("dashu",),
    ),
    Shop(
        handle="dengxia",
        name="灯下书店 Lamplight Books",
        tagline="一盏灯，一千本书，周四晚上读出声。",
        picture="dengxia",
        owner="gudeng",
        staff=("amu",),
    ),
)
