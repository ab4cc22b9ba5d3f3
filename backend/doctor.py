"""What is wrong with settings and stores, in words, and how to mend it: one small check each, none of which changes anything."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from backend import preflight
from backend.charts.engine.files import FileProblem, check_files, check_zones
from backend.doctor_sources import logs, metrics
from backend.errors import ServiceError
from backend.finding import Finding, run_is_on
from backend.probe import alive
from backend.settings import Settings
from backend.storage.database import Database
from backend.storage.migrate import pending
from backend.storage.shared import SharedState
from backend.storage.valkey_server import answers, binary


def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order in which a start would meet them."""
    checks: tuple[Callable[[Settings], Finding], ...] = (
        tls,
        state_folder,
        secret,
        database,
        schema,
        valkey,
        partial(port, "api"),
        partial(port, "console"),
        metrics,
        logs,
        ephemeris,
        time_zones,
        place_index,
    )
    return [check(settings) for check in checks]


def tls(settings: Settings) -> Finding:
    problem = preflight.tls_problem(settings)
    return Finding(
        "tls", problem is None, problem or "Listeners are on loopback or behind TLS.", "Set what the sentence names." if problem else ""
    )


def state_folder(settings: Settings) -> Finding:
    folder = settings.state_dir
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        mend = f"Give {nearest} to the user who runs Astrolabe, or set ASTROLABE_STATE_DIR to a folder that can be written."
        return Finding(
            "state_folder", False, f"The state folder {folder} cannot be written: {(error.strerror or 'unknown reason').lower()}.", mend
        )
    words = (
        f"The state folder {folder} can be written."
        if nearest == folder
        else f"The state folder {folder} is not there yet; `run` makes it."
    )
    return Finding("state_folder", True, words)


def secret(settings: Settings) -> Finding:
    given, path = settings.secret_key.get_secret_value(), settings.state_dir / "secret"
    if not given:
        try:
            given = path.read_text().strip()
        except FileNotFoundError:
            return Finding("secret", True, "There is no secret yet; `run` makes one.")
        except (OSError, ValueError):
            return Finding(
                "secret", False, f"The secret in {path} cannot be read.", f"Give {path} to the user who runs Astrolabe, mode 0600."
            )
    problem = preflight.secret_problem(given)
    if problem:
        mend = "Set ASTROLABE_SECRET_KEY to 48 random characters, the same in every role, or move the file away to have a new one made."
        return Finding("secret", False, f"{problem}.", mend)
    return Finding("secret", True, "The secret is long enough.")


def database(settings: Settings) -> Finding:
    if _not_made_yet(settings):
        return Finding("database", True, "The SQLite file is not there yet; `run` makes it.")
    try:
        with _opened(settings) as opened:
            opened.ping()
    except ServiceError as error:
        mend = "Check ASTROLABE_DATABASE_URL: host, port, name, user and password; start the database."
        return Finding("database", False, f"The database cannot be used: {error.detail}.", mend)
    return Finding("database", True, "The database answers.")


def schema(settings: Settings) -> Finding:
    mend = "Run `python -m backend migrate` (or `run`, which does it first)."
    if _not_made_yet(settings):
        return Finding("schema", False, "The migrations have not been applied: there is no database yet.", mend)
    try:
        with _opened(settings) as opened:
            behind = pending(opened)
    except ServiceError as error:
        return Finding(
            "schema",
            False,
            f"The schema cannot be told: {error.detail}.",
            "Mend the database first; a newer schema needs the newer version.",
        )
    return Finding("schema", not behind, "Migrations are missing." if behind else "The schema is of this version.", mend if behind else "")


def valkey(settings: Settings) -> Finding:
    if settings.valkey_url:
        return _valkey_elsewhere(settings.valkey_url)
    if answers(settings.valkey_socket):
        return Finding("valkey", True, "The embedded Valkey answers.")
    if run_is_on(settings):
        return Finding(
            "valkey",
            False,
            "The embedded Valkey does not answer.",
            f"`run` restarts it; see {settings.state_dir / 'valkey' / 'valkey.log'}.",
        )
    try:
        version = subprocess.run([binary(), "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (ServiceError, OSError, subprocess.SubprocessError) as error:
        return Finding(
            "valkey",
            False,
            f"The embedded Valkey cannot be started: {error}.",
            "Install the requirements again, or set ASTROLABE_VALKEY_URL.",
        )
    return Finding("valkey", True, f"The embedded Valkey is not running; `run` starts it ({' '.join(version.split()[:3])}).")


def _valkey_elsewhere(url: str) -> Finding:
    mend = "Check ASTROLABE_VALKEY_URL and start that server; charts go on without it, circuits are then each process's own."
    try:
        shared = SharedState(url, connect_timeout=1.0, read_timeout=1.0)
        shared.ping()
    except (ServiceError, ValueError):
        return Finding("valkey", False, "Valkey is away: the server of ASTROLABE_VALKEY_URL does not answer.", mend)
    return Finding("valkey", True, "Valkey answers.")


def port(role: str, settings: Settings) -> Finding:
    host, number = (settings.api_host, settings.api_port) if role == "api" else (settings.console_host, settings.console_port)
    name, setting = f"{role}_port", f"ASTROLABE_{role.upper()}_PORT"
    if run_is_on(settings):
        if alive(host, number, tls=bool(settings.tls_certificate)):
            return Finding(name, True, f"Port {number} is ours and answers.")
        return Finding(
            name,
            False,
            f"Port {number} is ours but does not answer.",
            f"Wait for `run` to finish starting; see {settings.state_dir / 'log'}.",
        )
    try:
        preflight.port_is_free(host, number, setting)
    except ServiceError as error:
        return Finding(name, False, error.detail, f"End what uses port {number}, or set {setting} to another.")
    return Finding(name, True, f"Port {number} is free.")


def ephemeris(settings: Settings) -> Finding:
    return _files(
        "ephemeris", "The ephemeris files are there and unharmed.", check_files(settings.ephemeris_dir), f"{settings.ephemeris_dir}"
    )


def time_zones(settings: Settings) -> Finding:
    return _files(
        "time_zones", "The time-zone data are there and unharmed.", check_zones(settings.zoneinfo_dir), f"{settings.zoneinfo_dir}"
    )


def _files(name: str, good: str, problems: list[FileProblem], folder: str) -> Finding:
    if not problems:
        return Finding(name, True, good)
    words = f"Data files are not those of the release: {'; '.join(problem.detail for problem in problems)}."
    return Finding(name, False, words, f"Put the files of the release back into {folder} (`git checkout backend/charts/data`).")


def place_index(settings: Settings) -> Finding:
    if settings.place_index.is_file():
        return Finding("place_index", True, "The place index is there.")
    return Finding(
        "place_index", False, "The place index has not been built.", "Run `python -m backend migrate` (or `run`, which does it first)."
    )


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings.sql_url)
    try:
        yield database
    finally:
        database.close()


def _not_made_yet(settings: Settings) -> bool:
    return not settings.database_url and not (settings.state_dir / "astrolabe.db").exists()
