"""What buyers and the bookshop said to each other."""

from typing import Final

from dealings.samples.script import Card, Conversation, Line, Open, Order, Pay, Read, Refund, Say, ago, day, deal

SHOP: Final = "dengxia"
BY: Final = "amu"

LIN: Final = Conversation(
    key="lin-books",
    kind="shop",
    members=("lin",),
    shop=SHOP,
    began=day(83, "16:30"),
    steps=(
        Say(day(83, "16:31"), "lin", "阿木，有没有注音的《诗经》？想放在班里的图书角。"),
        Read(day(83, "16:40"), BY),
        Say(day(83, "16:42"), BY, "有，这一版草木鸟兽都有图，学生会抢着看。"),
        Card(day(83, "16:42"), BY, "book-of-odes", "card-lin-odes"),
        Read(day(83, "16:45"), "lin"),
        Open(day(83, "16:45"), "lin", "book-of-odes", "card-lin-odes"),
        Say(day(83, "16:50"), "lin", "纸会不会太薄？孩子翻得狠", about="book-of-odes"),
        Say(day(83, "16:52"), BY, "八十克，锁线，摊得平。真翻坏了拿回来，我给你修。"),
        *deal(
            "lin-odes",
            "lin",
            Line("book-of-odes", (), 3),
            shop=SHOP,
            by=BY,
            via="card-lin-odes",
            ordered=day(83, "17:05"),
            shipped=day(82, "11:00"),
            confirmed=day(79, "18:20"),
        ),
        Say(day(79, "18:22"), "lin", "“参差荇菜”那页已经被翻出折痕了，成功"),
        Read(day(79, "19:00"), BY),
        *deal(
            "lin-taoan",
            "lin",
            Line("dream-memories-of-taoan", ()),
            Line("dawn-blossoms", ()),
            shop=SHOP,
            by=BY,
            via="shop",
            ordered=day(50, "21:30"),
            shipped=day(49, "10:50"),
            confirmed=day(46, "19:05"),
        ),
        Read(day(46, "19:06"), "lin"),
    ),
)

ARUN: Final = Conversation(
    key="arun-books",
    kind="shop",
    members=("arun",),
    shop=SHOP,
    began=day(58, "22:00"),
    steps=(
        Open(day(58, "21:52"), "arun", "the-book-of-tea", "link:lin"),
        Say(
            day(58, "22:01"),
            "arun",
            "Lin sent me this. Is it about how to make tea, or about why?",
            about="the-book-of-tea",
        ),
        Read(day(57, "10:12"), BY),
        Say(day(57, "10:14"), BY, "Only why. For how, there is a tea shop we like, and they like us back."),
        *deal(
            "arun-book-of-tea",
            "arun",
            Line("the-book-of-tea", ()),
            shop=SHOP,
            by=BY,
            via="link:lin",
            ordered=day(57, "12:40"),
            shipped=day(56, "11:10"),
            confirmed=day(52, "21:00"),
        ),
        Say(
            day(52, "21:02"),
            "arun",
            "“The art of life lies in a constant readjustment to our surroundings.” I've copied that on the office wall.",
        ),
        Read(day(51, "10:00"), BY),
        Read(day(51, "10:00"), "arun"),
        Say(day(2, "20:15"), "arun", "Two seats for Thursday, for Mei and me, please.", about="reading-club"),
        Read(day(2, "20:20"), BY),
        Say(day(2, "20:21"), BY, "Kept two by the window. We're reading Zhang Dai this week."),
        *deal(
            "arun-evening",
            "arun",
            Line("reading-club", (), 2),
            shop=SHOP,
            by=BY,
            via="shop",
            ordered=day(2, "20:30"),
        ),
        Read(day(2, "20:31"), "arun"),
    ),
)

TOM: Final = Conversation(
    key="tom-books",
    kind="shop",
    members=("tom",),
    shop=SHOP,
    began=day(40, "17:20"),
    steps=(
        Open(day(40, "17:18"), "tom", "the-little-prince", "search"),
        Order(at=day(40, "17:24"), who="tom", key="tom-prince", lines=(Line("the-little-prince", ()),), via="search"),
        Pay(day(40, "17:25"), "tom-prince"),
        Order(at=day(40, "17:27"), who="tom", key="tom-prince-2", lines=(Line("the-little-prince", ()),), via="search"),
        Pay(day(40, "17:28"), "tom-prince-2"),
        Say(day(40, "17:31"), "tom", "I think I ordered the Little Prince twice. One planet is enough for me."),
        Read(day(40, "17:50"), BY),
        Say(day(40, "17:52"), BY, "One planet refunded. The other leaves tomorrow morning."),
        Refund(day(40, "17:53"), "tom-prince-2", BY, "重复下单"),
        *deal(
            "tom-notebook",
            "tom",
            Line("linen-notebook", ("墨绿", "横线")),
            shop=SHOP,
            by=BY,
            via="shop",
            ordered=day(40, "18:10"),
            shipped=day(39, "10:30"),
            confirmed=day(36, "16:00"),
        ),
        Read(day(40, "18:20"), "tom"),
    ),
)

