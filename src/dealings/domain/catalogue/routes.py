"""Requests about products, search, pictures and imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, BinaryIO, Final, cast

from litestar import delete, get, patch, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from dealings.domain.catalogue import actions, importing, queries
from dealings.domain.catalogue.importing import ImportReport, Language
from dealings.domain.catalogue.model import (
    MAX_ALT_CHARS,
    MAX_TEXT_CHARS,
    Picture,
    Product,
    ProductInput,
    ProductSummary,
    State,
    Variant,
    VariantPatch,
)
from dealings.domain.catalogue.queries import Category, Found, Kind
from dealings.domain.catalogue.shopify_records import MAX_FILE_MEGABYTES
from dealings.domain.identity.api import Caller
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.files import pictures, store
from dealings.platform.files.store import Files
from dealings.platform.inputs import PAGE, Cursor, IdParameter, Limit, Page

FORM_BYTES: Final = 64 * 1024
"""What a multipart form adds to the file in it."""
MAX_QUERY_CHARS: Final = 20_000
"""Taken without complaint; only its beginning is looked for."""


@dataclass
class PictureForm:
    file: UploadFile
    alt: str = ""


@dataclass
class ImportForm:
    file: UploadFile


InState = Annotated[State | None, Parameter(query="state")]  # `state` itself is a reserved name of the framework


@get("/shops/{shop:str}/products", operation_id="list_products")
async def list_products(
    shop: IdParameter,
    reads: NamedDependency[Reads],
    caller: NamedDependency[Caller],
    in_state: InState = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Page[ProductSummary]:
    """A shop's products, newest first; its staff see hidden ones too."""
    account = caller.account
    return await reads(queries.list_products, shop=shop, viewer=account, state=in_state, cursor=cursor, limit=limit)


@get("/products/{product:str}", operation_id="get_product")
async def get_product(product: IdParameter, reads: NamedDependency[Reads], caller: NamedDependency[Caller]) -> Product:
    return await reads(queries.product_for, product=product, viewer=caller.account)


@get("/search", operation_id="search")
async def search(
    reads: NamedDependency[Reads],
    caller: NamedDependency[Caller],
    q: Annotated[str, Parameter(max_length=MAX_QUERY_CHARS)] = "",
    kind: Kind | None = None,
) -> Found:
    """Things, shops and people by what was typed; any input is answered."""
    return await reads.long(queries.search, text=q, kind=kind, viewer=caller.account)


@get("/categories", operation_id="categories")
async def categories(reads: NamedDependency[Reads], caller: NamedDependency[Caller]) -> list[Category]:
    """What can be found, by the type that shops give their products, the most common first."""
    return await reads.long(queries.categories)


@get("/products", operation_id="list_category")
async def list_category(
    category: Annotated[str, Parameter(max_length=MAX_TEXT_CHARS)],
    reads: NamedDependency[Reads],
    caller: NamedDependency[Caller],
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Page[ProductSummary]:
    """What all shops sell of one category, newest first."""
    return await reads(queries.list_category, category=category, cursor=cursor, limit=limit)


@post("/shops/{shop:str}/products", operation_id="create_product")
async def create_product(
    shop: IdParameter, data: ProductInput, run: NamedDependency[Run], caller: NamedDependency[Caller]
) -> Product:
    return await run(actions.create_product, shop=shop, by=caller.account, given=data)


@put("/products/{product:str}", operation_id="update_product")
async def update_product(
    product: IdParameter, data: ProductInput, run: NamedDependency[Run], caller: NamedDependency[Caller]
) -> Product:
    return await run(actions.update_product, product=product, by=caller.account, given=data)


@patch("/variants/{variant:str}", operation_id="patch_variant")
async def patch_variant(
    variant: IdParameter, data: VariantPatch, run: NamedDependency[Run], caller: NamedDependency[Caller]
) -> Variant:
    """Set the price or the stock of one variant."""
    return await run(actions.patch_variant, variant=variant, by=caller.account, patch=data)


@post(
    "/products/{product:str}/pictures",
    operation_id="add_product_picture",
    request_max_body_size=pictures.MAX_PICTURE_BYTES + FORM_BYTES,
)
async def add_product_picture(
    product: IdParameter,
    data: Annotated[PictureForm, Body(media_type=RequestEncodingType.MULTI_PART)],
    run: NamedDependency[Run],
    reads: NamedDependency[Reads],
    files: NamedDependency[Files],
    caller: NamedDependency[Caller],
) -> Picture:
    """Add a picture (JPEG, PNG, WebP or GIF) as the product's last."""
    await reads(queries.require_seller, product=product, account=caller.account)  # before the work of decoding
    file = await store.keep_picture(files, await data.file.read())
    alt = data.alt[:MAX_ALT_CHARS]
    return await run(actions.add_picture, product=product, by=caller.account, file=file, alt=alt)


@delete("/products/{product:str}/pictures/{picture:str}", operation_id="remove_product_picture")
async def remove_product_picture(
    product: IdParameter, picture: IdParameter, run: NamedDependency[Run], caller: NamedDependency[Caller]
) -> None:
    await run(actions.remove_picture, product=product, by=caller.account, picture=picture)


@post(
    "/shops/{shop:str}/imports",
    operation_id="import_products",
    status_code=200,
    request_max_body_size=MAX_FILE_MEGABYTES * 1_000_000 + FORM_BYTES,
)
async def import_products(
    shop: IdParameter,
    data: Annotated[ImportForm, Body(media_type=RequestEncodingType.MULTI_PART)],
    run: NamedDependency[Run],
    reads: NamedDependency[Reads],
    caller: NamedDependency[Caller],
    dry_run: bool = False,
    skip_bad: bool = False,
    accept_language: Annotated[str, Parameter(header="Accept-Language", max_length=500)] = "",
) -> ImportReport:
    """Import a Shopify product CSV. Faults are listed by line; with any, nothing is written unless `skip_bad`."""
    return await importing.import_file(
        run,
        reads,
        shop=shop,
        by=caller.account,
        source=cast("BinaryIO", data.file.file),
        dry_run=dry_run,
        skip_bad=skip_bad,
        language=_language(accept_language),
    )


def _language(accepted: str) -> Language:
    return "zh" if accepted.strip().lower().startswith("zh") else "en"


ROUTES: Final = [
    list_products,
    get_product,
    search,
    categories,
    list_category,
    create_product,
    update_product,
    patch_variant,
    add_product_picture,
    remove_product_picture,
    import_products,
]
