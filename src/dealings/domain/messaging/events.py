"""What happened in conversations."""

from dealings.domain.messaging.model import Conversation, GroupFacts, Left, Message, ReadMoved
from dealings.platform.outbox.events import EventType

MessagePosted = EventType("message.posted", Message)
ConversationChanged = EventType("conversation.changed", Conversation)
GroupChanged = EventType("conversation.changed", GroupFacts)
ConversationLeft = EventType("conversation.left", Left)
ReadPositionMoved = EventType("read.moved", ReadMoved)
