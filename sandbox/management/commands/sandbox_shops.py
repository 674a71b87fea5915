from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox.shops.assortment import SHOPS, sold_by
from sandbox.shops.server import Shops


class Command(BaseCommand):
    help = "Serves the sample shops' product pages until it is stopped. bin/dev runs it; the price tracker reads it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8001, help="on 127.0.0.1 (default: 8001)")
        parser.add_argument("--latency", type=float, default=0.1, help="seconds that each page takes (default: 0.1)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["port"] < 65536 or not 0 <= options["latency"] <= 60:
            raise CommandError("A port from 1 to 65535, and a latency from 0 to 60 seconds.")
        try:
            server = Shops("127.0.0.1", options["port"], latency=options["latency"])
        except OSError as error:
            raise CommandError(f"Port {options['port']} cannot be used ({error.strerror}).") from None
        pages = sum(len(sold_by(shop)) for shop in SHOPS)
        self.stdout.write(f"{pages} product pages of {len(SHOPS)} shops at http://127.0.0.1:{options['port']}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            server.server_close()
