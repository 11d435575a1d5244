"""docs/operations.md as somebody reads it who follows it: commands, and blocks for one values.yaml."""

import copy
import pathlib
import re

import yaml

PAGE = (pathlib.Path(__file__).resolve().parents[2] / "docs/operations.md").read_text()
# (language, block), in the order of the page.
STEPS = re.findall(r"^```(sh|yaml)\n(.*?)^```$", PAGE, re.M | re.S)


def merged(file: dict, block: dict) -> dict:
    """As the page says it: keys below the keys that are there, a list whole."""
    out = copy.deepcopy(file)
    for key, value in block.items():
        out[key] = merged(out.get(key) or {}, value) if isinstance(value, dict) else value
    return out


def values_connected() -> dict:
    """values.yaml as it is when the brokers have just been named."""
    file: dict = {}
    for language, block in STEPS:
        if language == "yaml":
            file = merged(file, yaml.safe_load(block))
            if "security" in file.get("config", {}).get("kafka", {}):
                return file
    raise AssertionError("the page names no brokers")
