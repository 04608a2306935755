"""The rules as documentation: `docs/rules.md`, and the list that `ssg lint --list-rules` prints."""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.registry import RULES, page, rule

FAMILIES = {
    "SF": ("The statistics file", "The file as a file: header, CTEs, names, comments."),
    "SN": (
        "SmartNoise accepts it",
        "The final SELECT is on the list of what SmartNoise reads, runs and answers. Everything else has a rule that names the cause.",
    ),
    "DP": (
        "Privacy",
        "What would void the guarantee, spend it for nothing, or give a wrong answer without a word. These are checks, not proofs. "
        "Silencing one needs a reason on the same line.",
    ),
    "MD": ("Models", "The YAML files of `models/`."),
    "GR": ("The graph", "References between models, statistics and stories."),
    "SY": ("Stories", "The Python files of `stories/`."),
    "PJ": ("The project", "Settings, profiles, results and the ledger."),
}

_INTRODUCTION = """\
<!-- Made from the rules by ssgproj.report.rules.rules_page(); do not edit. -->

# Rules

`ssg lint` checks the project's files against these rules, offline. All of them are on. Errors make it exit with 1, warnings do not.

- `ssg lint --rule SN104` prints the page of one rule, `ssg lint --list-rules` lists them.
- `-- noqa: SN104` at the end of a line of SQL silences one rule there, `# noqa: MD004` does in YAML. Several codes are separated by
  commas. A `noqa` without codes silences nothing. A privacy rule needs a reason: `-- noqa: DP224 -- whole seconds, at most 60`.
- `ssg lint --show-suppressed` lists everything that is silenced, with its reason.
- `lint: {ignore: [SN136]}` in `ssg_project.yml` turns a rule off for the project.
- `ssg lint --fix` repairs what can be repaired with certainty; these rules are marked *fixable*.
"""


def rules_page() -> str:
    """`docs/rules.md`."""
    parts = [_INTRODUCTION]
    for prefix, (title, about) in FAMILIES.items():
        codes = [c for c in RULES if c.startswith(prefix)]
        if not codes:
            continue
        parts.append(f"## {title}\n\n{about}\n")
        parts.append("| code | name | |\n| --- | --- | --- |\n" + "".join(_row(c) for c in codes))
        parts += [_section(c) for c in codes]
    return "\n".join(parts)


def _row(code: str) -> str:
    one = rule(code)
    marks = [*(["warning"] if one.severity is Severity.WARNING else []), *(["fixable"] if one.fixable else [])]
    return f"| [{code}](#{code.lower()}-{one.name}) | {one.name} | {', '.join(marks)} |\n"


def _section(code: str) -> str:
    """A page, two levels further down."""
    fenced = False
    lines = []
    for line in page(code).splitlines():
        fenced = fenced != line.startswith("```")
        if line.startswith("# ") and not fenced:
            lines.append(f"### {line.removeprefix('# ')}")
        elif line.startswith("## ") and not fenced:
            lines.append(f"**{line.removeprefix('## ')}**")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def rules_list() -> str:
    """One line for each rule: code, name, marks."""
    rows = [
        (
            c,
            rule(c).name,
            "warning" if rule(c).severity is Severity.WARNING else "",
            "fixable" if rule(c).fixable else "",
        )
        for c in RULES
    ]
    width = max(len(r[1]) for r in rows)
    return "".join(
        f"{code}  {name:<{width}}  {severity:<7}  {fix}".rstrip() + "\n" for code, name, severity, fix in rows
    )