SOFIA: Final = Conversation(
    key="sofia-books",
    kind="shop",
    members=("sofia",),
    shop=SHOP,
    began=day(62, "14:00"),
    steps=(
        Say(
            day(62, "14:01"),
            "sofia",
            "I'm looking for something with the text in easy Chinese beside the original. My teacher says Shen Fu.",
        ),
        Read(day(62, "14:30"), "gudeng"),
        Say(
            day(62, "14:33"),
            "gudeng",
            "Your teacher is right. The cloth edition has both, and the chapter on flowers is for people who work with their hands.",
        ),
        Card(day(62, "14:34"), "gudeng", "six-chapters-of-a-floating-life", "card-sofia-chapters"),
        Read(day(62, "14:36"), "sofia"),
        Open(day(62, "14:36"), "sofia", "six-chapters-of-a-floating-life", "card-sofia-chapters"),
        *deal(
            "sofia-chapters",
            "sofia",
            Line("six-chapters-of-a-floating-life", ("布面精装",)),
            shop=SHOP,
            by="gudeng",
            via="card-sofia-chapters",
            ordered=day(62, "14:50"),
            shipped=day(61, "11:20"),
            confirmed=day(57, "13:00"),
        ),
        Say(day(57, "13:04"), "sofia", "Page 12 took me an hour. It was worth the hour."),
        Read(day(57, "15:00"), "gudeng"),
        Read(day(57, "15:00"), "sofia"),
    ),
)

MEI: Final = Conversation(
    key="mei-books",
    kind="shop",
    members=("mei",),
    shop=SHOP,
    began=day(22, "20:40"),
    steps=(
        Open(day(22, "20:36"), "mei", "linen-notebook", "card-mei-lin-notebook"),
        Say(day(22, "20:41"), "mei", "米白的笔记本马克笔会透吗？我画草图用", about="linen-notebook"),
        Read(day(22, "20:55"), BY),
        Say(day(22, "20:57"), BY, "酒精马克会透，水性的不会。我拿店里那本画了一页给你看：左边水性，右边酒精。"),
        *deal(
            "mei-notebook",
            "mei",
            Line("linen-notebook", ("米白", "空白")),
            Line("classic-of-tea", ()),
            shop=SHOP,
            by=BY,
            via="card-mei-lin-notebook",
            ordered=day(22, "21:10"),
            shipped=day(21, "11:00"),
            confirmed=day(18, "19:30"),
        ),
        Say(day(18, "19:33"), "mei", "《茶经》的茶器线图太好看了，职业病犯了"),
        Say(day(18, "19:40"), BY, "画图的那位师傅七十了，周四读书会他常来。"),
        Read(day(18, "19:45"), "mei"),
    ),
)

PRIYA: Final = Conversation(
    key="priya-books",
    kind="shop",
    members=("priya",),
    shop=SHOP,
    began=day(30, "09:00"),
    steps=(
        *deal(
            "priya-walden",
            "priya",
            Line("walden", ()),
            shop=SHOP,
            by=BY,
            via="search",
            ordered=day(30, "09:05"),
            shipped=day(29, "11:00"),
            confirmed=day(25, "21:30"),
        ),
        Say(day(25, "21:33"), "priya", "Read it on the Shanghai–Hangzhou line. The pond went by at 300 km/h."),
        Read(day(24, "10:00"), BY),
        Say(day(24, "10:03"), BY, "Thoreau would have got off at Jiaxing."),
        Read(day(24, "12:00"), "priya"),
        Open(ago(205), "priya", "pride-and-prejudice", "search"),
        *deal(
            "priya-pride",
            "priya",
            Line("pride-and-prejudice", ()),
            shop=SHOP,
            by=BY,
            via="search",
            ordered=ago(200),
            note="Gift wrap if you can",
        ),
    ),
)

CONVERSATIONS: Final = (LIN, ARUN, TOM, SOFIA, MEI, PRIYA)
