"""What must be true before a role starts: settings that agree, a state folder of our own, a secret, free ports."""

from __future__ import annotations

import base64
import fcntl
import ipaddress
import os
import secrets
import socket
import tempfile
from pathlib import Path

from backend.errors import ServiceError
from backend.settings import Settings

SHORTEST_SECRET = 32
WILDCARDS = frozenset({"0.0.0.0", "::"})
FEWEST_DIFFERENT_CHARACTERS = 10
LEFT_OVER_SECONDS = 60.0
_DRAFT = ".secret-"


class StartRefused(ServiceError):
    """Something in settings or surroundings forbids the start; ``str()`` says what and how to mend it."""

    code = "start_refused"


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_problem(settings: Settings) -> str | None:
    """Why these listeners may not start in the clear, or None."""
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        return "ASTROLABE_TLS_CERTIFICATE and ASTROLABE_TLS_KEY belong together: set both or neither."
    for path in (settings.tls_certificate, settings.tls_key):
        if path is not None and not path.is_file():
            return f"The TLS file {path} cannot be found; check ASTROLABE_TLS_CERTIFICATE and ASTROLABE_TLS_KEY."
    return _public_problem(settings) or _clear_problem(settings)


def _public_problem(settings: Settings) -> str | None:
    """The console answers to its own name alone, so it has to know that name."""
    wildcard = settings.console_host in WILDCARDS
    if settings.public_url or not (wildcard or settings.trusted_proxy):
        return None
    why = f"ASTROLABE_CONSOLE_HOST={settings.console_host} is every address" if wildcard else "A trusted proxy has a name of its own"
    return f"{why}: set ASTROLABE_PUBLIC_URL to the address that people type, for example https://astrolabe.example.org."


def _clear_problem(settings: Settings) -> str | None:
    if settings.tls_certificate or settings.trusted_proxy:
        return None
    for name, host in (("ASTROLABE_API_HOST", settings.api_host), ("ASTROLABE_CONSOLE_HOST", settings.console_host)):
        if not is_loopback(host):
            return (
                f"{name}={host} is reachable from other machines without TLS: set ASTROLABE_TLS_CERTIFICATE and ASTROLABE_TLS_KEY, "
                "or ASTROLABE_TRUSTED_PROXY when a proxy ends TLS."
            )
    return None


def prepare_state_folder(folder: Path) -> None:
    """Make it, for ourselves alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StartRefused(
            f"The state folder {folder} cannot be written ({error.strerror}); mend its owner or set ASTROLABE_STATE_DIR."
        ) from error


def secret_problem(text: str) -> str | None:
    """Why this secret is too weak, or None."""
    if len(text) < SHORTEST_SECRET:
        return f"The secret has fewer than {SHORTEST_SECRET} characters"
    if len(set(text)) < FEWEST_DIFFERENT_CHARACTERS:
        return f"The secret has fewer than {FEWEST_DIFFERENT_CHARACTERS} different characters"
    return None


def secret(settings: Settings) -> str:
    """The one secret of this installation: the setting, else the file in the state folder, made at the first start."""
    text = settings.secret_key.get_secret_value()
    if text:
        where = "set ASTROLABE_SECRET_KEY to 48 random characters, the same in every role."
    else:
        prepare_state_folder(settings.state_dir)
        path = settings.state_dir / "secret"
        text = _made_once(path)
        where = f"move {path} away to have a new one made (sessions and stored cases of the old one end)."
    problem = secret_problem(text)
    if problem:
        raise StartRefused(f"{problem}; {where}")
    return text


def _made_once(path: Path) -> str:
    """Read the file, or write it whole or not at all; of two that do so at once, one wins and both read the same."""
    if not path.exists():
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=_DRAFT)  # mkstemp: 0600
        with os.fdopen(handle, "w") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(48)).decode())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return path.read_text().strip()
        finally:
            Path(name).unlink()
    return path.read_text().strip()


def clear_left_over(folder: Path, now: float) -> list[Path]:
    """Remove drafts of the secret whose writer was ended in the middle; a minute is long enough for one that is at work."""
    left = [path for path in folder.glob(f"{_DRAFT}*") if now - path.stat().st_mtime > LEFT_OVER_SECONDS]
    for path in left:
        path.unlink(missing_ok=True)
    return left


def listener(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket, or the port and the setting by name."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StartRefused(
            f"Port {port} on {host} cannot be used ({reason.lower()}); end what uses it or set {setting} to another."
        ) from error
    return listening


def port_is_free(host: str, port: int, setting: str) -> None:
    """StartRefused unless somebody could listen there now."""
    listener(host, port, setting).close()


def lock_state_folder(folder: Path) -> int:
    """Hold the folder for this process; the kernel lets go when it ends, however it ends. The file tells who that is."""
    handle = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise StartRefused(
            f"Another `run` already uses the state folder {folder}; stop it first or set ASTROLABE_STATE_DIR to another."
        ) from error
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle
