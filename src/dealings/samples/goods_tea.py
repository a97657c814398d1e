"""What the tea shop sells."""

from typing import Final

from dealings.samples.script import Product, Variant

SHOP: Final = "shannan-tea"


def _tea(grams: str, sku: str, price: int, stock: int, *, was: int | None = None, picture: str = "") -> Variant:
    return Variant(values=(grams,), sku=sku, price=price, stock=stock, compare_at=was, picture=picture)


TEA: Final = (
    Product(
        handle="longjing-2026",
        shop=SHOP,
        title="明前龙井 2026 · First-flush Longjing",
        html=(
            "<p>清明前七天采的一芽一叶，采下当天在铁锅里手炒。豆香清，回甘快，三泡之后还有甜水。</p>"
            "<ul><li>产地：杭州龙坞，海拔约 300 米，群体种</li><li>采摘：3 月 26 日至 4 月 2 日</li>"
            "<li>冲泡：玻璃杯，85 ℃，3 克配 200 毫升，不洗茶</li><li>开封后请密封冷藏，两个月内喝完最好</li></ul>"
            "<p>Picked in the week before Qingming and pan-fired by hand the same day. Chestnut, fresh peas, a clean "
            "sweet finish. Use water at 85 ℃ and leave the leaves in the glass.</p>"
        ),
        vendor="山南茶坊",
        type="绿茶",
        tags=("龙井", "绿茶", "明前", "新茶", "longjing", "green tea"),
        options=("规格",),
        variants=(
            _tea("50 克 纸袋", "SN-LJ-050", 12800, 46, picture="longjing-pouch"),
            _tea("100 克 罐装", "SN-LJ-100", 23800, 30, was=25600, picture="longjing-tin"),
            _tea("250 克 罐装", "SN-LJ-250", 52000, 8, was=64000, picture="longjing-tin"),
        ),
        pictures=("longjing", "longjing-pouch", "longjing-tin"),
    ),
    Product(
        handle="biluochun",
        shop=SHOP,
        title="洞庭碧螺春 · Biluochun",
        html=(
            "<p>茶树种在枇杷和杨梅之间，芽头细嫩带毫，炒成小螺。先放水再投茶，看它一颗颗沉下去。</p>"
            "<ul><li>产地：苏州洞庭东山</li><li>冲泡：80 ℃，上投法</li><li>每 50 克约三万个芽头</li></ul>"
            "<p>Tiny downy buds grown between loquat trees. Pour the water first, drop the tea in, and watch it sink.</p>"
        ),
        vendor="山南茶坊",
        type="绿茶",
        tags=("碧螺春", "绿茶", "新茶", "green tea"),
        options=("规格",),
        variants=(_tea("50 克", "SN-BL-050", 9800, 40), _tea("100 克", "SN-BL-100", 18800, 22)),
        pictures=("biluochun",),
    ),
    Product(
        handle="shou-puer-2018",
        shop=SHOP,
        title="2018 勐海熟普 · Ripe Pu'er",
        html=(
            "<p>2018 年春料渥堆，干仓存放七年。汤色红浓，入口糯，有枣香和一点老木头的味道，空腹喝也不刺激。</p>"
            "<ul><li>产地：云南勐海</li><li>冲泡：沸水，快出汤；也很适合煮</li><li>一提七饼，笋壳包装</li></ul>"
            "<p>Seven years in dry storage: dates, old wood, a thick and gentle cup. Kind to an empty stomach and "
            "hard to over-steep.</p>"
        ),
        vendor="山南茶坊",
        type="普洱茶",
        tags=("普洱", "熟普", "老茶", "pu'er", "ripe"),
        options=("规格",),
        variants=(
            _tea("散茶 100 克", "SN-SP-100", 8800, 60, picture="shou-puer-loose"),
            _tea("一饼 357 克", "SN-SP-357", 26800, 34),
            _tea("一提七饼", "SN-SP-7", 168000, 4, was=187600, picture="shou-puer-stack"),
        ),
        pictures=("shou-puer", "shou-puer-loose", "shou-puer-stack"),
    ),
    Product(
        handle="sheng-puer-2012",
        shop=SHOP,
        title="2012 易武生普 · Aged Raw Pu'er",
        html=(
            "<p>易武大树料，石磨压制。十几年下来苦涩已经化开，留下蜜香和清凉的喉韵。数量不多，先尝样再买饼。</p>"
            "<ul><li>产地：云南易武</li><li>冲泡：盖碗，95 ℃ 以上，可泡十五道</li></ul>"
            "<p>Stone-pressed Yiwu leaf, mellowed for more than a decade: honey, camphor, a cool throat. Please try the "
            "25 g sample before you buy a cake.</p>"
        ),
        vendor="山南茶坊",
        type="普洱茶",
        tags=("普洱", "生普", "易武", "老茶", "pu'er", "raw"),
        options=("规格",),
        variants=(_tea("品鉴装 25 克", "SN-YW-025", 5800, 24), _tea("一饼 357 克", "SN-YW-357", 58000, 9)),
        pictures=("sheng-puer",),
    ),
    Product(
        handle="jinjunmei",
        shop=SHOP,
        title="桐木金骏眉 · Jin Jun Mei",
        html=(
            "<p>只取芽头，金毫显露。蜜香、果香里带一丝薯香，冷了更甜。早上第一杯很合适。</p>"
            "<ul><li>产地：武夷山桐木关</li><li>冲泡：90 ℃，盖碗快出</li></ul>"
            "<p>Buds only, tipped with gold. Honey and stone fruit, sweeter as it cools.</p>"
        ),
        vendor="山南茶坊",
        type="红茶",
        tags=("金骏眉", "红茶", "black tea"),
        options=("规格",),
        variants=(_tea("50 克", "SN-JJ-050", 16800, 26), _tea("125 克", "SN-JJ-125", 38800, 12)),
        pictures=("jinjunmei",),
    ),
    Product(
        handle="tieguanyin",
        shop=SHOP,
        title="安溪铁观音 · Tieguanyin",
        html=(
            "<p>同一片茶园，两种做法：清香型轻发酵，兰花香扬；浓香型炭焙三道，像炒米和熟果。</p>"
            "<ul><li>产地：安溪祥华</li><li>冲泡：沸水，100 毫升盖碗投 7 克</li></ul>"
            "<p>One garden, two hands: the light one smells of orchids, the roasted one of toasted rice and ripe fruit.</p>"
        ),
        vendor="山南茶坊",
        type="乌龙茶",
        tags=("铁观音", "乌龙", "oolong"),
        options=("香型", "规格"),
        variants=(
            Variant(values=("清香", "125 克"), sku="SN-TQ-125", price=9600, stock=28),
            Variant(values=("清香", "250 克"), sku="SN-TQ-250", price=17600, stock=15),
            Variant(values=("浓香", "125 克"), sku="SN-TN-125", price=10800, stock=19),
            Variant(values=("浓香", "250 克"), sku="SN-TN-250", price=19800, stock=0),
        ),
        pictures=("tieguanyin",),
    ),
    Product(
        handle="aged-white-tea",
        shop=SHOP,
        title="福鼎老白茶 2019 · Aged White Tea",
        html=(
            "<p>日晒萎凋，没有炒也没有揉，放了六年，药香出来了。冬天丢几克进壶里煮，加一块陈皮。</p>"
            "<ul><li>产地：福鼎磻溪</li><li>冲泡：沸水焖泡或煮饮</li></ul>"
            "<p>Sun-withered, never fired, six years old. Simmer a few grams with a piece of dried tangerine peel.</p>"
        ),
        vendor="山南茶坊",
        type="白茶",
        tags=("白茶", "老白茶", "煮茶", "white tea"),
        options=("规格",),
        variants=(_tea("100 克", "SN-BC-100", 11800, 32), _tea("300 克 陶罐", "SN-BC-300", 32800, 10)),
        pictures=("white-tea",),
    ),
    Product(
        handle="jasmine",
        shop=SHOP,
        title="茉莉银毫 · Jasmine Silver Tips",
        html=(
            "<p>绿茶坯，七窨一提。花是横县的伏花，只留香，不见花；照片上的花是我们自己种的，忍不住放了几朵。</p>"
            "<ul><li>冲泡：85 ℃，盖上盖子闻一闻</li></ul>"
            "<p>Scented seven times with summer blossoms. The flowers in the picture are from our own balcony.</p>"
        ),
        vendor="山南茶坊",
        type="花茶",
        tags=("茉莉花茶", "花茶", "jasmine"),
        options=("规格",),
        variants=(_tea("100 克", "SN-ML-100", 7800, 50), _tea("250 克", "SN-ML-250", 17800, 20)),
        pictures=("jasmine",),
    ),
    Product(
        handle="yixing-teapot",
        shop=SHOP,
        title="宜兴紫砂壶 · 仿古 Yixing Teapot",
        html=(
            "<p>原矿泥料，半手工成型，出水七孔。壶身压得扁，腹大，适合普洱和岩茶；新壶先用白水煮一遍再养。</p>"
            "<ul><li>容量：约 180 毫升</li><li>泥料：紫泥、朱泥、段泥可选</li><li>运输破损包换，请开箱时拍照</li></ul>"
            "<p>Half handmade from natural clay, 180 ml, seven-hole filter. Broken on the way? Send us a photo, we send "
            "you another.</p>"
        ),
        vendor="丁蜀陶社",
        type="茶具",
        tags=("紫砂壶", "茶壶", "茶具", "teapot", "yixing"),
        options=("泥料",),
        variants=(
            Variant(values=("紫泥",), sku="SN-ZS-ZI", price=68000, stock=6, picture="yixing-zini"),
            Variant(values=("朱泥",), sku="SN-ZS-ZHU", price=76000, stock=4, picture="yixing-zhuni"),
            Variant(values=("段泥",), sku="SN-ZS-DUAN", price=72000, stock=3, picture="yixing-duanni"),
        ),
        pictures=("yixing-zini", "yixing-zhuni", "yixing-duanni"),
    ),
    Product(
        handle="gaiwan",
        shop=SHOP,
        title="手工盖碗 · Hand-thrown Gaiwan",
        html=(
            "<p>景德镇手拉坯。碗沿外撇，不烫手；盖子合得严，出汤干净。三种釉：甜白、青瓷、草木灰。</p>"
            "<ul><li>容量：约 130 毫升</li><li>手作器物，大小和釉色会有一点点不同</li></ul>"
            "<p>Thrown by hand in Jingdezhen, 130 ml. The flared rim stays cool enough to hold. Each one is a little "
            "different, and that is the point.</p>"
        ),
        vendor="一间窑",
        type="茶具",
        tags=("盖碗", "茶具", "景德镇", "gaiwan"),
        options=("釉色",),
        variants=(
            Variant(values=("甜白",), sku="SN-GW-W", price=16800, stock=14, picture="gaiwan-white"),
            Variant(values=("青瓷",), sku="SN-GW-C", price=18800, stock=9, picture="gaiwan-celadon"),
            Variant(values=("草木灰",), sku="SN-GW-A", price=21800, stock=2, picture="gaiwan-ash"),
        ),
        pictures=("gaiwan-white", "gaiwan-celadon", "gaiwan-ash"),
    ),
    Product(
        handle="tasting-cups",
        shop=SHOP,
        title="品茗杯 · Tasting Cups",
        html=(
            "<p>四种釉、同一个器型，可以按心情挑。杯底挂釉，好洗。</p><ul><li>每只约 45 毫升</li></ul>"
            "<p>Four glazes, one shape, 45 ml each. Mixed colours unless you tell us otherwise.</p>"
        ),
        vendor="一间窑",
        type="茶具",
        tags=("茶杯", "品茗杯", "茶具", "cups"),
        options=("数量",),
        variants=(
            _tea("两只", "SN-CP-2", 7600, 18),
            _tea("四只", "SN-CP-4", 13800, 12),
            _tea("六只", "SN-CP-6", 19800, 5),
        ),
        pictures=("cups",),
    ),
    Product(
        handle="fairness-pitcher",
        shop=SHOP,
        title="耐热玻璃公道杯 · Glass Pitcher",
        html=(
            "<p>高硼硅玻璃，断水利落，一壶茶分得均匀。冷热都能用。</p><ul><li>容量：350 毫升</li></ul>"
            "<p>Borosilicate glass, 350 ml, pours without a drip.</p>"
        ),
        vendor="山南茶坊",
        type="茶具",
        tags=("公道杯", "玻璃", "茶具", "pitcher"),
        variants=(Variant(values=(), sku="SN-GD-350", price=6800, stock=25),),
        pictures=("pitcher",),
    ),
    Product(
        handle="bamboo-tray",
        shop=SHOP,
        title="竹制茶盘 · Bamboo Tea Tray",
        html=(
            "<p>整竹排条，下面有接水屉，抽出来就能倒。用完擦干，阴处放着，不要晒。</p><ul><li>48 × 30 × 6 厘米</li></ul>"
            "<p>Slatted bamboo with a drawer underneath for the water. Wipe dry and keep it out of the sun.</p>"
        ),
        vendor="安吉竹坊",
        type="茶具",
        tags=("茶盘", "竹", "茶具", "tray"),
        variants=(Variant(values=(), sku="SN-TP-48", price=25800, stock=3, compare_at=29800),),
        pictures=("tray",),
    ),
)
"""Teas, then what to make them in."""
