"""A browser's part of the console's websocket, without a browser: ask for a page, read what is drawn, send widget events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


class Refused(Exception):
    """The websocket was not opened, or was closed before the run ended."""


@dataclass
class Drawn:
    """What one run drew: all its words, and the ids of its widgets by label."""

    words: list[str] = field(default_factory=list)
    widgets: dict[str, str] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    size: int = 0

    @property
    def text(self) -> str:
        return "\n".join(self.words)


class Page:
    """One open page of one visitor."""

    def __init__(self, base: str, cookie: str | None = None, origin: str | None = None) -> None:
        headers = {"Cookie": cookie} if cookie else {}
        address = base.replace("http", "ws", 1) + "/_stcore/stream"
        try:
            self._socket = connect(
                address,
                origin=origin or base,
                subprotocols=["streamlit"],
                additional_headers=headers,
                proxy=None,
                max_size=None,
                open_timeout=10,
            )  # type: ignore[arg-type]
        except Exception as error:
            raise Refused(str(error)) from error
        self._base = base

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_error: Any) -> None:
        self._socket.close()

    def ask(self, name: str = "", script_hash: str = "", query: str = "", fragment: str = "", click: str = "") -> Drawn:
        """One run of the script, asked for by page name or by script hash, perhaps with a click on the widget of that id."""
        message = BackMsg()
        run = message.rerun_script
        run.query_string, run.page_script_hash, run.page_name, run.fragment_id = query, script_hash, name, fragment
        run.context_info.timezone, run.context_info.locale, run.context_info.url = "UTC", "en-US", f"{self._base}/{name}"
        run.context_info.color_scheme = "light"
        if click:
            widget = run.widget_states.widgets.add()
            widget.id, widget.trigger_value = click, True
        self._socket.send(message.SerializeToString())
        return self._read()

    def _read(self) -> Drawn:
        drawn = Drawn()
        while True:
            try:
                data = self._socket.recv(timeout=30)
            except Exception as error:
                raise Refused(str(error)) from error
            message = ForwardMsg()
            message.ParseFromString(data)
            drawn.size += len(data)
            kind = message.WhichOneof("type")
            if kind == "script_finished":
                return drawn
            if kind == "delta":
                _note(message.delta, drawn)
            if kind == "auto_rerun":
                drawn.fragments.append(message.auto_rerun.fragment_id)


def _note(delta: Any, drawn: Drawn) -> None:
    if delta.WhichOneof("type") != "new_element":
        return
    element = delta.new_element
    kind = element.WhichOneof("type")
    inside = getattr(element, kind)
    if hasattr(inside, "label") and hasattr(inside, "id"):
        drawn.widgets[inside.label] = inside.id
    for name in ("body", "label", "message"):
        value = getattr(inside, name, None)
        if isinstance(value, str) and value:
            drawn.words.append(value)
