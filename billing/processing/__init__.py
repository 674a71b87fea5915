"""What an event means: the provider is asked what is true now, and that is settled. Once for each event, however many workers there are."""
