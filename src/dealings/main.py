"""The composition root: which modules there are, and what a process of each role is made of."""

from dealings.platform.outbox import consumers

assert consumers
