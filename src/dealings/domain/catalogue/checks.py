"""What must hold for stock (P5)."""

from sqlalchemy import exists, or_, select

from dealings.domain.catalogue.tables import pictures, products, variants
from dealings.kernel.ids import Id
from dealings.platform.db.findings import Check, Finding, examine
from dealings.platform.db.tx import Read

CHECKS = [
    Check(
        "stock.oversold",
        "P5: more of a variant is reserved than there is, or less than nothing.",
        select(variants.c.id)
        .where(or_(variants.c.reserved < 0, variants.c.on_hand < variants.c.reserved))
        .order_by(variants.c.id),
    ),
    Check(
        "stock.homeless",
        "A variant is of a product that does not exist.",
        select(variants.c.id)
        .where(~exists().where(products.c.shop == variants.c.shop, products.c.id == variants.c.product))
        .order_by(variants.c.id),
    ),
    Check(
        "pictures.homeless",
        "A picture is of a product that does not exist.",
        select(pictures.c.id)
        .where(~exists().where(products.c.shop == pictures.c.shop, products.c.id == pictures.c.product))
        .order_by(pictures.c.id),
    ),
]


def findings(db: Read) -> list[Finding]:
    return examine(db, CHECKS)


def reserved(db: Read) -> dict[Id, int]:
    """What the shelf says is promised, by variant, where anything is."""
    rows = db.sql.execute(select(variants.c.id, variants.c.reserved).where(variants.c.reserved != 0))
    return {row.id: row.reserved for row in rows}
