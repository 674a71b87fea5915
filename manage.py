#!/usr/bin/env python
"""Every command works without bin/dev running: with no DATABASE_URL it starts the embedded servers for its own time."""

import os
import sys

WITHOUT_SERVERS = {
    "help",
    "version",
    "--version",
    "--help",
    "-h",
    "collectstatic",
    "findstatic",
    "diffsettings",
    "translations",
    "startapp",
    "sandbox_month",
    "sandbox_signups",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsportal.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(f"{error}. Install requirements.txt into a virtualenv, or run bin/dev once and use .venv/bin/python.") from None
    if needs_servers(sys.argv[1:]):
        from django.conf import settings

        from opsportal import embedded

        embedded.hold_needed(settings)
    execute_from_command_line(sys.argv)


def needs_servers(arguments: list[str]) -> bool:
    return bool(arguments) and arguments[0] not in WITHOUT_SERVERS and not {"--help", "-h"} & set(arguments)


if __name__ == "__main__":
    main()
