"""What the generator itself can do: a server that only passes messages on, in the same frames, and keeps nothing.

    python -m bench.peers.relay PORT

It answers with the least work that a Python server can do for it: no JSON, no rights, no store.
"""

import asyncio
import sys
from collections import defaultdict

import picows
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest

POSTED = (
    '{"ev":"message.posted","at":"0000000000000000.1","data":{"conversation":"%s","seq":%d,"sender":"0000000000000000",'
    '"shop":null,"client_id":"%s","body":%s,"at":1700000000000}}'
)


class Relay:
    """Who is in which conversation; all frames due to a connection in one turn go out in one write."""

    def __init__(self) -> None:
        self.there: defaultdict[str, set[Passing]] = defaultdict(set)
        self.seqs: defaultdict[str, int] = defaultdict(int)
        self._due: dict[Passing, list[bytes]] = {}

    def tell(self, line: "Passing", frame: bytes) -> None:
        if not self._due:
            asyncio.get_running_loop().call_soon(self._flush)
        self._due.setdefault(line, []).append(frame)

    def _flush(self) -> None:
        due, self._due = self._due, {}
        for line, frames in due.items():
            line.transport.underlying_transport.write(b"".join(frames))


class Passing(WSListener):
    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        for there in self._relay.there.values():
            there.discard(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is not WSMsgType.TEXT:
            return
        text = frame.get_payload_as_ascii_text()
        if text.startswith('{"op":"hello"'):
            self._relay.there[_field(text, "token")].add(self)
            self._relay.tell(self, _framed('{"re":1,"ok":{"cursor":"0000000000000000.1"}}'))
        else:
            self._pass_on(text)

    def _pass_on(self, text: str) -> None:
        relay, conversation = self._relay, _field(text, "conversation")
        relay.seqs[conversation] = seq = relay.seqs[conversation] + 1
        body = text[text.index('"body":') + 7 : -1]
        event = _framed(POSTED % (conversation, seq, _field(text, "client_id"), body))
        for other in relay.there[conversation]:
            relay.tell(other, event)
        request = text[text.index('"id":') + 5 : text.index(",", 20)]
        relay.tell(self, _framed(f'{{"re":{request},"ok":{{"seq":{seq},"at":1700000000000}}}}'))


def _field(text: str, name: str) -> str:
    start = text.index(f'"{name}":"') + len(name) + 4
    return text[start : text.index('"', start)]


def _framed(text: str) -> bytes:
    payload = text.encode()
    if len(payload) < 126:
        return b"\x81" + bytes((len(payload),)) + payload
    return b"\x81\x7e" + len(payload).to_bytes(2, "big") + payload


async def _serve(port: int) -> None:
    relay = Relay()

    def listener(_request: WSUpgradeRequest) -> Passing:
        return Passing(relay)

    server = await picows.ws_create_server(listener, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(sys.argv[1])))
