"""What is due is said in a real Request Tracker at 50, 80 and 100 % of the time, as long as nobody does it; what nobody
did is counted, and raises an alert."""

import datetime
import json
import signal
import time

from support import processes, takeovers
from support.embedded import CONFIG
from support.outward import TICKETS, operations, send, tickets_of
from support.request_tracker_server import RequestTracker
from support.ticket_systems import Zammad

DUE = """\
support: {first_reply: 90s, review: 30d}
delivery:
  timeout: 120s
  retry_waits: [1s, 1s, 1s, 1s, 1s, 1s]
"""


# With a day of work that is days away, half of the time until a due time before it is over at once.
CALENDAR = """support: {{first_reply: 2h, calendar: {calendar}}}
delivery:
  retry_waits: [1s, 1s, 1s]
  tickets: {{system: zammad, queue: Security, requester: tocsin@example.com, url: {url}, token: {{file: {token}}}, allow_private: true}}
"""


def opening(name: str) -> list[str]:
    """A takeover that is at its successful login just now, which opens a ticket: what follows has not happened yet."""
    story = takeovers.recent_events(2, ago=datetime.timedelta(minutes=-6))
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [event.replace("account-", f"{name}-") for event in story if json.loads(event)["occurred_at"] <= now]


def test_reminders_until_somebody_takes_the_ticket_up(make_daemon, tmp_path):
    with RequestTracker() as tracker:
        (tmp_path / "rt.token").write_text(tracker.token + "\n")
        daemon = make_daemon(CONFIG + DUE + TICKETS.format(url=tracker.url, folder=tmp_path)).start()

        def reminders(case: str) -> list[str]:
            found = tickets_of(tracker, case)
            words = tracker.words(found[0]["id"]) if found else []
            return [text for text in words if "first reply is over" in text or "first reply was due" in text
                    or "首次回复" in text]

        def number(case: str) -> str:
            return tickets_of(tracker, case)[0]["id"]

        send(daemon, opening("taken-up"))
        (taken_up,) = operations(daemon)
        processes.wait_until(lambda: tickets_of(tracker, taken_up), "the ticket that somebody takes up", timeout=30, pause=0.5)
        tracker.update(number(taken_up), Status="open")
        send(daemon, opening("waiting"))
        (waiting,) = set(operations(daemon)) - {taken_up}
        opened = datetime.datetime.fromisoformat(operations(daemon)[waiting][0]["occurred_at"].replace("Z", "+00:00"))
        processes.wait_until(lambda: tickets_of(tracker, waiting), "the ticket that waits", timeout=30, pause=0.5)
        too_late = reminders(taken_up)  # None, but on a machine on which half of the time was over before.
        assert len(too_late) < 3

        processes.wait_until(lambda: len(reminders(waiting)) == 3, "all of the time to be over", timeout=120, pause=0.5)
        late = (datetime.datetime.now(datetime.timezone.utc) - opened).total_seconds() - 90
        print(f"the last reminder stood in the ticket {late:.1f} s after the time was over")

        def urgent() -> bool:  # Its words come before its subject and priority.
            ticket = tracker.ticket(number(waiting))
            return ticket["Priority"] == "100" and "P1: " in ticket["Subject"]

        processes.wait_until(urgent, "the ticket to be urgent", pause=0.5)
        overdue = lambda: daemon.metric("tocsin_tickets_overdue_total", clock="first_reply")  # noqa: E731
        processes.wait_until(lambda: overdue() == 1, "it to be counted")
        time.sleep(3)  # Long enough for a reminder too many.
        assert reminders(taken_up) == too_late and len(reminders(waiting)) == 3 and overdue() == 1
        assert daemon.metric("tocsin_tickets_overdue_total", clock="review") == 0
        daemon.stop()


def test_reminders_are_by_the_calendar_of_now(make_daemon, tmp_path):
    with Zammad() as desk:
        (tmp_path / "token").write_text(desk.token)

        def config(calendar: str) -> str:
            return CALENDAR.format(calendar=calendar, url=desk.url, token=tmp_path / "token")

        day = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)).strftime("%A").lower()
        before = config(f"{{always_open: false, timezone: UTC, {day}: 09:00-18:00}}")
        daemon = make_daemon(CONFIG + before).start()
        text = daemon.config.read_text()
        assert text.endswith(before)
        daemon.config.write_text(text.removesuffix(before) + config("{always_open: true}"))
        daemon.process.send_signal(signal.SIGHUP)
        processes.wait_until(lambda: '"config_changed"' in daemon.log.read_text(), "the calendar to be taken over")
        send(daemon, opening("by-now"))
        (case,) = operations(daemon)
        due = datetime.datetime.fromisoformat(operations(daemon)[case][0]["due"]["first_reply"].replace("Z", "+00:00"))
        assert due - datetime.datetime.now(datetime.timezone.utc) < datetime.timedelta(hours=2)
        processes.wait_until(lambda: desk.of_case(case), "the ticket")
        time.sleep(3)  # Long enough for a reminder too many.
        assert sum(daemon.metric("tocsin_ticket_reminders_total", clock="first_reply", percent=str(part)) for part in (50, 80)) == 0
        assert desk.wrong == []
        daemon.stop()
