"""Holds the codec and the JSON Schemas against each other.

Every example, and thousands of mutations of the examples made from one seed, go through both: the schemas by way of
python3-jsonschema, the codec by way of codec_probe. They must agree on what is accepted. A mutation of one member must also
be blamed on that member.

What a draft-07 schema cannot say is modelled here on its own (class Beyond), so that even there a difference is excused only
when this second opinion shares the codec's:
  bad_amount    more decimals than the currency has, or beyond 2^53 - 1 in its smallest unit
  bad_time      a day the calendar does not have, a leap second elsewhere than at the end of a UTC day, an instant that its
                offset carries out of 1970 (an opening: 1800) to 9999
  out_of_range  travel.until before travel.from
Members that appear twice, and text that is not JSON, have no form as a Python value: the examples and unit tests cover them.
The schema says nothing against a number -0 as an amount; the codec refuses the sign. None is generated.
"""

import argparse
import copy
import datetime
import decimal
import json
import pathlib
import random
import re
import subprocess
import sys

import jsonschema

EVENTS = ["login", "transaction", "account_change", "account_profile", "feedback"]
OUTPUTS = ["finding", "ocsf_finding", "notice", "ticket", "action", "dead_letter"]
DROP = object()


def python_patterns(node):
    """ECMA 262's $ is the end of the text; Python's also stands before a last line break."""
    if isinstance(node, dict):
        return {k: v[:-1] + r"\Z" if k == "pattern" and isinstance(v, str) and v.endswith("$") else python_patterns(v)
                for k, v in node.items()}
    return [python_patterns(v) for v in node] if isinstance(node, list) else node


