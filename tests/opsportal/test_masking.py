import pytest

from opsportal.masking import MASK, masked, scrubbed

SECRET_NAMES = [
    "password", "PASSWD", "clientSecret", "client_secret", "token", "access_token", "Authorization", "cookie", "Set-Cookie", "api_key", "apiKey", "x-api-key", "X-Cron-Secret",
    "private_key", "session_key", "sessionid", "cvv", "card_number", "recovery_codes", "totp", "otp", "webhook_url", "DATABASE_URL", "dsn", "Stripe-Signature",
]  # fmt: skip
OPEN_NAMES = ["name", "email", "cap", "key", "household_key", "idempotency_key", "key_prefix", "seat", "reason", "cotpr", "monkey"]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_what_stands_under_a_secrets_name_is_masked(name):
    assert masked({name: "x1"}) == {name: MASK}


@pytest.mark.parametrize("name", OPEN_NAMES)
def test_what_stands_under_another_name_is_kept(name):
    assert masked({name: "x1"}) == {name: "x1"}


def test_masked_at_any_depth_and_what_hides_nothing_stays():
    value = {"a": [{"b": ({"token": 5}, {"token": {"deep": "x"}})}], "password": [None, "x"], "secret": ["", ["y", None]], "totp": [False, True]}
    assert masked(value) == {
        "a": [{"b": [{"token": MASK}, {"token": MASK}]}],
        "password": [None, MASK],
        "secret": ["", [MASK, None]],
        "totp": [False, True],
    }


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Bearer ops_abcdef0123456789", f"Authorization: Bearer {MASK}"),
        ("authorization=Basic dXNlcjpwYXNz", f"authorization=Basic {MASK}"),
        ("postgresql://ops:hunter2@db/ops and redis://:pw@r:1/0", f"postgresql://ops:{MASK}@db/ops and redis://:{MASK}@r:1/0"),
        ("GET /x?token=abc123&page=2", f"GET /x?token={MASK}&page=2"),
        ("{'password': 'hunter2', 'cap': 3}", f"{{'password': '{MASK}', 'cap': 3}}"),
        ('x-cron-secret: s3cr3t', f"x-cron-secret: {MASK}"),
        ("The password is too short.", "The password is too short."),
        ("https://example.com/a:b@c is no login", "https://example.com/a:b@c is no login"),
        ("a basic answer", "a basic answer"),
    ],
)  # fmt: skip
def test_scrubbed_text_quotes_no_secret(text, clean):
    assert scrubbed(text) == clean
