"""A serving process: lanes, HTTP API, gateway and jobs on one port, started and stopped in order."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import structlog
import uvicorn
import uvloop

from dealings.domain.catalogue.pictures import fetch_pictures
from dealings.domain.messaging.events import MessagePosted
from dealings.domain.wallet import api as wallet
from dealings.edge.gateway.adapter import Doors
from dealings.edge.gateway.gateway import Gateway
from dealings.edge.gateway.hub import Hub
from dealings.edge.jobs.figures import Figures
from dealings.edge.jobs.jobs import Jobs
from dealings.edge.nodes.alone import Alone
from dealings.edge.nodes.among import Among, Parts
from dealings.edge.nodes.company import keep_company
from dealings.edge.nodes.duties import every
from dealings.edge.web.access import Access
from dealings.edge.web.app import Services, create_app
from dealings.kernel.clock import system_clock
from dealings.platform.db.actions import Stored
from dealings.platform.db.lane_start import Started
from dealings.platform.db.lanes import LaneProcesses
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.db.stores import Store
from dealings.platform.files.store import FolderFiles
from dealings.platform.outbox import tables as outbox
from dealings.platform.telemetry import metrics, tracing
from dealings.settings import Settings

STOP_SECONDS = 10
GARBAGE = 20_000, 20, 100
"""When to look for cycles: hardly any arise, and a look through what 20,000 connections hold takes tens of milliseconds."""

logger = structlog.get_logger("dealings.serve")


@dataclass(frozen=True, slots=True)
class LaneProgram:
    """How to start a lane process: the arguments after the interpreter, and what it finds in its environment."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    running: Sequence[Started] = ()
    """The processes to begin with, if they are there already."""


@dataclass(slots=True)
class Node:
    """The running parts of this process."""

    services: Services
    gateway: Gateway
    jobs: Jobs
    others: Alone | Among


@asynccontextmanager
async def running(settings: Settings, store: Store, lanes: LaneProgram) -> AsyncIterator[Node]:
    """Start everything behind the port; on the way out, let what is under way finish first."""
    parts: list[Node] = []

    def committed(events: Sequence[Stored], horizon: int) -> None:
        metrics.MESSAGES.value += sum(1 for event in events if event.kind == MessagePosted.kind)
        for node in parts:
            node.others.committed(events, horizon)

    def lost() -> None:
        for node in parts:
            node.others.lost()

    processes = LaneProcesses(
        lanes.argv,
        count=settings.write_lanes,
        environment=lanes.environment,
        on_events=committed,
        on_lost=lost,
        running=lanes.running,
    )
    await processes.start()
    reads = Reads(store)
    run = Run(processes)
    services = Services(settings, run, reads, FolderFiles(settings.files), system_clock)
    access = Access(reads, run, clock=system_clock, public_url=settings.public_url)
    incarnation = await reads(outbox.incarnation)
    company = None if store.dialect == "sqlite" else keep_company(settings, incarnation=incarnation)
    hub = Hub(incarnation, company.interests if company else None)
    gateway = Gateway(
        hub,
        run,
        reads,
        access,
        clock=system_clock,
        frames_per_second=settings.frames_per_second,
        public_url=settings.public_url,
    )
    steps = {"pictures": lambda: fetch_pictures(reads, run, services.files)}
    jobs = Jobs(run, reads, clock=system_clock, steps=steps, may=company.duties if company else every)
    others = (
        Among(Parts(gateway, hub, processes, run, reads, jobs.poke), company, jobs=jobs.names)
        if company
        else Alone(gateway, poke=jobs.poke)
    )
    parts.append(Node(services, gateway, jobs, others))
    await others.start()
    await run(wallet.set_sandbox, open=settings.sandbox)
    jobs.start()
    figures = Figures(settings, run, share=company is not None)
    figures.start()
    try:
        yield parts[0]
    finally:
        await figures.stop()
        await jobs.stop()
        await gateway.drain()
        await others.stop()
        await processes.close()
        reads.close()


class Server(uvicorn.Server):
    """uvicorn's server, with two habits changed: WebSockets, which it would wait for, are told to end at the signal;
    and the signal is not raised again when it has stopped, for the lanes end after it."""

    def __init__(self, config: uvicorn.Config, gateway: Gateway) -> None:
        super().__init__(config)
        self._gateway = gateway

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for wanted in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(wanted, self._stop, wanted)
        try:
            yield
        finally:
            for wanted in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(wanted)

    def _stop(self, wanted: signal.Signals) -> None:
        self.handle_exit(wanted, None)
        self._draining = asyncio.get_running_loop().create_task(self._gateway.drain())


def server(settings: Settings, node: Node) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(node.services),
        host=settings.host,
        port=settings.port,
        ws="none",
        http=Doors(node.gateway.accept),  # type: ignore[arg-type]  # any callable that makes a protocol
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return Server(config, node.gateway)


async def serve(settings: Settings, store: Store, lanes: LaneProgram) -> None:
    """Until SIGTERM or SIGINT; then nothing new is taken, what is under way is answered, and all ends."""
    async with running(settings, store, lanes) as node:
        listener, bound = server(settings, node), bind(settings)
        gc.freeze()  # what is loaded stays: no later search for garbage goes through it
        gc.set_threshold(*GARBAGE)
        gc.enable()
        logger.info("serving", address=f"http://{settings.host}:{bound.getsockname()[1]}", store=store.dialect)
        await listener.serve([bound])


def bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        sys.exit(f"Can't listen on {settings.host}:{settings.port}: {error.strerror}. Choose another --port.")
    return bound


def run_until_stopped(settings: Settings, store: Store, lanes: LaneProgram) -> None:
    """Blocks until the process is told to stop."""
    tracing.turn_on()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, store, lanes))
    tracing.turn_off()
