"""Loaded by every Python process of a watched product: writes down each connection it opens, and whether the pipeline opened it."""

import json
import os
import sys
from types import FrameType
from typing import Any

PIPELINE = "/backend/resilience/"


def inside_pipeline(frame: FrameType | None) -> bool:
    """Whether an attempt of a dependency's pipeline stands somewhere on the stack."""
    while frame is not None:
        if PIPELINE in frame.f_code.co_filename and frame.f_code.co_qualname.startswith(("Dependency.", "Pipeline.", "Hedge")):
            return True
        frame = frame.f_back
    return False


def opener(frame: FrameType | None) -> str:
    """The innermost module of ours on the stack."""
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.split(".")[0] in ("backend", "components", "pages", "app"):
            return name
        frame = frame.f_back
    return ""


def watch(path: str) -> None:
    """From now on, for as long as this process lives; an audit hook cannot be taken away."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "socket.connect":
            return
        frame = sys._getframe(1)
        address = arguments[1]
        text = address if isinstance(address, str) else address.decode() if isinstance(address, bytes) else f"{address[0]}:{address[1]}"
        line = {"process": " ".join(sys.argv[:3]), "address": text, "inside": inside_pipeline(frame), "opener": opener(frame)}
        os.write(descriptor, json.dumps(line).encode() + b"\n")

    sys.addaudithook(hook)


if os.environ.get("ASTROLABE_TEST_CONNECTIONS"):
    watch(os.environ["ASTROLABE_TEST_CONNECTIONS"])
