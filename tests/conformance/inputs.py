"""Hostile inputs (``bad_inputs.json`` and any list of its form) against a running API.

``ASTROLABE_CONFORMANCE_API`` is its address, ``ASTROLABE_CONFORMANCE_KEY`` a key with the scope 'charts'.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import unicodedata
from typing import Any
from urllib.parse import quote, urlencode

from tests.conformance.outcome import Tally
from tests.conformance.wire import Answer, Message, send

PARTS = ("api",)
NOT_BUILT = ("console",)
SECONDS = 2.0
BASE: dict[str, Any] = {
    "name": "A",
    "date": "1990-06-15",
    "time": "14:30:00",
    "latitude": 51.5,
    "longitude": -0.1,
    "time_zone": "Europe/London",
    "house_system": "placidus",
    "zodiac": "tropical",
}
NAMES = {"timezone": "time_zone", "path": "body"}
_LITERAL = "\x00literal\x00"
_INSIDE = re.compile(r"Traceback|\.py\b|site-packages|/(?:usr|root|home)/")

Entry = dict[str, Any]


def is_format(content: object) -> bool:
    return (
        isinstance(content, list)
        and bool(content)
        and all(isinstance(one, dict) and {"id", "where", "expect"} <= set(one) for one in content)
    )


def check(content: list[Entry], parts: list[str], tally: Tally) -> None:
    del parts  # there is one
    api, key = os.environ.get("ASTROLABE_CONFORMANCE_API", "http://127.0.0.1:8000"), os.environ.get("ASTROLABE_CONFORMANCE_KEY", "")
    for entry in content:
        if entry["where"].startswith("api."):
            tally.entry(entry["id"], differences(entry, api.rstrip("/"), key))


def differences(entry: Entry, api: str, key: str) -> list[str]:
    """How the API's answer to ``entry`` differs from what is expected of it; nothing: it does not."""
    try:
        answer = send(api, message_of(entry, key))
    except OSError as error:
        return [f"expected {entry['expect']}, got no answer: {error}"]
    found = [f"expected {entry['expect']}, got {answer.status} {answer.text[:200]}"] if not _as_expected(entry, answer) else []
    return found + _always(answer) + _still_serving(api)


def _as_expected(entry: Entry, answer: Answer) -> bool:
    return any(_is(outcome, entry, answer) for outcome in str(entry["expect"]).split("|"))


def _is(outcome: str, entry: Entry, answer: Answer) -> bool:
    match outcome:
        case "422-field":
            return answer.status == 422 and _names_the_field(entry, answer)
        case "accept-escaped":
            return answer.status == 200 and json.loads(answer.body)["name"] == unicodedata.normalize("NFC", _plain(entry["value"]))
        case "accept-normalised":
            return answer.status == 200 and not re.search(r"[:,\[ ]-0(\.0*)?[,}\] ]", answer.text) and "set-cookie" not in answer.headers
        case _:
            return answer.status == int(outcome)


def _names_the_field(entry: Entry, answer: Answer) -> bool:
    name = NAMES.get(entry["field"], entry["field"])
    members = json.loads(answer.body).get("errors", [])
    named = any(name in (member["name"], member["pointer"].removeprefix("/")) for member in members)
    return bool(members) and (named or name == "body") and not _echoed(entry["value"], answer)


def _echoed(value: Any, answer: Answer) -> bool:
    return isinstance(value, str) and len(value.strip()) > 3 and value in answer.text


def _always(answer: Answer) -> list[str]:
    """What holds for every answer."""
    found = [f"a server error: {answer.status}"] if answer.status >= 500 and answer.status != 501 else []
    found += [f"took {answer.seconds:.2f} s"] if answer.seconds > SECONDS else []
    found += ["it tells of our insides"] if _INSIDE.search(answer.text) else []
    if answer.status >= 400 and answer.headers.get_content_type() != "application/problem+json":
        found.append(f"not a problem document: {answer.headers.get_content_type()}")
    return found


def _still_serving(api: str) -> list[str]:
    try:
        return [] if send(api, Message("GET", "/livez")).status == 200 else ["the next request fails"]
    except OSError as error:
        return [f"the next request fails: {error}"]


def message_of(entry: Entry, key: str) -> Message:
    """The request that carries the entry's value to where it belongs."""
    field, value = entry["field"], entry["value"]
    secret = (("Authorization", f"Bearer {key}"),)
    match entry["where"]:
        case "api.chart":
            return _chart(field, value, secret)
        case "api.header":
            return _header(field, _plain(value), secret)
        case "api.path":
            return Message("GET", "/v1" + quote(_plain(value), safe="/%?&=;:@!$'()*+,-._~"), secret)
        case "api.query":
            return Message("GET", "/v1/places?" + urlencode({"q": "London", field: _plain(value)}, errors="surrogatepass"), secret)
    raise ValueError(f"no such place: {entry['where']}")


def _header(field: str, value: str, secret: tuple[tuple[str, str], ...]) -> Message:
    body = json.dumps(BASE).encode()
    if field.lower() == "transfer-encoding":
        return Message(
            "POST", "/v1/charts", (*secret, *_JSON, (field, value)), f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n", False
        )
    kept = tuple(pair for pair in (*secret, *_JSON) if pair[0].lower() != field.lower())
    return Message("POST", "/v1/charts", (*kept, (field, value)), body)


_JSON = (("Content-Type", "application/json"),)


def _chart(field: str, value: Any, secret: tuple[tuple[str, str], ...]) -> Message:
    headers = (*secret, *_JSON)
    if field != "body":
        return Message("POST", "/v1/charts", headers, _with_field(NAMES.get(field, field), value))
    if "$chunked_no_end" in value:
        return Message("POST", "/v1/charts", (*headers, ("Transfer-Encoding", "chunked")), b'5\r\n{"nam\r\n', framed=False)
    if "$gzip_bomb" in value:
        return Message("POST", "/v1/charts", (*headers, ("Content-Encoding", "gzip")), gzip.compress(bytes(value["$gzip_bomb"])))
    return Message("POST", "/v1/charts", headers, _body(value))


def _with_field(field: str, value: Any) -> bytes:
    """The valid request with one field changed; a literal stands unquoted."""
    if isinstance(value, dict) and "$literal" in value:
        text = json.dumps({**BASE, field: _LITERAL}).replace(json.dumps(_LITERAL), value["$literal"])
        return text.encode("utf-8", "surrogatepass")
    return _json({**BASE, field: _repeated(value)})


def _json(value: Any) -> bytes:
    """In UTF-8; a lone surrogate, which UTF-8 cannot hold, as an escape."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def _body(value: Any) -> bytes:
    match value:
        case {"$raw_body": str(text)}:
            return text.replace('"timezone"', '"time_zone"').encode("utf-8", "surrogatepass")
        case {"$raw_body_b64": str(text)}:
            return base64.b64decode(text)
        case {"$raw_repeat": [str(opening), int(count), str(closing)]}:
            return (opening * count + closing * count).encode()
        case {"$raw_repeat": [str(opening), int(count), str(middle), str(closing)]}:
            return (opening * count + middle + closing * count).encode()
        case {"$raw_pad": [str(head), str(unit), int(count), str(tail)]}:
            return (head + unit * count + tail).encode()
        case _:
            return _json({f"k{number}": 0 for number in range(value["$many_keys"])} if "$many_keys" in value else value)


def _repeated(value: Any) -> Any:
    return value["$repeat"][0] * value["$repeat"][1] if isinstance(value, dict) and "$repeat" in value else value


def _plain(value: Any) -> str:
    value = _repeated(value)
    return value if isinstance(value, str) else json.dumps(value)
