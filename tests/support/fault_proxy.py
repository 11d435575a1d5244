"""A TCP proxy that stands between a program and Kafka brokers and knows the protocol's frames well enough to hurt.

    with FaultProxy(brokers=3) as proxy, KafkaCluster(3, front_ports=proxy.ports) as kafka:
        proxy.forward_to(kafka.back_ports)
        ... kafka.front is the bootstrap address that leads through the proxy ...
        proxy.hurt("EndTxn", "detach", times=1, seconds=2)

Faults of connections: `cut` (all are reset), `freeze` (nothing passes until `thaw`), `refuse` (new ones are refused as
well), `delay` (each frame waits). Faults of requests, for the next `times` requests of one kind, `of` somebody whose name (the
transactional id, the group) is in them, or of anybody:

  lose     the request is swallowed and its connection is reset: the broker never saw it
  mute     the broker does it, and the connection is reset before the reply
  hold     the request, and what follows it on its connection, waits `seconds`
  detach   the client's side is reset at once, and the broker gets the request `seconds` later: what a network with
           several paths does. The client has asked again by then, and may be a transaction further.
  outage   the request is swallowed, every connection is reset and no new one is taken, until `heal`

Thread safety: every method may be called from any thread; connections are served by a thread of the proxy.
"""

import asyncio
import collections
import socket
import struct
import threading

API = {
    "Produce": 0,
    "Fetch": 1,
    "ListOffsets": 2,
    "Metadata": 3,
    "OffsetFetch": 9,
    "FindCoordinator": 10,
    "JoinGroup": 11,
    "Heartbeat": 12,
    "SyncGroup": 14,
    "InitProducerId": 22,
    "AddPartitionsToTxn": 24,
    "AddOffsetsToTxn": 25,
    "EndTxn": 26,
    "TxnOffsetCommit": 28,
}
ACTIONS = ("lose", "mute", "hold", "detach", "outage")
_FRAME_MAX = 64 << 20


