from review.actions.call import escalate_review, remind_of_review
from review.actions.duty import end_duty, take_duty, write_handover
from review.actions.line import assign_line, note_line, snooze_line, tick_line, untick_line, wake_line
from review.actions.review import begin_review, note_review, sign_review
from review.actions.sample import purge_samples

__all__ = [
    "assign_line", "begin_review", "end_duty", "escalate_review", "note_line", "note_review", "purge_samples", "remind_of_review", "sign_review",
    "snooze_line", "take_duty", "tick_line", "untick_line", "wake_line", "write_handover",
]  # fmt: skip
