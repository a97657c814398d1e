"""What can be told to insight: what someone looked at."""

from dealings.domain.insight import model, tables
from dealings.domain.insight.events import ProductTouched
from dealings.domain.insight.model import Noted, Touched
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Tx
from dealings.platform.outbox.events import INTERNAL


@action(route="account")
def touch(tx: Tx, *, account: Id, touches: list[Noted]) -> None:
    """Note what someone saw and opened, once per source and day. The causes were checked by `queries.noted`.

    The facts are there at once; the event is what the log rebuilds them from, and what the
    consumer learns from which product was opened last. Nothing new, nothing told.
    """
    told = {model.looked(noted, account=account, at=tx.now): noted for noted in touches}
    fresh = tables.add_facts(tx, told)
    news = [noted for fact, noted in told.items() if fact in fresh or noted.step == "opened"]
    if news:
        tx.emit(ProductTouched(Touched(account, news)), stream=INTERNAL)
