"""Every setting: type, unit, default. Read once, in ``bootstrap``; everybody else is given plain values."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "backend" / "charts" / "data"
RULES = ROOT / "backend" / "monitoring" / "rules" / "shipped"
RUNNING_FILE = "running.env"
_NOT_KEPT = frozenset({"state_dir", "database_url", "valkey_url"})
_LONGEST_SOCKET_PATH = 107  # bytes; what the kernel allows a unix socket


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _without_password(url: str) -> str:
    if url and (not url.startswith(("http://", "https://")) or urlsplit(url).username is not None):
        raise ValueError("must begin with http:// or https:// and name no user; user and password have settings of their own")
    return url


StatePath = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    """Environment variables ``ASTROLABE_…`` (and a file ``.env`` beside ``app.py``). Empty values count as unset."""

    model_config = SettingsConfigDict(
        env_prefix="ASTROLABE_", env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    state_dir: StatePath = Field(ROOT / "var", description="Folder (0700) of the embedded stores, the secret and the place index.")
    database_url: str = Field("", description="SQLAlchemy URL; unset: SQLite in the state folder. `postgresql+psycopg://…` at scale.")
    valkey_url: str = Field("", description="`redis://`, `rediss://` or `unix://` URL; unset: the embedded Valkey in the state folder.")
    secret_key: SecretStr = Field(
        SecretStr(""), description="At least 32 characters, the same in every role; unset: kept in the state folder."
    )
    api_host: str = Field("127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(8000, ge=1, le=65535, description="Port of the API.")
    api_processes: int = Field(1, ge=1, le=64, description="API processes that `run` starts on that port.")
    api_url: str = Field("", description="Where the console reaches the API; unset: the address above.")
    console_host: str = Field("127.0.0.1", description="Address the console listens on.")
    console_port: int = Field(8501, ge=1, le=65535, description="Port of the console.")
    public_url: str = Field("", description="Scheme and host by which browsers reach the console; unset: the address above.")
    tls_certificate: StatePath | None = Field(None, description="PEM certificate chain for console and API.")
    tls_key: StatePath | None = Field(None, description="PEM key of that certificate.")
    trusted_proxy: str = Field("", description="Address of the one proxy whose forwarded headers count; it ends TLS.")
    geocoder_url: str = Field("", description="Base URL of a geocoder that speaks Nominatim's protocol; unset: the offline index alone.")
    geocoder_timeout_seconds: float = Field(1.5, gt=0, le=30, description="Longest wait for one answer of the geocoder.")
    ephemeris_dir: StatePath = Field(DATA / "ephemeris", description="Folder of the Swiss Ephemeris files, checked by SHA-256.")
    zoneinfo_dir: StatePath = Field(DATA / "zoneinfo", description="Folder of the compiled time-zone data, with history before 1970.")
    source_url: str = Field("", description="Where the source of this very version is offered (AGPL); unset: the console's own copy.")
    metrics_port: int = Field(9464, ge=1, le=65535, description="Loopback port of the embedded metrics server.")
    metrics_scrape_seconds: float = Field(5.0, ge=1, le=300, description="How often each process's figures are read, in seconds.")
    metrics_retention_days: float = Field(15.0, gt=0, le=3650, description="How long the embedded store keeps samples, in days.")
    metrics_megabytes: int = Field(2000, ge=10, le=1_000_000, description="Largest size of the embedded store; beyond it the oldest goes.")
    metrics_timeout_seconds: float = Field(10.0, gt=0, le=120, description="Longest wait for one answer of the metrics server.")
    metrics_rules_dir: StatePath = Field(RULES, description="Folder of the Prometheus rule files (*.yml) that the embedded store follows.")
    prometheus_url: Annotated[str, AfterValidator(_without_password)] = Field(
        "",
        validation_alias=AliasChoices("ASTROLABE_PROMETHEUS_URL", "PROMETHEUS_URL"),
        description="Prometheus server, or one that speaks its API, to read metrics from; unset: the embedded store.",
    )
    prometheus_user: str = Field("", description="User of that server, where it asks for one.")
    prometheus_password: SecretStr = Field(SecretStr(""), description="Password of that user.")
    prometheus_bearer_token: SecretStr = Field(SecretStr(""), description="Bearer token for that server, instead of a user.")
    prometheus_ca: StatePath | None = Field(None, description="PEM file of the authority to trust for that server.")
    prometheus_client_certificate: StatePath | None = Field(None, description="PEM certificate that we show to that server.")
    prometheus_client_key: StatePath | None = Field(None, description="PEM key of that certificate.")
    loki_url: Annotated[str, AfterValidator(_without_password)] = Field(
        "", description="Loki, or a server that speaks its API, to read log lines from; unset: our own log store."
    )
    loki_user: str = Field("", description="User of that server, where it asks for one.")
    loki_password: SecretStr = Field(SecretStr(""), description="Password of that user.")
    loki_bearer_token: SecretStr = Field(SecretStr(""), description="Bearer token for that server, instead of a user.")
    loki_selector: str = Field('{app="astrolabe"}', description="LogQL selector of the streams that hold our processes' lines.")
    loki_timeout_seconds: float = Field(10.0, gt=0, le=120, description="Longest wait for one answer of that server.")
    logs_retention_days: float = Field(7.0, gt=0, le=3650, description="How long our own store keeps log lines, in days.")
    logs_lines: int = Field(1_000_000, ge=1000, le=100_000_000, description="Most lines that our own store keeps; the oldest go.")
    log_file: StatePath | None = Field(
        None, description="File that this process's log lines go to; one that was moved away is begun anew. Unset: stderr."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least serious log line written.")
    otlp_url: Annotated[str, AfterValidator(_without_password)] = Field(
        "", description="Base URL of a collector that takes traces by OTLP over HTTP (at /v1/traces); unset: no traces are sent."
    )
    profile_share: float = Field(0.01, ge=0, le=1, description="Share of the requests that are worked for which is profiled; 0: none.")
    profile_slow_seconds: float = Field(0.5, gt=0, le=60, description="Time from which on a request's profile is kept.")
    demo: bool = Field(False, description="Set by `demo`: the banner, the local geocoder and the bounded traffic.")

    @property
    def sql_url(self) -> str:
        return self.database_url or f"sqlite:///{self.state_dir / 'astrolabe.db'}"

    @property
    def valkey_socket(self) -> Path:
        """Unix socket of the embedded Valkey; in a short folder of its own when the state folder's path is too long for one."""
        usual = self.state_dir / "valkey" / "valkey.sock"
        if len(os.fsencode(usual)) <= _LONGEST_SOCKET_PATH:
            return usual
        digest = hashlib.sha256(os.fsencode(self.state_dir)).hexdigest()[:12]
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        return runtime / f"astrolabe-{os.getuid()}-{digest}" / "valkey.sock"

    @property
    def shared_url(self) -> str:
        return self.valkey_url or f"unix://{self.valkey_socket}"

    @property
    def place_index(self) -> Path:
        return self.state_dir / "places.db"

    @property
    def metrics_file(self) -> Path:
        return self.state_dir / "metrics" / "metrics.db"

    @property
    def target_file(self) -> Path:
        return self.state_dir / "metrics" / "targets.json"

    @property
    def rules_state(self) -> Path:
        return self.state_dir / "metrics" / "rules.json"

    @property
    def log_dir(self) -> Path:
        """Where the processes that `run` starts write their lines, and the worker takes them from."""
        return self.state_dir / "log"

    @property
    def api_base(self) -> str:
        return (self.api_url or f"{self._scheme}://{_in_url(self.api_host)}:{self.api_port}").rstrip("/")

    @property
    def console_base(self) -> str:
        return (self.public_url or f"{self._scheme}://{_in_url(self.console_host)}:{self.console_port}").rstrip("/")

    @property
    def _scheme(self) -> str:
        return "https" if self.tls_certificate else "http"

    @classmethod
    def of_running(cls) -> Settings:
        """These settings, completed by those with which `run` or `demo` last started on the same state folder."""
        files = (ROOT / ".env", cls().state_dir / RUNNING_FILE)
        return cls(_env_file=files)

    def running_lines(self) -> str:
        """What `run` leaves for commands that are given less: no secret, and nothing that may hold one."""
        told = {name: value for name, value in self if name not in _NOT_KEPT and not isinstance(value, SecretStr)}
        kept = {name: value for name, value in told.items() if value not in (None, "") and "'" not in str(value)}
        return "".join(f"ASTROLABE_{name.upper()}='{_plain(value)}'\n" for name, value in kept.items())

    def child_environment(self) -> dict[str, str]:
        """The environment in which a role started by `run` reads these same settings."""
        mine = {f"ASTROLABE_{name.upper()}": _plain(value) for name, value in self if value not in (None, "")}
        return {**os.environ, **mine}


def _in_url(host: str) -> str:
    """A listener's address as one asks for it: every address is near by, and an IPv6 address stands in brackets."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{near}]" if ":" in near else near


def _plain(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(int(value)) if isinstance(value, bool) else str(value)
