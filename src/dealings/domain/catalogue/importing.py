"""A product file into a shop: checked as a whole, then written as a whole, or with `skip_bad` what is sound.

Both the command line and the HTTP route go through `import_file`. A product is known by its
handle and a variant by its option values, so the same file a second time changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import BinaryIO, Final, Literal

import msgspec

from dealings.domain.catalogue import actions, model, planning, shopify, tables
from dealings.domain.catalogue.model import Draft, PictureDraft, VariantDraft
from dealings.domain.catalogue.planning import Change
from dealings.domain.catalogue.shopify import Catalogue
from dealings.domain.catalogue.shopify_cells import Status, safe_html
from dealings.domain.catalogue.tables import ProductRow
from dealings.domain.identity import api as identity
from dealings.kernel.clock import Millis
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id, NewId
from dealings.platform.db.actions import action
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.db.tx import Read, Tx

Language = Literal["en", "zh"]
Stage = Literal["reading", "checking", "writing", "done"]

CHINESE: Final[Mapping[str, str]] = {
    "catalogue.sku_taken": "SKU“{sku}”已用于本店的其他规格，每个规格请用不同的 SKU。",
    "catalogue.stock_promised": "已有 {reserved} 件为订单预留，库存不能少于此数；请改大数量，或先发货。",
    "catalogue.variant_promised": "规格“{name}”已为订单预留，订单发货或关闭之前请保留。",
}
"""What the shop's own state can have against a product; faults of the file have both languages already."""


class LineProblem(msgspec.Struct, frozen=True):
    """A bad line of the file, from 1, as the report shows it."""

    line: int
    code: str
    message: str


class ImportSummary(msgspec.Struct, frozen=True):
    """What `dealings import --json` prints."""

    products: int
    variants: int
    stock: int
    errors: list[LineProblem]


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the sound products of a file hold, what is wrong with the others, and what became of it.

    `created`, `updated` and `unchanged` count products: what was done, or, when nothing was
    `written`, what would be.
    """

    products: int = 0
    variants: int = 0
    stock: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[LineProblem]
    written: bool = False

    @property
    def summary(self) -> ImportSummary:
        return ImportSummary(self.products, self.variants, self.stock, self.errors)


class Progress(msgspec.Struct, frozen=True):
    """How far an import has come; `total` counts products and is 0 until the file has been read."""

    stage: Stage
    total: int = 0


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Planned:
    product: shopify.Product
    change: Change


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do now, and what the shop's present state has against it."""

    sound: tuple[Planned, ...]
    problems: tuple[LineProblem, ...]

    def report(self, *, written: bool) -> ImportReport:
        variants = [variant for planned in self.sound for variant in planned.product.variants]
        created = sum(planned.change.before is None for planned in self.sound)
        unchanged = sum(planned.change.nothing for planned in self.sound)
        return ImportReport(
            products=len(self.sound),
            variants=len(variants),
            stock=sum(variant.stock or 0 for variant in variants),
            created=created,
            updated=len(self.sound) - created - unchanged,
            unchanged=unchanged,
            errors=list(self.problems),
            written=written,
        )


async def import_file(
    run: Run,
    reads: Reads,
    *,
    shop: Id,
    by: Id,
    source: BinaryIO,
    dry_run: bool = False,
    skip_bad: bool = False,
    language: Language = "en",
    on_progress: OnProgress = lambda progress: None,
) -> ImportReport:
    """Import a product file for a shop, as one of its staff (NotStaff). Faults are in the report, never raised.

    Nothing is written on a `dry_run`, nor while there is any fault, unless `skip_bad`; and
    never when part of the file could not be read at all. Pictures are fetched later, by a job.
    """
    await reads(identity.require_staff, shop=shop, account=by)
    on_progress(Progress("reading"))
    currency = (await reads(identity.shop, shop)).currency
    catalogue = await asyncio.to_thread(shopify.read, source, currency=currency)
    total = len(catalogue.products)
    may_write = not dry_run and catalogue.whole and (skip_bad or not catalogue.errors)
    on_progress(Progress("writing" if may_write else "checking", total))
    if may_write:
        products = list(catalogue.products)
        report = await run(import_products, shop=shop, by=by, products=products, skip_bad=skip_bad, language=language)
    else:
        report = await reads.long(try_import, shop=shop, products=catalogue.products, language=language)
    on_progress(Progress("done", total))
    return _with_faults(report, catalogue, language)


@action(route="shop")
def import_products(
    tx: Tx, *, shop: Id, by: Id, products: list[shopify.Product], skip_bad: bool, language: Language
) -> ImportReport:
    """Create and update all of these, or with a problem none, or with `skip_bad` those without. Staff only."""
    identity.require_staff(tx, shop=shop, account=by)
    planned = plan(tx, shop=shop, products=products, new_id=tx.new_id, now=tx.now, language=language, locked=True)
    if planned.problems and not skip_bad:
        return planned.report(written=False)
    changes = [each.change for each in planned.sound]
    actions.write(tx, [change for change in changes if not change.nothing])
    tables.revive_pictures(tx, [shot for change in changes for shot in change.after.pictures])
    return planned.report(written=True)


