"""The courses of the short campaigns: which faults there are, in which order. Together they are every kind (test_courses.py)."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Course:
    faults: tuple[str, ...]
    static: bool = True
    compacted: bool = False
    requests: tuple[str, ...] = ()  # That come with each commit or fetch, and so are hurt.


ONE_BROKER = {
    "processes": Course(("kill", "pause_long", "guest_killed", "kill_all", "guest", "rolling_restart", "kill", "pause_short", "reload"),
                        static=False),
    "names": Course(("twin", "kill", "guest", "twin", "pause_long", "rolling_restart", "twin", "kill")),
    "directories": Course(("state_deleted", "state_old", "disk_full", "kill", "state_flipped", "disk_full_and_killed", "state_old")),
    "line": Course(("end_txn_late", "offsets_lost", "produce_late", "line_cut", "end_txn_mute", "line_frozen", "init_producer_mute",
                    "offsets_late", "kill", "produce_mute", "join_held", "end_txn_late")),
    "requests": Course(("end_txn_held", "offsets_mute", "line_slow", "add_partitions_mute", "kill", "fetch_held", "produce_lost",
                        "offsets_mute", "pause_short", "end_txn_held"),
                       requests=("EndTxn hold", "TxnOffsetCommit mute", "AddPartitionsToTxn mute", "Fetch hold", "Produce lose")),
    "brokers": Course(("broker_killed", "kill", "broker_hangs", "broker_stopped"), compacted=True),
}
THREE_BROKERS = Course(("leader_killed", "end_txn_mute", "end_txn_mute", "leader_killed", "coordinator_killed", "init_producer_mute",
                        "kill", "offsets_lost"), static=False)
# With `make test`: what processes, the line and directories do to a run, once each.
SHORT = Course(("kill", "end_txn_late", "end_txn_mute", "produce_lost", "pause_long", "state_flipped", "state_old", "state_deleted"),
               requests=("EndTxn detach", "EndTxn mute", "Produce lose"))
ALL = {**ONE_BROKER, "three brokers": THREE_BROKERS, "short": SHORT}
