from jobs.queries.desk import Desk, JobView, Scheduler, desk, need_a_person, view_of
from jobs.queries.item import OpenItems, items_of, open_items
from jobs.queries.run import Figures, figures_of, find_run, newest_runs, runs_of
from jobs.queries.slot import slots_of
from jobs.queries.verified import audit_checked

__all__ = [
    "Desk", "Figures", "JobView", "OpenItems", "Scheduler", "audit_checked", "desk", "figures_of", "find_run", "items_of", "need_a_person", "newest_runs", "open_items",
    "runs_of", "slots_of", "view_of",
]  # fmt: skip
