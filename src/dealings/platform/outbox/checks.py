"""What must hold for the log, its readers and the timers."""

from sqlalchemy import func, select

from dealings.platform.db.actions import REGISTRY
from dealings.platform.db.findings import Check, Finding, examine
from dealings.platform.db.tx import Read
from dealings.platform.outbox.tables import consumers, events, log, timers

_last = select(func.coalesce(func.max(events.c.commit_no), 0)).scalar_subquery()


def findings(db: Read) -> list[Finding]:
    known = sorted(REGISTRY)
    return examine(
        db,
        [
            Check(
                "log.missing",
                "The log has no name, or several; clients can't tell it from another.",
                select(func.count()).select_from(log).having(func.count() != 1),
            ),
            Check(
                "log.events_missing",
                "P2: the events of a commit are not numbered 0, 1, 2 … without gaps.",
                select(events.c.commit_no)
                .group_by(events.c.commit_no)
                .having((func.min(events.c.n) != 0) | (func.max(events.c.n) + 1 != func.count()))
                .order_by(events.c.commit_no),
            ),
            Check(
                "log.consumer_ahead",
                "A consumer stands beyond the end of the log; it would miss what comes next.",
                select(consumers.c.name).where(consumers.c.commit_no > _last).order_by(consumers.c.name),
            ),
            Check(
                "log.timer_unknown",
                "A timer is for something that this version can't do.",
                select(timers.c.id).where(timers.c.action.not_in(known)).order_by(timers.c.id),
            ),
        ],
    )
