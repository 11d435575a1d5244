"""What a person sees who sits before a terminal: the log in words, and the live view of `tocsin top`. Both run on a real one."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

import pytest
from support import processes, takeovers
from support.embedded import CONFIG, post

LINE = re.compile(r"\d\d:\d\d:\d\d\.\d{3} \x1b\[3[123]m(info|warning|error)\x1b\[0m .* \([a-z_]+\)")


class Terminal:
    """`rows` x `columns`; what is written to it is read as it comes."""

    def __init__(self, rows: int, columns: int):
        self.ours, self.its = pty.openpty()
        fcntl.ioctl(self.its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.text = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in (self.ours, self.its):
            os.close(end)

    def read_until(self, done, what: str, seconds: float = 60) -> str:
        end = time.monotonic() + seconds * processes.PATIENCE
        while not done(self.text):
            assert time.monotonic() < end, f"{what} did not come:\n{self.text[-2000:]}"
            if select.select([self.ours], [], [], 0.2)[0]:
                self.text += os.read(self.ours, 65536).decode()
        return self.text


def test_the_log_is_for_people_there_and_for_machines_elsewhere(make_daemon):
    daemon = make_daemon(CONFIG + "watch_config: false\n")
    with Terminal(40, 200) as terminal:
        command = [str(daemon.binary), "run", "--config", str(daemon.config)]
        plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        process = processes.start(command, cwd=daemon.folder, env=plain, stdout=terminal.its, stderr=terminal.its)
        try:
            terminal.read_until(lambda text: "(events_served)" in text, "events to be taken")
            os.kill(process.pid, signal.SIGHUP)
            terminal.read_until(lambda text: "(config_reloaded)" in text, "the reload")
        finally:
            processes.stop(process)
        said = terminal.read_until(lambda text: text.endswith("\n"), "the end of a line")
    lines = said.replace("\r\n", "\n").splitlines()
    assert len(lines) > 3 and [line for line in lines if not LINE.fullmatch(line)] == []
    daemon.start()
    daemon.stop()
    assert all(line.startswith('{"ts":"') for line in daemon.log.read_text().splitlines())


def events_of(screens: str) -> list[int]:
    return [int(total.replace(",", "")) for total in re.findall(r"^  events .* (\d[\d,]*) *\r?$", screens, re.M)]


@pytest.mark.parametrize("rows, columns", [(24, 80), (12, 40)])
def test_the_live_view_is_drawn_anew_and_never_larger_than_the_terminal(make_daemon, rows, columns):
    daemon = make_daemon(CONFIG).start()
    command = [str(daemon.binary), "top", "--interval", "0.2", "--metrics", f"http://127.0.0.1:{daemon.http_port}"]
    sent = len(takeovers.events(accounts=4))
    begin = "\x1b[H\x1b[2J"  # From the top, and nothing of the screen before.
    with Terminal(rows, columns) as terminal:
        process = processes.start(command, stdout=terminal.its, stderr=terminal.its, stdin=terminal.its, start_new_session=True)
        try:
            terminal.read_until(lambda text: text.count(begin) > 2, "a third screen")
            assert post(daemon, "\n".join(takeovers.events(accounts=4)))[0] == 202
            terminal.read_until(lambda text: events_of(text.rpartition(begin)[0])[-1] == sent, "a screen with every event")
            process.send_signal(signal.SIGINT)  # Ctrl-C.
            assert processes.wait(process) == -signal.SIGINT
        finally:
            process.kill()
            process.wait()
        screens = terminal.text.replace("\r\n", "\n").split(begin)
    assert screens[0] == "" and len(screens) > 5
    for screen in screens[1:-1]:
        lines = screen.splitlines()
        assert lines[0].startswith("tocsin ") and "serving" in lines[0]
        assert len(lines) < rows and max(len(line) for line in lines) <= columns
    events = events_of(terminal.text.rpartition(begin)[0])
    assert events[0] == 0 and events[-1] == sent and events == sorted(events)
    daemon.stop()
