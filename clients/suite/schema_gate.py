"""Holds the REST answers that real libraries got against Discord's own OpenAPI description.

    python clients/suite/schema_gate.py RECORDING

RECORDING is what run.py leaves at GUILDHALL_TEST_RECORD. The description is looked for at GUILDHALL_TEST_OPENAPI, else
beside the clone; without it the gate says so and passes nothing. Prints `N passed, N failed`, counting one per
method, path and status.
"""

import base64
import json
import os
import sys
from collections import defaultdict
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = Path(__file__).resolve().parents[2]

# Deliberate differences: (method and path of the description; the place in the body; why), with `*` for anything.
DIFFERENT = [
    ("*", "/errors/*/_errors/*/code", "Discord answers with names such as BASE_TYPE_REQUIRED, as its prose documents"),
]

# The description has no such operation, or means something else by it.
UNDESCRIBED = {"POST /guilds", "POST /interactions"}


class Description:
    """Discord's description: finds the operation of a request and validates an answer against it."""

    def __init__(self, document: dict) -> None:
        self.document = document
        self.paths = [(tuple(path.strip("/").split("/")), path) for path in document["paths"]]
        self.registry = Registry().with_resource("urn:discord", Resource(document, DRAFT202012))

    def template(self, path: str) -> str | None:
        """The described path that a request's path is an instance of; literal parts win over parameters."""
        parts = tuple(unquote(path).strip("/").split("/"))
        fitting = [
            (sum(piece.startswith("{") for piece in pattern), name)
            for pattern, name in self.paths
            if len(pattern) == len(parts)
            and all(piece.startswith("{") or piece == part for piece, part in zip(pattern, parts))
        ]
        return min(fitting)[1] if fitting else None

    def complaints(self, method: str, template: str, status: int, body: bytes) -> list[tuple[str, str]]:
        """(place in the body, what is wrong there)."""
        operation = self.document["paths"][template].get(method.lower())
        if operation is None:
            return [("", "the description has the path, but not this method")]
        responses = operation["responses"]
        wanted = next((code for code in (str(status), f"{status // 100}XX") if code in responses), None)
        if wanted is None:
            return [("", f"status {status} is not described; these are: {', '.join(responses)}")]
        response, pointer = responses[wanted], ["paths", template, method.lower(), "responses", wanted]
        if "$ref" in response:
            pointer = response["$ref"].removeprefix("#/").split("/")
            response = self._at(pointer)
        if "application/json" not in response.get("content", {}):
            return [("", "a body, where none is described")] if body else []
        pointer += ["content", "application/json", "schema"]
        reference = "urn:discord#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in pointer)
        validator = Draft202012Validator({"$ref": reference}, registry=self.registry)
        try:
            value = json.loads(body)
        except ValueError:
            return [("", "not JSON")]
        return [leaf for error in validator.iter_errors(value) for leaf in _leaves(error)]

    def _at(self, pointer: list[str]):
        found = self.document
        for part in pointer:
            found = found[part]
        return found


def _leaves(error) -> list[tuple[str, str]]:
    """Of the alternatives of a `oneOf`, the one that fits best is the one meant."""
    if not error.context:
        place = "/" + "/".join("*" if isinstance(part, int) else str(part) for part in error.absolute_path)
        return [(place, error.message[:300])]
    branches = defaultdict(list)
    for inner in error.context:
        branches[inner.schema_path[0]].extend(_leaves(inner))
    nullable = [b for b in branches.values() if not all("is not of type 'null'" in text for _, text in b)]

    def unfit(branch: list[tuple[str, str]]) -> tuple[bool, int, int]:
        """Another kind of thing altogether is the worst fit; deep complaints mean that it fitted up to there."""
        other_kind = any(place.endswith("/type") and "is not one of" in text for place, text in branch)
        return other_kind, -max(place.count("/") for place, _ in branch), len(branch)

    return min(nullable or list(branches.values()), key=unfit)


def deliberate(operation: str, place: str) -> bool:
    return any(fnmatchcase(operation, where) and fnmatchcase(place, pattern) for where, pattern, _ in DIFFERENT)


def is_absent(status: int, body: bytes) -> bool:
    """Whether there is no such route: an answer that fits the description, and still is no answer."""
    return status in (404, 405) and json.loads(body or b"{}").get("code") == 0


def main(recording: str) -> int:
    file = Path(os.environ.get("GUILDHALL_TEST_OPENAPI") or ROOT.parent / "shared/data/discord-openapi.json")
    if not file.exists():
        print(f"SKIPPED: {file} is not there; get specs/openapi.json of discord/discord-api-spec", file=sys.stderr)
        print("0 passed, 0 failed, 1 skipped")
        return 0
    description = Description(json.loads(file.read_text()))
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    foreign, absent = set(), set()
    for line in Path(recording).read_text().splitlines():
        one = json.loads(line)
        path = one["path"].partition("?")[0]
        if not path.startswith("/api/"):
            continue
        path = "/" + path.removeprefix("/api/").partition("/")[2] if path.startswith("/api/v") else path[4:]
        template = description.template(path)
        operation = f"{one['method']} {template or path}"
        if template is None or operation in UNDESCRIBED or one["status"] == 429:
            foreign.add(operation)
            continue
        body = base64.b64decode(one["body"])
        if is_absent(one["status"], body):
            absent.add(operation)
            continue
        complaints = found[f"{operation} -> {one['status']}"]
        for place, text in description.complaints(one["method"], template, one["status"], body):
            if not deliberate(operation, place):
                complaints[place, text] += 1
    for operation, complaints in sorted(found.items()):
        print(("FAILED " if complaints else "ok     ") + operation)
        for (place, text), count in complaints.items():
            print(f"       {count} x {place or 'body'}: {text}")
    print(f"not described: {', '.join(sorted(foreign)) or 'none'}")
    print(f"asked for, and no such route: {', '.join(sorted(absent)) or 'none'}")
    failed = sum(1 for complaints in found.values() if complaints)
    print(f"{len(found) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
