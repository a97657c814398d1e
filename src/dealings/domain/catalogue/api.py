"""What the other modules may use of the catalogue."""

from dealings.domain.catalogue.errors import NoSuchProduct, NoSuchVariant, OutOfStock
from dealings.domain.catalogue.model import Product, ProductSummary, Sellable, StockLine
from dealings.domain.catalogue.queries import product, sellable, summaries
from dealings.domain.catalogue.stock import fulfil, fulfil_lines, release, release_lines, reserve, reserve_lines

__all__ = [
    "NoSuchProduct",
    "NoSuchVariant",
    "OutOfStock",
    "Product",
    "ProductSummary",
    "Sellable",
    "StockLine",
    "fulfil",
    "fulfil_lines",
    "product",
    "release",
    "release_lines",
    "reserve",
    "reserve_lines",
    "sellable",
    "summaries",
]
