"""What a cron secret must be. Production refuses to start with a faulty one; elsewhere it opens nothing, and `check` says so."""

SHORTEST = 32


def is_usable(secret: str) -> bool:
    """Long enough that nobody guesses it, and made of what a header carries unchanged."""
    return len(secret) >= SHORTEST and secret.isascii() and secret.isprintable()


def faults(current: str, previous: str) -> list[tuple[str, str]]:
    """(name of the variable, what is wrong with it), for those that open nothing as they are. No secret at all is no fault."""
    found = [
        (name, f"it needs {SHORTEST} printable ASCII characters or more.")
        for name, secret in (("CRON_SECRET", current), ("CRON_SECRET_PREVIOUS", previous))
        if secret and not is_usable(secret)
    ]
    if previous and not current:
        found.append(("CRON_SECRET_PREVIOUS", "it counts beside a CRON_SECRET only, and there is none."))
    return found
