import re
from html import unescape

import pytest

from tests.signing_in import sign_in


@pytest.fixture
def cto(client, owner):
    return sign_in(client, owner)


@pytest.fixture
def onlooker(client, viewer):
    return sign_in(client, viewer)


def text(response):
    """The words of the page's own part, without tags; every moment reads “⏲”, since its words depend on when the test runs."""
    page = response.content.decode()
    page = page[page.index("<main") : page.index("</main>")] if "<main" in page else page
    page = re.sub(r"<time\b.*?</time>", "⏲", page, flags=re.DOTALL)
    page = re.sub(r"<(svg|title)\b.*?</\1>", "", page, flags=re.DOTALL)
    page = re.sub(r"</?(a|b|code|span)\b[^>]*>", "", page)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def numbers(response):
    """Of the runs that the page's tables list, in order."""
    return [int(number) for number in re.findall(r'<th scope="row"><a href="/ops/jobs/runs/(\d+)/">', response.content.decode())]
