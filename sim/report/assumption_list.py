"""The register of assumptions as a page: what is taken for granted, why, what hangs on it, what it governs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.assumptions import Assumption, Figures, governed
from sim.parameters.schema import Parameters
from sim.report.markdown import table_lines, titled, wrapped
from sim.vocabulary import Grade

HEADINGS = {
    "scope": "What is left out",
    "simplification": "What is simpler than life",
    "judgement": "What is not known",
}
HEADS = ("assumption", "impact", "evidence", "figures governed", "of them judgements")
IMPACTS = ("high", "medium", "low")
BY_JUDGEMENT = "a judgement"

OPENING = (
    "What the model takes for granted, and how much hangs on it. Each assumption names the figures it governs, by "
    "their paths in the [list of parameters]({parameters}) (a star stands for any text in a step); every figure of a "
    "county or a lever that is a judgement stands under at least one. The register is `configs/assumptions.yaml`; "
    "what led to the choices is in the [log of decisions](decisions.md)."
)
STATED = (
    "Impact is what an assumption can do to the comparison of policies. High, medium and low are judgements here: no "
    "table of measured impacts is kept beside this page. `pathways sensitivity ranking` measures them on finished "
    "results with draws, and the page takes them over from its table of assumptions."
)
MEASURED = (
    "Impact is what an assumption can do to the comparison of policies. Where a sensitivity analysis has varied its "
    "figures, it is the largest difference, among them, between the chance that the best policy is the best in the "
    "lower and in the upper third of the figure's draws, in percentage points; elsewhere it is a judgement."
)


def assumptions_in_markdown(
    register: Mapping[str, Assumption],
    figures: Figures,
    county: Parameters,
    page_of_parameters: str,
    measured: Mapping[str, float] | None = None,
) -> str:
    """Return the register as a Markdown document.

    Parameters
    ----------
    figures : rows and settings that have evidence, by path, of the county.
    county : where the titles of sources come from.
    page_of_parameters : name of the page that lists the figures.
    measured : largest change of the chance that the best policy is the best, between -1 and 1, by path of a figure,
        or of a series of figures, such as yearly/refused_share.
    """
    found = measured or {}
    parts = ["# Assumptions", "", *wrapped(OPENING.format(parameters=page_of_parameters))]
    parts += ["", *wrapped(MEASURED if found else STATED)]
    parts += table_lines(HEADS, (_summary(key, register[key], figures, found) for key in _by_impact(register)))
    for kind, heading in HEADINGS.items():
        parts += ["", f"## {heading}"]
        for key, one in register.items():
            if one.kind == kind:
                parts += _told(key, one, figures, county, found)
    return "\n".join(parts) + "\n"


def _by_impact(register: Mapping[str, Assumption]) -> list[str]:
    return sorted(register, key=lambda key: IMPACTS.index(register[key].impact))


def _summary(key: str, one: Assumption, figures: Figures, measured: Mapping[str, float]) -> tuple[str, ...]:
    mine = governed(one, figures)
    judged = sum(figures[path].grade is Grade.JUDGEMENT for path in mine)
    return (
        f"[{words_of(key)}](#{anchor(key)})",
        impact(one, figures, measured),
        one.grade.value,
        f"{len(mine):,}",
        f"{judged:,}",
    )


def words_of(key: str) -> str:
    """Return the key of an assumption as a reader meets it."""
    return key.replace("_", " ").capitalize().replace("covid", "Covid")


def anchor(key: str) -> str:
    """Return the anchor that Markdown gives the heading of an assumption."""
    return words_of(key).lower().replace(" ", "-")


def impact(one: Assumption, figures: Figures, measured: Mapping[str, float]) -> str:
    """Return the impact of an assumption: measured where one of its figures was varied, else as stated."""
    paths = {"/".join(path[:end]) for path in governed(one, figures) for end in range(1, len(path) + 1)}
    sizes = [abs(change) for name, change in measured.items() if name in paths]
    return f"{100 * max(sizes):.0f} points (measured)" if sizes else f"{one.impact} ({BY_JUDGEMENT})"


def _told(
    key: str, one: Assumption, figures: Figures, county: Parameters, measured: Mapping[str, float]
) -> Iterator[str]:
    yield from ("", f"### {words_of(key)}", "", *wrapped(one.statement))
    yield from ("", *wrapped(f"*Why:* {one.because} *If it is wrong:* {one.if_wrong}"), "")
    yield f"- Impact: {impact(one, figures, measured)}"
    yield f"- Evidence: {one.grade.value}; {'; '.join(titled(county.sources[name]) for name in one.source)}"
    if one.decisions:
        numbers = ", ".join(map(str, one.decisions))
        yield f"- Decision{'s' if len(one.decisions) > 1 else ''} {numbers} in [decisions](decisions.md)"
    if one.governs:
        yield f"- Governs {_count(len(governed(one, figures)))}: {', '.join(f'`{path}`' for path in one.governs)}"


def _count(number: int) -> str:
    return f"{number:,} figure{'' if number == 1 else 's'}"
