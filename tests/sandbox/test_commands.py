import pytest
from django.core.management import CommandError, call_command


def signups(*arguments):
    call_command("sandbox_signups", "--key", "ops_x_y", *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--url", "http://127.0.0.1:1", "--attempts", "1"], "127.0.0.1"),
        (["--url", "ftp://x", "--attempts", "1"], "ftp://x"),
        (["--url", "http://127.0.0.1:1", "--clients", "0"], "--clients"),
        (["--url", "http://127.0.0.1:1", "--attempts", "0"], "--attempts"),
        (["--url", "http://127.0.0.1:1", "--seconds", "-1"], "--seconds"),
        (["--url", "http://127.0.0.1:1", "--invites-file", "/nowhere"], "--invites-file"),
    ],
)
def test_signups_with_bad_input_end_with_one_line(in_a_thread, arguments, words):
    with pytest.raises(CommandError, match=words) as error:
        in_a_thread(signups, *arguments)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "command", [["sandbox_signups", "--key", "k"], ["sample_data", "--password-file", "/dev/null"], ["sandbox_providers"], ["sandbox_month"]]
)
def test_production_is_refused(settings, command):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command(*command)


def test_sample_data_without_a_password_says_so(db, tmp_path):
    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(CommandError, match="empty"):
        call_command("sample_data", password_file=str(empty))
    with pytest.raises(CommandError, match="No such file"):
        call_command("sample_data", password_file=str(tmp_path / "missing"))
