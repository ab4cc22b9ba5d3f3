"""How long a session lives: pure rules."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.accounts.operator import Session

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
NOTICED_EVERY = timedelta(minutes=1)
MOST_PER_OPERATOR = 5


def over_because(session: Session, now: datetime) -> str | None:
    """Why the session is past its time ('idle', 'absolute'), or None."""
    if now >= session.expires_at:
        return "absolute"
    return "idle" if now - session.last_active_at >= IDLE else None


def is_live(session: Session, now: datetime) -> bool:
    """Whether its token still opens the door."""
    return session.ended_at is None and session.operator.is_enabled and over_because(session, now) is None


def worth_noticing(session: Session, now: datetime) -> bool:
    """Whether activity now should be written down; not more than once a minute."""
    return now - session.last_active_at >= NOTICED_EVERY


def displaced(live_newest_first: list[Session]) -> list[Session]:
    """Which end so that one more may begin."""
    return live_newest_first[MOST_PER_OPERATOR - 1 :]
