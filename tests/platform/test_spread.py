"""Tables carry their distribution key, and no written-out statement forgets it but those that are known to."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

from sqlalchemy import UniqueConstraint

from dealings import domain, main
from dealings.platform.db.schema import METADATA
from dealings.platform.outbox import tables as outbox
from tools import citus

assert main
# Where a table is read or changed, with the name it goes by there: `JOIN members m`, `UPDATE shop_threads t`.
USED = re.compile(r"\b(FROM|JOIN|UPDATE)\s+(\w+)(?:\s+(?:AS\s+)?(?!SET|ON|WHERE|USING|CROSS|LEFT|JOIN|ORDER)(\w+))?")
WRITTEN = re.compile(r"\bINSERT INTO (\w+) \(([^)]*)\)")


def known(statement: str) -> bool:
    """Is it one of those built by Core that are known to ask every shard?"""
    return any(start in statement for start in citus.BUILT_AND_ASKING_EVERY_SHARD)


def written_out() -> Iterator[tuple[str, str]]:
    """Every statement for PostgreSQL that is not built by Core, by its module and name."""
    modules = [m.name for m in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}.")]
    found = [importlib.import_module(name) for name in modules if name.rpartition(".")[2].startswith("tables")]
    for module in [*found, outbox]:
        noun = module.__name__.split(".")[-2]
        for name, value in vars(module).items():
            if isinstance(value, dict) and set(value) == {"sqlite", "postgresql"}:
                yield f"{noun}.{name}", value["postgresql"]


def forgets_its_key(statement: str) -> list[str]:
    """The tables of a statement that it does not find by their key, or by that of another which it finds by its own."""
    spread = {alias or table: table for _, table, alias in USED.findall(statement) if table in citus.SPREAD}
    found: set[str] = set()
    while more := {alias for alias in spread.keys() - found if _by_key(statement, alias, spread, found)}:
        found |= more
    written = [(table, re.findall(r"\w+", columns)) for table, columns in WRITTEN.findall(statement)]
    forgotten = [table for table, columns in written if table in citus.SPREAD and citus.SPREAD[table] not in columns]
    return [spread[alias] for alias in spread.keys() - found] + forgotten


def _by_key(statement: str, alias: str, spread: dict[str, str], found: set[str]) -> bool:
    key = citus.SPREAD[spread[alias]]
    if re.search(rf"\bWHERE {key} = |\b{alias} USING \([^)]*\b{key}\b", statement):
        return True
    compared = re.findall(rf"\b{alias}\.{key}\b(?: \|\| '')? (?:=|IN) \(?(\w*)", statement)
    compared += re.findall(rf"\b(\w+)\.\w+ = {alias}\.{key}\b", statement)
    return any(other not in spread or other in found for other in compared)


def test_every_table_has_its_place_and_only_one() -> None:
    placed = [*citus.SPREAD, *citus.EVERYWHERE, *citus.IN_ONE_PLACE]
    assert sorted(placed) == sorted(METADATA.tables)


def test_the_key_is_part_of_everything_that_is_unique() -> None:
    for name, key in citus.SPREAD.items():
        table = METADATA.tables[name]
        unique = [table.primary_key.columns, *(index.columns for index in table.indexes if index.unique)]
        unique += [c.columns for c in table.constraints if isinstance(c, UniqueConstraint)]
        for columns in unique:
            assert key in [column.name for column in columns], (name, [column.name for column in columns])


def test_foreign_keys_stay_within_one_server() -> None:
    for name, key in citus.SPREAD.items():
        for constraint in METADATA.tables[name].foreign_key_constraints:
            pairs = {
                (column.name, element.column.name)
                for column, element in zip(constraint.columns, constraint.elements, strict=True)
            }
            other = constraint.referred_table.name
            assert (key, citus.SPREAD[other]) in pairs, (name, other)


def test_no_written_out_statement_forgets_its_key_but_those_that_are_known_to() -> None:
    statements = dict(written_out())
    assert len(statements) > 40
    forgetful = {name for name, statement in statements.items() if forgets_its_key(statement)}
    assert forgetful == set(citus.ASKS_EVERY_SHARD)


def test_a_statement_without_its_key_is_noticed() -> None:
    assert forgets_its_key("SELECT * FROM messages m WHERE m.client_id = 'x'") == ["messages"]
    assert forgets_its_key("INSERT INTO members (account, role) VALUES ('a', 'b')") == ["members"]
    assert forgets_its_key("SELECT * FROM messages m WHERE m.conversation = 'x'") == []
    assert forgets_its_key("SELECT 1 FROM members WHERE members.conversation IN (%(a)s)") == []
    assert forgets_its_key("SELECT 1 FROM members WHERE members.account IN (%(a)s)") == ["members"]


def test_all_of_a_kind_are_kept_together() -> None:
    made = citus.statements()
    assert "SELECT create_distributed_table('messages', 'conversation', colocate_with => 'conversations');" in made
    assert "SELECT create_distributed_table('ledger_accounts', 'owner', colocate_with => 'memberships');" in made
    assert "SELECT create_distributed_table('transfers', 'id', colocate_with => 'none');" in made
    firsts = [next(n for n, line in enumerate(made) if f"'{first}'," in line) for first in citus.TOGETHER.values()]
    for first, place in zip(citus.TOGETHER.values(), firsts, strict=True):
        assert all(n > place for n, line in enumerate(made) if f"colocate_with => '{first}'" in line)
