"""What the other modules may use of the catalogue."""

from dealings.domain.catalogue.errors import NoSuchProduct, NoSuchVariant, OutOfStock
from dealings.domain.catalogue.model import Product, ProductSummary, Sellable, StockLine
from dealings.domain.catalogue.queries import product, sellable, summaries
from dealings.domain.catalogue.stock import Shelf, fulfil_lines, release_lines, reserve

__all__ = [
    "NoSuchProduct",
    "NoSuchVariant",
    "OutOfStock",
    "Product",
    "ProductSummary",
    "Sellable",
    "Shelf",
    "StockLine",
    "fulfil_lines",
    "product",
    "release_lines",
    "reserve",
    "sellable",
    "summaries",
]
