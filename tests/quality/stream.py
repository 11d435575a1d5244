"""What the reference needs to know of a generated event: its network and country, its browser and system."""
import bisect
import ipaddress
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Networks:
    """Networks of tests/support/places.json by address, as the test databases have them."""

    def __init__(self):
        spec = json.loads((ROOT / "tests" / "support" / "places.json").read_text())
        ranges = []
        for network in spec["networks"]:
            country = spec["places"][network["place"]]["country"] if network.get("place") else ""
            for prefix in network["prefixes"]:
                if ":" in prefix:
                    continue
                block = ipaddress.ip_network(prefix)
                ranges.append((int(block[0]), int(block[-1]), network["asn"], country))
        ranges.sort()
        self.ranges = ranges
        self.starts = [first for first, *_ in ranges]
        self.known = {}

    def of(self, address):
        found = self.known.get(address)
        if found is None:
            number = int(ipaddress.ip_address(address))
            at = bisect.bisect_right(self.starts, number) - 1
            inside = at >= 0 and number <= self.ranges[at][1]
            found = self.known[address] = self.ranges[at][2:] if inside else (0, "")
        return found


BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Version/", "Safari"))
SYSTEMS = (("Windows", "Windows"), ("Macintosh", "macOS"), ("Linux", "Linux"))


def agent_of(event):
    """(agent, browser, system, kind)"""
    text = event.get("user_agent", "")
    if text:
        browser = next((name for mark, name in BROWSERS if mark in text), "other")
        return text, browser, next((name for mark, name in SYSTEMS if mark in text), "other"), "desktop"
    device = event.get("device", {})
    system = device.get("platform", "")
    return f"{device.get('model')} {system} {device.get('os_version')}", f"app {device.get('model')}", system, "mobile"


def features_of(event, networks):
    """Features of a login as Freeman takes them; None when it has no address."""
    address = event.get("ip")
    if not address:
        return None
    asn, country = networks.of(address)
    return {"address": (address, asn, country), "agent": agent_of(event)}


LOGIN = re.compile(r'"type":"login".*"outcome":"success"')


def successful_logins(path):
    """(number of the line, event) in order of arrival, each once."""
    seen = set()
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not LOGIN.search(line):
                continue
            event = json.loads(line)
            if event["event_id"] not in seen:
                seen.add(event["event_id"])
                yield event
