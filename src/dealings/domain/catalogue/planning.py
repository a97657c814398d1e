"""What it takes to make a stored product what a draft says: decided here, written by `actions`.

A form names its variants by id, a file by their option values; either way a variant that stays
keeps its id, its place in carts and its reserved stock. What a draft doesn't have goes, except
that what is reserved for an order can neither go nor fall below the reserved number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from dealings.domain.catalogue.errors import NoSuchVariant, SkuTaken, StockPromised, VariantPromised
from dealings.domain.catalogue.model import Draft, PictureDraft, VariantDraft, name_of
from dealings.domain.catalogue.tables import Kept, PictureRow, ProductRow, VariantRow
from dealings.kernel.clock import Millis
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id, NewId

R = TypeVar("R", VariantRow, PictureRow)


@dataclass(frozen=True, slots=True)
class Difference(Generic[R]):
    """Rows as they shall be, sorted into what is new, what changes and what goes."""

    new: tuple[R, ...]
    changed: tuple[R, ...]
    gone: tuple[R, ...]

    @property
    def empty(self) -> bool:
        return not (self.new or self.changed or self.gone)


@dataclass(frozen=True, slots=True)
class Change:
    """A product as it was (None: there was none) and as it shall be."""

    before: Kept | None
    after: Kept
    variants: Difference[VariantRow]
    pictures: Difference[PictureRow]

    @property
    def nothing(self) -> bool:
        """Is it already as it shall be?"""
        if self.before is None or not (self.variants.empty and self.pictures.empty):
            return False
        return replace(self.after.product, changed_at=self.before.product.changed_at) == self.before.product

    @property
    def freed(self) -> list[VariantRow]:
        """Variants, as they were, whose SKU others may have from now on."""
        after = {variant.id: variant.sku for variant in self.after.variants}
        before = self.before.variants if self.before else ()
        return [variant for variant in before if variant.sku and after.get(variant.id) != variant.sku]


def decide(draft: Draft, *, product: ProductRow, before: Kept | None, new_id: NewId, now: Millis) -> Change:
    """The change that makes a product what the draft says. `product` carries its id, handle, shop and currency.

    Raises NoSuchVariant, VariantPromised or StockPromised.
    """
    kept = before or Kept(product, (), ())
    pictures = _pictures(draft.pictures, product, kept.pictures, new_id, now)
    variants = _variants(draft, product, kept.variants, {p.source: p.id for p in pictures if p.source}, new_id)
    after = Kept(_product(draft, product, now), variants, pictures)
    change = Change(before, after, _difference(kept.variants, variants), _difference(kept.pictures, pictures))
    _check_promises(change)
    return change


def _product(draft: Draft, product: ProductRow, now: Millis) -> ProductRow:
    return replace(
        product,
        title=draft.title,
        html=draft.html,
        vendor=draft.vendor,
        type=draft.type,
        tags=draft.tags,
        options=draft.options,
        state=draft.state,
        changed_at=now,
    )


def _variants(
    draft: Draft, product: ProductRow, kept: Sequence[VariantRow], pictures: Mapping[str, Id], new_id: NewId
) -> tuple[VariantRow, ...]:
    known = _matched(draft.variants, kept)
    return tuple(
        _variant(wanted, position, known.get(position), product, pictures, new_id)
        for position, wanted in enumerate(draft.variants)
    )


def _matched(drafts: Sequence[VariantDraft], kept: Sequence[VariantRow]) -> dict[int, VariantRow]:
    """Which stored variant each draft, by its position, is about: first by id, then by option values."""
    left = {row.id: row for row in kept}
    matched: dict[int, VariantRow] = {}
    for position, draft in enumerate(drafts):
        if draft.id is not None:
            if draft.id not in left:
                raise NoSuchVariant()
            matched[position] = left.pop(draft.id)
    by_options = {row.options: row for row in left.values()}
    for position, draft in enumerate(drafts):
        if draft.id is None and draft.options in by_options:
            matched[position] = by_options.pop(draft.options)
    return matched


def _variant(
    draft: VariantDraft,
    position: int,
    kept: VariantRow | None,
    product: ProductRow,
    pictures: Mapping[str, Id],
    new_id: NewId,
) -> VariantRow:
    stock = kept.on_hand if kept else 0
    return VariantRow(
        shop=product.shop,
        id=kept.id if kept else new_id(),
        product=product.id,
        position=position,
        options=draft.options,
        sku=draft.sku or None,
        price=draft.price,
        compare_at=draft.compare_at,
        on_hand=stock if draft.on_hand is None else draft.on_hand,
        reserved=kept.reserved if kept else 0,
        picture=(kept.picture if kept else None) if draft.picture is None else pictures.get(draft.picture),
    )


def _pictures(
    drafts: Sequence[PictureDraft] | None,
    product: ProductRow,
    kept: Sequence[PictureRow],
    new_id: NewId,
    now: Millis,
) -> tuple[PictureRow, ...]:
    """Those of the draft by their address, then those that staff uploaded."""
    if drafts is None:
        return tuple(kept)
    known = {row.source: row for row in kept if row.source}
    named = [
        replace(known[d.source], alt=d.alt)
        if d.source in known
        else PictureRow(product.shop, new_id(), product.id, 0, d.alt, d.source, None, now)
        for d in drafts
    ]
    uploaded = [row for row in kept if not row.source]
    return tuple(replace(row, position=position) for position, row in enumerate(named + uploaded))


def _difference(before: Sequence[R], after: Sequence[R]) -> Difference[R]:
    old, kept = {row.id: row for row in before}, {row.id for row in after}
    return Difference(
        new=tuple(row for row in after if row.id not in old),
        changed=tuple(row for row in after if row.id in old and old[row.id] != row),
        gone=tuple(row for row in before if row.id not in kept),
    )


def _check_promises(change: Change) -> None:
    for row in change.variants.gone:
        if row.reserved:
            raise VariantPromised(name=name_of(row.options))
    for row in change.variants.changed:
        if row.available < 0:
            raise StockPromised(reserved=row.reserved)


def sku_clashes(changes: Sequence[Change], owners: Mapping[str, Id]) -> dict[Id, Refusal]:
    """Products whose SKUs belong to variants that keep them, by product; `owners` says who has which now."""
    freed = {variant.id for change in changes for variant in change.freed}
    clashes: dict[Id, Refusal] = {}
    for change in changes:
        for variant in change.after.variants:
            owner = owners.get(variant.sku or "")
            if owner not in (None, variant.id) and owner not in freed:
                clashes.setdefault(change.after.product.id, SkuTaken(sku=variant.sku or ""))
    return clashes


def skus_of(changes: Iterable[Change]) -> set[str]:
    return {variant.sku for change in changes for variant in change.after.variants if variant.sku}
