import pytest

from catalog.outliers import WORDS, Facts, Reason, reasons


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (Facts(9_000), []),
        (Facts(9_000, declared=1_000, median_90=10_000, lowest=8_000, highest=12_000), []),
        (Facts(9_000, declared=0, median_90=10_000), []),
        (Facts(9_000, declared=-1, median_90=10_000), ["negative"]),
        # Three times 1,000 is still believed; one more is not.
        (Facts(9_000, declared=3_000, median_90=10_000), []),
        (Facts(9_000, declared=3_001, median_90=10_000), ["above_median"]),
        # Paid the median: up to a tenth of it is no matter.
        (Facts(10_000, declared=1_000, median_90=10_000), []),
        (Facts(10_000, declared=1_001, median_90=10_000), ["above_median"]),
        (Facts(11_000, declared=1_001, median_90=10_000), ["above_median"]),
        (Facts(1_000, declared=10_000, median_90=10_000), []),
        (Facts(1_000, declared=10_001, median_90=10_000), ["above_price"]),
        (Facts(1_000, declared=12_000, median_90=10_000, lowest=1_000, highest=12_000), []),
        (Facts(9_000, declared=99_999), []),
        (Facts(4_000, lowest=8_000, highest=12_000), []),
        (Facts(3_999, lowest=8_000, highest=12_000), ["far_price"]),
        (Facts(24_000, lowest=8_000, highest=12_000), []),
        (Facts(24_001, lowest=8_000, highest=12_000), ["far_price"]),
        (Facts(9_000, declared=1_000, other_currency=True), ["other_currency"]),
        (Facts(100, declared=30_000, median_90=10_000, lowest=8_000, highest=12_000), ["above_price", "above_median", "far_price"]),
    ],
)
def test_a_purchase_is_doubted_for_what_it_says(facts, found):
    assert reasons(facts) == found


def test_every_reason_has_its_words():
    assert set(WORDS) == set(Reason)
