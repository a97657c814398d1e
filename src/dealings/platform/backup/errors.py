"""Why a backup can't be taken or given back. Nothing was changed."""

from dealings.kernel.errors import Conflict, Invalid, Missing, Unavailable


class BrokenArchive(Invalid):
    code = "backup.broken"
    text = "The backup is damaged or incomplete ({problem}). Nothing was restored; use another copy of it."


class OtherSchema(Conflict):
    code = "backup.other_schema"
    text = (
        "The backup is of another version of Dealings ({problem}). Nothing was restored; restore it with that version."
    )


class StoreNotEmpty(Conflict):
    code = "backup.store_not_empty"
    text = "There is data in “{table}” already. A backup goes back into an empty store only; name another place."


class DestinationTaken(Conflict):
    code = "backup.destination_taken"
    text = "There is a file at {path} already. Name another, or take that one away."


class NothingThere(Missing):
    code = "backup.nothing_there"
    text = "There is no data at {path}. Name the folder that the server was started with (--data)."


class NotReached(Unavailable):
    code = "backup.not_reached"
    text = "The database can't be reached: {problem}. See that it runs and that DEALINGS_DATABASE_URL names it."
