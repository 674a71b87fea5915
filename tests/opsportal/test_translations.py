from babel.messages.catalog import Catalog

from opsportal.translations import catalog, sources
from opsportal.translations.sources import Text

PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
_("plain")
gettext_lazy("lazy")
ngettext("%(n)s seat", "%(n)s seats", 3)
pgettext("month", "May")
_(f"not {literal}")
other("not asked for")
"""
TEMPLATE = """
<p title="it's">{% trans "Hello it's" %}{{ _("quick")|upper }}
{% blocktrans trimmed count n=x with a=b %}
    One {{ n }} thing of {{ a }}
{% plural %}
    Many {{ n }} things
{% endblocktrans %}
{% translate "May" context "month" as foo %}
{% blocktranslate asvar z %}100% {{ q }}{% endblocktranslate %}
{% comment %}{% trans "not shown" %}{% endcomment %}
"""


def text(msgid, plural="", context="", where="a.py"):
    return Text(msgid, plural, context, where)


def complete(*pairs):
    made = Catalog(locale="pt_BR", fuzzy=False)
    for msgid, string in pairs:
        made.add(msgid, string)
    return made


def check(made, *texts):
    return catalog.findings(made, texts, catalog.mo_bytes(made))


def test_python_texts_are_the_literal_ones():
    found = set(sources.from_python(PYTHON, "a.py"))
    assert found == {text("plain"), text("lazy"), text("%(n)s seat", "%(n)s seats"), text("May", context="month")}


def test_template_texts_are_found_as_django_will_look_them_up():
    assert set(sources.from_template(TEMPLATE, "a.html")) == {
        text("Hello it's", where="a.html"),
        text("quick", where="a.html"),
        text("One %(n)s thing of %(a)s", "Many %(n)s things", where="a.html"),
        text("May", context="month", where="a.html"),
        text("100%% %(q)s", where="a.html"),
    }


def test_a_complete_catalog_has_no_findings():
    assert (
        check(
            complete(("seat", "vaga"), (("%(n)s seat", "%(n)s seats"), ("uma vaga", "%(n)s vagas"))), text("seat"), text("%(n)s seat", "%(n)s seats")
        )
        == []
    )


def test_what_is_missing_untranslated_or_obsolete_is_found():
    found = check(complete(("empty", ""), ("old", "velho")), text("new", where="b.py"), text("empty"))
    assert found == ["missing: “new” (b.py)", "obsolete: “old”", "untranslated: “empty”"]


def test_a_fuzzy_entry_is_found():
    made = complete(("seat", "vaga"))
    made["seat"].flags.add("fuzzy")
    assert check(made, text("seat")) == ["fuzzy: “seat”"]


def test_placeholders_that_differ_are_found():
    assert check(complete(("%(n)s of {cap}", "%(m)s de {cap}")), text("%(n)s of {cap}")) == ["placeholders differ (%(m)s, %(n)s): “%(n)s of {cap}”"]


def test_a_compiled_file_of_another_text_is_found():
    made = complete(("seat", "vaga"))
    stale = catalog.mo_bytes(complete(("seat", "lugar")))
    assert catalog.findings(made, [text("seat")], stale) == ["out of step: the .mo file was not compiled from this .po file"]


def test_an_update_keeps_translations_and_drops_the_rest(tmp_path):
    po = tmp_path / "django.po"
    po.write_bytes(catalog.po_bytes(complete(("seat", "vaga"), ("old", "velho"))))
    made = catalog.updated(catalog.read(po, "pt_BR"), [text("seat"), text("seats")])
    po.write_bytes(catalog.po_bytes(made))
    read = catalog.read(po, "pt_BR")
    assert {message.id: message.string for message in read if message.id} == {"seat": "vaga", "seats": ""}
    assert catalog.po_bytes(catalog.updated(read, [text("seat"), text("seats")])) == po.read_bytes()
