"""How a job says that it lives: ready to paste."""

import shlex
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from health.models import Ping

CURL = "curl -fsS -m 10 --retry 5 -o /dev/null"


@dataclass(frozen=True, slots=True)
class Snippet:
    title: Promise | str
    text: str
    hint: Promise | str = ""


def url_of(ping: Ping) -> str:
    """The address to call. Whoever knows it can call it."""
    return f"{settings.OPS_BASE_URL}/ping/{ping.uuid}"


def slug_url_of(ping: Ping) -> str:
    """The other address, with a place for a ping key; "" without a slug."""
    return f"{settings.OPS_BASE_URL}/ping/PING_KEY/{ping.slug}" if ping.slug else ""


def snippets(ping: Ping) -> list[Snippet]:
    url, job = url_of(ping), shlex.quote("/path/to/job")
    times = ping.cron or "0 * * * *"
    line = f'{times} RID=$(uuidgen); {CURL} "{url}/start?rid=$RID"; {job}; {CURL} "{url}/$??rid=$RID"'
    unit = "\n".join((
        "[Service]", f"ExecStartPre=-{CURL.replace('curl', '/usr/bin/curl', 1)} {url}/start", f"ExecStart={job}",
        f"ExecStopPost=/bin/sh -c 'test \"$$SERVICE_RESULT\" = success && said=0 || said=fail; {CURL} {url}/$$said'",
    ))  # fmt: skip
    return [
        Snippet(_("At the end of a script"), f"{CURL} {url}", _("Only this call, and it is expected again a period later.")),
        Snippet(_("With what the job said"), f'SAID=$({job} 2>&1); STATUS=$?; printf "%s" "$SAID" | tail -c 9000 | {CURL} --data-binary @- "{url}/$STATUS"', _("The first 10,000 bytes are kept.")),
        Snippet(_("A line of a crontab"), line, _("Reports the start, the end and the exit status; the run's length is measured.")),
        Snippet(_("A systemd service"), unit, _("Also reports a service that was killed.")),
    ]  # fmt: skip
