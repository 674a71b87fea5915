from review.actions.line import assign_line, note_line, snooze_line, tick_line, untick_line, wake_line
from review.actions.review import begin_review, note_review, sign_review

__all__ = ["assign_line", "begin_review", "note_line", "note_review", "sign_review", "snooze_line", "tick_line", "untick_line", "wake_line"]
