"""The shape of the code, where it is a matter of counting: what import-linter cannot say, and the signs of decay."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LONGEST_FUNCTION = 60  # lines: what fits a screen
LONGEST_FILE = 500  # lines: what one person keeps in mind
WIDEST_API = 20  # names: what a neighbour has to know

# What the composing modules may take from a domain module besides its api: they put the server together.
COMPOSERS = ("dealings.main", "dealings.cli", "dealings.commands", "dealings.edge", "dealings.samples")
"""What turns requests into commands and reads: it names actions, queries and their values, never SQL."""
SQL_LIBRARIES = {"sqlalchemy", "sqlite3", "psycopg", "alembic"}
TRANSACTION_CALLS = {"begin", "begin_nested", "commit", "rollback", "savepoint"}
GENERATED = {"schema.d.ts", "package-lock.json"}


@dataclass(frozen=True)
class Source:
    """One Python file: its dotted name, its path in the project, and its tree."""

    module: str
    path: str
    tree: ast.Module

    def at(self, node: ast.stmt | ast.expr) -> str:
        return f"{self.path}:{node.lineno}"


Rule = Callable[[Source], Iterator[str]]


def imports(source: Source) -> Iterator[tuple[ast.stmt, str]]:
    """Every imported name in full; `from a import b` gives a.b."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def only_api_from_outside(source: Source) -> Iterator[str]:
    """Modules of the domain use each other through api.py; those above it take what they ask for, but never tables."""
    composes = source.module.startswith(COMPOSERS)
    for node, name in imports(source):
        match name.split("."):
            case ["dealings", "domain", noun, part, *_] if not _inside(source, f"dealings.domain.{noun}"):
                if part.startswith("tables") or (part != "api" and not composes):
                    yield f"{source.at(node)} takes {name}"


def sql_in_tables_only(source: Source) -> Iterator[str]:
    """SQL belongs to the platform, to the files tables.py, and to checks.py, by which the doctor reads them all."""
    if _inside(source, "dealings.platform") or source.module.rpartition(".")[2].startswith(("tables", "checks")):
        return
    for node, name in imports(source):
        if name.split(".")[0] in SQL_LIBRARIES:
            yield f"{source.at(node)} takes {name}"


def only_run_commits(source: Source) -> Iterator[str]:
    """Transactions begin and end in platform/db, nowhere else."""
    if _inside(source, "dealings.platform.db"):
        return
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in TRANSACTION_CALLS:
                yield f"{source.at(node)} calls {name}"


def functions_fit_a_screen(source: Source) -> Iterator[str]:
    """A migration is one list of statements, however long."""
    if ".migrations.versions." in source.module:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{source.at(node)} {node.name} has {lines} lines"


def inits_are_empty(source: Source) -> Iterator[str]:
    if source.path.endswith("__init__.py") and source.tree.body:
        yield f"{source.path} is not empty"


def apis_are_narrow(source: Source) -> Iterator[str]:
    names = api_names(source)
    if source.module.endswith(".api") and len(names) > WIDEST_API:
        yield f"{source.path} offers {len(names)} names"


def api_names(source: Source) -> set[str]:
    """What a module offers: its public definitions, and what it passes on from its own neighbours."""
    package = source.module.rpartition(".")[0]
    names: set[str] = set()
    for node in source.tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.ImportFrom(module=str(module)) if module.startswith(package):
                names.update(alias.asname or alias.name for alias in node.names)
    return {name for name in names if not name.startswith("_")}


def _inside(source: Source, package: str) -> bool:
    return f"{source.module}.".startswith(f"{package}.")


PACKAGE_RULES: list[Rule] = [only_api_from_outside, sql_in_tables_only, only_run_commits, apis_are_narrow]
RULES: list[Rule] = [functions_fit_a_screen, inits_are_empty]


def parse(path: str, text: str) -> Source:
    module = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Source(module, path, ast.parse(text))


def sources(*folders: str) -> list[Source]:
    files = sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return [parse(file.relative_to(ROOT).as_posix(), file.read_text()) for file in files]


@pytest.mark.parametrize("rule", PACKAGE_RULES)
def test_package(rule: Rule) -> None:
    assert [finding for source in sources("src") for finding in rule(source)] == []


@pytest.mark.parametrize("rule", RULES)
def test_all_code(rule: Rule) -> None:
    assert [finding for source in sources("src", "tests", "bench", "tools") for finding in rule(source)] == []


def test_files_are_short() -> None:
    endings = {".py", ".ts", ".vue", ".css"}
    files = [
        file
        for folder in ("src/dealings", "tests", "bench", "tools", "web/app", "web/desk", "web/shared")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in endings and file.name not in GENERATED and "static" not in file.parts
    ]
    assert len(files) > 50
    lengths = {file.relative_to(ROOT).as_posix(): len(file.read_text().splitlines()) for file in files}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


# Each rule has to see what it is there for.
SEEN: list[tuple[Rule, str, str]] = [
    (only_api_from_outside, "src/dealings/domain/orders/actions.py", "from dealings.domain.wallet import model"),
    (only_api_from_outside, "src/dealings/domain/orders/actions.py", "import dealings.domain.wallet.tables"),
    (only_api_from_outside, "src/dealings/main.py", "from dealings.domain.wallet.tables import entries"),
    (sql_in_tables_only, "src/dealings/domain/wallet/actions.py", "from sqlalchemy import select"),
    (sql_in_tables_only, "src/dealings/edge/web/server.py", "import sqlite3"),
    (only_run_commits, "src/dealings/domain/wallet/actions.py", "tx.sql.commit()"),
    (functions_fit_a_screen, "src/dealings/main.py", "def long():\n" + "    pass\n" * 60),
    (inits_are_empty, "src/dealings/kernel/__init__.py", "from dealings.kernel import money"),
    (apis_are_narrow, "src/dealings/domain/wallet/api.py", "\n".join(f"name_{n} = {n}" for n in range(21))),
    (
        apis_are_narrow,
        "src/dealings/domain/wallet/api.py",
        f"from dealings.domain.wallet.model import {', '.join(f'name_{n}' for n in range(21))}",
    ),
]
UNSEEN: list[tuple[Rule, str, str]] = [
    (
        only_api_from_outside,
        "src/dealings/domain/orders/actions.py",
        "from dealings.domain.wallet import api as wallet",
    ),
    (only_api_from_outside, "src/dealings/domain/wallet/actions.py", "from dealings.domain.wallet import model"),
    (only_api_from_outside, "src/dealings/main.py", "from dealings.domain.wallet import handlers"),
    (sql_in_tables_only, "src/dealings/domain/wallet/tables.py", "from sqlalchemy import select"),
    (only_run_commits, "src/dealings/platform/db/run.py", "connection.commit()"),
    (functions_fit_a_screen, "src/dealings/main.py", "def short():\n" + "    pass\n" * 59),
    (inits_are_empty, "src/dealings/kernel/__init__.py", ""),
    (apis_are_narrow, "src/dealings/domain/wallet/api.py", "\n".join(f"name_{n} = {n}" for n in range(20))),
]


@pytest.mark.parametrize(("rule", "path", "text"), SEEN)
def test_rule_sees(rule: Rule, path: str, text: str) -> None:
    assert list(rule(parse(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), UNSEEN)
def test_rule_leaves_alone(rule: Rule, path: str, text: str) -> None:
    assert list(rule(parse(path, text))) == []
