"""People, contacts and shops over HTTP."""

from typing import Annotated, Final, Literal

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import JSONBody, MultipartBody, PathParameter, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from dealings.domain.identity import actions, cards, queries, routes_entry
from dealings.domain.identity.errors import NoSuchPerson
from dealings.domain.identity.model import (
    Address,
    Caller,
    Contact,
    Locale,
    Me,
    Person,
    Profile,
    Shop,
    StaffMember,
)
from dealings.kernel.ids import Id
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.files import pictures
from dealings.platform.files import store as files_store
from dealings.platform.files.store import Files
from dealings.platform.inputs import (
    MOST_A_PAGE,
    PAGE,
    Cursor,
    IdField,
    IdParameter,
    Limit,
    Page,
    position,
)
from dealings.platform.inputs import (
    cursor as cursor_of,
)

FORM_MOST: Final = pictures.MAX_PICTURE_BYTES + 64 * 1024
"""Bytes of a request with a picture in it."""
MOST_IDS_CHARS: Final = MOST_A_PAGE * 17
"""So many ids of 16 characters, with a comma each."""

Line = Annotated[str, msgspec.Meta(max_length=200)]
"""Loose: the domain says what is too long for which field, in words."""
Paragraph = Annotated[str, msgspec.Meta(max_length=2_000)]
CardCode = Annotated[
    str, PathParameter(pattern="^[0-9a-zA-Z]{1,16}$", description="What the link of a name card ends in")
]
Sought = Annotated[str | None, QueryParameter(max_length=100)]
ShopKey = Annotated[str, PathParameter(pattern="^[0-9A-Za-z_.-]{1,30}$", description="A shop's id or handle")]
ManyIds = Annotated[str | None, QueryParameter(pattern="^[0-9a-z,]*$", max_length=MOST_IDS_CHARS)]


class ProfileChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays."""

    name: Line | None = None
    bio: Paragraph | None = None
    locale: Locale | None = None


class AddressInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Line
    phone: Line
    text: Paragraph


class PictureForm(msgspec.Struct):
    """A multipart form with one picture."""

    file: UploadFile


async def _keep(files: Files, form: PictureForm) -> str:
    """Reads one byte more than is allowed, so that what is too large is refused without being read."""
    return await files_store.keep_picture(files, await form.file.read(pictures.MAX_PICTURE_BYTES + 1))


# me


@get("/me", operation_id="me")
async def me(caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> Me:
    return await reads(queries.me, account=caller.account)


@patch("/me", operation_id="edit_profile")
async def edit_profile(data: JSONBody[ProfileChange], caller: NamedDependency[Caller], run: NamedDependency[Run]) -> Me:
    return await run(actions.edit_profile, account=caller.account, name=data.name, bio=data.bio, locale=data.locale)


@put("/me/avatar", operation_id="set_avatar", request_max_body_size=FORM_MOST)
async def set_avatar(
    data: MultipartBody[PictureForm],
    caller: NamedDependency[Caller],
    run: NamedDependency[Run],
    files: NamedDependency[Files],
) -> Me:
    return await run(actions.set_avatar, account=caller.account, file=await _keep(files, data))


@get("/me/address", operation_id="address")
async def address(caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> Address | None:
    return await reads(queries.address, account=caller.account)


@put("/me/address", operation_id="save_address")
async def save_address(
    data: JSONBody[AddressInput], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Address:
    kept = Address(data.name, data.phone, data.text)
    return await run(actions.save_address, account=caller.account, address=kept)


@get("/me/card", operation_id="card")
async def card(
    caller: NamedDependency[Caller], reads: NamedDependency[Reads], origin: NamedDependency[str]
) -> cards.Card:
    return cards.card(await reads(queries.card, account=caller.account), origin=origin)


@post("/me/card", operation_id="renew_card", status_code=HTTP_200_OK)
async def renew_card(
    caller: NamedDependency[Caller], run: NamedDependency[Run], origin: NamedDependency[str]
) -> cards.Card:
    return cards.card(await run(actions.renew_card, account=caller.account), origin=origin)


# people


@get("/cards/{code:str}", operation_id="person_by_card")
async def person_by_card(code: CardCode, caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> Profile:
    return await reads(queries.profile_by_card, code=code.lower(), viewer=caller.account)


@get("/people/{person:str}", operation_id="person")
async def person(person: IdParameter, caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> Profile:
    return await reads(queries.profile, account=person, viewer=caller.account)


@get("/people", operation_id="people")
async def people(
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    ids: ManyIds = None,
    q: Sought = None,
) -> list[Person] | list[Profile]:
    """By `ids` (separated by commas, at most 100), or by `q`: the beginning of a handle, or a whole name."""
    if ids is not None:
        wanted = list(dict.fromkeys(filter(None, ids.split(","))))[:MOST_A_PAGE]
        found = await reads(queries.people, wanted)
        return [found[id] for id in wanted if id in found]
    return await reads(queries.search_people, text=q or "", viewer=caller.account)


# contacts


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom: an `account`, or the `code` of a name card."""

    account: IdField | None = None
    code: Annotated[str, msgspec.Meta(max_length=16)] | None = None
    greeting: Paragraph = ""


class Remark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    remark: Line


