import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit import sealing
from audit.models import AuditSeal
from tests.audit.chains import lifted, sealed, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def seal_file(settings: Any, tmp_path: Any) -> Any:
    settings.OPS_SEAL_FILE = tmp_path / "audit-seals.log"
    return settings.OPS_SEAL_FILE


def run(capsys: pytest.CaptureFixture[str], name: str, *arguments: str) -> tuple[int, str]:
    """The exit code and what was said on standard output."""
    try:
        call_command(name, *arguments)
    except SystemExit as end:
        return int(end.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_seal_says_what_it_did(capsys, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    write(5)
    assert run(capsys, "seal_audit", "--seconds", "-1") == (0, "Rows sealed: 2, in seals: 1, the last: #1.\nMore rows wait; call again.\n")
    assert run(capsys, "seal_audit") == (0, "Rows sealed: 3, in seals: 2, the last: #2, #3.\n")
    assert run(capsys, "seal_audit") == (0, "Every row is sealed already.\n")
    assert AuditSeal.objects.get(number=3).sealed_by.count("@") == 1


def test_a_clean_chain_ends_with_0(capsys):
    sealed(3)
    code, out = run(capsys, "verify_audit")
    assert (code, out.splitlines()) == (0, ["Checked 1 seals from #1 on, 3 rows, 0 heads that left.", "All is as it was sealed."])


def test_what_is_not_sealed_yet_is_told(capsys):
    sealed(1)
    write(2)
    code, out = run(capsys, "verify_audit")
    assert (code, "Not sealed yet, so not checked: 2 rows, the oldest of " in out) == (0, True)


def test_a_tampered_chain_ends_with_1_and_names_the_rows(capsys, monkeypatch, seal_file, django_capture_on_commit_callbacks):
    monkeypatch.setattr("audit.verifying.findings.KEPT", 2)
    with django_capture_on_commit_callbacks(execute=True):
        ids = sealed(3)[0] + sealed(1)[0] + sealed(1)[0]
    with lifted() as sql:
        sql.execute("UPDATE ops_audit_logs SET reason = 'x' WHERE id <> %s", [ids[1]])
    code, out = run(capsys, "verify_audit", "--heads", str(seal_file))
    assert (code, out.splitlines()) == (
        1,
        [
            f"Altered: row {ids[0]}, {ids[2]} of seal #1.", f"Altered: row {ids[3]} of seal #2.", "and 1 findings more",
            "Checked 3 seals from #1 on, 5 rows, 3 heads that left.", "NOT as it was sealed: 3 findings.",
        ],
    )  # fmt: skip
    code, out = run(capsys, "verify_audit", "--json", "--since", "2")
    told = json.loads(out)
    assert (code, told["clean"], told["first"], told["seals"], told["found"]) == (1, False, 2, 2, 2)
    assert told["findings"][0] == {"kind": "row_altered", "words": f"Altered: row {ids[3]} of seal #2.", "seal": 2, "ids": [ids[3]]}


def test_progress_goes_to_standard_error(capsys, monkeypatch):
    monkeypatch.setattr("audit.verifying._CHUNK", 2)
    for _ in range(5):
        sealed(1)
    call_command("verify_audit", "--json")
    said = capsys.readouterr()
    assert (said.err, json.loads(said.out)["seals"]) == ("seal #2, 2 rows, 0 findings\nseal #4, 4 rows, 0 findings\n", 5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "0"], "counted from 1"),
        (["--since", "9"], "no seal #9"),
        (["--heads", "/nowhere"], "No such file"),
        (["--heads", "heads"], "Line 1 "),
    ],
)
def test_what_can_not_be_checked_ends_with_2(arguments, words, tmp_path, monkeypatch):
    sealed(1)
    (tmp_path / "heads").write_text("what?\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=words) as refused:
        call_command("verify_audit", *arguments)
    assert refused.value.returncode == 2
