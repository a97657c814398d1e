"""What the other modules may use of the catalogue."""

from dealings.domain.catalogue.errors import NoSuchProduct, NoSuchVariant, OutOfStock
from dealings.domain.catalogue.importing import ImportReport, Progress, import_file
from dealings.domain.catalogue.model import Product, ProductSummary, Sellable, StockLine
from dealings.domain.catalogue.pictures import fetch_pictures
from dealings.domain.catalogue.queries import product, sellable, summaries
from dealings.domain.catalogue.stock import fulfil, fulfil_lines, release, release_lines, reserve, reserve_lines

__all__ = [
    "ImportReport",
    "NoSuchProduct",
    "NoSuchVariant",
    "OutOfStock",
    "Product",
    "ProductSummary",
    "Progress",
    "Sellable",
    "StockLine",
    "fetch_pictures",
    "fulfil",
    "fulfil_lines",
    "import_file",
    "product",
    "release",
    "release_lines",
    "reserve",
    "reserve_lines",
    "sellable",
    "summaries",
]
