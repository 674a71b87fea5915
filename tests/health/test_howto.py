"""The lines to paste say what they promise, in a real shell."""

import subprocess

import pytest

from health import howto
from tests.factories import make_ping


@pytest.mark.parametrize(("job", "said"), [("echo all well", 0), ("sh -c 'echo broken >&2; exit 3'", 3)])
def test_what_the_job_said_goes_with_its_exit_status(db, job, said):
    ping = make_ping()
    (text,) = [snippet.text for snippet in howto.snippets(ping) if "--data-binary" in snippet.text]
    script = 'curl() { for last; do :; done; echo "$last"; cat; }\n' + text.replace("/path/to/job", job)
    out = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.splitlines() == [f"{howto.url_of(ping)}/{said}", "broken" if said else "all well"]
