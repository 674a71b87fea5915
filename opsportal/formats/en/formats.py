"""English as the team writes it: day before month, 24 hours. Django's own “en” has a.m. and p.m."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M, H:i"
MONTH_DAY_FORMAT = "j F"
FIRST_DAY_OF_WEEK = 1

# Ours
CLOCK_FORMAT = "H:i:s"
EXACT_FORMAT = "l j F Y, H:i:s"
WEEKDAY_FORMAT = "l j F"
DAY_FORMAT = "j M"
