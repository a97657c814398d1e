"""What messaging refuses."""

from dealings.kernel.errors import Conflict, Forbidden, Invalid, Limited, Missing


class NoSuchConversation(Missing):
    code = "messaging.no_such_conversation"
    text = "There is no such conversation, or you are not part of it."


class EmptyMessage(Invalid):
    code = "messaging.empty"
    text = "Write something first."


class TextTooLong(Invalid):
    code = "messaging.too_long"
    text = "A message may have {most} characters. Shorten it or send it in parts; it is kept as you wrote it."


class ClientIdInvalid(Invalid):
    code = "messaging.client_id_invalid"
    text = "A client id has 1 to {most} printable characters."


class NotDelivered(Forbidden):
    code = "messaging.not_delivered"
    text = "This person does not take messages from you."


class Silenced(Forbidden):
    """`until`: milliseconds since 1970."""

    code = "messaging.silenced"
    text = "An admin has silenced you in this group for now. What you wrote is kept; send it later."


class OnlyAdminsWrite(Forbidden):
    code = "messaging.only_admins_write"
    text = "Only the owner and admins write here at the moment."


class OnlyAdminsCallAll(Forbidden):
    code = "messaging.only_admins_call_all"
    text = "Only the owner and admins can mention everyone. Mention people one by one."


class NotFriends(Forbidden):
    code = "messaging.not_friends"
    text = "You can write to each other once you are contacts."


class GroupNameInvalid(Invalid):
    code = "messaging.group_name_invalid"
    text = "A group name has 1 to {most} characters."


class GroupFull(Limited):
    code = "messaging.group_full"
    text = "A group has at most {most} members."


class NotAGroup(Conflict):
    code = "messaging.not_a_group"
    text = "That can only be done in a group."


class NoSuchMember(Missing):
    code = "messaging.no_such_member"
    text = "This person is not in the group."


class NotGroupOwner(Forbidden):
    code = "messaging.not_group_owner"
    text = "Only the group's owner can do this."


class OwnShop(Invalid):
    code = "messaging.own_shop"
    text = "You are this shop's staff. Its conversations are in the desk."


class NothingToRead(Invalid):
    code = "messaging.nothing_to_read"
    text = "There is no message {seq} in this conversation."
