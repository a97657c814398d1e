"""What the bookshop sells."""

from typing import Final

from dealings.samples.script import Product, Variant

SHOP: Final = "dengxia"


def _one(sku: str, price: int, stock: int, *, was: int | None = None) -> tuple[Variant, ...]:
    return (Variant(values=(), sku=sku, price=price, stock=stock, compare_at=was),)


BOOKS: Final = (
    Product(
        handle="classic-of-tea",
        shop=SHOP,
        title="《茶经》陆羽 · The Classic of Tea",
        html=(
            "<p>世界上第一部讲茶的书，三卷十节，七千字。这一版原文在上、白话在下，茶器配了线图。</p>"
            "<ul><li>布面精装，208 页</li><li>从“茶者，南方之嘉木也”读起</li></ul>"
            "<p>The first book ever written about tea, with modern Chinese below the original and line drawings of "
            "every utensil.</p>"
        ),
        vendor="灯下文库",
        type="古籍",
        tags=("茶经", "茶", "陆羽", "古籍", "tea"),
        variants=_one("DX-CJ-01", 5800, 26),
        pictures=("tea-classic",),
    ),
    Product(
        handle="dream-memories-of-taoan",
        shop=SHOP,
        title="《陶庵梦忆》张岱 · Dream Memories of Tao'an",
        html=(
            "<p>繁华过后写的繁华：雪夜湖心亭、虎丘中秋、一个叫柳敬亭的说书人。篇篇都短，适合睡前一篇。</p>"
            "<ul><li>平装，316 页，注释在页边</li></ul>"
            "<p>Short pieces by a man who had lost everything but his memory. One a night is about right.</p>"
        ),
        vendor="灯下文库",
        type="散文",
        tags=("陶庵梦忆", "张岱", "散文", "明"),
        variants=_one("DX-TA-01", 4600, 18),
        pictures=("dream-memories",),
    ),
    Product(
        handle="six-chapters-of-a-floating-life",
        shop=SHOP,
        title="《浮生六记》沈复 · Six Chapters of a Floating Life",
        html=(
            "<p>一个不得志的苏州人写他的妻子芸，写吃粥、插花、看月亮。平装轻，布面精装送人。</p>"
            "<ul><li>原文与今译对照</li><li>布面精装附藏书票一张</li></ul>"
            "<p>A marriage, remembered: porridge, flowers, the moon. The cloth edition comes with a bookplate.</p>"
        ),
        vendor="灯下文库",
        type="散文",
        tags=("浮生六记", "沈复", "散文", "清"),
        options=("装帧",),
        variants=(
            Variant(values=("平装",), sku="DX-FS-P", price=3900, stock=30, picture="six-chapters"),
            Variant(values=("布面精装",), sku="DX-FS-C", price=7800, stock=11, picture="six-chapters-cloth"),
        ),
        pictures=("six-chapters", "six-chapters-cloth"),
    ),
    Product(
        handle="recipes-from-the-garden",
        shop=SHOP,
        title="《随园食单》袁枚 · Recipes from the Garden of Contentment",
        html=(
            "<p>三百多道菜，一半是脾气。“凡物各有先天，如人各有资禀”：先讲道理，再讲怎么做。</p>"
            "<ul><li>精装，276 页，附今日可做的 24 道</li></ul>"
            "<p>An eighteenth-century poet on food, with opinions. Twenty-four recipes are adapted for today's kitchens.</p>"
        ),
        vendor="灯下文库",
        type="饮食",
        tags=("随园食单", "袁枚", "饮食", "菜谱", "food"),
        variants=_one("DX-SY-01", 6200, 15),
        pictures=("recipes",),
    ),
    Product(
        handle="book-of-odes",
        shop=SHOP,
        title="《诗经》· The Book of Odes",
        html=(
            "<p>三百零五篇全，生字注音，草木鸟兽都配了图。给孩子读、自己读都行。</p><ul><li>精装，560 页</li></ul>"
            "<p>All 305 poems, with pronunciation and pictures of every plant and bird they name.</p>"
        ),
        vendor="灯下文库",
        type="诗",
        tags=("诗经", "诗", "古籍", "poetry"),
        variants=_one("DX-SJ-01", 8800, 12, was=9800),
        pictures=("odes",),
    ),
    Product(
        handle="dream-of-the-red-chamber",
        shop=SHOP,
        title="《红楼梦》四卷本 曹雪芹 · Dream of the Red Chamber",
        html=(
            "<p>大字、四卷、摊得平。人物表单独一张折页，读到哪里都能查谁是谁的丫鬟。</p><ul><li>布面精装四册，附函套</li></ul>"
            "<p>Four volumes in large type that lie flat, with a fold-out of who is whose maid.</p>"
        ),
        vendor="灯下文库",
        type="小说",
        tags=("红楼梦", "曹雪芹", "小说", "novel"),
        variants=_one("DX-HL-4", 26800, 7),
        pictures=("dream-of-red",),
    ),
    Product(
        handle="dawn-blossoms",
        shop=SHOP,
        title="《朝花夕拾》鲁迅 · Dawn Blossoms Plucked at Dusk",
        html=(
            "<p>十篇旧事：百草园、长妈妈、藤野先生。中学课本里的那几篇，长大了再读不一样。</p><ul><li>平装，148 页</li></ul>"
            "<p>Ten memories. You read them at school; read them again.</p>"
        ),
        vendor="灯下文库",
        type="散文",
        tags=("朝花夕拾", "鲁迅", "散文"),
        variants=_one("DX-ZH-01", 3200, 40),
        pictures=("mornings",),
    ),
    Product(
        handle="the-book-of-tea",
        shop=SHOP,
        title="The Book of Tea · Okakura Kakuzō 茶之书",
        html=(
            "<p>A slim, stubborn book from 1906 about tea, rooms, flowers, and why small things matter. English text, "
            "printed on paper that takes a pencil well.</p><ul><li>Paperback, 112 pages</li></ul>"
            "<p>英文原版。讲茶，其实讲怎么看待不完美的东西。</p>"
        ),
        vendor="Lamplight Classics",
        type="英文",
        tags=("茶", "tea", "english", "茶之书"),
        variants=_one("DX-BT-01", 4800, 20),
        pictures=("book-of-tea",),
    ),
    Product(
        handle="walden",
        shop=SHOP,
        title="Walden · Henry David Thoreau 瓦尔登湖",
        html=(
            "<p>Two years, two months and two days beside a pond. Unabridged, with a map of the woods.</p>"
            "<ul><li>Hardcover, 352 pages</li></ul><p>英文全本，附一张林子的地图。适合带去没有信号的地方。</p>"
        ),
        vendor="Lamplight Classics",
        type="英文",
        tags=("walden", "瓦尔登湖", "english"),
        variants=_one("DX-WD-01", 7200, 14),
        pictures=("walden",),
    ),
    Product(
        handle="pride-and-prejudice",
        shop=SHOP,
        title="Pride and Prejudice · Jane Austen 傲慢与偏见",
        html=(
            "<p>It is a truth universally acknowledged that one copy is never enough: this one is for lending.</p>"
            "<ul><li>Cloth, 432 pages, ribbon</li></ul><p>英文布面精装，带书签带，字距舒服。</p>"
        ),
        vendor="Lamplight Classics",
        type="英文",
        tags=("austen", "傲慢与偏见", "english", "novel"),
        variants=_one("DX-PP-01", 8600, 9),
        pictures=("pride",),
    ),
    Product(
        handle="the-little-prince",
        shop=SHOP,
        title="《小王子》中法对照 · The Little Prince",
        html=(
            "<p>左边法文，右边中文，一字不删。第 21 章狐狸那段，店里每个人都会背一点。</p><ul><li>精装，144 页</li></ul>"
            "<p>French on the left, Chinese on the right. Nothing left out.</p>"
        ),
        vendor="灯下文库",
        type="童书",
        tags=("小王子", "童书", "法语", "children"),
        variants=_one("DX-XW-01", 4900, 33),
        pictures=("little-prince",),
    ),
    Product(
        handle="linen-notebook",
        shop=SHOP,
        title="亚麻笔记本 · Linen Notebook",
        html=(
            "<p>亚麻布面，裸脊锁线，摊开是平的。纸 100 克，钢笔不洇。</p><ul><li>A5，192 页，横线或空白</li></ul>"
            "<p>Linen over board, sewn so it opens flat. 100 gsm paper that a fountain pen likes.</p>"
        ),
        vendor="灯下文具",
        type="文具",
        tags=("笔记本", "文具", "亚麻", "notebook"),
        options=("颜色", "内页"),
        variants=(
            Variant(values=("墨绿", "横线"), sku="DX-NB-GL", price=5600, stock=16, picture="notebook-green"),
            Variant(values=("墨绿", "空白"), sku="DX-NB-GB", price=5600, stock=12, picture="notebook-green"),
            Variant(values=("砖红", "横线"), sku="DX-NB-RL", price=5600, stock=14, picture="notebook-brick"),
            Variant(values=("砖红", "空白"), sku="DX-NB-RB", price=5600, stock=0, picture="notebook-brick"),
            Variant(values=("米白", "空白"), sku="DX-NB-CB", price=5600, stock=3, picture="notebook-cream"),
        ),
        pictures=("notebook-green", "notebook-brick", "notebook-cream"),
    ),
    Product(
        handle="reading-club",
        shop=SHOP,
        title="灯下读书会 · 一次入场 Reading Evening",
        html=(
            "<p>每周四晚七点半，店里二楼，十二个位子，一壶茶，一本书，读出声。凭订单号入场，书可借可买。</p>"
            "<p>Thursdays, half past seven, twelve chairs upstairs, one pot of tea, one book read aloud.</p>"
        ),
        vendor="灯下书店",
        type="活动",
        tags=("读书会", "活动", "茶", "event"),
        variants=_one("DX-EV-01", 3000, 12),
        pictures=("reading",),
    ),
)
"""Chinese classics, English ones, and what to write in."""
