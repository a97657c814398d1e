"""What identity refuses."""

from dealings.kernel.errors import Conflict, Forbidden, Invalid, Limited, Missing, Unauthenticated


class HandleInvalid(Invalid):
    code = "identity.handle_invalid"
    text = "Choose a handle of 3 to 30 letters a-z, digits, dots, hyphens or underscores that begins with a letter."


class HandleTaken(Conflict):
    code = "identity.handle_taken"
    text = "“{handle}” is taken. Choose another handle."


class NameInvalid(Invalid):
    code = "identity.name_invalid"
    text = "A name has 1 to 40 characters."


class PasswordWeak(Invalid):
    code = "identity.password_weak"
    text = "Choose a password of 8 to 128 characters that is not easy to guess ({problem})."


class WrongCredentials(Unauthenticated):
    code = "identity.wrong_credentials"
    text = "Handle and password don't match. Check both and try again."


class NotSignedIn(Unauthenticated):
    code = "identity.not_signed_in"
    text = "You are signed out. Sign in to go on."


class TooManyAttempts(Limited):
    code = "identity.too_many_attempts"
    text = "Too many attempts. Try again in {retry_after_seconds} seconds."


class NoSuchPerson(Missing):
    code = "identity.no_such_person"
    text = "There is nobody here by that name or link."


class NoSuchSession(Missing):
    code = "identity.no_such_session"
    text = "That session has ended already."


class NotYourself(Invalid):
    code = "identity.not_yourself"
    text = "That is you."


class ContactStep(Conflict):
    code = "identity.contact_step"
    text = "That does not fit how you stand with this person. Reload to see the present state."


class TooManyContacts(Limited):
    code = "identity.too_many_contacts"
    text = "Your contact list is full ({most}). Remove someone first."


class ContactsFull(Limited):
    code = "identity.contacts_full"
    text = "This person can't take more requests now. Try again another day."


class NoSuchShop(Missing):
    code = "identity.no_such_shop"
    text = "There is no such shop."


class NotStaff(Forbidden):
    code = "identity.not_staff"
    text = "Only the shop's staff can do this."


class NotOwner(Forbidden):
    code = "identity.not_owner"
    text = "Only the shop's owner can do this."


class OwnerStays(Conflict):
    code = "identity.owner_stays"
    text = "The owner can't be removed from the shop."


class TooManyShops(Limited):
    code = "identity.too_many_shops"
    text = "One account can own {most} shops."


class TooManyStaff(Limited):
    code = "identity.too_many_staff"
    text = "A shop can have {most} staff."


class CurrencyUnknown(Invalid):
    code = "identity.currency_unknown"
    text = "“{currency}” is not a currency that can be used here."


class NotOperator(Forbidden):
    code = "identity.not_operator"
    text = "Only an operator of this place can do this."


class TextTooLong(Invalid):
    code = "identity.text_too_long"
    text = "“{field}” may have {most} characters."
