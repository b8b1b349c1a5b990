"""From a template to the Markdown of a paper: text from data is never markup, and unknown names are refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from sim.parameters.load import read_text, shipped_file
from sim.parameters.problems import ConfigurationError, Problem
from sim.report.forum.markdown import escaped

TEMPLATES = "templates"
MARKDOWN_TEMPLATE, PAGE_TEMPLATE, STYLES, REFERENCE = (
    "forum_paper.md",
    "forum_page.html",
    "forum_page.css",
    "forum_paper.docx",
)


def shipped(name: str) -> Path:
    """Return a file of the templates that come with the package."""
    return shipped_file(TEMPLATES, name)


def rendered(file: Path, context: Mapping[str, Any]) -> str:
    """Return the Markdown that a template makes of a paper.

    Raises ConfigurationError with the line of the template for what it asks for that is not there.
    """
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, autoescape=True, finalize=_text, trim_blocks=True, lstrip_blocks=True
    )
    try:
        return str(environment.from_string(read_text(file)).render(context))
    except TemplateError as error:
        raise ConfigurationError(_problem(file, error, context)) from None


def _text(value: object) -> object:
    """Return a value with its markup escaped, unless it is Markdown."""
    return value if hasattr(value, "__html__") else escaped(value)


def _problem(file: Path, error: TemplateError, context: Mapping[str, Any]) -> Problem:
    where = f"line {error.lineno}" if isinstance(error, TemplateSyntaxError) else f"line {_line_in(error)}"
    return Problem(str(file), where, str(error.message), ", ".join(sorted(context)), "name something that there is")


def _line_in(error: BaseException) -> int:
    """Return the line of the template that was being rendered when an error came."""
    lines, trace = [0], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1]
