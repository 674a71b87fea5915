import logging
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit.actions import seal_rows
from sandbox import sample


class Command(BaseCommand):
    help = "Fill an empty development portal with sample data and print its people. Refused in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--password-file", required=True, help="a file that holds the one password of the sample people")
        parser.add_argument(
            "--shops", default="http://127.0.0.1:8001", help="where sandbox_shops serves the sample shops (default: http://127.0.0.1:8001)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Sample data is for development; this is production.")
        try:
            password = Path(options["password_file"]).read_text().strip()
        except OSError as error:
            raise CommandError(f"{options['password_file']}: {error.strerror}") from None
        if not password:
            raise CommandError(f"{options['password_file']} is empty.")
        if not sample.is_loaded():
            sample.load(password, options["shops"])
            # What is told of the days past has no seal yet; the portal would say so until its first job.
            with _quiet():
                seal_rows(actor=sample.ACTOR)
        for email, name, role in sample.people():
            self.stdout.write(f"{email:<26} {name:<14} {role}")


@contextmanager
def _quiet() -> Iterator[None]:
    """A seal's head goes into the log, for safekeeping; here it would stand between the lines for people."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
