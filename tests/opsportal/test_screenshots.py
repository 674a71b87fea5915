"""bin/screenshots, and the README that shows what it takes."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from opsportal.dev import screenshots

ROOT = Path(__file__).resolve().parent.parent.parent
IMAGE = re.compile(r"!\[[^]]+\]\(([^)]+)\)")


def test_the_readme_shows_exactly_the_pictures_that_are_taken() -> None:
    shown = IMAGE.findall((ROOT / "README.md").read_text())
    assert shown == [f"docs/screenshots/{shot.name}.png" for shot in screenshots.SHOTS]
    assert {path.name for path in screenshots.FOLDER.iterdir()} == {Path(path).name for path in shown}
    for path in shown:
        picture = (ROOT / path).read_bytes()
        assert (picture[:8], len(picture) <= screenshots.MOST_BYTES) == (b"\x89PNG\r\n\x1a\n", True)


def test_each_of_the_four_people_has_one() -> None:
    assert sorted(shot.who for shot in screenshots.SHOTS) == ["ana", "bruno", "carla", "diego"]


def test_it_is_always_after_nine_there() -> None:
    moments = [datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hour, minutes=12) for hour in range(24)]
    assert {at.astimezone(ZoneInfo(screenshots.zone_at(at))).strftime("%H:%M") for at in moments} == {"09:12"}


def test_without_chromium_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="needs Chromium: apt-get install chromium"):
        screenshots.main(["--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_help_lists_the_pictures_and_a_wrong_argument_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        screenshots.main(["--help"])
    assert (ended.value.code, [f"{shot.name}.png" in capsys.readouterr().out for shot in screenshots.SHOTS[:1]]) == (0, [True])
    with pytest.raises(SystemExit, match="--nonsense; see bin/screenshots --help"):
        screenshots.main(["--nonsense"])
