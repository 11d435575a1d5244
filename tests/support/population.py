"""Generated populations, and where their addresses are: what tests, campaigns and measurements feed the program with."""
import pathlib
import subprocess

DATABASES = {"--geoip-city": "city.mmdb", "--geoip-asn": "asn.mmdb", "--geoip-anonymous": "anonymous-ip.mmdb"}


def traffic(binary: pathlib.Path, accounts: int, days: int, seed: int, *more: str) -> list[str]:
    """The command that writes the events of a population: to its standard output, unless `more` has --out."""
    return [str(binary), "generate", "traffic", "--accounts", str(accounts), "--days", str(days), "--seed", str(seed), *more]


def events(binary: pathlib.Path, accounts: int, days: int, seed: int) -> list[bytes]:
    """One a line, in the order of arrival. Equal arguments and programs give equal events."""
    return subprocess.run(traffic(binary, accounts, days, seed), capture_output=True, check=True, timeout=600).stdout.splitlines()


def geoip_options(databases: pathlib.Path) -> list[str]:
    """Of `tocsin replay` and `explain`, for the test databases of a build."""
    return [text for option, name in DATABASES.items() for text in (option, str(databases / name))]
