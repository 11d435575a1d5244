"""`tocsin generate asyncapi`: one document that leads to nothing outside itself, with the schemas that the codec is held against."""

import json
import os
import pathlib
import subprocess

import jsonschema
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILES = {path.name.removesuffix(".schema.json"): json.loads(path.read_text()) for path in sorted((ROOT / "schemas/json").glob("*.json"))}


def generated() -> dict:
    printed = subprocess.run([os.environ["TOCSIN_BINARY"], "generate", "asyncapi"], capture_output=True, text=True, check=True).stdout
    return yaml.safe_load(printed)


DOCUMENT = generated()


def references(node) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [one for value in node.values() for one in references(value)]
    return [one for value in node for one in references(value)] if isinstance(node, list) else []


def resolve(reference: str):
    assert reference.startswith("#/"), f"{reference} leads out of the document"
    node = DOCUMENT
    for step in reference[2:].split("/"):
        assert step in node, f"{reference} leads nowhere"
        node = node[step]
    return node


def test_every_reference_leads_to_something_in_the_document():
    found = references(DOCUMENT)
    assert len(found) > 80
    for reference in found:
        assert resolve(reference)


def test_the_schemas_are_those_of_the_files():
    schemas = DOCUMENT["components"]["schemas"]
    assert sorted(schemas) == sorted(FILES)
    for name, file in FILES.items():
        own = json.dumps(file | {"$schema": None, "$id": None}).replace("#/definitions/", f"#/components/schemas/{name}/schema/definitions/")
        assert schemas[name]["schema"] | {"$schema": None, "$id": None} == json.loads(own), name
        assert schemas[name]["schemaFormat"] == "application/schema+json;version=draft-07"


def test_every_message_of_a_channel_has_one_and_every_operation_a_channel():
    messages = [resolve(message["$ref"]) for channel in DOCUMENT["channels"].values() for message in channel["messages"].values()]
    assert {message["name"] for message in messages} == {f"tocsin.{name}.v1" for name in FILES}
    for message in messages:
        assert resolve(message["payload"]["$ref"])["schema"]["type"] == "object"
    for operation in DOCUMENT["operations"].values():
        channel = resolve(operation["channel"]["$ref"])
        for message in operation["messages"]:
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/") and resolve(message["$ref"])
        assert channel["address"]


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_schema_works_where_it_stands(name: str):
    """Resolved from the document's root, as the tools of AsyncAPI do."""
    schema = DOCUMENT["components"]["schemas"][name]["schema"]
    validator = jsonschema.Draft7Validator(schema, resolver=jsonschema.RefResolver("", DOCUMENT))
    examples = schema.get("examples", [])
    assert examples
    for example in examples:
        validator.validate(example)
    assert not validator.is_valid({"type": 1})
