"""What the job “sweep” does: parts that apps register, for what Celery missed and for what has been kept long enough."""

from collections.abc import Callable
from dataclasses import dataclass

from jobs.deadline import Deadline

Part = Callable[[Deadline], int]


@dataclass(frozen=True, slots=True)
class Sweep:
    """`part` does its work within the deadline, may be cut off anywhere, and returns how many things it dealt with."""

    name: str
    part: Part


_sweeps: dict[str, Sweep] = {}


def register_sweep(name: str, part: Part) -> None:
    _sweeps[name] = Sweep(name, part)


def all_sweeps() -> list[Sweep]:
    """By name."""
    return [_sweeps[name] for name in sorted(_sweeps)]