@get("/contacts", operation_id="contacts")
async def contacts(caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> list[Contact]:
    return await reads(queries.contacts, account=caller.account)


@post("/contacts", operation_id="ask_contact")
async def ask_contact(
    data: JSONBody[Asking], caller: NamedDependency[Caller], run: NamedDependency[Run], reads: NamedDependency[Reads]
) -> Contact:
    other = data.account or await _behind_card(reads, data.code, viewer=caller.account)
    return await run(actions.ask_contact, me=caller.account, other=other, greeting=data.greeting)


async def _behind_card(reads: Reads, code: str | None, *, viewer: Id) -> Id:
    if not code or not code.isalnum():
        raise NoSuchPerson()
    return (await reads(queries.profile_by_card, code=code.lower(), viewer=viewer)).id


@post("/contacts/{account:str}/accept", operation_id="accept_contact", status_code=HTTP_200_OK)
async def accept_contact(account: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]) -> Contact:
    return await run(actions.accept_contact, me=caller.account, other=account)


@post("/contacts/{account:str}/refuse", operation_id="refuse_contact", status_code=HTTP_204_NO_CONTENT)
async def refuse_contact(account: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]) -> None:
    await run(actions.refuse_contact, me=caller.account, other=account)


@post("/contacts/{account:str}/block", operation_id="block_contact", status_code=HTTP_200_OK)
async def block_contact(account: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]) -> Contact:
    return await run(actions.block_contact, me=caller.account, other=account)


@post("/contacts/{account:str}/unblock", operation_id="unblock_contact", status_code=HTTP_200_OK)
async def unblock_contact(
    account: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Response[Contact | None]:
    """The contact they are again, or 204 when they are none."""
    contact = await run(actions.unblock_contact, me=caller.account, other=account)
    return Response(contact, status_code=HTTP_200_OK if contact else HTTP_204_NO_CONTENT)


@patch("/contacts/{account:str}", operation_id="set_remark")
async def set_remark(
    account: IdParameter, data: JSONBody[Remark], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Contact:
    return await run(actions.set_remark, me=caller.account, other=account, remark=data.remark)


@delete("/contacts/{account:str}", operation_id="remove_contact", status_code=HTTP_204_NO_CONTENT)
async def remove_contact(account: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]) -> None:
    await run(actions.remove_contact, me=caller.account, other=account)


# shops


class NewShop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    handle: Line
    name: Line
    tagline: Paragraph = ""
    currency: Annotated[str, msgspec.Meta(max_length=8)] = "CNY"


class ShopPlace(msgspec.Struct, frozen=True):
    """A place in the list of shops."""

    shop: IdField


class ShopChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays."""

    name: Line | None = None
    tagline: Paragraph | None = None


class Hire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop has one owner for good, so whoever joins is staff."""

    handle: Line
    role: Literal["staff"] = "staff"


@get("/shops", operation_id="list_shops")
async def list_shops(
    reads: NamedDependency[Reads], caller: NamedDependency[Caller], cursor: Cursor = None, limit: Limit = PAGE
) -> Page[Shop]:
    after = position(cursor, ShopPlace)
    found = await reads(queries.list_shops, after=after.shop if after else "", limit=limit)
    return Page(found, cursor_of(ShopPlace(found[-1].id)) if len(found) == limit else None)


@get("/shops/{shop:str}", operation_id="shop")
async def shop(shop: ShopKey, caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> Shop:
    return await reads(queries.shop_by_key, key=shop.lower())


@post("/shops", operation_id="open_shop")
async def open_shop(data: JSONBody[NewShop], caller: NamedDependency[Caller], run: NamedDependency[Run]) -> Shop:
    return await run(
        actions.open_shop,
        owner=caller.account,
        handle=data.handle,
        name=data.name,
        tagline=data.tagline,
        currency=data.currency.upper(),
    )


@patch("/shops/{shop:str}", operation_id="edit_shop")
async def edit_shop(
    shop: IdParameter, data: JSONBody[ShopChange], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Shop:
    return await run(actions.edit_shop, shop=shop, by=caller.account, name=data.name, tagline=data.tagline)


@put("/shops/{shop:str}/picture", operation_id="set_shop_picture", request_max_body_size=FORM_MOST)
async def set_shop_picture(
    shop: IdParameter,
    data: MultipartBody[PictureForm],
    caller: NamedDependency[Caller],
    run: NamedDependency[Run],
    reads: NamedDependency[Reads],
    files: NamedDependency[Files],
) -> Shop:
    await reads(queries.require_staff, shop=shop, account=caller.account, owner=True)
    return await run(actions.set_shop_picture, shop=shop, by=caller.account, file=await _keep(files, data))


@get("/shops/{shop:str}/staff", operation_id="staff")
async def staff(shop: IdParameter, caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> list[StaffMember]:
    return await reads(queries.staff, shop=shop, by=caller.account)


@post("/shops/{shop:str}/staff", operation_id="hire")
async def hire(
    shop: IdParameter, data: JSONBody[Hire], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> StaffMember:
    return await run(actions.hire, shop=shop, by=caller.account, handle=data.handle)


@delete("/shops/{shop:str}/staff/{account:str}", operation_id="dismiss", status_code=HTTP_204_NO_CONTENT)
async def dismiss(
    shop: IdParameter, account: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> None:
    await run(actions.dismiss, shop=shop, by=caller.account, account=account)


ROUTES: Final = [
    *routes_entry.ROUTES,
    me,
    edit_profile,
    set_avatar,
    address,
    save_address,
    card,
    renew_card,
    person_by_card,
    person,
    people,
    contacts,
    ask_contact,
    accept_contact,
    refuse_contact,
    block_contact,
    unblock_contact,
    set_remark,
    remove_contact,
    list_shops,
    shop,
    open_shop,
    edit_shop,
    set_shop_picture,
    staff,
    hire,
    dismiss,
]