class FaultProxy:
    """Listens from the start; connections are refused until `forward_to`."""

    def __init__(self, brokers: int = 1):
        self._sockets = []
        for _ in range(brokers):
            listening = socket.socket()
            listening.bind(("127.0.0.1", 0))
            listening.listen(64)
            self._sockets.append(listening)
        self.ports = [listening.getsockname()[1] for listening in self._sockets]
        self.happened: collections.Counter[str] = collections.Counter()  # "EndTxn detach" and the like.
        self._upstream: list[int] = []
        self._rules: dict[int, list[tuple[str, float, bytes]]] = collections.defaultdict(list)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task] = set()
        self._delay = 0.0
        self._refusing = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fault-proxy", daemon=True)
        self._started = threading.Event()
        self._thread.start()
        self._started.wait()

    def __enter__(self) -> "FaultProxy":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def forward_to(self, ports: list[int]) -> None:
        """Connections to ports[i] of the proxy go to this port of the loopback from now on."""
        self._upstream = list(ports)

    def hurt(self, api: str, action: str, times: int = 1, seconds: float = 1.0, of: str = "") -> None:
        assert action in ACTIONS, action
        self._call(lambda: self._rules[API[api]].extend([(action, seconds, of.encode())] * times))

    def cut(self) -> None:
        """Every connection is reset."""
        self._call(self._cut)

    def freeze(self) -> None:
        self._call(self._open.clear)

    def thaw(self) -> None:
        self._call(self._open.set)

    def refuse(self, refusing: bool = True) -> None:
        """New connections are reset at once."""
        self._call(lambda: setattr(self, "_refusing", refusing))

    def delay(self, seconds: float) -> None:
        """Every frame, in both directions, waits so long."""
        self._call(lambda: setattr(self, "_delay", seconds))

    def heal(self) -> None:
        """No fault is left; those of requests that did not come are forgotten."""

        def mend():
            self._rules.clear()
            self._delay, self._refusing = 0.0, False
            self._open.set()

        self._call(mend)

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        for listening in self._sockets:
            listening.close()

    def _call(self, function) -> None:
        done = threading.Event()

        def run():
            function()
            done.set()

        self._loop.call_soon_threadsafe(run)
        done.wait(10)

    def _cut(self) -> None:
        for writer in list(self._writers):
            _reset(writer)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._open = asyncio.Event()
        self._open.set()
        for index, listening in enumerate(self._sockets):
            serve = lambda reader, writer, broker=index: self._serve(broker, reader, writer)  # noqa: E731
            self._loop.run_until_complete(asyncio.start_server(serve, sock=listening, limit=1 << 20))
        self._loop.set_exception_handler(lambda *_: None)  # Broken connections are this program's trade.
        self._started.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        for writer in list(self._writers):
            _reset(writer)
        self._loop.close()

    async def _serve(self, broker: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing or broker >= len(self._upstream):
            return _reset(writer)
        try:
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", self._upstream[broker])
        except OSError:
            return _reset(writer)
        if self._refusing:  # Since it was asked.
            _reset(back_writer)
            return _reset(writer)
        link = _Link(writer, back_writer)
        self._writers |= {writer, back_writer}
        forth = self._loop.create_task(self._forth(link, reader))
        back = self._loop.create_task(self._back(link, back_reader))
        try:
            await asyncio.wait({forth, back}, return_when=asyncio.FIRST_COMPLETED)
            if link.detached:  # What was held goes to the broker still, and its reply to nobody.
                _reset(writer)
                await asyncio.wait({forth})
                back.cancel()
                await asyncio.wait({self._loop.create_task(back_reader.read(1 << 16))}, timeout=5)
        finally:
            for task in (forth, back):
                task.cancel()
            self._writers -= {writer, back_writer}
            _reset(writer)
            _reset(back_writer)

    async def _pass(self, frame: bytes, writer: asyncio.StreamWriter) -> None:
        if self._delay:
            await asyncio.sleep(self._delay)
        await self._open.wait()
        writer.write(frame)
        await writer.drain()

    def _take_rule(self, api: int, frame: bytes) -> tuple[str, float]:
        """What is to be done to this request: the first rule that is for it, which is then over."""
        for rule in self._rules.get(api, ()):
            action, seconds, of = rule
            if of in frame:
                self._rules[api].remove(rule)
                return action, seconds
        return "", 0.0

    async def _forth(self, link: "_Link", reader: asyncio.StreamReader) -> None:
        """Requests, from the client to the broker; ends with the connection."""
        try:
            while True:
                frame = await _frame(reader)
                api, _, correlation = struct.unpack_from(">hhi", frame, 4)
                action, seconds = self._take_rule(api, frame)
                if action:
                    self.happened[f"{_NAMES[api]} {action}"] += 1
                if action == "lose":
                    return
                if action == "outage":
                    self._refusing = True
                    self._cut()
                    return
                if action == "mute":
                    link.muted.add(correlation)
                elif action == "hold":
                    await asyncio.sleep(seconds)
                elif action == "detach":
                    link.detached = True
                    link.gone.set()
                    await asyncio.sleep(seconds)
                    link.broker.write(frame)
                    await link.broker.drain()
                    return
                await self._pass(frame, link.broker)
        except (OSError, asyncio.IncompleteReadError):
            return

    async def _back(self, link: "_Link", reader: asyncio.StreamReader) -> None:
        """Replies, from the broker to the client."""
        gone = self._loop.create_task(link.gone.wait())
        try:
            while True:
                reading = self._loop.create_task(_frame(reader))
                await asyncio.wait({reading, gone}, return_when=asyncio.FIRST_COMPLETED)
                if link.gone.is_set():
                    reading.cancel()
                    return
                frame = reading.result()
                if struct.unpack_from(">i", frame, 4)[0] in link.muted:
                    return
                await self._pass(frame, link.client)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            gone.cancel()


_NAMES = {number: name for name, number in API.items()}


class _Link:
    """A client's connection and the one to its broker."""

    def __init__(self, client: asyncio.StreamWriter, broker: asyncio.StreamWriter):
        self.client, self.broker = client, broker
        self.muted: set[int] = set()  # Correlations whose replies nobody gets.
        self.detached = False
        self.gone = asyncio.Event()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(4)
    size = struct.unpack(">i", head)[0]
    if not 4 <= size <= _FRAME_MAX:
        raise OSError("not a frame")
    return head + await reader.readexactly(size)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends it with RST, as a dropped link does."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        try:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
    writer.transport.abort()
