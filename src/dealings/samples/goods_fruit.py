"""What the fruit cooperative sells."""

from typing import Final

from dealings.samples.script import Product, Variant

SHOP: Final = "guoran"


def _box(size: str, sku: str, price: int, stock: int, *, was: int | None = None, picture: str = "") -> Variant:
    return Variant(values=(size,), sku=sku, price=price, stock=stock, compare_at=was, picture=picture)


FRUIT: Final = (
    Product(
        handle="yangshan-peach",
        shop=SHOP,
        title="阳山水蜜桃 · Honey Peaches",
        html=(
            "<p>八成熟下树，到家放一两天，轻轻一撕皮就下来，汁水多到要站在水池边吃。</p>"
            "<ul><li>产地：无锡阳山</li><li>单果 200–250 克，逐个套网</li><li>坏果拍照，当天赔付</li></ul>"
            "<p>Leave them out for a day or two until the skin slips off. Eat over the sink.</p>"
        ),
        vendor="阳山桃农合作组",
        type="桃",
        tags=("水蜜桃", "桃子", "团购", "peach"),
        options=("规格",),
        variants=(
            _box("6 只", "GR-PE-06", 7900, 60),
            _box("12 只 木箱", "GR-PE-12", 14800, 36, was=15800, picture="peach-crate"),
        ),
        pictures=("peaches", "peach-crate"),
    ),
    Product(
        handle="gannan-orange",
        shop=SHOP,
        title="赣南脐橙 · Navel Oranges",
        html=(
            "<p>不打蜡、不催熟，皮上有疤是树枝刮的，不影响甜。邻居们每年都等这一批。</p>"
            "<ul><li>产地：江西信丰</li><li>甜度 13 左右</li><li>常温放三周，冷藏两个月</li></ul>"
            "<p>No wax, no gas. The scars are from branches in the wind; the juice is from a long autumn.</p>"
        ),
        vendor="信丰老廖果园",
        type="橙",
        tags=("脐橙", "橙子", "团购", "orange"),
        options=("规格",),
        variants=(_box("5 斤", "GR-OR-05", 4990, 120), _box("10 斤", "GR-OR-10", 8900, 90, was=9980)),
        pictures=("oranges",),
    ),
    Product(
        handle="korla-pear",
        shop=SHOP,
        title="库尔勒香梨 · Fragrant Pears",
        html=(
            "<p>皮薄肉脆，没有渣。母梨更甜，我们挑过了，但不敢说一个公的都没有。</p>"
            "<ul><li>产地：新疆库尔勒</li><li>5 斤约 20–24 个</li></ul><p>Thin-skinned, crisp, with a scent of honey.</p>"
        ),
        vendor="库尔勒阿依夏果园",
        type="梨",
        tags=("香梨", "梨", "pear"),
        options=("规格",),
        variants=(_box("5 斤", "GR-PR-05", 5800, 70), _box("10 斤", "GR-PR-10", 10800, 30)),
        pictures=("pears",),
    ),
    Product(
        handle="yantai-apple",
        shop=SHOP,
        title="烟台红富士 · Fuji Apples",
        html=(
            "<p>套袋、铺反光膜，颜色是晒出来的。切开放一会儿会变色，说明没有做过别的处理。</p>"
            "<ul><li>产地：烟台栖霞</li><li>80–85 毫米果</li></ul><p>Crunchy, sweet, a little tart near the core.</p>"
        ),
        vendor="栖霞丘陵果园",
        type="苹果",
        tags=("苹果", "红富士", "apple"),
        options=("规格",),
        variants=(_box("5 斤", "GR-AP-05", 4580, 80), _box("10 斤", "GR-AP-10", 8280, 40)),
        pictures=("apples",),
    ),
    Product(
        handle="fuping-persimmon",
        shop=SHOP,
        title="富平尖柿 · Persimmons",
        html=(
            "<p>硬的时候寄，和一个苹果放在袋子里三天就软。想吃脆的，请在备注里写“要脆”。</p>"
            "<ul><li>产地：陕西富平</li></ul><p>They travel firm. Put them in a bag with an apple for three days.</p>"
        ),
        vendor="富平曹村柿农",
        type="柿",
        tags=("柿子", "persimmon"),
        options=("规格",),
        variants=(_box("9 只", "GR-PS-09", 4200, 45), _box("18 只", "GR-PS-18", 7600, 25)),
        pictures=("persimmons",),
    ),
    Product(
        handle="feizixiao-lychee",
        shop=SHOP,
        title="妃子笑荔枝 · Lychees",
        html=(
            "<p>凌晨四点采，六点装车，泡沫箱加冰袋。红里带绿是这个品种本来的样子。</p>"
            "<ul><li>产地：广东高州</li><li>到货请马上冷藏，三天内吃完</li></ul>"
            "<p>Picked at four, packed on ice by six. Green shoulders are how this one looks when ripe.</p>"
        ),
        vendor="高州根子镇合作社",
        type="荔枝",
        tags=("荔枝", "冷链", "lychee"),
        options=("规格",),
        variants=(_box("3 斤", "GR-LY-03", 6900, 40), _box("5 斤", "GR-LY-05", 10900, 24)),
        pictures=("lychees",),
    ),
    Product(
        handle="dalian-cherry",
        shop=SHOP,
        title="大连美早樱桃 · Cherries",
        html=(
            "<p>露天樱桃，果梗绿、捏着硬。J 越多果越大：J 是 26–28 毫米，JJ 是 28–30，JJJ 在 30 以上。</p>"
            "<ul><li>产地：大连金州</li><li>冷链次日达，坏果超过三颗就赔</li></ul>"
            "<p>Open-field cherries, green stems, firm flesh. More Js, bigger cherries.</p>"
        ),
        vendor="金州七顶山合作社",
        type="樱桃",
        tags=("樱桃", "车厘子", "冷链", "cherry"),
        options=("果径",),
        variants=(
            _box("J · 2 斤", "GR-CH-J", 9800, 30),
            _box("JJ · 2 斤", "GR-CH-JJ", 13800, 18, picture="cherries-large"),
            _box("JJJ · 2 斤", "GR-CH-JJJ", 18800, 4, picture="cherries-large"),
        ),
        pictures=("cherries", "cherries-large"),
    ),
    Product(
        handle="dandong-strawberry",
        shop=SHOP,
        title="丹东红颜草莓 · Strawberries",
        html=(
            "<p>每颗单独卡在泡沫格里。香是真的香，打开箱子整个屋子都知道。</p>"
            "<ul><li>产地：辽宁东港</li><li>不耐放，请当天吃</li></ul><p>Eat them today. Tomorrow they will only be good.</p>"
        ),
        vendor="东港椅圈镇合作社",
        type="草莓",
        tags=("草莓", "冷链", "strawberry"),
        options=("规格",),
        variants=(_box("24 颗", "GR-ST-24", 8800, 20), _box("48 颗", "GR-ST-48", 16200, 8)),
        pictures=("strawberries",),
    ),
    Product(
        handle="grapes",
        shop=SHOP,
        title="阳光玫瑰 / 巨峰葡萄 · Grapes",
        html=(
            "<p>同一个棚里的两种葡萄：阳光玫瑰脆、有玫瑰香；巨峰软、酸甜，像小时候的味道。</p>"
            "<ul><li>产地：云南建水</li><li>每箱两串，约 3 斤</li></ul>"
            "<p>Shine Muscat is crisp and floral. Kyoho is soft and tastes of childhood.</p>"
        ),
        vendor="建水葡萄合作社",
        type="葡萄",
        tags=("葡萄", "阳光玫瑰", "巨峰", "grape"),
        options=("品种",),
        variants=(
            Variant(values=("阳光玫瑰",), sku="GR-GP-Y", price=8600, stock=34, picture="grapes-green"),
            Variant(values=("巨峰",), sku="GR-GP-J", price=4600, stock=40, picture="grapes-purple"),
        ),
        pictures=("grapes-green", "grapes-purple"),
    ),
    Product(
        handle="qilin-melon",
        shop=SHOP,
        title="麒麟西瓜 · Watermelon",
        html=(
            "<p>皮薄，一刀下去自己裂开。一个 8–10 斤，路上要是裂了，拍照，我们再寄一个。</p>"
            "<ul><li>产地：海南陵水</li></ul><p>Thin rind, deep red, 4–5 kg. If it cracks on the way, we send another.</p>"
        ),
        vendor="陵水合作社",
        type="瓜",
        tags=("西瓜", "麒麟瓜", "watermelon"),
        variants=(Variant(values=(), sku="GR-WM-1", price=4500, stock=50),),
        pictures=("watermelon",),
    ),
    Product(
        handle="locust-honey",
        shop=SHOP,
        title="秦岭槐花蜜 · Acacia Honey",
        html=(
            "<p>五月洋槐开花那十天，一年只割一次。颜色浅，结晶慢，泡水请用温水。</p>"
            "<ul><li>产地：陕西宁陕</li><li>蜂农：老郑，养蜂二十六年</li></ul>"
            "<p>One harvest a year, in the ten days when the trees are in bloom. Warm water, not hot.</p>"
        ),
        vendor="老郑蜂场",
        type="蜂蜜",
        tags=("蜂蜜", "槐花蜜", "honey"),
        options=("规格",),
        variants=(_box("500 克", "GR-HN-05", 6800, 40), _box("1 千克", "GR-HN-10", 12800, 20)),
        pictures=("honey",),
    ),
    Product(
        handle="season-box",
        shop=SHOP,
        title="当季水果箱 · Season Box",
        html=(
            "<p>不知道吃什么，就交给我们：五到七样当季水果，一箱约 12 斤，够一家四口吃一周。</p>"
            "<ul><li>不吃哪样请写在备注里</li><li>木箱可以还，抵 10 元</li></ul>"
            "<p>Five to seven kinds of whatever is best this week, about 6 kg. Tell us what you don't eat.</p>"
        ),
        vendor="果然合作社",
        type="水果箱",
        tags=("水果箱", "当季", "团购", "box"),
        variants=(Variant(values=(), sku="GR-BX-1", price=16800, stock=30, compare_at=19800),),
        pictures=("season-box",),
    ),
)
"""Fruit through the year, and what keeps."""
