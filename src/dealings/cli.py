"""The command line: ``dealings serve | demo | import | backup | restore | doctor | operator``."""

from __future__ import annotations

import gc
import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealings.platform.telemetry.logs import configure

if TYPE_CHECKING:
    from dealings.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="A messenger in which conversations close deals.")

Data = Annotated[Path, typer.Option("--data", help="Folder of the database and the pictures.", envvar="DEALINGS_DATA")]
Host = Annotated[str, typer.Option(help="Address to listen on.", envvar="DEALINGS_HOST")]
Port = Annotated[int, typer.Option(help="Port to listen on.", envvar="DEALINGS_PORT", min=0, max=65535)]
HERE = Path("data")


@app.command()
def serve(data: Data = HERE, host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the app, the desk, the API and the WebSocket on one port. DEALINGS_DATABASE_URL chooses PostgreSQL."""
    from dealings.settings import from_environment

    _serve(from_environment(data, host=host, port=port))


def _serve(settings: Settings) -> None:
    """On one core the start is what has to be loaded: so nothing twice, and nothing before it is needed."""
    gc.disable()  # until all is loaded: that leaves no garbage, and looking for it takes a tenth of the time
    from dealings import lane
    from dealings.commands.offline import prepare
    from dealings.platform.bus.tables import session_name

    configure()
    os.environ["PGAPPNAME"] = session_name(settings.node)  # so that others can end what a node left open when it died
    store = prepare(settings)
    begun = lane.forked(settings.location, count=settings.write_lanes)
    # Only now what the lanes have no use for: HTTP and WebSocket are half of everything there is to load.
    from dealings.edge.serve import LaneProgram, run_until_stopped

    run_until_stopped(settings, store, LaneProgram(lane.ARGV, {lane.LOCATION: str(settings.location)}, begun))


@app.command()
def demo(
    data: Annotated[Path, typer.Option("--data", help="Folder of the demo.")] = Path("demo-data"),
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Serve with sample people and shops, three months of history and play money."""
    from dealings.commands.samples import make_demo
    from dealings.samples import content
    from dealings.settings import from_environment

    settings = from_environment(data, host=host, port=port, sandbox=True)
    make_demo(settings)
    address = settings.public_url or f"http://{host}:{port}"
    typer.echo(f"\n  The app: {address}       sign in as mei, arun, lin or sofia")
    typer.echo(f"  The desk: {address}/desk/  sign in as {content.SHOPS[0].owner} (a shop) or {content.OPERATORS[0]}")
    typer.echo(f"  Everyone's password: {content.PASSWORD}\n")
    _serve(settings)


@app.command()
def operator(handle: Annotated[str, typer.Argument(help="Whose account.")], data: Data = HERE) -> None:
    """Make an account an operator of this place."""
    from dealings.commands.offline import offline
    from dealings.domain.identity import actions, queries
    from dealings.settings import from_environment

    with offline(from_environment(data)) as here:
        account = here.read(queries.account_by_handle, handle=handle)
        here.run(actions.grant_operator, account=account)
    typer.echo(f"{handle} is an operator now.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A product file in Shopify's CSV format.", exists=True, dir_okay=False)],
    shop: Annotated[str, typer.Option(help="The shop's handle.")],
    data: Data = HERE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out bad products, import the others.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Import products; a second run updates instead of doubling. A bad line stops all, unless skipped."""
    from dealings.commands.imports import import_file
    from dealings.commands.offline import offline
    from dealings.settings import from_environment

    settings = from_environment(data)
    there = bool(settings.database_url) or (data / "dealings.db").exists()
    with offline(settings) if there or not dry_run else nullcontext() as here:
        code = import_file(here, file, shop=shop, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)
    raise typer.Exit(code)


AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command()
def backup(
    to: Annotated[Path | None, typer.Argument(help="The archive to write; by default named after the time.")] = None,
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Write everything, as it is at this moment, to one archive; the server may be running. It fits both kinds of store."""
    from dealings.commands import operation
    from dealings.settings import from_environment

    raise typer.Exit(operation.backup(from_environment(data), to, as_json=as_json))


@app.command()
def restore(
    archive: Annotated[Path, typer.Argument(help="What `dealings backup` wrote.")],
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back, into an empty folder or database; it is checked first, and all or nothing is written."""
    from dealings.commands import operation
    from dealings.settings import from_environment

    raise typer.Exit(operation.restore(from_environment(data), archive, as_json=as_json))


@app.command()
def doctor(data: Data = HERE, as_json: AsJson = False) -> None:
    """Look whether the data keeps the promises (messages, money, stock, log), and say what is wrong. Changes nothing."""
    from dealings.commands import operation
    from dealings.settings import from_environment

    raise typer.Exit(operation.examine(from_environment(data), as_json=as_json))


def main() -> None:
    app()


if __name__ == "__main__":
    main()
