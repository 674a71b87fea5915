SHORT_DATE_FORMAT = "d/m/Y"
SHORT_DATETIME_FORMAT = "d/m, H:i"

# Ours
CLOCK_FORMAT = "H:i:s"
EXACT_FORMAT = r"l, j \d\e F \d\e Y, H:i:s"
WEEKDAY_FORMAT = r"l, j \d\e F"
DAY_FORMAT = "d/m"
