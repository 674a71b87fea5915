import json

from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy, override

from opsportal.translations import sources
from opsportal.words import Words, counted, listed, said, sums


def again(words):
    return Words.from_json(json.loads(json.dumps(words.to_json())))


def test_a_list_says_the_words_in_it_in_the_readers_language():
    words = said("%(what)s: %(which)s", what=Words.plain("A"), which=listed([Words.of_label(gettext_lazy("Catalog")), 1234, "x"]))
    with override("pt-br"):
        assert str(again(words)) == "A: Catálogo, 1.234, x"
    with override("en"):
        assert str(again(words)) == "A: Catalog, 1,234, x"


def test_sums_never_add_up_two_currencies():
    with override("en"):
        assert str(said("%(sums)s", sums=sums({"BRL": 5980, "USD": 500}))) == "R$59.80 + $5.00"


def test_counted_takes_the_form_of_its_count():
    assert [str(counted("%(count)s run", "%(count)s runs", count)) for count in (1, 2)] == ["1 run", "2 runs"]


def test_no_words_among_the_values_are_nothing():
    assert str(said("a%(rest)s", rest=Words())) == "a"


def test_a_label_keeps_its_english_whatever_the_language():
    with override("pt-br"):
        assert Words.of_label(gettext_lazy("Catalog")) == Words("Catalog")
    assert Words.of_label(lazystr("Trial")) == Words("Trial")


def test_the_collector_finds_them():
    found = list(sources.from_python('said("Plain %(a)s", a=1)\ncounted("one", "many", 3)\nsaid(other)', "a.py"))
    assert [(text.msgid, text.plural) for text in found] == [("Plain %(a)s", ""), ("one", "many")]
