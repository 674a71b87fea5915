"""bin/screenshots: the README's pictures, one for each person, taken from the sample data on throwaway servers."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opsportal.dev.portal import free_port, only_pages

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "docs" / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# As on a small laptop. A picture of text alone stays far under the limit.
WIDTH, MOST_BYTES = 1280, 250 * 1024
# Milliseconds that a page may take on a busy machine.
PATIENCE = 60_000
MORNING_HOUR, TICKED = 9, 6
DESCRIPTION = """\
Takes the README's pictures anew: brings the portal up with sample data on servers of its own, signs in as each of the
four people, and writes a PNG for each. It is always shortly after nine in the morning there, on day 5 of 14.
"""


@dataclass(frozen=True, slots=True)
class Shot:
    """`who` signs in and looks at `path`; `do` is what they have done there before."""

    name: str
    who: str
    path: str
    do: Callable[[Any], None] | None = None
    height: int = 860


def begin_the_review(page: Any) -> None:
    """Begun, every line read, and the first of those in order ticked."""
    page.get_by_role("link", name="Begin the morning review").click()
    page.get_by_role("button", name="Begin the morning review").click()
    page.locator("#arrivals:not([data-live])").wait_for(state="attached")
    for ticked in range(TICKED):
        page.locator(".checkline:has(.tag.is-ok) .tickbox:not(.is-ticked) button").first.click()
        page.locator(".checkline .tickbox.is-ticked").nth(ticked).wait_for()


def the_coffee(page: Any) -> None:
    page.get_by_role("link", name="Coffee beans").first.click()
    page.wait_for_load_state()


SHOTS = (
    Shot("cto", "ana", "/ops/beta/"),
    Shot("ops", "bruno", "/ops/offers/overrides/", the_coffee),
    Shot("support", "carla", "/ops/billing/checkouts/chk_7Q2M9X/"),
    Shot("duty", "diego", "/ops/", begin_the_review, height=1060),
)


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise SystemExit(f"bin/screenshots: {message}; see bin/screenshots --help.")


def main(arguments: list[str]) -> None:
    pictures = "\n".join(f"  {shot.name}.png" for shot in SHOTS)
    parser = Parser(
        prog="bin/screenshots", description=DESCRIPTION, epilog=f"pictures:\n{pictures}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="where they go (docs/screenshots/ beside bin/)")
    options = parser.parse_args(arguments)
    browser = find_browser()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    var = Path(tempfile.mkdtemp(prefix="opsportal-screenshots-"))
    var.chmod(0o755)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        take(browser, options.out, var)
    except KeyboardInterrupt:
        raise SystemExit("bin/screenshots: stopped.") from None
    except OSError as error:
        raise SystemExit(f"bin/screenshots: {error.strerror or error}: {error.filename or ''}".rstrip(": ")) from None
    finally:
        _remove(var)


def find_browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit(f"bin/screenshots needs Chromium: apt-get install chromium, or put one of {', '.join(BROWSERS)} on the PATH.")
    return found


def take(browser: str, out: Path, var: Path) -> None:
    """Raises SystemExit with one line for a picture that can't be taken or is too big."""
    from playwright.sync_api import Error, sync_playwright

    # Servers of its own, whatever the environment names.
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ |= {"OPS_ENV": "dev", "OPS_VAR": str(var), "PORT": str(free_port(0)), "OPS_TIME_ZONE": zone_at(datetime.now(UTC))}
    with only_pages() as (base, password):
        _hold_the_clock()
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--font-render-hinting=none"])
            for shot in SHOTS:
                try:
                    picture = _picture(started, base, password, shot)
                except Error as error:
                    raise SystemExit(f"bin/screenshots: {shot.name} of {shot.path}: {str(error).splitlines()[0]}") from None
                if len(picture) > MOST_BYTES:
                    raise SystemExit(f"bin/screenshots: {shot.name}.png has {len(picture):,} bytes, more than {MOST_BYTES:,}.")
                (out / f"{shot.name}.png").write_bytes(picture)
                print(f"{out / shot.name}.png  {len(picture) // 1024} KB", flush=True)
            started.close()


def zone_at(now: datetime) -> str:
    """The zone in which it is nine in the morning: the sample's figures count from the moment of loading, and reviews have hours."""
    offset = MORNING_HOUR - now.hour
    # POSIX turns the sign round: https://data.iana.org/time-zones/tzdb/etcetera
    return f"Etc/GMT{-(offset if offset >= -12 else offset + 24):+d}"


def _hold_the_clock() -> None:
    """No scheduler runs here, and the pages would rightly say so."""
    from django.apps import apps

    from opsportal import clock

    apps.get_model("jobs.Schedule").objects.update(slots_until=clock.now() + timedelta(hours=1))


def _picture(browser: Any, base: str, password: str, shot: Shot) -> bytes:
    context = browser.new_context(viewport={"width": WIDTH, "height": shot.height}, color_scheme="light", locale="en", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{base}/accounts/login/")
    page.fill("input[name=login]", f"{shot.who}@smartbuy.example")
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/ops/**")
    answer = page.goto(f"{base}{shot.path}")
    if answer is None or not answer.ok:
        raise SystemExit(f"bin/screenshots: {shot.path} answered {answer.status if answer else 'nothing'}.")
    if shot.do:
        shot.do(page)
        # What stands around it is of before.
        page.goto(page.url)
    page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
    picture: bytes = page.screenshot(animations="disabled", caret="hide")
    context.close()
    return picture


def _remove(var: Path) -> None:
    from opsportal import embedded

    embedded.stop_if_last(var)
    place = embedded.Place(var)
    shutil.rmtree(place.postgres_data(), ignore_errors=True)
    shutil.rmtree(place.sockets, ignore_errors=True)
    shutil.rmtree(var, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
