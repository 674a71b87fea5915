"""Looking at the answers of the reviews' lines, for tests."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.utils.translation import override

from accounts.roles import exists
from opsportal.lines import Answer, answer_from_json, answer_to_json, find


def read(key: str) -> Answer:
    line = find(key)
    assert line is not None
    return line.read()


def stand(key: str) -> tuple[str, Any]:
    """Its state and its figure."""
    answer = read(key)
    return str(answer.state), answer.figure.value


def said_in(answer: Answer, language: str) -> list[str]:
    """Everything it says, in a language."""
    with override(language):
        return [str(one) for one in (answer.figure, answer.detail, *(link.label for link in answer.evidence), *(act.label for act in answer.acts))]


def check_kept(answer: Answer) -> None:
    """It survives being kept, says whole sentences in both languages, and its acts are for somebody."""
    kept = json.loads(json.dumps(answer_to_json(answer)))
    assert answer_from_json(kept) == answer
    for language in ("en", "pt-br"):
        assert [text for text in said_in(answer, language) if "%(" in text or text == ""] == []
    assert [act.permission for act in answer.acts if not exists(act.permission)] == []


def check_answer(answer: Answer, client: Client) -> None:
    """The same, and its addresses lead somewhere."""
    check_kept(answer)
    assert {url: client.get(url).status_code for url in _urls(answer)} == {url: 200 for url in _urls(answer)}
    posted = [act.url for act in answer.acts if act.is_post]
    assert {url: client.get(url).status_code for url in posted} == {url: 405 for url in posted}


def _urls(answer: Answer) -> list[str]:
    """Evidence, and the pages of acts that ask before they do."""
    found = [link.url for link in answer.evidence] + [act.url for act in answer.acts if not act.is_post]
    assert [url for url in found if urlsplit(url).netloc] == []
    return found
