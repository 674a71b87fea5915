from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox import sample, story
from sandbox.providers.journal import Journal
from sandbox.providers.world import Keys, World

HELP = """\
Serves a stand-in Stripe, Mercado Pago and product until it is stopped: /stripe, /mercadopago, /product. Never in production.
bin/dev runs it. Make things happen with POST /control/<provider>/<verb> and a JSON object; GET /control lists the verbs:

  curl -s -d '{"reference": "chk_1", "amount": 2990, "email": "a@example.com"}' http://127.0.0.1:8002/control/stripe/start_checkout
  curl -s -d '{"checkout": "cs_test_…"}' http://127.0.0.1:8002/control/stripe/pay
  curl -s -d '{"kind": "500", "calls": 3}' http://127.0.0.1:8002/control/mercadopago/trouble
"""


class Command(BaseCommand):
    help = HELP
    requires_system_checks = ()

    def create_parser(self, *arguments: Any, **options: Any) -> CommandParser:
        import argparse

        return super().create_parser(*arguments, formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8002, help="on 127.0.0.1 (default: 8002)")
        parser.add_argument("--portal", default=settings.OPS_BASE_URL, help="where the webhooks go (default: %(default)s)")
        parser.add_argument(
            "--journal",
            default=str(settings.OPS_VAR / "sandbox-providers.jsonl"),
            help="keeps what happened for the next start (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("sandbox_providers does not run in production: it plays providers that hold no money.")
        if not 0 < options["port"] < 65536:
            raise CommandError("A port from 1 to 65535.")
        world = World.new(keys(), portal=options["portal"], seed=story.SEED)
        control = world.control()
        journal = Journal(Path(options["journal"]), world, control, sample.loaded_at())
        journal.replay()
        control.after = journal.write
        try:
            server = world.server(options["port"], control=control)
        except OSError as error:
            raise CommandError(f"Port {options['port']} cannot be used ({error.strerror}).") from None
        self.stdout.write(f"Stripe, Mercado Pago and a product, none of them real, at {server.address}/; webhooks go to {options['portal']}")
        world.sender.start()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            world.sender.stop()
            server.server_close()


def keys() -> Keys:
    """Those of the portal beside it, where it has some."""
    known = {
        "stripe_key": settings.STRIPE_SECRET_KEY,
        "stripe_secret": settings.STRIPE_WEBHOOK_SECRET,
        "mercadopago_token": settings.MERCADOPAGO_ACCESS_TOKEN,
        "mercadopago_secret": settings.MERCADOPAGO_WEBHOOK_SECRET,
        "product_secret": settings.APP_BACKEND_SECRET,
    }
    return Keys(**{name: value for name, value in known.items() if value})
