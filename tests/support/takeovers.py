"""Events of a few accounts that live quietly for some weeks and are then taken over: small, seeded, in time order.

For tests of the whole program that need findings, notices, tickets and actions. `tocsin generate traffic` makes
populations; this makes a story whose every event is known.
"""

import datetime
import json
import random

_START = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
_BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"


def _text(at: datetime.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class _Account:
    def __init__(self, name: str, chinese: bool, random_: random.Random):
        self.name, self.chinese, self.random, self.number = name, chinese, random_, 0
        self.currency = "CNY" if chinese else "EUR"
        self.events: list[tuple[datetime.datetime, str]] = []

    def add(self, at: datetime.datetime, type_: str, **members) -> None:
        self.number += 1
        event = {"type": type_, "event_id": f"{self.name}-{self.number}", "account_id": self.name, "occurred_at": _text(at)}
        self.events.append((at, json.dumps(event | members, ensure_ascii=False)))

    def live(self, days: int) -> None:
        self.add(
            _START,
            "account_profile",
            display_name="李雷" if self.chinese else "Anna",
            contacts=[{"channel": "email", "address": f"{self.name}@example.com", "verified": True, "primary": True}],
            locale="zh-CN" if self.chinese else "en",
            timezone="Asia/Shanghai" if self.chinese else "Europe/Berlin",
            country="CN" if self.chinese else "DE",
            tier="basic",
        )
        for day in range(days):
            at = _START + datetime.timedelta(days=day, hours=8, minutes=self.random.randrange(60))
            device = {"id": f"device-of-{self.name}", "platform": "windows"}
            self.add(at, "login", outcome="success", ip="192.0.2.7", user_agent=_BROWSER, device=device)
            at += datetime.timedelta(minutes=5)
            amount = f"{self.random.randrange(10, 90)}.50"
            self._pay(at, amount, kind="payment", status="completed")

    def taken_over(self, day: int) -> None:
        at = _START + datetime.timedelta(days=day, hours=19, minutes=self.random.randrange(60))
        for _ in range(6):
            at += datetime.timedelta(seconds=30)
            self.add(at, "login", outcome="failure", failure_reason="bad_credentials", ip="203.0.113.5")
        at += datetime.timedelta(seconds=30)
        self.add(at, "login", outcome="success", ip="203.0.113.5", device={"id": "of-the-thief", "platform": "linux"})
        at += datetime.timedelta(minutes=2)
        old = {"channel": "email", "address": f"old-{self.name}@example.com"}
        self.add(at, "account_change", change="email_changed", previous_contact=old)
        at += datetime.timedelta(minutes=2)
        self.add(at, "account_change", change="payee_added", payee={"id": "payee-99"})
        at += datetime.timedelta(minutes=2)
        payee = {"id": "payee-99", "name": "X"}
        self._pay(at, "68000.00", kind="transfer", status="authorized", counterparty=payee, ip="203.0.113.5")

    def _pay(self, at: datetime.datetime, amount: str, **members) -> None:
        money = {"transaction_id": f"tx-{self.name}-{self.number}", "amount": amount, "currency": self.currency}
        self.add(at, "transaction", **money, **members)


def events(accounts: int, days: int = 12, seed: int = 1) -> list[str]:
    """One JSON event a line, in order of event time; every second account is taken over on the last day."""
    random_ = random.Random(seed)
    made: list[tuple[datetime.datetime, str]] = []
    for i in range(accounts):
        account = _Account(f"account-{i}", i % 4 < 2, random_)
        account.live(days)
        if i % 2 == 0:
            account.taken_over(days)
        made += account.events
    return [text for _, text in sorted(made, key=lambda one: one[0])]


def recent_events(accounts: int, ago: datetime.timedelta = datetime.timedelta(minutes=1)) -> list[str]:
    """The same, ending a minute ago: for links that are good for 72 hours of the wall clock."""
    made = [json.loads(event) for event in events(accounts)]
    parse = datetime.datetime.fromisoformat
    last = max(parse(event["occurred_at"].replace("Z", "+00:00")) for event in made)
    shift = datetime.datetime.now(datetime.timezone.utc) - ago - last
    for event in made:
        event["occurred_at"] = _text(parse(event["occurred_at"].replace("Z", "+00:00")) + shift)
    return [json.dumps(event, ensure_ascii=False) for event in made]
