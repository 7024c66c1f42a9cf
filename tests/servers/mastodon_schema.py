"""Mastodon's OpenAPI, as others wrote it down, as a check of single statuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_NAME = "urn:mastodon"


def of_statuses(shared: Path) -> Draft202012Validator:
    """Return what checks a Status."""
    spec = json.loads((shared / "servers" / "specs" / "data" / "mastodon-openapi.json").read_text("utf-8"))
    registry: Registry[Any] = Registry().with_resource(_NAME, Resource(contents=spec, specification=DRAFT202012))
    return Draft202012Validator({"$ref": f"{_NAME}#/components/schemas/Status"}, registry=registry)
