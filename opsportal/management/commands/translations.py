from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import to_locale

from opsportal.translations import catalog, sources

MAX_LINES = 60


class Command(BaseCommand):
    help = "Bring the translation catalogs in step with the source and compile them. Needs no GNU gettext."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a text is missing, untranslated, fuzzy or obsolete")

    def handle(self, *args: Any, **options: Any) -> None:
        root: Path = settings.BASE_DIR
        ours = sorted(config.name for config in apps.get_app_configs() if Path(config.path).parent == root)
        texts = sources.collect(root, [*ours, "templates"])
        problems: list[str] = []
        for language, _name in settings.LANGUAGES:
            if language == "en":
                continue
            locale = to_locale(language)
            po = root / "locale" / locale / "LC_MESSAGES" / "django.po"
            if options["check"]:
                problems += [f"{locale}: {line}" for line in self._findings(po, locale, texts)]
            else:
                self._update(po, locale, texts)
        if problems:
            shown = problems[:MAX_LINES] + ([f"… and {len(problems) - MAX_LINES} more"] if len(problems) > MAX_LINES else [])
            raise CommandError("\n".join([*shown, f"{len(problems)} texts are not in order; manage.py translations brings the catalogs in step."]))

    def _findings(self, po: Path, locale: str, texts: list[sources.Text]) -> list[str]:
        mo = po.with_suffix(".mo")
        return catalog.findings(catalog.read(po, locale), texts, mo.read_bytes() if mo.exists() else b"")

    def _update(self, po: Path, locale: str, texts: list[sources.Text]) -> None:
        made = catalog.updated(catalog.read(po, locale), texts)
        po.parent.mkdir(parents=True, exist_ok=True)
        po.write_bytes(catalog.po_bytes(made))
        # Compiled from what was written, so that a check of both files agrees.
        po.with_suffix(".mo").write_bytes(catalog.mo_bytes(catalog.read(po, locale)))
        empty = sum(1 for message in made if message.id and not catalog.is_translated(message))
        self.stdout.write(f"{po.relative_to(settings.BASE_DIR)}: {len(made)} texts, {empty} without a translation.")