def try_import(db: Read, *, shop: Id, products: Sequence[shopify.Product], language: Language) -> ImportReport:
    """What `import_products` would answer now, with nothing written."""
    numbers = count()
    planned = plan(db, shop=shop, products=products, new_id=lambda: f"{next(numbers)}", now=0, language=language)
    return planned.report(written=False)


def plan(
    db: Read,
    *,
    shop: Id,
    products: Sequence[shopify.Product],
    new_id: NewId,
    now: Millis,
    language: Language,
    locked: bool = False,
) -> Plan:
    """What to write so that the shop has these products as they are in the file."""
    decider = _Decider(db, identity.shop(db, shop), products, new_id=new_id, now=now, locked=locked)
    for product in products:
        decider.decide(product)
    decider.settle_skus()
    problems = [_problem(product, refusal, language) for product, refusal in decider.refused]
    return Plan(tuple(decider.sound), tuple(problems))


class _Decider:
    """Decides product by product, keeping apart those that can't be written."""

    def __init__(
        self,
        db: Read,
        shop: identity.Shop,
        products: Sequence[shopify.Product],
        *,
        new_id: NewId,
        now: Millis,
        locked: bool,
    ) -> None:
        self._db, self._shop, self._new_id, self._now = db, shop, new_id, now
        self._ids = tables.ids_by_handle(db, shop=shop.id, handles=[product.handle for product in products])
        self._kept = tables.load(db, list(self._ids.values()), locked=locked)
        self.sound: list[Planned] = []
        self.refused: list[tuple[shopify.Product, Refusal]] = []

    def decide(self, product: shopify.Product) -> None:
        before = self._kept.get(self._ids.get(product.handle, ""))
        row = replace(before.product, currency=self._shop.currency) if before else self._new_row(product.handle)
        try:
            drafted = drafted_from(product)
            model.check(drafted)
            change = planning.decide(drafted, product=row, before=before, new_id=self._new_id, now=self._now)
            self.sound.append(Planned(product, change))
        except Refusal as refusal:
            self.refused.append((product, refusal))

    def _new_row(self, handle: str) -> ProductRow:
        return actions.new_row(self._shop, id=self._new_id(), handle=handle, now=self._now)

    def settle_skus(self) -> None:
        """Leave out those that claim another's SKU; that may keep a SKU which yet another counted on."""
        skus = planning.skus_of(planned.change for planned in self.sound)
        owners = tables.sku_owners(self._db, shop=self._shop.id, skus=skus)
        while clashes := planning.sku_clashes([planned.change for planned in self.sound], owners):
            by_product = [(planned, clashes.get(planned.change.after.product.id)) for planned in self.sound]
            self.refused += [(planned.product, refusal) for planned, refusal in by_product if refusal]
            self.sound = [planned for planned, refusal in by_product if refusal is None]


def drafted_from(product: shopify.Product) -> Draft:
    """A product of a file as a draft. What isn't for sale to everyone there is hidden here."""
    for_sale = product.published and product.status is Status.ACTIVE
    return Draft(
        title=product.title,
        html=safe_html(product.body_html),
        vendor=product.vendor,
        type=product.type,
        tags=product.tags,
        options=product.options,
        state="active" if for_sale else "hidden",
        variants=tuple(_drafted_variant(variant) for variant in product.variants),
        pictures=tuple(PictureDraft(picture.address, picture.alt) for picture in product.pictures),
    )


def _drafted_variant(variant: shopify.Variant) -> VariantDraft:
    return VariantDraft(
        options=variant.values,
        price=variant.price,
        compare_at=variant.compare_at,
        sku=variant.sku,
        on_hand=variant.stock,
        picture=variant.picture,
    )


def _problem(product: shopify.Product, refusal: Refusal, language: Language) -> LineProblem:
    """The refusal at the line of the variant it is about, or of the product."""
    sku, name = refusal.params.get("sku"), refusal.params.get("name")
    about = (v.line for v in product.variants if v.sku == sku or model.name_of(v.values) == name)
    chinese = CHINESE.get(refusal.code) if language == "zh" else None
    message = chinese.format(**refusal.params) if chinese else refusal.message
    return LineProblem(next(about, product.line), refusal.code.rpartition(".")[2], message)


def _with_faults(report: ImportReport, catalogue: Catalogue, language: Language) -> ImportReport:
    """The report with the faults of the file itself, in the order of its lines."""
    faults = [
        LineProblem(fault.line, fault.code.value, fault.message_zh if language == "zh" else fault.message)
        for fault in catalogue.errors
    ]
    return msgspec.structs.replace(report, errors=sorted([*faults, *report.errors], key=lambda error: error.line))
