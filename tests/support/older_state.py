#!/usr/bin/python3
"""A state directory as a version of the program leaves it, for later versions to take over.

    tests/support/older_state.py BINARY FOLDER     # records one: FOLDER/state.tar.xz, FOLDER/shown.json

Record one before the form of a state changes, with the last program of the old form, and give it to
tests/integration/test_older_state.py: what programs wrote is known for certain only from them.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import processes  # noqa: E402
from support.daemon import Daemon  # noqa: E402
from support.embedded import CONFIG, post, wait_until_processed  # noqa: E402

PHONE = {"id": "phone-1", "platform": "ios", "model": "iPhone 14"}
LAPTOP = {"id": "evil", "platform": "linux", "model": "ThinkPad"}
HOME, AWAY = "139.12.16.10", "71.240.32.10"  # Berlin and New York, in the test databases.
# Nobody is there: what is to be delivered waits in the state.
NO_MAIL = "delivery: {mail: {url: 'smtp://127.0.0.1:1', tls: false, from: security@example.com}, retry_waits: [10s, 10s, 10s, 10s, 10s, 10s, 10s, 10s]}\n"


def config(data: pathlib.Path, delivery: str) -> str:
    return CONFIG.replace("local:\n", "local:\n  outputs_retention: 3650d\n") + (
        f"geoip: {{city: [{data}/city.mmdb], asn: [{data}/asn.mmdb]}}\nengine: {{workers: 1}}\n{delivery}")


class Story:
    """Events of one account of November 2026, from one device but for the takeover at the end."""

    def __init__(self):
        self.events: list[str] = []

    def add(self, what: str, day: int, time: str, **more) -> None:
        self.events.append(json.dumps({"type": what, "source": "recording", "event_id": f"e{len(self.events) + 1}", "account_id": "anna",
                                       "tenant": "north", "occurred_at": f"2026-11-{day:02}T{time}:00Z"} | more))

    def profile(self, day: int, tier: str, *addresses: str) -> None:
        self.add("account_profile", day, "07:00", display_name="Anna", locale="en", timezone="Europe/Berlin", country="DE", tier=tier, status="active",
                 opened_at="2020-01-01T00:00:00Z", limits=[{"name": "daily-out", "max": "20000.00", "currency": "SGD"}],
                 contacts=[{"channel": "email", "address": address, "verified": True} for address in addresses])

    def login(self, day: int, time: str, outcome: str = "success", device: dict = PHONE, ip: str = HOME, **more) -> None:
        self.add("login", day, time, outcome=outcome, method="password", device=device, ip=ip, **more)

    def pays(self, day: int, time: str, amount: str, payee: str, status: str = "completed", device: dict = PHONE, **more) -> None:
        self.add("transaction", day, time, transaction_id=f"t{day}", kind="transfer", status=status, amount=amount, currency="SGD", device=device,
                 counterparty={"id": payee, "type": "person", "country": "DE"}, **more)


def story() -> list[str]:
    told = Story()
    told.profile(1, "basic", "anna@example.com")
    for day in range(1, 15):
        told.login(day, "08:00", session_id=f"s{day}")
        told.pays(day, "08:10", "25.00", "landlord" if day % 2 else "baker", balance_after=f"{90000 - 25 * day}.00")
    told.add("account_change", 14, "09:00", change="payee_added", payee={"id": "aunt"}, ip=HOME, device=PHONE)
    told.profile(15, "gold", "anna@example.com", "other@example.com")
    told.pays(15, "09:00", "30.00", "baker", status="authorized")
    told.add("transaction", 15, "10:00", transaction_id="d1", kind="payment", status="declined", decline_reason="insufficient_funds", amount="5.00",
             currency="SGD", counterparty={"id": "shop", "type": "merchant"}, instrument={"id": "card-1", "type": "card"}, ip=HOME, device=PHONE)
    for minute in range(7):
        told.login(16, f"03:0{minute}", "failure", LAPTOP, AWAY, failure_reason="bad_credentials")
    told.login(16, "03:10", device=LAPTOP, ip=AWAY, mfa="sms", session_id="s16")
    told.add("account_change", 16, "03:11", change="email_changed", ip=AWAY, device=LAPTOP,
             previous_contact={"channel": "email", "address": "anna@example.com"})
    told.pays(16, "03:12", "9000.00", "thief", status="authorized", device=LAPTOP)
    told.add("account_change", 16, "12:00", change="travel_notice", travel={"countries": ["FR"], "from": "2026-11-20T00:00:00Z", "until": "2026-11-25T00:00:00Z"})
    return told.events


def shown(binary: pathlib.Path, state: pathlib.Path) -> dict:
    done = subprocess.run([binary, "account", "show", "anna", "--state", state, "--format", "json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def record(binary: pathlib.Path, data: pathlib.Path, into: pathlib.Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder, port = pathlib.Path(temporary) / "daemon", processes.free_port()
        filled = config(data, NO_MAIL).replace("{folder}", str(folder)).replace("{http_port}", str(port))
        daemon = Daemon(binary, folder, filled, port).start(timeout=120)
        try:
            assert post(daemon, "\n".join(story()))[0] == 202
            wait_until_processed(daemon)
            processes.wait_until(lambda: daemon.metric("tocsin_delivery_attempts_total") > 0, "an attempt to deliver", 60)
            daemon.stop()
        finally:
            daemon.close()
        (into / "shown.json").write_text(json.dumps(shown(binary, folder / "state"), indent=1) + "\n")
        packed = ["tar", "-C", folder, "--owner=0", "--group=0", "--numeric-owner", "-cJf", into / "state.tar.xz", "state", "out"]
        subprocess.run(packed, check=True)


if __name__ == "__main__":
    program = pathlib.Path(sys.argv[1]).resolve()
    databases = next(path for path in (program.parent / "test-data", pathlib.Path(__file__).resolve().parents[2] / "build/dev/test-data") if path.is_dir())
    record(program, databases, pathlib.Path(sys.argv[2]))
