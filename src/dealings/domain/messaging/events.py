"""What happened in conversations."""

from dealings.domain.messaging.model import Conversation, GroupFacts, Left, Message, PostedRun, ReadMoved
from dealings.domain.messaging.model_devices import Mine, OwnDraft, ReceivedMoved
from dealings.platform.outbox.events import EventType

MessagePosted = EventType("message.posted", Message)
MessagesPosted = EventType("messages.posted", list[PostedRun])
"""The log's one entry for what a commit wrote outside of shops' threads; for those inside, who find the messages by it."""
ConversationChanged = EventType("conversation.changed", Conversation)
GroupChanged = EventType("conversation.changed", GroupFacts)
ConversationLeft = EventType("conversation.left", Left)
ReadPositionMoved = EventType("read.moved", ReadMoved)
ReceivedPositionMoved = EventType("received.moved", ReceivedMoved)
DraftChanged = EventType("draft.changed", OwnDraft)
MineChanged = EventType("conversation.changed", Mine)
