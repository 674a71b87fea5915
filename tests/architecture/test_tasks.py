"""Every task can be found by the worker, and every queue has a worker that consumes it."""

import ast

from celery import current_app

from tests.architecture.source import APPS, ROOT, python_files


def declared(source: str, module: str) -> set[str]:
    """Names of the tasks a module declares with @shared_task or @app.task."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and any(
            "shared_task" in ast.unparse(mark) or ast.unparse(mark).startswith("app.task") for mark in node.decorator_list
        ):
            names.add(f"{module}.{node.name}")
    return names


def consumed(procfile: str) -> set[str]:
    """The queues that the worker's command line in the Procfile names."""
    line = next(line for line in procfile.splitlines() if line.startswith("worker:"))
    words = line.split()
    return set(words[words.index("-Q") + 1].split(","))


def unconsumed(queues: set[str], procfile: str) -> set[str]:
    return queues - consumed(procfile)


def test_every_task_is_registered():
    current_app.loader.import_default_modules()
    wanted = set()
    for path in python_files(APPS):
        wanted |= declared(path.read_text(), ".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert wanted - set(current_app.tasks) == set()


def test_every_queue_is_consumed():
    queues = {current_app.conf.task_default_queue}
    queues |= {task.queue for task in current_app.tasks.values() if getattr(task, "queue", None)}
    queues |= {route["queue"] for route in (current_app.conf.task_routes or {}).values()}
    assert unconsumed(queues, (ROOT / "Procfile").read_text()) == set()
    # bin/dev starts the same worker.
    assert '"-Q", "celery"' in (ROOT / "opsportal/dev/portal.py").read_text()


def test_the_task_checks_find_a_planted_violation():
    source = "@shared_task(queue='slow')\ndef sweep():\n    pass\n"
    assert declared(source, "beta.work") - set(current_app.tasks) == {"beta.work.sweep"}
    assert unconsumed({"celery", "slow"}, "web: x\nworker: celery -A opsportal worker -Q celery,mail\n") == {"slow"}
