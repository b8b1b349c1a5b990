"""The sample of printed results in a document."""

import pytest

from sim.report.sample import with_sample

DOCUMENT = "# Title\n\n<!-- sample -->\nold\n```\nolder\n```\n\n<!-- /sample -->\n\nThe rest, and \\1.\n"


def test_the_old_sample_gives_way_to_what_was_printed() -> None:
    expected = "# Title\n\n<!-- sample -->\n```\nA  \\1\n  B\n```\n\n<!-- /sample -->\n\nThe rest, and \\1.\n"
    assert with_sample(DOCUMENT, "\nA  \\1   \n  B\n\n") == expected


def test_the_same_sample_again_changes_nothing() -> None:
    once = with_sample(DOCUMENT, "A")
    assert with_sample(once, "A") == once


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no <!-- sample -->"):
        with_sample("# Title\n", "A")
