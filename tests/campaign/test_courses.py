"""The short campaigns have every kind of fault, and what a fault did is what is counted. Without brokers."""

import collections
import random
import types

import campaign
import courses
import faults
import fleet
import pytest
from support import processes


class Sleeper(fleet.Member):
    """A member without a process, which writes a checkpoint whenever somebody looks whether it has."""

    def __init__(self, folder, writes: bool = True):
        super().__init__(None, folder, "", 0)
        self.writes, self.checkpoints = writes, 0
        self.table = self.state / "state" / "db" / "000001.sst"
        self.start()

    @property
    def running(self) -> bool:
        return self.wanted

    def start(self) -> None:
        self.wanted = True

    def kill(self) -> None:
        self.wanted = False

    def stop(self) -> None:
        self.wanted = False

    def metric(self, name: str) -> float:
        assert name == "tocsin_checkpoints_total"
        if not self.writes:
            return 0.0
        self.checkpoints += 1
        self.table.parent.mkdir(parents=True, exist_ok=True)
        self.table.write_text(f"{self.checkpoints}")
        return 1.0


class SleepingFleet:
    def __init__(self, folder, static: bool = True, writes: bool = True, says: str = ""):
        self.folder, self.static, self.writes, self.says = folder, static, writes, says
        self.group = "group"
        self.members = []
        self.add("only")

    def add(self, name: str, instance: str | None = None) -> Sleeper:
        self.members.append(Sleeper(self.folder / name, self.writes))
        if instance:
            self.members[-1].log.write_text(self.says)
        return self.members[-1]

    def supervise(self) -> None:
        pass


def faults_of(members, seed: int = 1) -> faults.Faults:
    return faults.Faults(random.Random(seed), None, None, members, deadline_scale=0)


@pytest.fixture
def impatient(monkeypatch):
    """What is waited for comes at once or never."""
    def wait_until(condition, what, *_):
        if not condition():
            raise TimeoutError(what)
        return True

    monkeypatch.setattr(processes, "wait_until", wait_until)


def test_the_courses_have_every_kind_of_fault(tmp_path):
    catalogue = faults_of(SleepingFleet(tmp_path)).catalogue
    long_ones = [course for course in courses.ALL.values() if course is not courses.SHORT]
    assert {fault for course in long_ones for fault in course.faults} == set(catalogue)
    assert set(courses.SHORT.faults) <= set(catalogue)


def test_who_has_no_name_has_no_twin(tmp_path):
    assert [name for name, course in courses.ALL.items() if not course.static and set(course.faults) & set(faults.OF_NAMES)] == []
    with pytest.raises(AssertionError, match="guest"):
        faults_of(SleepingFleet(tmp_path, static=False)).inject("twin")


@pytest.mark.parametrize("static", [True, False])
def test_what_a_plan_cannot_have_is_not_drawn(tmp_path, static):
    drawing = faults_of(SleepingFleet(tmp_path, static=static))
    drawn = collections.Counter(drawing.pick(("kill",)) for _ in range(5000))
    assert set(drawing.catalogue) - set(drawn) == {"kill"} | (set() if static else {"twin"})


@pytest.mark.parametrize(("says", "came_to"), [('{"code":"kafka_fenced"}\n', "twin"), ("", "guest")])
def test_a_twin_that_met_nobody_counts_as_a_guest(tmp_path, impatient, says, came_to):
    members = SleepingFleet(tmp_path, says=says)
    assert faults_of(members).inject("twin") == came_to
    assert [member.wanted for member in members.members] == [True, False]


@pytest.mark.parametrize("times", [1, 2])
def test_an_old_state_is_an_old_one_from_the_first_time_on(tmp_path, impatient, times):
    members = SleepingFleet(tmp_path)
    member = members.members[0]
    assert [faults_of(members).inject("state_old") for _ in range(times)] == ["state_old"] * times
    assert 0 < int(member.table.read_text()) < member.checkpoints


