"""The playground's request as one's own program would send it; the key is a variable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pprint import pformat
from typing import Any


def curl(base: str, path: str, body: Mapping[str, Any]) -> str:
    """The same call from a shell; the key is a variable."""
    text = json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
    return (
        f"curl -sS {base}{path} \\\n"
        '  -H "Authorization: Bearer $ASTROLABE_KEY" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  --data '{text}'"
    )


def python(base: str, path: str, body: Mapping[str, Any]) -> str:
    """The same call from Python's standard library; the key is a variable."""
    return (
        "import json, os, urllib.request\n\n"
        f"body = {pformat(dict(body), sort_dicts=False, width=88)}\n"
        "request = urllib.request.Request(\n"
        f"    {base + path!r},\n"
        "    data=json.dumps(body).encode(),\n"
        "    headers={\n"
        "        'Authorization': f\"Bearer {os.environ['ASTROLABE_KEY']}\",\n"
        "        'Content-Type': 'application/json',\n"
        "    },\n"
        ")\n"
        "with urllib.request.urlopen(request, timeout=10) as answer:\n"
        "    document = json.load(answer)\n"
        "print(document['kind'], document['provenance']['library'])\n"
    )
