"""``dealings import``: a product file into a shop, with a progress bar, or only looked at."""

import asyncio
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from dealings.domain.catalogue import importing, shopify
from dealings.domain.catalogue.importing import ImportReport, ImportSummary, LineProblem
from dealings.domain.identity import queries as identity
from dealings.domain.identity.errors import NoSuchShop
from dealings.domain.identity.model import Shop
from dealings.kernel.errors import Refusal
from dealings.platform.db.direct import Direct
from dealings.platform.db.lanes import InlineLanes
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run

CURRENCY = "CNY"
"""Prices of a file that is only checked, for a shop that isn't there yet, are read in this."""
STAGES = {"reading": ("reading", 0), "checking": ("checking", 1), "writing": ("writing", 1), "done": ("done", 2)}
"""What each stage is called, and how many are behind it: all is written in one go, so the bar counts stages."""


def import_file(here: Direct | None, file: Path, *, shop: str, dry_run: bool, skip_bad: bool, as_json: bool) -> int:
    """Import, print the report, and say with the exit code whether everything in the file was sound."""
    with file.open("rb") as source:
        try:
            report = _report(here, source, shop=shop, dry_run=dry_run, skip_bad=skip_bad, quiet=as_json)
        except Refusal as refusal:
            sys.stderr.write(f"{refusal.message}\n")
            return 2
    if as_json:
        summary = ImportSummary(report.products, report.variants, report.stock, report.errors)
        sys.stdout.write(msgspec.json.encode(summary).decode() + "\n")
    else:
        _print(report, dry_run=dry_run, skip_bad=skip_bad)
    return 1 if report.errors else 0


def _report(
    here: Direct | None, source: BinaryIO, *, shop: str, dry_run: bool, skip_bad: bool, quiet: bool
) -> ImportReport:
    try:
        found = here.read(identity.shop_by_key, key=shop) if here else None
    except NoSuchShop:
        if not dry_run:
            raise
        found = None
    if here is None or found is None:
        sys.stderr.write(f"There is no shop “{shop}” here yet; the file is checked as for a new one.\n")
        return _checked(source)
    return asyncio.run(_imported(here, source, shop=found, dry_run=dry_run, skip_bad=skip_bad, quiet=quiet))


def _checked(source: BinaryIO) -> ImportReport:
    """What the file alone says."""
    read = shopify.read(source, currency=CURRENCY)
    errors = [LineProblem(error.line, error.code, error.message) for error in read.errors]
    totals = read.totals
    return ImportReport(
        products=totals.products, variants=totals.variants, stock=totals.stock, created=totals.products, errors=errors
    )


async def _imported(
    here: Direct, source: BinaryIO, *, shop: Shop, dry_run: bool, skip_bad: bool, quiet: bool
) -> ImportReport:
    reads = Reads(here.store)
    run = Run(InlineLanes(here.lane))
    with _progress(quiet=quiet) as progress:
        task = progress.add_task("reading", total=2)

        def show(step: importing.Progress) -> None:
            name, behind = STAGES[step.stage]
            of = f" {step.total} products" if step.total else ""
            progress.update(task, description=f"{name}{of}", completed=behind)

        try:
            return await importing.import_file(
                run,
                reads,
                shop=shop.id,
                by=shop.owner,
                source=source,
                dry_run=dry_run,
                skip_bad=skip_bad,
                on_progress=show,
            )
        finally:
            reads.close()


def _progress(*, quiet: bool) -> Progress:
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), disable=quiet)


def _print(report: ImportReport, *, dry_run: bool, skip_bad: bool) -> None:
    for problem in report.errors:
        typer.echo(f"  line {problem.line}: {problem.message} [{problem.code}]")
    holds = f"{report.products} products, {report.variants} variants, {report.stock} pieces"
    if dry_run:
        typer.echo(f"{holds}. Nothing was written.")
    elif report.written:
        typer.echo(f"{holds}: {report.created} new, {report.updated} updated, {report.unchanged} unchanged.")
    else:
        hint = "" if skip_bad else " Mend the lines above, or leave them out with --skip-bad."
        typer.echo(f"Nothing was imported.{hint}")
