"""The playground's request as one's own program would send it; the key is a variable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def curl(base: str, body: Mapping[str, Any]) -> str:
    """The same call from a shell; the key is a variable."""
    text = json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
    return (
        f"curl -sS {base}/v1/charts \\\n"
        '  -H "Authorization: Bearer $ASTROLABE_KEY" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  --data '{text}'"
    )


def python(base: str, body: Mapping[str, Any]) -> str:
    """The same call from Python's standard library; the key is a variable."""
    fields = "".join(f"    {name!r}: {value!r},\n" for name, value in body.items())
    return (
        "import json, os, urllib.request\n\n"
        f"body = {{\n{fields}}}\n"
        "request = urllib.request.Request(\n"
        f"    {base + '/v1/charts'!r},\n"
        "    data=json.dumps(body).encode(),\n"
        "    headers={\n"
        "        'Authorization': f\"Bearer {os.environ['ASTROLABE_KEY']}\",\n"
        "        'Content-Type': 'application/json',\n"
        "    },\n"
        ")\n"
        "with urllib.request.urlopen(request, timeout=10) as answer:\n"
        "    chart = json.load(answer)\n"
        "print(chart['angles']['ascendant'])\n"
    )
