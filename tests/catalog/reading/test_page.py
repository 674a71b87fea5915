import contextlib
import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.reading.page import MOST_BYTES, PageReading, Unreadable, read_page

URL = "https://shop.example/p/kettle"
HTML = "text/html; charset=utf-8"


def page(*scripts, body=""):
    texts = [one if isinstance(one, str) else json.dumps(one) for one in scripts]
    tags = "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)
    return f"<!doctype html><html><head>{tags}</head><body>{body}</body></html>".encode()


def offer(price="10.50", currency="BRL", **more):
    return {"@type": "Offer", "price": price, "priceCurrency": currency, "availability": "https://schema.org/InStock", **more}


def product(offers=None, **more):
    return {"@context": "https://schema.org", "@type": "Product", "name": "Kettle", "offers": offers if offers is not None else offer(), **more}


def read(*scripts, body="", **more):
    return read_page(page(*scripts, body=body), HTML, URL, **more)


def refused(*scripts, body=""):
    with pytest.raises(Unreadable) as error:
        read(*scripts, body=body)
    return error.value.code


KETTLE = PageReading(1050, None, "BRL", "in_stock", "json_ld", "Kettle")


@pytest.mark.parametrize(
    "scripts",
    [
        [product()],
        [[product()]],
        [{"@graph": [{"@type": "WebPage"}, product()]}],
        [{"@graph": [{"@graph": [product()]}]}],
        [{"@type": "WebPage", "mainEntity": product()}],
        [product(**{"@type": ["Thing", "Product"]})],
        [product(**{"@type": "http://schema.org/Product"})],
        [product(**{"@type": "schema:Product"})],
        [{"@type": "BreadcrumbList"}, product()],
        [product([offer()])],
        [product({"@id": "#it"}), {**offer(), "@id": "#it"}],
        [{"@graph": [product({"@id": "#it"}), {**offer(), "@id": "#it"}]}],
        [{**offer(), "itemOffered": {"@type": "Product", "name": "Kettle"}}],
        [product(), product()],
        [product(isRelatedTo=[product(offer("5"))], isSimilarTo=product(offer("6")))],
        [product(), {"@type": "ItemList", "itemListElement": [product(offer("7"))]}],
        [product(offer(10.5))],
        [product(offer("R$ 10,50"))],
        [product(offer("R$ 10,50", ""))],
        [product(offer("10,50", "R$"))],
        [product([offer([["10"]]), offer(["10.50"])])],
    ],
)
def test_product_is_found_wherever_it_stands(scripts):
    assert read(*scripts) == KETTLE


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "Product", "name": "Kettle", "offers": {"price": "10.50", "priceCurrency": "BRL", "availability": "InStock",},}',
        '// ours\n{"@type": "Product", /* here */ "name": "Kettle", "offers": {"price": 10.5, "priceCurrency": "BRL", "availability": "InStock"}}',
        "{'@type': 'Product', 'name': 'Kettle', 'offers': {'price': 10.5, 'priceCurrency': 'BRL', 'availability': 'InStock'}}",
        "<!-- " + json.dumps(product()) + " -->",
        "//<![CDATA[\n" + json.dumps(product()) + "\n//]]>",
        "<![CDATA[" + json.dumps(product()) + "]]>",
        "/*<![CDATA[*/" + json.dumps(product()) + "/*]]>*/",
        json.dumps(product()) + ";",
        "\ufeff" + json.dumps(product()),
        json.dumps(product()).replace('"', "&quot;"),
        json.dumps(product(description="two") | {"x": "a"}).replace("two", "two\nlines\tand more"),
    ],
)
def test_script_with_a_common_fault_is_read(script):
    assert read(script) == KETTLE


@pytest.mark.parametrize(
    "broken", ["{", '{"@type": "Product", "name": "a "quoted" word"}', "[" * 100_000, '{"a":' * 100_000, "1e99999999999999999999", "NaN", "null"]
)
def test_broken_script_never_spoils_another(broken):
    assert read(broken, product()) == KETTLE


def test_script_that_is_commented_out_does_not_count():
    gone = page(product(offer("1"))).decode().replace("<script", "<!-- <script").replace("</script>", "</script> -->")
    assert read(product(), body=gone) == KETTLE