def load_schema(folder, name):
    schema = json.loads((folder / "json" / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return schema


def validator(schema):
    formats = jsonschema.FormatChecker(formats=["ipv4", "ipv6"])
    return jsonschema.Draft7Validator(python_patterns(schema), format_checker=formats)


class Beyond:
    """What the contract says and draft-07 cannot."""

    # ISO 4217, where it is not 2.
    DECIMALS = {code: decimals
                for decimals, codes in ((0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
                                        (3, "BHD IQD JOD KWD LYD OMR TND"), (4, "CLF UYW"))
                for code in codes.split()}

    def agrees(self, document, code, field):
        if code == "bad_amount":
            return self.amount(document, field)
        if code == "bad_time":
            return self.instant(self.get(document, field), 1800 if field == "opened_at" else 1970) is None
        if code == "out_of_range" and field == "travel.until":
            travel = document["travel"]
            return self.instant(travel["until"]) < self.instant(travel["from"])
        return False

    @staticmethod
    def get(document, field):
        for step in field.replace("[", ".").replace("]", "").split("."):
            document = document[int(step)] if isinstance(document, list) else document[step]
        return document

    def amount(self, document, field):
        holder = self.get(document, field.rpartition(".")[0]) if "." in field else document
        with decimal.localcontext() as context:
            context.prec = 400
            minor = decimal.Decimal(str(self.get(document, field))).scaleb(self.DECIMALS.get(holder["currency"], 2))
            return minor != minor.to_integral_value() or abs(minor) > 2**53 - 1

    @staticmethod
    def instant(value, earliest=1970):
        """Milliseconds since 1970, None when there is no such instant from that year on."""
        if isinstance(value, (int, float)):
            return int(value)
        text = value.upper().replace("Z", "+00:00")
        date, rest = text[:10], text[11:]
        clock, offset = rest[:8], rest[-6:]
        leap = clock.endswith(":60")
        try:
            local = datetime.datetime.fromisoformat(f"{date}T{clock[:-2] + '59' if leap else clock}")
        except ValueError:
            return None
        minutes = int(offset[1:3]) * 60 + int(offset[4:6])
        seconds = (local - datetime.datetime(1970, 1, 1)).total_seconds() - (minutes if offset[0] == "+" else -minutes) * 60
        if leap and seconds % 86400 != 86399:
            return None
        first = (datetime.datetime(earliest, 1, 1) - datetime.datetime(1970, 1, 1)).total_seconds()
        return int(seconds * 1000) if first <= seconds < 253402300800 else None


# Strings that once fooled somebody.
STRANGE = ["", " ", "null", "Unknown", "N/A", "-", "00000000-0000-0000-0000-000000000000", "true", "0", "a\nb", "a\u0000b",
           "\u007f", "0" * 32, "{00000000-0000-0000-0000-000000000000}", "urn:uuid:00000000-0000-0000-0000-000000000000", "é", "账户", "😀" * 3, "<script>", "../..", "192.0.2.1", "192.0.2.256", "192.0.2.01", "192.0.2",
           "::ffff:192.0.2.1", "2001:db8::1", "2001:db8::1%eth0", "[::1]", "::", "1::2::3", "2026-03-01T00:00:00Z",
           "2026-03-01t00:00:00.123456789+05:30", "2026-02-29T00:00:00Z", "2024-02-29T23:59:60Z", "2026-12-31T23:59:60Z",
           "2026-03-01T24:00:00Z", "2026-03-01 00:00:00Z", "2026-03-01T00:00:00", "2026-03-01T00:00:00+0800",
           "1970-01-01T00:00:00Z", "1970-01-01T00:00:00+08:00", "1969-12-31T23:59:59Z", "1965-06-01T00:00:00+08:00",
           "1800-01-01T00:00:00Z", "1800-01-01T00:00:00+00:01", "1799-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z",
           "9999-12-31T23:59:59-01:00", "10000-01-01T00:00:00Z", "2026-03-01T00:00:00.Z", "2026-03-01T00:00:00Z\n",
           "Asia/Shanghai", "Asia/Atlantis", "Asia Atlantis", "x-private", "i-klingon", "x", "x-", "UTC", "+08:00", "-12:30", "+23:59", "+24:00", "+00:60", "480", "0480", "-1439", "1440", "00480", "en", "zh_CN", "zh-Hant-TW",
           "e", "en-", "english-language-tag", "CN", "cn", "UK", "XK", "CNY", "cny", "JPY", "XXX", "12.34", "-12.34", "12.345",
           "1e3", "1.5E+2", "+1", "01", "1.", ".5", "NaN", "1,5", "90071992547409.91", "90071992547409.92", "9007199254740991",
           "9007199254740992", "1e30", "1e-2", "1e-3"]
NUMBERS = [0, 1, -1, 1.5, 12.34, 12.345, 1e3, 480, 1439, 1440, -1439, -1440, 2**31, 2**53, 99999999999, 1e11, 1772323200000, 1772323200000.5,
           253402300799999, 253402300800000, 1e30]
OTHERS = [None, True, False, [], {}, [1], {"x": 1}, ["CN"], [None]]


def resolve(schema, root):
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    return schema


def members(schema, root, path=()):
    """Every (path, schema) of a member below `schema`; a number in a path is an element of an array."""
    schema = resolve(schema, root)
    for name, member in schema.get("properties", {}).items():
        yield path + (name,), member
        yield from members(member, root, path + (name,))
        items = resolve(member, root).get("items")
        if items:
            yield path + (name, 0), items
            yield from members(items, root, path + (name, 0))


def keywords(schema, root, found=None):
    """The bounds and enums that hold for a member, wherever its schema says them."""
    found = {} if found is None else found
    schema = resolve(schema, root)
    for key in ("maxLength", "minLength", "minimum", "maximum", "enum", "maxItems"):
        if key in schema:
            found.setdefault(key, []).append(schema[key])
    for key in ("allOf", "anyOf"):
        for part in schema.get(key, []):
            keywords(part, root, found)
    return found


def values_for(schema, root):
    """Values at and beyond the edges of what a member's schema allows."""
    found = keywords(schema, root)
    for size in found.get("maxLength", []) + found.get("minLength", []):
        for letter in ("x", "账", "😀"):
            yield from (letter * n for n in (size - 1, size, size + 1) if n >= 0)
    for edge in found.get("minimum", []) + found.get("maximum", []):
        yield from (edge - 1, edge, edge + 1)
    for names in found.get("enum", []):
        yield from names
        yield from (str(name).swapcase() for name in names[:3])


def change(document, path, value):
    """A copy with `value` (or nothing) at `path`; None when the path does not lead there."""
    changed = copy.deepcopy(document)
    holder = changed
    for step in path[:-1]:
        if isinstance(holder, list) and isinstance(step, int) and step < len(holder):
            holder = holder[step]
        elif isinstance(holder, dict) and isinstance(holder.get(step), (dict, list)):
            holder = holder[step]
        else:
            return None
    last = path[-1]
    if isinstance(last, int):
        if not isinstance(holder, list) or last >= len(holder) or value is DROP:
            return None
        holder[last] = copy.deepcopy(value)
    elif not isinstance(holder, dict) or (value is DROP and last not in holder):
        return None
    elif value is DROP:
        del holder[last]
    else:
        holder[last] = copy.deepcopy(value)
    return changed


def dotted(path):
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def mutations(schemas, examples, rng, pairs):
    """(document, path of the one member changed or None)."""
    for event in EVENTS:
        root = schemas[event]
        pool = []
        for path, schema in members(root, root):
            values = [DROP] + OTHERS + STRANGE + NUMBERS + list(values_for(schema, root))
            pool.append((path, values))
            for value in values:
                for document in examples[event]:
                    changed = change(document, path, value)
                    if changed is not None:
                        yield changed, path
                        break  # One example that has the place is enough.
            for size in keywords(schema, root).get("maxItems", []):
                for document in examples[event]:
                    held = document.get(path[0]) if len(path) == 1 else document.get(path[0], {}).get(path[1])
                    if held:
                        yield change(document, path, held[:1] * size), path
                        yield change(document, path, held[:1] * (size + 1)), path
                        break
        for _ in range(pairs):
            document = rng.choice(examples[event])
            for _ in range(rng.randint(2, 4)):
                path, values = rng.choice(pool)
                document = change(document, path, rng.choice(values)) or document
            yield document, None


def probe(program, lines):
    lines = list(lines)
    answer = subprocess.run([program], input="".join(line + "\n" for line in lines), capture_output=True, encoding="utf-8",
                            check=True)
    answers = answer.stdout.splitlines()
    assert len(answers) == len(lines), f"{len(answers)} answers to {len(lines)} lines"
    return [line.split(" ", 1) + [""] * (1 - line.count(" ")) for line in answers]


class Report:
    def __init__(self):
        self.failures = []

    def fail(self, what, document=None):
        self.failures.append(what if document is None else f"{what}\n    {json.dumps(document, ensure_ascii=False)[:600]}")


def check_examples(report, args, schemas, validators):
    """Examples inside and beside the schemas; the name of an invalid one begins with its code."""
    examples = {}
    for event in EVENTS:
        files = sorted((args.schemas / "examples" / event).glob("*.json"))
        examples[event] = [json.loads(file.read_text(encoding="utf-8")) for file in files] + schemas[event]["examples"]
        for document in examples[event]:
            for error in validators[event].iter_errors(document):
                report.fail(f"{event}: an example is against its schema: {error.message}", document)
        for document, (code, field) in zip(examples[event], probe(args.probe, map(json.dumps, examples[event]))):
            if code != "accepted":
                report.fail(f"{event}: the codec rejects an example: {code} {field}", document)

        invalid = sorted((args.schemas / "examples" / event / "invalid").glob("*.json"))
        texts = [" ".join(file.read_text(encoding="utf-8").splitlines()) for file in invalid]
        for file, text, (code, field) in zip(invalid, texts, probe(args.probe, texts)):
            if code != file.name.split(".")[0]:
                report.fail(f"{event}/invalid/{file.name}: the codec says {code} {field}")
            if code in ("not_json", "duplicate_member"):
                continue
            document = json.loads(text)
            if validators[event].is_valid(document) and not Beyond().agrees(document, code, field):
                report.fail(f"{event}/invalid/{file.name}: the schema accepts it")
    for kind in OUTPUTS:
        for document in schemas[kind]["examples"]:
            for error in validators[kind].iter_errors(document):
                report.fail(f"{kind}: an example is against its schema: {error.message}", document)
    return examples


def check_common_members(report, schemas):
    """The members all events share are described once, five times over."""
    login = schemas["login"]["properties"]
    for event in EVENTS:
        own = schemas[event]["properties"]
        for name in list(login)[1:list(login).index("device") + 1]:
            if own.get(name) != login[name]:
                report.fail(f"{event}: {name} is not as in login")
    for name, schema in schemas.items():
        for path, member in members(schema, schema):
            if not isinstance(path[-1], int) and "description" not in member:
                report.fail(f"{name}: {dotted(path)} has no description")


def check_documents(report, args, schemas):
    """The AsyncAPI document refers to every schema, and the guide explains every reason for a dead letter."""
    text = (args.schemas / "asyncapi.yaml").read_text(encoding="utf-8")
    referred = sorted(re.findall(r"\./json/(\w+)\.schema\.json", text))
    if referred != sorted(schemas):
        report.fail(f"asyncapi.yaml refers to {referred}")
    guide = (args.schemas.parent / "docs" / "events.md").read_text(encoding="utf-8")
    for code in schemas["dead_letter"]["properties"]["reason"]["enum"]:
        if f"| `{code}` |" not in guide:
            report.fail(f"docs/events.md does not explain {code}")


def closed(schema):
    """The schema with every object closed: a member it does not list is an error."""
    if isinstance(schema, dict):
        result = {k: closed(v) for k, v in schema.items()}
        if isinstance(result.get("properties"), dict) and "type" in result:
            result.setdefault("additionalProperties", False)
        return result
    return [closed(v) for v in schema] if isinstance(schema, list) else schema


def check_outputs(report, args, schemas):
    """Outputs with every member filled: they have the members of their schema, no more and no fewer."""
    seen = {kind: set() for kind in OUTPUTS}
    text = subprocess.run([args.probe, "--outputs"], capture_output=True, encoding="utf-8", check=True).stdout
    for line in text.splitlines():
        kind, document = line.split(" ", 1)
        document = json.loads(document)
        seen[kind] |= set(document)
        for error in validator(closed(schemas[kind])).iter_errors(document):
            report.fail(f"{kind}: what is written is against the schema: {error.message}", document)
    for kind in OUTPUTS:
        for name in set(schemas[kind]["properties"]) - seen[kind]:
            report.fail(f"{kind}: {name} is in the schema and never written")


def check_mutations(report, args, schemas, validators, examples):
    rng = random.Random(args.seed)
    cases = list(mutations(schemas, examples, rng, args.pairs))
    # Half of the lines with escapes for all that is not ASCII, half with the characters themselves.
    lines = [json.dumps(document, ensure_ascii=rng.random() < 0.5) for document, _ in cases]
    accepted = excused = 0
    for (document, path), (code, field) in zip(cases, probe(args.probe, lines)):
        event = document.get("type")
        by_schema = isinstance(event, str) and event in EVENTS and validators[event].is_valid(document)
        if code == "accepted":
            accepted += 1
            if not by_schema:
                report.fail("the codec accepts what the schema rejects", document)
            continue
        if by_schema:
            if Beyond().agrees(document, code, field):
                excused += 1
            else:
                report.fail(f"the codec rejects what the schema accepts: {code} {field}", document)
        # Which of two members is wrong when they contradict each other, nobody can say.
        contradiction = code == "conflicting_members" or field in ("case_id", "travel", "limit.currency", "travel.until")
        # An amount is judged by its currency.
        by_currency = code == "bad_amount" and path is not None and path[-1] == "currency"
        if path is not None and path != ("type",) and not contradiction and not by_currency:
            where = dotted(path)
            if not (field == where or field.startswith(where + ".") or field.startswith(where + "[") or
                    where.startswith(field + "[") or where.startswith(field + ".")) or field == "":
                report.fail(f"{where} was changed, and {field!r} is blamed ({code})", document)
    print(f"{len(cases)} documents: {accepted} accepted, {len(cases) - accepted} rejected, "
          f"{excused} of them by rules a schema cannot say; seed {args.seed}")
    if accepted < len(cases) // 20 or len(cases) - accepted < len(cases) // 20:
        report.fail("nearly all documents had the same fate: the test tests nothing")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--probe", required=True)
    parser.add_argument("--schemas", required=True, type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument("--pairs", type=int, default=1000, help="documents of several mutations, per event type")
    args = parser.parse_args()

    schemas = {name: load_schema(args.schemas, name) for name in EVENTS + OUTPUTS}
    validators = {name: validator(schema) for name, schema in schemas.items()}
    report = Report()
    examples = check_examples(report, args, schemas, validators)
    check_common_members(report, schemas)
    check_documents(report, args, schemas)
    check_outputs(report, args, schemas)
    check_mutations(report, args, schemas, validators, examples)
    for failure in report.failures[:40]:
        print("FAILED:", failure)
    print(f"{len(report.failures)} differences")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
