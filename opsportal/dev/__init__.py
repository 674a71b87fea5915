"""What bin/dev runs: the whole portal on one machine, and nothing left of it afterwards."""