@pytest.mark.parametrize(
    ("offers", "price", "list_price"),
    [
        # Google's two ways: a price and a list price beside it, or two specifications.
        (offer("80", priceSpecification={"@type": "UnitPriceSpecification", "price": 100, "priceCurrency": "BRL", "priceType": "https://schema.org/ListPrice"}), 8000, 10000),
        ({"@type": "Offer", "priceSpecification": [{"price": 80, "priceCurrency": "BRL"}, {"price": 100, "priceCurrency": "BRL", "priceType": "https://schema.org/StrikethroughPrice"}]}, 8000, 10000),
        ({"@type": "Offer", "priceSpecification": [{"price": 100, "priceCurrency": "BRL", "priceType": "ListPrice"}, {"price": 80, "priceCurrency": "BRL", "priceType": "SalePrice"}]}, 8000, 10000),
        (offer("100", priceSpecification=[{"price": 80, "priceType": "SalePrice"}]), 8000, None),
        (offer("80", priceSpecification=[{"price": 60, "priceCurrency": "BRL", "validForMemberTier": {"@type": "MemberProgramTier"}}]), 8000, None),
        ({"@type": "Offer", "priceSpecification": [{"@type": "DeliveryChargeSpecification", "price": 5, "priceCurrency": "BRL"}, {"price": 80, "priceCurrency": "BRL"}]}, 8000, None),
        # The first kind that is there counts; a list price that isn't more is none, nor one in another currency.
        (offer("80", priceSpecification=[{"price": 120, "priceType": "MSRP"}, {"price": 100, "priceType": "StrikethroughPrice"}]), 8000, 10000),
        (offer("80", priceSpecification={"price": 80, "priceType": "ListPrice"}), 8000, None),
        (offer("80", priceSpecification={"price": 100, "priceCurrency": "USD", "priceType": "ListPrice"}), 8000, None),
        (offer("80", priceSpecification={"price": "nonsense", "priceType": "ListPrice"}), 8000, None),
    ],
)  # fmt: skip
def test_price_and_list_price_are_told_apart(offers, price, list_price):
    found = read(product(offers))
    assert (found.price, found.list_price, found.currency) == (price, list_price, "BRL")


@pytest.mark.parametrize(
    ("offers", "price", "availability"),
    [
        ([offer("12"), offer("11"), offer("13")], 1100, "in_stock"),
        ([offer("12"), offer("9", availability="OutOfStock")], 1200, "in_stock"),
        ([offer("12", availability="https://schema.org/PreOrder"), offer("9", availability="SoldOut")], 1200, "preorder"),
        ([offer("9", availability=None), offer("8", availability="Discontinued")], 900, "unknown"),
        ([offer("12"), offer("5", itemCondition="https://schema.org/UsedCondition"), offer("4", itemCondition="RefurbishedCondition")], 1200, "in_stock"),
        ([offer("12"), offer("0"), offer("nonsense")], 1200, "in_stock"),
        ({"@type": "AggregateOffer", "lowPrice": "9", "highPrice": 12, "priceCurrency": "BRL", "availability": "InStock"}, 900, "in_stock"),
        ({"@type": "AggregateOffer", "lowPrice": "9", "priceCurrency": "BRL", "offers": [{"price": 10, "availability": "InStock"}, {"price": 9, "availability": "OutOfStock"}]}, 1000, "in_stock"),
    ],
)  # fmt: skip
def test_cheapest_new_offer_that_can_be_had_counts(offers, price, availability):
    found = read(product(offers))
    assert (found.price, found.availability) == (price, availability)


def test_variants_of_a_group_are_its_offers():
    group = {"@type": "ProductGroup", "name": "Kettle", "hasVariant": [product(offer("12")), product(offer("11")), {"@id": "#third"}]}
    assert read(group, product(offer("10.50"), **{"@id": "#third"}), {"@type": "WebPage"}) == KETTLE


def test_own_address_tells_which_of_several_products():
    mine, other = product(url="https://www.shop.example/p/kettle/"), product(offer("99"), name="Pan", url="https://shop.example/p/pan")
    assert read(other, mine) == KETTLE
    assert read(other, product(offer(url=URL))) == KETTLE


@pytest.mark.parametrize(
    ("scripts", "code"),
    [
        ([], "no_product"),
        (["{"], "broken_json_ld"),
        ([product({})], "no_offer"),
        ([{"@type": "Product"}], "no_offer"),
        ([product(), product(offer("11"))], "several_products"),
        ([product([offer(), offer("3", "USD")])], "mixed_currencies"),
        ([product(offer("10", None))], "no_currency"),
        ([product(offer("$ 10", None))], "no_currency"),
        ([product(offer("10", "reais"))], "unknown_currency"),
        ([product(offer("€ 10"))], "currency_contradicts"),
        ([product(offer("0"))], "zero_price"),
        ([product(offer(-3))], "negative_price"),
        ([product(offer(10**15))], "absurd_price"),
        ([product(offer(itemCondition="https://schema.org/UsedCondition"))], "only_used"),
        ([product({"@type": "Offer", "priceSpecification": {"price": 9, "priceCurrency": "BRL", "priceType": "ListPrice"}})], "no_price"),
    ],
)
def test_page_without_a_sure_price_is_refused_with_its_reason(scripts, code):
    assert refused(*scripts) == code


def test_store_says_the_currency_where_the_page_does_not():
    bare = product(offer("10.50", None))
    assert read(bare, usual_currency="BRL") == KETTLE
    assert read(product(offer("€ 10.50", None)), usual_currency="BRL").currency == "EUR"


