"""Circuit breakers from the command line: what they do now, and the acts that the console has too."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from backend.commands.actor import COMMAND_LINE
from backend.commands.answers import answer
from backend.commands.circuit_words import described, line
from backend.commands.wired import known, wired
from backend.documents import plain
from backend.errors import InvalidRequest
from backend.operations.order_record import OrderRecord

breakers = typer.Typer(help="Circuit breakers: what they do, and what operators order of them.", no_args_is_help=True)
policy = typer.Typer(help="The policy of a dependency: show, change, revert.", no_args_is_help=True)
breakers.add_typer(policy, name="policy")

Circuit = Annotated[str, typer.Argument(help="The circuit's name, for example geocoder.")]
Reason = Annotated[str, typer.Option(help="Why; 10 to 500 characters, kept in the audit log.")]
Minutes = Annotated[int, typer.Option(help="When it ends by itself, 1 to 1440.")]
Epoch = Annotated[int | None, typer.Option("--expected-epoch", help="Refuse if somebody ordered something else meanwhile.")]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]


@breakers.command(name="list")
def list_circuits(json: Json = False) -> None:
    """Every circuit and its state, those of other services in the fleet too."""
    with wired() as services:
        views = known(services.circuits.circuits(COMMAND_LINE)) or []
    answer({"circuits": views}, "\n".join(line(view) for view in views) or "No dependency is configured.", json=json)


@breakers.command()
def show(circuit: Circuit, json: Json = False) -> None:
    """One circuit in full."""
    with wired() as services:
        view = known(services.circuits.circuit(COMMAND_LINE, circuit))
    answer({"circuit": view}, "\n".join(described(view)) if view else "Nothing is known of it yet.", json=json)


@breakers.command()
def isolate(circuit: Circuit, reason: Reason, minutes: Minutes = 30, expected_epoch: Epoch = None, json: Json = False) -> None:
    """Stop all calls of this dependency, in every process."""
    with wired() as services:
        record = services.circuits.isolate(COMMAND_LINE, circuit, reason, minutes, expected_epoch)
    _ordered(record, f"{circuit} is isolated", json=json)


@breakers.command(name="force-open")
def force_open(circuit: Circuit, reason: Reason, minutes: Minutes = 30, expected_epoch: Epoch = None, json: Json = False) -> None:
    """Refuse all calls of this dependency as an open circuit does."""
    with wired() as services:
        record = services.circuits.force_open(COMMAND_LINE, circuit, reason, minutes, expected_epoch)
    _ordered(record, f"{circuit} is forced open", json=json)


@breakers.command()
def disable(circuit: Circuit, reason: Reason, minutes: Minutes = 30, expected_epoch: Epoch = None, json: Json = False) -> None:
    """Let all calls through, whatever becomes of them."""
    with wired() as services:
        record = services.circuits.disable(COMMAND_LINE, circuit, reason, minutes, expected_epoch)
    _ordered(record, f"{circuit} is disabled", json=json)


@breakers.command(name="metrics-only")
def metrics_only(circuit: Circuit, reason: Reason, minutes: Minutes = 30, expected_epoch: Epoch = None, json: Json = False) -> None:
    """Let all calls through, and tell when the circuit would have opened."""
    with wired() as services:
        record = services.circuits.metrics_only(COMMAND_LINE, circuit, reason, minutes, expected_epoch)
    _ordered(record, f"{circuit} counts only", json=json)


@breakers.command()
def release(circuit: Circuit, reason: Reason, expected_epoch: Epoch = None, json: Json = False) -> None:
    """End what an operator holds it by."""
    with wired() as services:
        record = services.circuits.release(COMMAND_LINE, circuit, reason, expected_epoch)
    _ordered(record, f"{circuit} is released", json=json)


@breakers.command()
def reset(circuit: Circuit, reason: Reason, expected_epoch: Epoch = None, json: Json = False) -> None:
    """Close the circuit and forget what it saw, in every process."""
    with wired() as services:
        record = services.circuits.reset(COMMAND_LINE, circuit, reason, expected_epoch)
    _ordered(record, f"{circuit} is reset", json=json)


@policy.command(name="show")
def show_policy(circuit: Circuit, json: Json = False) -> None:
    """The policy in force, as a document to change."""
    with wired() as services:
        view = known(services.circuits.circuit(COMMAND_LINE, circuit))
    document = plain(view.policy.document) if view else None
    answer({"policy": view.policy if view else None}, orjson.dumps(document, option=orjson.OPT_INDENT_2).decode(), json=json)


@policy.command(name="change")
def change_policy(
    circuit: Circuit,
    file: Annotated[Path, typer.Argument(help="A JSON document as `policy show` prints it; `-` reads the standard input.")],
    reason: Reason,
    expected_epoch: Epoch = None,
    json: Json = False,
) -> None:
    """Put another policy in force, in every process."""
    document = _document(file)
    with wired() as services:
        record = services.circuits.change_policy(COMMAND_LINE, circuit, document, reason, expected_epoch)
    _ordered(record, f"{circuit} goes by the new policy", json=json)


@policy.command(name="revert")
def revert_policy(circuit: Circuit, reason: Reason, expected_epoch: Epoch = None, json: Json = False) -> None:
    """Take the last change back."""
    with wired() as services:
        record = services.circuits.revert_policy(COMMAND_LINE, circuit, reason, expected_epoch)
    _ordered(record, f"{circuit} goes by the policy before", json=json)


@breakers.command()
def export(circuit: Annotated[str, typer.Argument(help="One circuit; left out: all.")] = "", json: Json = False) -> None:
    """All that is known, as JSON: circuits, moves, orders."""
    with wired() as services:
        document = services.circuits.export(COMMAND_LINE, circuit or None)
    answer(document, orjson.dumps(document, option=orjson.OPT_INDENT_2).decode(), json=json)


def _ordered(record: OrderRecord, words: str, *, json: bool) -> None:
    until = f" until {record.expires_at:%Y-%m-%d %H:%M:%S} UTC" if record.expires_at else ""
    told = "" if record.applied_at else " The shared state store is away: this is recorded, and applied when it is back."
    answer({**plain(record), "kind": record.kind}, f"{words}{until}.{told}", json=json)


def _document(file: Path) -> dict[str, Any]:
    try:
        text = typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text("utf-8")
        found = orjson.loads(text)
    except (OSError, UnicodeDecodeError, orjson.JSONDecodeError) as error:
        raise InvalidRequest.of("file", "not_json", f"{file} cannot be read as JSON.") from error
    if not isinstance(found, dict):
        raise InvalidRequest.of("file", "not_an_object", f"{file} holds no JSON object.")
    return found
