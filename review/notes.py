"""What people write in reviews, as it is kept."""

from django.utils.translation import gettext as _

from opsportal.errors import Conflict, Invalid

LONGEST = 2000


def checked(text: str, *, field: str) -> str:
    """Without blanks around it, and with one kind of line break. Raises Invalid above 2,000 characters."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(text) > LONGEST:
        raise Invalid(_("At most %(most)s characters.") % {"most": LONGEST}, field=field)
    return text


def checked_note(note: str, *, now: str, seen: str) -> str:
    """The new note, as it is kept. Raises Conflict (note_moved) where the note isn't any more what the writer saw, and Invalid."""
    note = checked(note, field="note")
    if note != now and now != seen.replace("\r\n", "\n").strip():
        raise Conflict(
            _("Somebody has changed the note meanwhile. Yours was not saved; the note is now: “%(now)s”.") % {"now": now}, code="note_moved"
        )
    return note
