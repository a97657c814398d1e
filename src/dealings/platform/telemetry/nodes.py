"""What each of several nodes says of itself: its newest sample, in the store that all of them share."""

import msgspec
from sqlalchemy import Column, Table, Text, delete, select

from dealings.kernel.clock import SECOND, Millis
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action
from dealings.platform.db.schema import ID, LOCAL, METADATA, MILLIS, upsert
from dealings.platform.db.tx import Read, Tx
from dealings.platform.telemetry.history import Sample

SHARE_SECONDS = 2.0
SILENT: Millis = 30 * SECOND
"""After so long without figures a node counts as gone, and its row is removed."""

node_figures = Table(
    "node_figures",
    METADATA,
    Column("node", ID, primary_key=True),
    Column("at", MILLIS, nullable=False),
    Column("sample", Text, nullable=False),
    info=LOCAL,
)


class NodeFigures(msgspec.Struct, frozen=True):
    """A node, and its newest sample."""

    node: Id
    sample: Sample


@action(route="node")
def share(tx: Tx, *, node: Id, sample: Sample) -> None:
    values = {"at": tx.now, "sample": msgspec.json.encode(sample).decode()}
    shared = upsert(tx, node_figures).values(node=node, **values)
    tx.sql.execute(shared.on_conflict_do_update(index_elements=[node_figures.c.node], set_=values))
    tx.sql.execute(delete(node_figures).where(node_figures.c.at < tx.now - SILENT))


def shared(db: Read, *, now: Millis) -> list[NodeFigures]:
    """Of every node that was heard of lately, by id: the oldest first."""
    wanted = select(node_figures).where(node_figures.c.at >= now - SILENT).order_by(node_figures.c.node)
    return [
        NodeFigures(row.node, msgspec.json.decode(row.sample, type=Sample, strict=False))
        for row in db.sql.execute(wanted)
    ]
