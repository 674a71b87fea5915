"""A product's page → its price. JSON-LD first, microdata second."""

from catalog.reading.json_ld import read_scripts
from catalog.reading.markup import Node, decode, read_markup
from catalog.reading.product import read_product
from catalog.reading.result import PageReading, Source, Unreadable

__all__ = ["PageReading", "Unreadable", "read_page"]

MOST_BYTES = 2 * 1024 * 1024
READ = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", "application/octet-stream", "")


def read_page(body: bytes, content_type: str, url: str, usual_currency: str | None = None) -> PageReading:
    """What the page at `url` says of its product. Raises Unreadable and nothing else.

    `content_type` is the header's, or ""; `usual_currency` is the store's, for a page that names none.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in READ:
        raise Unreadable("not_a_page", f"The answer is {kind[:60]}, not a page.")
    if len(body) > MOST_BYTES:
        raise Unreadable("too_large", "The page is larger than 2 MiB.")
    if not body.strip():
        raise Unreadable("empty", "The page is empty.")
    markup = read_markup(decode(body, content_type))
    nodes, broken = read_scripts(markup.scripts)
    tries: list[tuple[Source, list[Node]]] = [("json_ld", nodes), ("microdata", markup.items)]
    problems: list[Unreadable] = []
    for source, found in tries:
        try:
            return read_product(found, url, source, usual_currency)
        except Unreadable as problem:
            problems.append(problem)
    # The more telling one: what was there and wrong, rather than what was not there.
    told = next((problem for problem in problems if problem.code != "no_product"), problems[0])
    if told.code == "no_product" and broken:
        raise Unreadable("broken_json_ld", f"The page's structured data can't be read: {broken} of {len(markup.scripts)} scripts are broken.")
    raise told
