"""Ordinary people with two accounts among them that are anything but: one is half of all traffic, one is never twice on the same
device or at the same address, and pays nobody twice. Hostile ids are as long as ids may be.

    crowd = crowd.Crowd(tocsin, accounts=40, days=14, seed=3, hostile=16_000)
    crowd.lines       all of them, in order of arrival
    crowd.ordinary    the same without the two
"""

import datetime
import hashlib
import ipaddress
import json
import pathlib
import random

from support import population

HOT = "acct-hot"
HOSTILE = "acct-hostile"
_PLACES = pathlib.Path(__file__).with_name("places.json")


class Crowd:
    def __init__(self, tocsin: pathlib.Path, accounts: int, days: int, seed: int, hostile: int):
        self.ordinary = population.events(tocsin, accounts, days, seed)
        self._random = random.Random(seed)
        networks = json.loads(_PLACES.read_text())["networks"]
        prefixes = [ipaddress.ip_network(prefix) for network in networks for prefix in network["prefixes"]]
        self._networks = [network for network in prefixes if network.version == 4]
        self.devices: set[str] = set()
        self.addresses: set[str] = set()
        self.payees: set[str] = set()
        self.payments: set[str] = set()
        self.lines = self._mixed(hostile)

    def _mixed(self, hostile: int) -> list[bytes]:
        """Spread evenly; their clock is that of the ordinary events around them."""
        hot = hostile + len(self.ordinary)
        others = [self._hostile] * hostile + [self._hot] * hot
        self._random.shuffle(others)
        lines, made, now = [], 0, ""
        for i, line in enumerate(self.ordinary):
            now = max(now, json.loads(line)["occurred_at"])
            lines.append(line)
            until = len(others) * (i + 1) // len(self.ordinary)
            for number in range(made, until):
                # A millisecond after another, so that each has a time of its own.
                at = datetime.datetime.fromisoformat(now.replace("Z", "+00:00")) + datetime.timedelta(milliseconds=number - made)
                event = others[number](number) | {"occurred_at": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"}
                lines.append(json.dumps(event).encode())
            made = until
        return lines

    def _id(self, number: int, what: str) -> str:
        return hashlib.sha512(f"{what}-{number}".encode()).hexdigest()  # 128 characters.

    def _hostile(self, number: int) -> dict:
        network = self._random.choice(self._networks)
        address = str(network[self._random.randrange(network.num_addresses)])
        device = self._id(number, "device")
        self.addresses.add(address)
        self.devices.add(device)
        event = {"event_id": self._id(number, "event"), "account_id": HOSTILE, "ip": address, "device": {"id": device}}
        if self._random.random() < 0.5:
            failed = {"outcome": "failure", "failure_reason": "bad_credentials"}
            return event | {"type": "login"} | (failed if number % 10 == 0 else {"outcome": "success"})
        payee, payment = self._id(number, "payee"), self._id(number, "payment")
        self.payees.add(payee)
        self.payments.add(payment)
        return event | {
            "type": "transaction",
            "transaction_id": payment,
            "kind": "transfer",
            "direction": "out",
            "status": "completed",
            "amount": f"{self._random.randrange(1, 400)}.{self._random.randrange(100):02d}",
            "currency": "EUR",
            "counterparty": {"id": payee, "type": "person"},
        }

    def _hot(self, number: int) -> dict:
        event = {"event_id": f"hot-{number}", "account_id": HOT, "ip": "80.144.0.10", "device": {"id": "phone-of-the-shop"}}
        if number % 2 == 0:
            return event | {"type": "login", "outcome": "success"}
        return event | {
            "type": "transaction",
            "transaction_id": f"hot-payment-{number}",
            "kind": "payment",
            "direction": "in",
            "status": "completed",
            "amount": f"{self._random.randrange(1, 60)}.90",
            "currency": "EUR",
            "counterparty": {"id": f"customer-{number % 97}", "type": "person"},
        }
