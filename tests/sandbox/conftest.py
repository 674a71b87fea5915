from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def in_a_thread():
    """Calls what starts an event loop of its own: the browser's fixtures keep one running in the tests' thread."""

    def call(function, *arguments):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(function, *arguments).result()

    return call
