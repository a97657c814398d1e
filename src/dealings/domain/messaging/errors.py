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


class NotGroupAdmin(Forbidden):
    code = "messaging.not_group_admin"
    text = "Only the owner and admins can do this."


class HandOverFirst(Conflict):
    code = "messaging.hand_over_first"
    text = "Someone has to own it. Hand it over to another member first."


class TooManyAdmins(Limited):
    code = "messaging.too_many_admins"
    text = "There are {most} admins already. Make one of them a member first."


class OnlyAdminsInvite(Forbidden):
    code = "messaging.only_admins_invite"
    text = "Only the owner and admins bring people in here. Ask one of them."


class WasRemoved(Forbidden):
    code = "messaging.was_removed"
    text = "An admin has removed this person. Only an admin can let them in again."


class NicknameTooLong(Invalid):
    code = "messaging.nickname_too_long"
    text = "A name in a group has at most {most} characters."


class NoticeTooLong(Invalid):
    code = "messaging.notice_too_long"
    text = "A notice has at most {most} characters. Shorten it; it is kept as you wrote it."


class NoSuchSetting(Invalid):
    code = "messaging.no_such_setting"
    text = "This can't be set here."


class NoSuchInvite(Missing):
    code = "messaging.no_such_invite"
    text = "This link leads nowhere, or was withdrawn. Ask for a new one."


class InviteExpired(Conflict):
    code = "messaging.invite_expired"
    text = "This link has expired. Ask for a new one."


class InviteUsedUp(Conflict):
    code = "messaging.invite_used_up"
    text = "This link was used as often as it could be. Ask for a new one."


class TooManyInvites(Limited):
    code = "messaging.too_many_invites"
    text = "There are {most} links already. Withdraw one of them first."


class TooManyRequests(Limited):
    code = "messaging.too_many_requests"
    text = "{most} people wait to be let in already. Try again later."


class NoSuchRequest(Missing):
    code = "messaging.no_such_request"
    text = "This person does not wait to be let in (any more)."


class OwnShop(Invalid):
    code = "messaging.own_shop"
    text = "You are this shop's staff. Its conversations are in the desk."


class NothingToRead(Invalid):
    code = "messaging.nothing_to_read"
    text = "There is no message {seq} in this conversation."


class NoSuchMessage(Missing):
    code = "messaging.no_such_message"
    text = "There is no message {seq} in this conversation."


class OnlyMembers(Forbidden):
    code = "messaging.only_members"
    text = "Only who is part of a conversation can pin or mute it, or keep a draft there."


class ReadersNotShown(Forbidden):
    code = "messaging.readers_not_shown"
    text = "Who has read a message is shown to whoever wrote it, to the owner and to admins."


class TooManyReaders(Conflict):
    code = "messaging.too_many_readers"
    text = "Who has read is shown in groups of up to {most} members."