@pytest.mark.parametrize("name", ["state_deleted", "state_old", "state_flipped"])
def test_where_there_is_no_state_it_was_a_kill(tmp_path, impatient, name):
    assert faults_of(SleepingFleet(tmp_path, writes=False)).inject(name) == "kill"


@pytest.mark.parametrize(("static", "process"), [(True, "only"), (False, "0123")])
def test_the_coordinator_that_dies_is_that_of_a_transaction_there_is(tmp_path, monkeypatch, static, process):
    members = SleepingFleet(tmp_path, static=static)
    members.members[0].state.mkdir(exist_ok=True)
    (members.members[0].state / "producer-id").write_text("0123\n")
    killing = faults_of(members)
    killed = []
    monkeypatch.setattr(killing, "_kill_coordinator", lambda *of: killed.append(of))
    for _ in range(20):
        killing.inject("coordinator_killed")
    assert set(killed) == {("__consumer_offsets", "group"), ("__transaction_state", f"group.{process}.0")}


@pytest.mark.parametrize(("name", "hashed"), [("foo", 101574), ("foobar", -1268878963), ("polygenelubricants", 0)])
def test_a_coordinator_is_found_as_java_does(name, hashed):
    assert faults.coordinated_in(name, 50) == abs(hashed) % 50 and faults.coordinated_in(name) == abs(hashed) % 4


def test_requests_that_come_with_each_commit_are_waited_for(tmp_path, monkeypatch):
    happened = collections.Counter({"EndTxn mute": 3})
    proxy = types.SimpleNamespace(happened=happened, hurt=lambda *_: None)
    hurting = faults.Faults(random.Random(1), None, proxy, SleepingFleet(tmp_path), deadline_scale=0)
    for name in ("end_txn_mute", "offsets_lost", "join_held"):
        assert hurting.inject(name) == name
    asked = []

    def wait_until(condition, *_):
        for request in ("TxnOffsetCommit lose", "EndTxn mute"):
            asked.append(condition())
            happened[request] += 1
        return condition()

    monkeypatch.setattr(processes, "wait_until", wait_until)
    assert hurting.meet() and asked == [False, False]


@pytest.mark.parametrize(("name", "left"), [("state_deleted", False), ("state_flipped", True)])
def test_a_state_that_is_to_be_hurt_is_waited_for(tmp_path, impatient, name, left):
    members = SleepingFleet(tmp_path)
    assert faults_of(members).inject(name) == name
    table = members.members[0].table
    assert table.exists() == left and (not left or table.read_bytes() != b"1")


def test_pauses_are_counted_when_there_is_somebody_to_pause_and_long_ones_by_the_clock(tmp_path, monkeypatch):
    member = fleet.Member(None, tmp_path / "one", "", 0)
    member.pause()
    member.resume()
    assert (member.pauses, member.long_pauses) == (0, 0)
    member.process = processes.start(["sleep", "600"])
    for session in (600, 0):
        monkeypatch.setattr(fleet, "SESSION_SECONDS", session)
        member.pause()
        member.resume()
    assert (member.pauses, member.long_pauses) == (2, 1)
    member.kill()


def test_the_records_last_for_all_faults(monkeypatch):
    """What is not allowed yet goes one by one; when there is haste, all that is left at once."""
    sent = []
    monkeypatch.setattr(campaign, "Producer", lambda _: types.SimpleNamespace(flush=lambda _: 0))
    monkeypatch.setattr(campaign, "send", lambda producer, records, failed: sent.append(len(records)))
    sender = campaign.Sender("", [None] * 20000, random.Random(1), pause=0.001)
    processes.wait_until(lambda: len(sent) > 50, "records one by one", pause=0.001)
    assert max(sent) == 1
    sender.allow(0.5)
    processes.wait_until(lambda: sum(sent) >= 10000, "half of the records", pause=0.001)
    half = len(sent)
    processes.wait_until(lambda: len(sent) > half + 20, "more of them one by one", pause=0.001)
    assert max(sent) > 50 and set(sent[half + 1 :]) == {1}
    sender.finish()
    assert sum(sent) == 20000 and sent[-1] > 5000
