"""The console's security headers: values only, computed from the installed Streamlit page and the address that was asked."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# Emotion makes an empty <style> and fills it through CSSOM; a touch rule of the page's own UI library comes second; third are the
# styles of the maps that Plotly could draw, which its script puts into every page with a chart.
_STYLES = (
    "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o=",
    "sha256-2GF9hCGTDj/GGFNlQA54jDdMGl2fvoeZmZjAvBSiAtM=",
)
# The attribute by which Plotly keeps heat maps from being drawn smoothed.
_ATTRIBUTE = "sha256-AR/cKIZjWPcPmBUPDA6oti9XBiTbJvz0Cro2J1VzzS8="

STANDING = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),  # 'no-referrer' would make browsers send 'Origin: null' with our own forms
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
STRICT_TRANSPORT = ("strict-transport-security", "max-age=31536000; includeSubDomains")


@dataclass(frozen=True)
class Origin:
    """Where a browser reaches us: scheme and host with port, as it must stand in a policy."""

    scheme: str
    host: str

    @property
    def text(self) -> str:
        return f"{self.scheme}://{self.host}"

    @property
    def websocket(self) -> str:
        return f"{'wss' if self.secure else 'ws'}://{self.host}"

    @property
    def secure(self) -> bool:
        return self.scheme == "https"


def digest(text: str) -> str:
    """A CSP source that allows exactly this inline text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def inline_scripts(index_html: str) -> tuple[str, ...]:
    """The hash of each inline script of Streamlit's page: it changes with Streamlit's version, so it is read, not written down."""
    return tuple(digest(script) for script in _INLINE_SCRIPT.findall(index_html))


def installed_page() -> str:
    """Streamlit's own index.html as installed here."""
    import streamlit

    return (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")


def console(origin: Origin, scripts: tuple[str, ...]) -> str:
    """The tightest policy under which Streamlit's page works: no unsafe source, Trusted Types on."""
    at = origin.text
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {at}/static/js/ {_quoted(scripts)}",
            f"style-src {at}/static/css/ {_quoted(_STYLES)}",
            f"style-src-attr 'unsafe-hashes' {_quoted((_ATTRIBUTE,))}",
            f"img-src {at}/favicon.png data:",
            f"font-src {at}/static/media/",
            f"connect-src {at}/_stcore/ {at}/media/ {origin.websocket}/_stcore/stream",
            *_CLOSED,
            "object-src 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def own_page(style: str) -> str:
    """For the pages without script that we write ourselves, with their one style."""
    return "; ".join(("default-src 'none'", f"style-src {_quoted((digest(style),))}", "img-src data:", *_CLOSED))


_CLOSED = ("base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'")


def _quoted(sources: tuple[str, ...]) -> str:
    return " ".join(f"'{source}'" for source in sources)
