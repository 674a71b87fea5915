"""Sample pings of jobs that run elsewhere: one that reports, one that failed, one that was never heard of."""

from datetime import timedelta

from health.actions import create_ping, receive_ping
from health.actions.receive import Call
from health.address import Said, Target
from health.models import Kind, Ping
from sandbox.calendar import stable
from sandbox.diary import Diary


def load(diary: Diary) -> None:
    day, hour, diego = timedelta(days=1), timedelta(hours=1), diary.people["diego"]
    with diary.on(0, "11:00"):
        dump = create_ping(actor=diego, name="Nightly dump", slug="nightly-dump", every=day, grace=hour, description="Look at the disk first.")
        mailer = create_ping(actor=diego, name="Newsletter", slug="newsletter", every=hour, description="Ask Bruno before you start it again.")
        sitemap = create_ping(actor=diego, name="Sitemap", slug="sitemap", cron="30 4 * * 1", grace=hour)
    for ping in (dump, mailer, sitemap):
        ping.uuid = stable("ping", ping.slug)
        Ping.objects.filter(pk=ping.pk).update(uuid=ping.uuid, created_at=diary.calendar.at(0, "11:00"))
    for ping, said, body in (
        (dump, Said(Kind.START), ""),
        (dump, Said(Kind.SUCCESS), "57 households, 214 MB"),
        (mailer, Said(Kind.SUCCESS), "sent 57"),
        (mailer, Said(Kind.FAIL, 1), "smtplib.SMTPServerDisconnected: Connection unexpectedly closed"),
    ):
        receive_ping(target=Target(uuid=ping.uuid), call=Call(said, body=body, body_bytes=len(body), user_agent="curl/8"))
