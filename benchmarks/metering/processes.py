"""What a server and its children have used: processor time and memory, as the kernel counts them."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            fields = _stat(int(folder.name))
            if fields:
                parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found, ahead = [], [pid]
    while ahead:
        found.append(ahead.pop())
        ahead += parents.get(found[-1], [])
    return found


def cpu_seconds(pids: list[int]) -> float:
    """User and system time so far."""
    return sum((int(fields[11]) + int(fields[12])) / _TICKS for fields in map(_stat, pids) if fields)


def forget_peak(pids: list[int]) -> None:
    """Their highest memory is counted anew from now on."""
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_megabytes(pids: list[int]) -> float:
    """The highest resident memory of the largest of them since the last ``forget_peak``."""
    return max(_peak_kilobytes(pid) for pid in pids) / 1024


def _peak_kilobytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _stat(pid: int) -> list[str]:
    """The fields after the name; the second is the parent, the twelfth and thirteenth are ticks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
