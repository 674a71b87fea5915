"""Sample pings of jobs that run elsewhere: one that reports, one that failed, one that was never heard of."""

from datetime import timedelta

from audit.actors import Actor
from health.actions import create_ping, receive_ping
from health.actions.receive import Call
from health.address import Said, Target
from health.models import Kind


def load(actor: Actor) -> None:
    day, hour = timedelta(days=1), timedelta(hours=1)
    dump = create_ping(actor=actor, name="Nightly dump", slug="nightly-dump", every=day, grace=hour, description="Look at the disk first.")
    mailer = create_ping(actor=actor, name="Newsletter", slug="newsletter", every=hour, description="Ask Bruno before you start it again.")
    create_ping(actor=actor, name="Sitemap", slug="sitemap", cron="30 4 * * 1", grace=hour)
    for ping, said, body in (
        (dump, Said(Kind.START), ""),
        (dump, Said(Kind.SUCCESS), "57 households, 214 MB"),
        (mailer, Said(Kind.SUCCESS), "sent 57"),
        (mailer, Said(Kind.FAIL, 1), "smtplib.SMTPServerDisconnected: Connection unexpectedly closed"),
    ):
        receive_ping(target=Target(uuid=ping.uuid), call=Call(said, body=body, body_bytes=len(body), user_agent="curl/8"))
