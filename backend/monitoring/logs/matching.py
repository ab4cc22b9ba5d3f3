"""What is asked for, as each database's full-text search reads it. Pure.

Words are letters and digits of ASCII alone (words.py), so that no text that anybody types can be taken for an operator.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.monitoring.logs.words import Wanted


@dataclass(frozen=True)
class Index:
    """How one kind of database searches: the column of the key, its condition with the place ':asked', and two statements."""

    key: str
    condition: str
    adding: str
    removing: str


SQLITE = Index(
    "log_words.rowid",
    "log_words MATCH :asked",
    "INSERT INTO log_words (rowid, words) VALUES (:key, :words)",
    "DELETE FROM log_words WHERE rowid < :end",
)
POSTGRESQL = Index(
    "log_words.id",
    "log_words.words @@ CAST(:asked AS tsquery)",
    "INSERT INTO log_words (id, words) VALUES (:key, array_to_tsvector(string_to_array(:words, ' ')))",
    "DELETE FROM log_words WHERE id < :end",
)


def for_sqlite(asked: Wanted) -> str:
    """The expression of FTS5."""
    parts = [_quoted(word) for word in asked.all] + [f"{_quoted(start)}*" for start in asked.starts]
    if asked.any:
        parts.append(f"({' OR '.join(map(_quoted, asked.any))})")
    text = " AND ".join(parts)
    return f"({text}) NOT ({' OR '.join(map(_quoted, asked.none))})" if asked.none else text


def for_postgresql(asked: Wanted) -> str:
    """The tsquery as it is written down."""
    parts = [f"'{word}'" for word in asked.all] + [f"'{start}':*" for start in asked.starts] + [f"!'{word}'" for word in asked.none]
    if asked.any:
        parts.append("(" + " | ".join(f"'{word}'" for word in asked.any) + ")")
    return " & ".join(parts)


def _quoted(word: str) -> str:
    return f'"{word}"'
