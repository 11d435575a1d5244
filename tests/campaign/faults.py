"""What is done to a run. Each fault takes a few seconds and leaves the world mended but for what only time mends."""

import contextlib
import random
import time

import fleet
from confluent_kafka.admin import AdminClient
from support import processes
from support.fault_proxy import FaultProxy
from support.kafka_broker import KafkaCluster

OF_NAMES = ("twin",)  # Only static members have one.
OF_EACH_COMMIT = ("Produce", "AddPartitionsToTxn", "TxnOffsetCommit", "EndTxn")


def coordinated_in(name: str, partitions: int = 4) -> int:
    """The partition of a coordinator's topic that has this group or transactional id: Java's hash of it, without the sign."""
    hashed = 0
    for character in name.encode():
        hashed = (hashed * 31 + character) & 0xFFFFFFFF
    hashed -= (hashed & 0x80000000) << 1
    return (0 if hashed == -0x80000000 else abs(hashed)) % partitions


class Faults:
    """The faults of one run, by name. `rng` decides everything that is left to chance."""

    def __init__(self, rng: random.Random, cluster: KafkaCluster, proxy: FaultProxy, members: fleet.Fleet, deadline_scale=1.0):
        self.rng, self.cluster, self.proxy, self.fleet = rng, cluster, proxy, members
        self.scale = deadline_scale
        self.guests = 0
        self.awaited: dict[str, int] = {}  # Requests that will come and are to be hurt: how often they were, before.
        self.catalogue = {
            # Processes.
            "kill": (16, self.kill),
            "kill_all": (3, self.kill_all),
            "pause_short": (3, self.pause_short),
            "pause_long": (5, self.pause_long),
            "rolling_restart": (2, self.rolling_restart),
            "guest": (2, self.guest),
            "guest_killed": (2, self.guest_killed),
            "twin": (1, self.twin),
            "reload": (2, self.reload),
            # Directories.
            "state_deleted": (2, self.state_deleted),
            "state_old": (2, self.state_old),
            "state_flipped": (2, self.state_flipped),
            "disk_full": (2, self.disk_full),
            "disk_full_and_killed": (2, self.disk_full_and_killed),
            # Brokers.
            "broker_killed": (2, self.broker_killed),
            "broker_stopped": (1, self.broker_stopped),
            "broker_hangs": (2, self.broker_hangs),
            "coordinator_killed": (2, self.coordinator_killed),
            "leader_killed": (2, self.leader_killed),
            # The line.
            "line_cut": (3, self.line_cut),
            "line_frozen": (2, self.line_frozen),
            "line_slow": (2, self.line_slow),
            "end_txn_late": (3, lambda: self.request("EndTxn", "detach", 0.3, 6)),
            "end_txn_mute": (2, lambda: self.request("EndTxn", "mute")),
            "end_txn_held": (2, lambda: self.request("EndTxn", "hold", 0.5, 8)),
            "offsets_lost": (2, lambda: self.request("TxnOffsetCommit", "lose")),
            "offsets_mute": (1, lambda: self.request("TxnOffsetCommit", "mute")),
            "offsets_late": (1, lambda: self.request("TxnOffsetCommit", "detach", 0.3, 3)),
            "produce_mute": (2, lambda: self.request("Produce", "mute")),
            "produce_late": (2, lambda: self.request("Produce", "detach", 0.3, 3)),
            "produce_lost": (2, lambda: self.request("Produce", "lose")),
            "add_partitions_mute": (1, lambda: self.request("AddPartitionsToTxn", "mute")),
            "init_producer_mute": (1, self.init_producer_mute),
            "join_held": (1, lambda: self.request("JoinGroup", "hold", 1, 4)),
            "fetch_held": (1, lambda: self.request("Fetch", "hold", 0.5, 3)),
        }

    def pick(self, without=()) -> str:
        without = (*without, *(() if self.fleet.static else OF_NAMES))
        names = [name for name in self.catalogue if name not in without]
        return self.rng.choices(names, [self.catalogue[name][0] for name in names])[0]

    def inject(self, name: str) -> str:
        """Answers what it came to: where there was no state yet it was a kill, and a twin that met nobody was a guest."""
        return self.catalogue[name][1]() or name

    # Helpers.
    def sleep(self, least: float, most: float) -> None:
        """Meanwhile what could not start is started again."""
        until = time.monotonic() + self.rng.uniform(least, most) * self.scale
        while time.monotonic() < until:
            self.fleet.supervise()
            time.sleep(min(0.1, max(0.0, until - time.monotonic())))

    def any_member(self) -> fleet.Member:
        wanted = [m for m in self.fleet.members if m.wanted]
        return self.rng.choice([m for m in wanted if m.running] or wanted)

    def comes(self, condition, seconds: float = 45) -> bool:
        """Whether it does, in the time that it may take. Meanwhile what could not start is started again."""
        def asked() -> bool:
            self.fleet.supervise()
            return condition()

        with contextlib.suppress(TimeoutError):
            return processes.wait_until(asked, "what a fault needs", seconds, 0.2)
        return False

    def saved(self, member: fleet.Member) -> bool:
        """Once it has written a checkpoint since it was started."""
        return self.comes(lambda: member.metric("tocsin_checkpoints_total") > 0)

    def down(self, member: fleet.Member) -> None:
        """Killed, with a copy of its state kept now and then."""
        member.kill()
        if self.rng.random() < 0.3:
            member.keep_copy()

    # Processes.
    def kill(self) -> None:
        member = self.any_member()
        self.down(member)
        self.sleep(0, 0.3) if self.rng.random() < 0.7 else self.sleep(0, 5)
        member.start()

    def kill_all(self) -> None:
        members = [m for m in self.fleet.members if m.running]
        for member in members:
            self.down(member)
        self.sleep(0, 1)
        for member in members:
            member.start()

    def pause_short(self) -> None:
        member = self.any_member()
        member.pause()
        self.sleep(0.1, fleet.SESSION_SECONDS * 0.6)
        member.resume()

    def pause_long(self) -> None:
        """Its session ends, others take over, and it comes back in the middle of what it did."""
        member = self.any_member()
        member.pause()
        self.sleep(fleet.SESSION_SECONDS + 1, fleet.SESSION_SECONDS + 5)
        member.resume()

    def rolling_restart(self) -> None:
        for member in [m for m in self.fleet.members if m.running]:
            member.stop()
            member.start()
            self.sleep(0.2, 1)

    def _guest(self) -> fleet.Member:
        self.guests += 1
        guest = self.fleet.add(f"guest{self.guests}")
        guest.start()
        self.sleep(1, 4)
        return guest

    def guest(self) -> None:
        self._guest().stop()

    def guest_killed(self) -> None:
        self._guest().kill()

    def twin(self) -> str | None:
        """An operator's mistake: a second process of one name. One throws the other out, which says so."""
        assert self.fleet.static, "dynamic members have no name that a second one could have: that is a guest"
        member = self.any_member()
        self.guests += 1
        twin = self.fleet.add(f"twin{self.guests}", instance=member.folder.name)
        before = member.said("kafka_fenced")
        twin.start()
        self.sleep(1, 4)
        met = self.comes(lambda: member.said("kafka_fenced") + twin.said("kafka_fenced") > before)
        twin.kill() if self.rng.random() < 0.5 else twin.stop()
        return None if met else "guest"

    def reload(self) -> None:
        """The same rules in another file, then one that is refused, then the good one again."""
        member = self.any_member()
        until = time.monotonic() + 60 * processes.PATIENCE
        while not member.begun and time.monotonic() < until:
            self.fleet.supervise()
            time.sleep(0.1)
        good = member.config.read_text()
        for text in (good + f"# {self.rng.random()}\n", good + "no_such_key: 1\n", good):
            member.config.write_text(text)
            member.signal(1)
            self.sleep(0.1, 0.4)

    # Directories.
    def state_deleted(self) -> str | None:
        member = self.any_member()
        if not member.has_state:
            self.saved(member)
        self.down(member)
        there = member.has_state
        member.delete_state()
        member.start()
        self.sleep(0, 1)
        return None if there else "kill"

    def state_old(self) -> str | None:
        """What was copied at an earlier kill comes back, as from a backup; the changelog has what the copy has not."""
        member = self.any_member()
        if member.old_state is None:
            self.saved(member)
            member.kill()
            member.keep_copy()
            member.start()
        newer = self.saved(member)
        member.kill()
        old = member.restore_copy() and newer
        member.start()
        self.sleep(0, 1)
        return None if old else "kill"

    def state_flipped(self) -> str | None:
        member = self.any_member()
        if not member.has_state:
            self.saved(member)
        member.kill()
        flipped = member.flip_bit(self.rng)
        member.start()
        self.sleep(0.5, 1.5)
        return None if flipped else "kill"

    def _fill(self) -> fleet.Member:
        member = self.any_member()
        member.disk.fill()
        self.sleep(1, 4)
        return member

    def disk_full(self) -> None:
        """Work goes on meanwhile, and afterwards checkpoints are written again."""
        member = self._fill()
        member.disk.empty()
        if member.running:
            process, before = member.process, member.metric("tocsin_checkpoint_seconds_count")
            failed = member.metric("tocsin_checkpoint_failures_total")

            def written():
                self.fleet.supervise()
                return (member.process is not process or member.metric("tocsin_checkpoint_seconds_count") > before
                        or member.metric("tocsin_checkpoint_failures_total") == failed)

            processes.wait_until(written, "a checkpoint after the disk had room again", 30)

    def disk_full_and_killed(self) -> None:
        """And starts on the full disk."""
        member = self._fill()
        member.kill()
        member.start()
        self.sleep(0.2, 2)
        member.disk.empty()
        self.sleep(0, 1)

    # Brokers.
    def _broker(self) -> int:
        return self.rng.choice(self.cluster.running)

    def broker_killed(self, node: int | None = None) -> None:
        node = self._broker() if node is None else node
        self.cluster.kill(node)
        self.sleep(0, 3)
        self.cluster.start(node)

    def broker_stopped(self) -> None:
        node = self._broker()
        self.cluster.stop(node)
        self.sleep(0, 1)
        self.cluster.start(node)

    def broker_hangs(self) -> None:
        node = self._broker()
        self.cluster.pause(node)
        self.sleep(0.5, 8)
        self.cluster.resume(node)

    def coordinator_killed(self) -> None:
        """The broker that leads the group, or that ends the transactions of a worker."""
        group = self.fleet.group
        if self.rng.random() < 0.5:
            return self._kill_coordinator("__consumer_offsets", group)
        member = self.any_member()
        process = member.folder.name if self.fleet.static else member.producer_id
        self._kill_coordinator("__transaction_state", f"{group}.{process}.0")

    def _kill_coordinator(self, topic: str, name: str) -> None:
        self._kill_leader(topic, coordinated_in(name))

    def leader_killed(self) -> None:
        """The broker that holds the changelog of a partition."""
        self._kill_leader(f"{self.fleet.group}.changelog", self.rng.randrange(3))

    def _kill_leader(self, topic: str, partition: int) -> None:
        admin = AdminClient({"bootstrap.servers": self.cluster.bootstrap, "log_level": 2})
        metadata = admin.list_topics(topic, timeout=30).topics[topic]
        leader = metadata.partitions[partition].leader if partition in metadata.partitions else -1
        self.broker_killed(leader if leader in self.cluster.running else None)

    # The line.
    def line_cut(self) -> None:
        for _ in range(self.rng.randrange(1, 4)):
            self.proxy.cut()
            self.sleep(0.05, 0.5)

    def line_frozen(self) -> None:
        self.proxy.freeze()
        self.sleep(0.5, 7)
        if self.rng.random() < 0.5:
            self.proxy.cut()
        self.proxy.thaw()

    def line_slow(self) -> None:
        self.proxy.delay(self.rng.uniform(0.01, 0.2))
        self.sleep(1, 4)
        self.proxy.delay(0)

    def meet(self) -> bool:
        """Once each kind of request that was to be hurt has been; a slow machine may not have come to it yet."""
        return self.comes(lambda: all(self.proxy.happened[what] > before for what, before in self.awaited.items()))

    def request(self, api: str, action: str, least: float = 0.0, most: float = 0.0) -> None:
        if api in OF_EACH_COMMIT:
            self.awaited.setdefault(f"{api} {action}", self.proxy.happened[f"{api} {action}"])
        self.proxy.hurt(api, action, self.rng.randrange(1, 4), self.rng.uniform(least, most))
        self.sleep(0.5, 2.5)

    def init_producer_mute(self) -> None:
        """While a producer begins anew after another fault."""
        self.proxy.hurt("InitProducerId", "mute", self.rng.randrange(1, 3))
        self.request("EndTxn", "mute")
