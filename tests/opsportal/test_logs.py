import io
import json
import logging
import logging.config
from copy import deepcopy

import pytest
import structlog

from opsportal import logs


@pytest.fixture
def lines():
    """A function that gives the JSON lines written so far by the handler as production has it."""
    config = deepcopy(logs.LOGGING["formatters"]["structured"])
    config["processors"][-1] = structlog.processors.JSONRenderer()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=config["processors"], foreign_pre_chain=config["foreign_pre_chain"]))
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)


def test_line_of_a_library_is_json_with_the_request(lines):
    with structlog.contextvars.bound_contextvars(request_id="r1", ip="10.0.0.1"):
        logging.getLogger("library").warning("retry %s of %s", 1, 3)
    (line,) = lines()
    assert (line["event"], line["level"], line["logger"], line["request_id"], line["ip"]) == ("retry 1 of 3", "warning", "library", "r1", "10.0.0.1")


@pytest.mark.parametrize("logger", [logging.getLogger("library"), structlog.get_logger("ours")])
def test_exception_is_written_as_its_traceback_without_secrets(lines, logger):
    try:
        raise RuntimeError("cannot reach postgresql://ops:hunter2@db/ops")
    except RuntimeError:
        logger.exception("broken")
    (line,) = lines()
    assert line["exception"].splitlines()[0] == "Traceback (most recent call last):"
    assert line["exception"].splitlines()[-1] == "RuntimeError: cannot reach postgresql://ops:•••@db/ops"


def test_no_secret_gets_into_a_line(lines):
    structlog.get_logger("ours").warning(
        "called with Authorization: Bearer ops_abcdef123", password="hunter2", headers={"Authorization": "Bearer hunter2", "X-Api-Key": "hunter2", "Accept": "*/*"},
        body=[{"token": "hunter2"}], url="https://u:hunter2@example.com/?api_key=hunter2",
    )  # fmt: skip
    logging.getLogger("library").warning("POST %s", "https://example.com/?token=hunter2", extra={"password": "hunter2"})
    text = json.dumps(lines())
    assert (text.count("hunter2"), text.count("ops_abcdef123"), len(lines())) == (0, 0, 2)
    assert lines()[0]["headers"] == {"Authorization": "•••", "X-Api-Key": "•••", "Accept": "*/*"}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "ip"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (0, "", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, " , ,", "127.0.0.1"),
        (1, "203.0.113.9:5122", "203.0.113.9"),
        (1, "[2001:db8::7]:5122", "2001:db8::7"),
        (1, "2001:DB8::7", "2001:db8::7"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "unknown", ""),
        (1, "x'; DROP TABLE", ""),
    ],
)
def test_client_ip_believes_our_own_proxies_only(rf, settings, proxies, forwarded, ip):
    settings.OPS_PROXIES = proxies
    assert logs.client_ip(rf.get("/", headers={"X-Forwarded-For": forwarded})) == ip


def test_client_ip_of_a_socket_is_empty(rf):
    assert logs.client_ip(rf.get("/", REMOTE_ADDR="")) == ""
