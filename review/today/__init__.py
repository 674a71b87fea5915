"""What Today shows: needs, figures, the day's reviews, duty, what changed, what comes next."""
