"""Names of answers: keyed digests, as a plain digest of a birth could be found again by trying all births."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

_CODE = Path(__file__).resolve().parent.parent


class Keys:
    """Digests under the installation's secret; those of answers also under all versions that an answer depends on."""

    def __init__(self, secret: str, versions: Iterable[str]) -> None:
        self._secret = hashlib.sha256(b"astrolabe: names of answers, 1\n" + secret.encode()).digest()
        self._versions = hashlib.sha256("\n".join(versions).encode()).digest()

    def of_answer(self, resource: str, meaning: bytes) -> bytes:
        """The name of the answer to a request of that canonical form, in this version of everything."""
        return self._digest(self._versions + resource.encode() + b"\n" + meaning)

    def of_text(self, resource: str, text: bytes) -> bytes:
        """The name of a request as it was written."""
        return self._digest(resource.encode() + b"\n" + text)

    def _digest(self, data: bytes) -> bytes:
        return hashlib.blake2b(data, digest_size=32, key=self._secret).digest()


def code_digest(folder: Path = _CODE) -> str:
    """SHA-256 over the code that makes the answers: a changed rule or document is another version without anybody's remembering it."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
