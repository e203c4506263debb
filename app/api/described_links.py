"""Link operations in the description: from what is made or listed to what can be done with it, and to the next page.

The paths say what follows from what: an operation with `{report_id}` in its path takes the `id` of an answer of
`/v1/reports`.
"""

import re
from typing import Any, NamedTuple

_PARAMETER = re.compile(r"{(\w+)_id}")
_BODY = "$response.body#"
# Answers whose members go into another operation's body.
_INTO_BODIES = {
    ("create_account", "201"): ("create_tokens", {name: f"$request.body#/{name}" for name in ("username", "password")}),
    ("create_tokens", "200"): ("refresh_tokens", {"refresh_token": f"{_BODY}/refresh_token"}),
    ("refresh_tokens", "200"): ("refresh_tokens", {"refresh_token": f"{_BODY}/refresh_token"}),
}


class Operation(NamedTuple):
    """An operation with where it stands."""

    method: str
    path: str
    item: dict[str, Any]

    @property
    def parameters(self) -> dict[str, str]:
        """The place of each of its own parameters (query, header), by name."""
        return {parameter["name"]: parameter["in"] for parameter in self.item.get("parameters", ())}


def add_links(paths: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Add `links` to the answers of all operations."""
    every = [
        Operation(method, path, found)
        for path, item in paths.items()
        for method, found in item.items()
        if method != "parameters"
    ]
    for operation in every:
        for status, answer in operation.item["responses"].items():
            if status < "300" and (links := _links(operation, status, answer, every, schemas)):
                answer["links"] = links


def _links(
    operation: Operation, status: str, answer: dict[str, Any], every: list[Operation], schemas: dict[str, Any]
) -> dict[str, Any]:
    links: dict[str, Any] = {}
    members = _members(answer, schemas)
    noun, expression = _noun(operation.path, every), _id_in(operation.path, members, schemas)
    if noun and expression:
        for target in _targets(noun, every):
            links[target.item["operationId"]] = _link(target, {f"path.{noun}_id": expression}, answer, members)
    if "next_cursor" in members and "cursor" in operation.parameters:
        links["next_page"] = {
            "operationId": operation.item["operationId"],
            "description": "The next page, with the same filters.",
            "parameters": {"query.cursor": f"{_BODY}/next_cursor"},
        }
    if into := _INTO_BODIES.get((operation.item["operationId"], status)):
        name, body = into
        links[name] = {"operationId": name, "description": "With what this one was given or gave.", "requestBody": body}
    return links


def _link(target: Operation, parameters: dict[str, str], answer: dict[str, Any], members: Any) -> dict[str, Any]:
    """Return the link to what one may do with the item; its ETag goes along where the target wants it."""
    is_item = "id" in members
    if is_item and "If-Match" in target.parameters and "ETag" in answer.get("headers", ()):
        parameters = parameters | {"header.If-Match": "$response.header.ETag"}
    of_which = "it" if is_item else "the first of the list"
    summary = target.item["summary"].partition(".")[0]
    return {
        "operationId": target.item["operationId"],
        "description": f"For {of_which}: {summary[0].lower()}{summary[1:]}.",
        "parameters": parameters,
    }


def _members(answer: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    for content in answer.get("content", {}).values():
        members: dict[str, Any] = _resolved(content["schema"], schemas).get("properties", {})
        return members
    return {}


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return _resolved(found["anyOf"][0], schemas) if "anyOf" in found else found


def _id_in(path: str, members: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Return the expression of the id in an answer: its own, or that of a list's first item; "" without one."""
    if "id" in members:
        return f"{_BODY}/id"
    items = members.get("items", {}).get("items", {})
    is_list_of_ids = "{" not in path and "id" in _resolved(items, schemas).get("properties", {})
    return f"{_BODY}/items/0/id" if is_list_of_ids else ""


def _noun(path: str, every: list[Operation]) -> str:
    """Return what a path is about, as parameters name it: `report` for `/v1/me/reports`; "" for none of these."""
    nouns = {noun for operation in every for noun in _PARAMETER.findall(operation.path)}
    for segment in reversed(path.split("/")):
        for noun in nouns:
            if segment.partition(".")[0].endswith(f"{noun}s"):
                return str(noun)
    return ""


def _targets(noun: str, every: list[Operation]) -> list[Operation]:
    """Return the operations that take just this id in their path."""
    return [operation for operation in every if _PARAMETER.findall(operation.path) == [noun]]
