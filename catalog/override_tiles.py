"""The figures above the desk's overrides."""

from django.utils.translation import gettext as _

from catalog.queries.override import RED_FLAG, per_day
from opsportal.components import Tile

DAYS = 14


def override_tiles(found: dict[str, int], today: int) -> list[Tile]:
    over = today > RED_FLAG
    word = _("over:") if over else _("ok:")
    limit = _("%(limit)d a day at most") % {"limit": RED_FLAG}
    made = Tile(
        _("Made today"),
        str(today),
        "",
        "fail" if over else "ok",
        word,
        limit,
        values=tuple(per_day(DAYS)),
        course=_("The last 14 days"),
        threshold=RED_FLAG,
    )
    lists = (
        ("active", _("Active"), "off", _("shown instead")),
        ("expiring", _("Expiring soon"), "warn", _("within 48 hours")),
        ("drifted", _("Drifted"), "warn", _("the store says something new")),
        ("agreeing", _("Agreeing"), "ok", _("the store says the same")),
    )
    rest = [
        Tile(
            label,
            str(found[which]),
            "",
            tone if found[which] else "off",
            _("look") if found[which] and tone == "warn" else "",
            words,
            url=f"?which={which}",
        )
        for which, label, tone, words in lists
    ]
    return [made, *rest]
