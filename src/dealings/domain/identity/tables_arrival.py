"""The SQL of a sign-in by token: asked by every client that comes back, thousands at once after a restart, so written out."""

from dealings.domain.identity.model import Arrival, Caller, Me, Staffing
from dealings.domain.identity.tables import file_url, select_staffings
from dealings.kernel.clock import Millis
from dealings.platform.db.tx import Read

ARRIVAL = (
    "SELECT s.account, s.id, s.seen_at, a.handle, a.name, a.avatar, a.bio, a.locale, a.operator, a.created_at,"
    " EXISTS (SELECT 1 FROM staff WHERE staff.account = a.id) FROM sessions s JOIN accounts a ON a.id = s.account"
    " WHERE s.token_hash = {0} AND s.seen_at > {0} AND s.created_at > {0}"
)
ARRIVALS = {"sqlite": ARRIVAL.format("?"), "postgresql": ARRIVAL.format("%s")}


def arrival_by_token(db: Read, token_hash: str, *, seen_after: Millis, created_after: Millis) -> Arrival | None:
    row = db.driver.execute(ARRIVALS[db.dialect], (token_hash, seen_after, created_after)).fetchone()
    if row is None:
        return None
    account, session, seen_at, handle, name, avatar, bio, locale, operator, created_at, works = row
    shops: list[Staffing] = select_staffings(db, account) if works else []
    me = Me(account, handle, name, file_url(avatar), bio, locale, bool(operator), shops, created_at)
    return Arrival(Caller(account, session, seen_at), me)
