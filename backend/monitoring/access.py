"""Where a metrics server is, and how we are let in."""

from __future__ import annotations

import base64
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Access:
    """``kind`` 'embedded' is our own server on loopback, 'prometheus' one by URL, which may have a path. Of ``token`` and
    ``user`` with ``password`` at most one is given; ``ca`` is whom to trust, ``certificate`` and ``key`` who we are (PEM files)."""

    kind: Literal["embedded", "prometheus"]
    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def headers(self) -> dict[str, str]:
        """What lets us in, as a header of each request."""
        if self.token:
            return {"authorization": f"Bearer {self.token}"}
        if self.user:
            return {"authorization": f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"}
        return {}

    def tls(self) -> ssl.SSLContext | None:
        """None: the usual. OSError when a file cannot be read, ssl.SSLError when it is none."""
        if self.ca is None and self.certificate is None:
            return None
        context = ssl.create_default_context(cafile=self.ca)
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context
