"""What goes wrong: in the network, with clocks, in apps and servers."""

from __future__ import annotations

from dealings.edge.gateway import greeting
from tests.simulation.seeded.network import Wire
from tests.simulation.seeded.node import Node
from tests.simulation.seeded.play import Happening, Play


def _someones_wire(play: Play) -> Wire | None:
    device = play.anyone()
    if device.wire is not None:
        play.trace(f"trouble on {device.name}'s wire")
    return device.wire


def cut(play: Play) -> None:
    if (wire := _someones_wire(play)) is not None:
        wire.cut()


def half_open(play: Play) -> None:
    if (wire := _someones_wire(play)) is not None:
        wire.go_dead()


def stall(play: Play) -> None:
    """A client that reads nothing for a while; the server may cut it off."""
    if (wire := _someones_wire(play)) is not None:
        wire.down.stall()
        play.loop.call_later(play.rng.uniform(1, 60), wire.down.go_on)


def bad_proxy(play: Play) -> None:
    play.gentle = False
    weather = play.weather
    weather.lose, weather.double, weather.delay = (play.rng.choice((0, 0.05, 0.2)) for _ in range(3))
    play.trace(f"a proxy loses {weather.lose}, doubles {weather.double}, delays {weather.delay}")
    play.loop.call_later(play.rng.uniform(1, 20), weather.be_honest)


def slow_network(play: Play) -> None:
    play.weather.slowest = play.rng.choice((0.05, 0.5, 3.0))


def blackout(play: Play) -> None:
    play.trace("the network is down")
    play.weather.down = True
    for wire in play.wires:
        wire.go_dead()
    play.loop.call_later(play.rng.uniform(1, 40), _light, play)


def _light(play: Play) -> None:
    if play.weather.down:
        play.trace("the network is back")
    play.weather.down = False
    for device in play.devices:
        if play.rng.random() < 0.5 and not device.is_asleep:
            device.do("wake")


def no_network(play: Play) -> None:
    device = play.anyone()
    if not device.is_asleep:
        device.do("lost_network")
        play.loop.call_later(play.rng.uniform(1, 100), lambda: None if device.is_asleep else device.do("wake"))


def sleep(play: Play) -> None:
    device = play.anyone()
    play.trace(f"{device.name} sleeps")
    device.sleep()
    play.loop.call_later(play.rng.choice((3, 30, 70, 200)), device.wake_up)


def clock_jump(play: Play) -> None:
    device = play.anyone()
    device.ahead_ms += play.rng.choice((-3_600_000, -5_000, 5_000, 120_000, 3_600_000))
    play.trace(f"{device.name}'s clock jumps to {device.ahead_ms} ms ahead")


def server_clock_jump(play: Play) -> None:
    play.server_ahead_ms += play.rng.choice((-2_000, 1_000, 60_000))


def app_crash(play: Play) -> None:
    device = play.anyone()
    if not device.is_asleep:
        play.trace(f"{device.name}'s app crashes")
        device.crash()


def lane_crash(play: Play) -> None:
    play.node.lanes.die = play.rng.choice(("before", "after"))


def node_crash(play: Play) -> None:
    if play.node.alive:
        play.trace("the server is killed")
        play.node.kill()
        play.loop.call_later(play.rng.uniform(0.1, 5), play.start_node)


def restart(play: Play) -> None:
    if play.node.alive:
        play.trace("the server stops")
        play.outside(_drained(play, play.node))


async def _drained(play: Play, node: Node) -> None:
    await node.drain()
    play.start_node()


def overload(play: Play) -> None:
    """Nobody is greeted for a while; whoever asks is told when to come back."""
    play.trace("the server is overloaded")
    usual, greeting.GREETING_MOST = greeting.GREETING_MOST or 1_000, 0
    play.loop.call_later(play.rng.uniform(1, 10), setattr, greeting, "GREETING_MOST", usual)


def signed_out(play: Play) -> None:
    """A session is ended from another device; its own is told, and signs in anew."""
    device = play.anyone()
    if not device.is_asleep:
        play.outside(play.end_session(device))


TROUBLES: tuple[Happening, ...] = (
    cut,
    half_open,
    stall,
    bad_proxy,
    slow_network,
    blackout,
    no_network,
    sleep,
    clock_jump,
    server_clock_jump,
    app_crash,
    lane_crash,
    node_crash,
    restart,
    overload,
    signed_out,
)