MICRODATA = """
<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Copper <b>kettle</b></h1>
  <img itemprop="image" src="a.png"><p itemprop="description">from <s>20</s>
  <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
    <span itemprop="price" content="1234.50">R$ 1.234,50</span><meta itemprop="priceCurrency" content="BRL">
    <link itemprop="availability" href="https://schema.org/OutOfStock">
  </div></div>"""


def test_microdata_is_the_second_choice():
    assert read(body=MICRODATA) == PageReading(123450, None, "BRL", "out_of_stock", "microdata", "Copper kettle")
    assert read(product(), body=MICRODATA) == KETTLE
    assert read("{broken", body=MICRODATA).source == "microdata"
    assert read(product({}), body=MICRODATA).source == "microdata"


def test_text_is_a_microdata_value_too():
    text = MICRODATA.replace(' content="1234.50"', "").replace('<meta itemprop="priceCurrency" content="BRL">', "")
    assert read(body=text) == PageReading(123450, None, "BRL", "out_of_stock", "microdata", "Copper kettle")


@pytest.mark.parametrize(
    ("encoding", "header", "meta"),
    [
        ("utf-8", "text/html; charset=utf-8", ""),
        ("utf-8", "", ""),
        ("utf-8", "text/html; charset=nonsense", ""),
        ("iso-8859-15", "text/html; charset=ISO-8859-15", ""),
        ("windows-1252", "text/html", '<meta charset="windows-1252">'),
        ("windows-1252", "text/html; charset=utf-8", ""),
        ("windows-1252", "text/html; charset=utf-8", "<meta http-equiv='Content-Type' content='text/html; charset=iso-8859-1'>"),
        ("windows-1252", "", ""),
        ("utf-16", "text/html; charset=utf-8", ""),
    ],
)
def test_charset_comes_from_the_header_the_page_or_what_fits(encoding, header, meta):
    script = json.dumps(product(offer("10,50 €", None), name="Caffè"), ensure_ascii=False)
    text = f'<html><head>{meta}<script type="application/ld+json">{script}</script>'
    found = read_page(text.encode(encoding), header, URL)
    assert (found.price, found.currency, found.name) == (1050, "EUR", "Caffè")


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [(b"", HTML, "empty"), (b"  \n", HTML, "empty"), (b"%PDF-1.7", "application/pdf", "not_a_page"), (b"x" * (MOST_BYTES + 1), HTML, "too_large"), (b"\x00\xff", "", "no_product")],
)  # fmt: skip
def test_what_is_no_page_is_refused(body, kind, code):
    with pytest.raises(Unreadable) as error:
        read_page(body, kind, URL)
    assert error.value.code == code


BOMBS = {
    "elements": "<div>" * 400_000,
    "attributes": "<a " + " ".join(f"x{number}=1" for number in range(180_000)) + ">",
    "microdata": "<i itemscope itemprop=a>" * 80_000,
    "properties": "<i itemscope><b itemprop='a b c d'>" + "<b itemprop=a>x" * 100_000,
    "comments": "<!--" * 500_000,
    "lists": f'<script type="application/ld+json">{"[" * 1_000_000}</script>',
    "objects": f'<script type="application/ld+json">{json.dumps([product(offer(str(n))) for n in range(1, 8000)])}</script>',
    "scripts": '<script type="application/ld+json">{"@type":"Product","offers":{}}</script>' * 25_000,
    "references": f'<script type="application/ld+json">{json.dumps([{"@id": "#a", "@type": "Product", "offers": [{"@id": "#a"}] * 1000}])}</script>',
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_time_grows_with_the_length_of_a_page_only(bomb):
    # Processor time of this thread: what else the machine does is no part of it. Squared, it would be minutes.
    began = time.thread_time()
    with pytest.raises(Unreadable):
        read_page(BOMBS[bomb].encode(), HTML, URL)
    assert time.thread_time() - began < 20


words = st.sampled_from(["@type", "@graph", "@id", "Product", "Offer", "AggregateOffer", "offers", "price", "lowPrice", "priceCurrency", "priceSpecification", "priceType",
                         "ListPrice", "hasVariant", "BRL", "10.50", "availability", "InStock", "mainEntity", "itemOffered", "name", "@value", "#a", ""])  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6),
    max_leaves=25,
)


@given(anything, st.dictionaries(words, anything, max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nonsense_in_the_right_places_is_refused_and_nothing_else(one, other):
    with contextlib.suppress(Unreadable):
        read(one, product({**offer(), **other}), product(**other))


@given(st.binary(max_size=400), st.text(max_size=40))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_read_or_refused(body, kind):
    for content_type in (kind, HTML, "text/html; charset=utf-7", ""):
        for data in (body, b'<script type="application/ld+json">' + body, b"<p itemscope itemtype=Product>" + body):
            with contextlib.suppress(Unreadable):
                read_page(data, content_type, URL)
