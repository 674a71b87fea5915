"""The stand-ins' memory over a restart: the sample's story, then every act that a person made happen, in a file of one JSON object a line."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from opsportal import clock
from sandbox import story
from sandbox.providers.control import VERBS, Control
from sandbox.providers.stand_in import NotPossible
from sandbox.providers.world import World


class Journal:
    """`sample_at`: when the sample data was loaded, None without it. Acts on another sample's story are kept aside, not replayed."""

    def __init__(self, path: Path, world: World, control: Control, sample_at: datetime | None) -> None:
        self.path, self.world, self.control, self.sample_at = path, world, control, sample_at

    def replay(self) -> int:
        """How many acts were made again. Nothing is delivered a second time."""
        if self.sample_at:
            story.tell(self.world, self.sample_at)
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        head = self.sample_at.isoformat() if self.sample_at else ""
        if lines and json.loads(lines[0]) != {"sample_at": head}:
            self.path.rename(self.path.with_suffix(".old"))
            lines = []
        if not lines:
            self.path.write_text(json.dumps({"sample_at": head}) + "\n")
        with self.world.muted():
            return sum(self._again(json.loads(line)) for line in lines[1:])

    def write(self, part: str, verb: str, arguments: Mapping[str, Any]) -> None:
        if verb in VERBS:
            with self.path.open("a") as file:
                file.write(json.dumps({"at": clock.now().isoformat(), "part": part, "verb": verb, "arguments": arguments}) + "\n")

    def _again(self, act: Mapping[str, Any]) -> bool:
        with self.world.at(datetime.fromisoformat(act["at"])):
            try:
                self.control.replay(act["part"], act["verb"], act["arguments"])
            except (NotPossible, ValueError, KeyError, TypeError):
                return False
        return True
