"""The real application in a process of its own, over stand-ins, and visitors who sign in to it."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from tests.console import fakes
from tests.support.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
WAYS = ("uvicorn", "streamlit")


@contextmanager
def console(way: str, state: str = "fresh") -> Iterator[str]:
    """Its address, while it runs. What it prints goes to a file, as a full pipe would stop it."""
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "tests.console.serve", way, str(port), state]
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(command, cwd=ROOT, stdout=printed, stderr=subprocess.STDOUT)
        try:
            _wait(base, process, printed)
            yield base
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(base: str, process: subprocess.Popen[bytes], printed: IO[bytes]) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        if process.poll() is not None:
            printed.seek(0)
            raise AssertionError(f"the console ended: {printed.read()[-2000:].decode(errors='replace')}")
        try:
            if httpx.get(f"{base}/livez", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the console did not start")


def visitor(base: str) -> httpx.Client:
    """A browser without session, that sends what browsers send with their own forms."""
    return httpx.Client(base_url=base, trust_env=False, headers={"origin": base, "sec-fetch-site": "same-origin"})


def hidden(page: str, name: str = "token") -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page[:400]
    return found[1]


def sign_in(client: httpx.Client, name: str, password: str = fakes.PASSWORD, next_address: str = "/") -> httpx.Response:
    page = client.get("/login", params={"next": next_address}).text
    fields = {"token": hidden(page), "next": hidden(page, "next"), "name": name, "password": password}
    return client.post("/login", data=fields)


def cookie_of(base: str, name: str) -> str:
    """The Cookie header of an operator who has signed in."""
    with visitor(base) as client:
        answer = sign_in(client, name)
        assert answer.status_code == 303, answer.text[:300]
        return f"astrolabe_session={client.cookies['astrolabe_session']}"
