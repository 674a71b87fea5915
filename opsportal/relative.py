"""How long ago, in words. The same words as the browser's Intl.RelativeTimeFormat, which keeps them fresh (static/js/relative.js)."""

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DAY = timedelta(days=1)


def words(value: datetime, now: datetime) -> str:
    """Relative up to a day away, then the date: “3 minutes ago”, “in 2 hours”, “20 Nov, 14:02”."""
    away = value - now
    if abs(away) >= DAY:
        return date_format(localtime(value), "SHORT_DATETIME_FORMAT")
    seconds = abs(int(away.total_seconds()))
    if seconds < 5:
        return _("now")
    return _future(seconds) if away > timedelta() else _past(seconds)


def _past(seconds: int) -> str:
    if seconds < 60:
        return ngettext("%(n)d second ago", "%(n)d seconds ago", seconds) % {"n": seconds}
    if seconds < 3600:
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", seconds // 60) % {"n": seconds // 60}
    return ngettext("%(n)d hour ago", "%(n)d hours ago", seconds // 3600) % {"n": seconds // 3600}


def _future(seconds: int) -> str:
    if seconds < 60:
        return ngettext("in %(n)d second", "in %(n)d seconds", seconds) % {"n": seconds}
    if seconds < 3600:
        return ngettext("in %(n)d minute", "in %(n)d minutes", seconds // 60) % {"n": seconds // 60}
    return ngettext("in %(n)d hour", "in %(n)d hours", seconds // 3600) % {"n": seconds // 3600}
