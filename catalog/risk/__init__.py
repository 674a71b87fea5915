"""How likely an offer is a trap: a pure function of its facts and its price history, without models and without a clock.

`docs/risk.md` says where each rule and each threshold comes from.
"""
