from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from jobs.job import Batch, Item, Job
from jobs.schedule import Every
from opsportal import clock
from opsportal.lines import Line, all_lines, find
from opsportal.sharing import Round, within
from review.answering import ask_line
from review.models import Sample

EVERY_SECONDS = 900


class ReviewFigures(Job):
    """Every line of the reviews, by key. A line that can't be asked is a sample too: unknown."""

    name = "review-figures"
    title = _("Figures of the reviews")
    help = _("Reads every line of the morning and the evening review, for their sparklines and trends, and for days without a review.")
    switch = "ENABLE_REVIEW_FIGURES"
    schedule = Every(EVERY_SECONDS)
    # A person may start it in between; what it reads replaces nothing.
    min_interval = 60
    batch_size = 10

    def begin(self) -> None:
        self._round = Round()
        self._at = slot_of(clock.now())

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        keys = sorted(line.key for line in all_lines())
        return [Item(key) for key in keys if cursor is None or key > cursor][:limit]

    def process(self, batch: Batch) -> None:
        samples = []
        for place, item in enumerate(batch.items):
            if place and batch.deadline.passed:
                batch.only(place)
                break
            line = find(item.key)
            if line is not None:
                samples.append(self._sample(line, batch))
        Sample.objects.bulk_create(samples, ignore_conflicts=True)

    def _sample(self, line: Line, batch: Batch) -> Sample:
        with within(self._round):
            reading = ask_line(line)
        if reading.error:
            batch.log(f"{line.key}: {reading.answer.detail}")
        figure = reading.answer.figure
        return Sample(key=line.key, at=self._at, state=reading.answer.state, value=figure.value, figure=figure.to_json())


def slot_of(at: datetime) -> datetime:
    """The quarter of an hour that the moment is in: samples of several lines, and of a run begun twice, have the same moments."""
    return datetime.fromtimestamp(int(at.timestamp()) // EVERY_SECONDS * EVERY_SECONDS, at.tzinfo)
