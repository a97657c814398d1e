"""How the tables are spread over a Citus cluster, and the statements that spread them.

    .venv/bin/python -m tools.citus | psql "$DEALINGS_DATABASE_URL"

once, after `dealings serve` or `dealings doctor` has made the schema. docs/scale.md says what was tried and what was not.
tests/platform/test_spread.py holds this to the schema and to the written-out statements.
"""

SPREAD = {
    "conversations": "id",
    "conversation_heads": "conversation",
    "members": "conversation",
    "messages": "conversation",
    "invites": "conversation",
    "join_requests": "conversation",
    "removals": "conversation",
    "conversation_pairs": "one",
    "memberships": "account",
    "addresses": "account",
    "contacts": "owner",
    "answers": "actor",
    "cart_lines": "buyer",
    "purchases": "buyer",
    "ledger_accounts": "owner",
    "ledger_entries": "owner",
    "shop_threads": "shop",
    "orders": "shop",
    "order_lines": "shop",
    "products": "shop",
    "variants": "shop",
    "pictures": "shop",
    "insight_facts": "shop",
    "insight_openings": "shop",
    "insight_sales": "shop",
    "transfers": "id",
    "links": "code",
}
"""By conversation, account or shop: what one command touches is in one place, or in two. A transfer is found by its id."""
TOGETHER = {"conversation": "conversations", "account": "memberships", "shop": "products"}
"""Tables with the same kind of key are kept side by side, so that they can be joined there."""
EVERYWHERE = ("accounts", "shops", "staff")
"""Read with everything, written seldom, and unique by more than one column: a copy on every server."""
IN_ONE_PLACE = ("log events consumers timers sessions sign_in_attempts sandbox nodes node_figures leases").split()
"""The log has one order, which is that of the coordinator's transactions; the others are small."""

ASKS_EVERY_SHARD = {
    "catalogue.OUTLINES": "products of a chat or a cart by their ids alone",
    "catalogue.FIRST_FILES": "their pictures",
    "catalogue.OFFERS": "variants by their ids alone, when an order is placed",
    "catalogue.STOCK": "the same",
    "catalogue.CATEGORIES": "what any shop sells, by kind: browsing asks everyone by its nature",
    "catalogue.IN_CATEGORY": "the same",
    "orders.SELECT_ORDERS": "an order by its id alone, when a page names it",
}
"""Written-out statements without a key. Each asks all servers at once, so what it costs grows with their number; an id
that begins with its shop's, as an invitation's code begins with its conversation's, would end that for most."""

BUILT_AND_ASKING_EVERY_SHARD = {
    "FROM products WHERE products.id IN": "a product by its id alone; before it is changed, with a lock, which Citus refuses",
    "FROM variants WHERE variants.product IN": "its variants",
    "FROM variants WHERE variants.id =": "the product of a variant",
    "FROM pictures WHERE pictures.product IN": "its pictures",
    "FROM contacts WHERE contacts.other =": "who has someone in their list, when that one changes name or picture",
    "FROM links WHERE links.shared_by =": "one's own links to a product",
}
"""The same, of those that are built by SQLAlchemy Core, by how they go on. Seen by playing every action
(tests/simulation/conftest.py)."""


def statements() -> list[str]:
    tables = sorted(SPREAD, key=lambda table: table not in TOGETHER.values())  # those first that others are put beside
    spread = [f"SELECT create_distributed_table('{table}', '{SPREAD[table]}'{_with(table)});" for table in tables]
    return [*(f"SELECT create_reference_table('{table}');" for table in EVERYWHERE), *spread]


def _with(table: str) -> str:
    first = next((first for first in TOGETHER.values() if table != first and _kind(table) == _kind(first)), None)
    return f", colocate_with => '{first}'" if first else ", colocate_with => 'none'"


def _kind(table: str) -> str:
    """Whose key it is."""
    key = SPREAD[table]
    return {"id": "conversation" if table == "conversations" else table}.get(key) or ACCOUNTS.get(key, key)


ACCOUNTS = dict.fromkeys(("account", "owner", "buyer", "actor"), "account")

if __name__ == "__main__":
    print("\n".join(statements()))
