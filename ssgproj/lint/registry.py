"""Every rule, by code. A rule is a module of `rules/`, and one line here; modules are imported when a rule is first used."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from ssgproj.lint.rule import Rule

RULES: dict[str, str] = {
    "SF001": "SF001_missing_header",
    "SF002": "SF002_invalid_header",
    "SF003": "SF003_unknown_key",
    "SF004": "SF004_missing_query_result",
    "SF005": "SF005_columns_differ",
    "SF006": "SF006_wrong_value",
    "SF007": "SF007_missing_key",
    "SF008": "SF008_unreadable_sql",
    "SF009": "SF009_stat_name",
    "SF010": "SF010_unused_noqa",
    "SF011": "SF011_bad_noqa",
    "SF012": "SF012_plain_output_names",
    "SN101": "SN101_final_select_reads_query_result",
    "SN102": "SN102_unsupported_aggregate",
    "SN103": "SN103_aggregate_over_expression",
    "SN104": "SN104_qualified_column",
    "SN105": "SN105_unnamed_output",
    "SN106": "SN106_quoted_name",
    "SN107": "SN107_ungrouped_column",
    "SN108": "SN108_group_by_private_id",
    "SN109": "SN109_wrong_type",
    "SN110": "SN110_unsupported_function",
    "SN111": "SN111_unsupported_expression",
    "SN112": "SN112_reserved_word",
    "SN113": "SN113_missing_as",
    "SN114": "SN114_literal_form",
    "SN115": "SN115_unreadable_character",
    "SN116": "SN116_unsupported_clause",
    "SN117": "SN117_subquery",
    "SN118": "SN118_window_or_filter",
    "SN119": "SN119_unknown_column",
    "SN120": "SN120_duplicate_output",
    "SN121": "SN121_group_key_form",
    "SN122": "SN122_not_released",
    "SN123": "SN123_unbounded_column",
    "SN124": "SN124_noise_scale",
    "SN125": "SN125_colliding_name",
    "SN126": "SN126_calculation",
    "SN127": "SN127_syntax",
    "SN128": "SN128_column_type",
    "SN129": "SN129_refused_parameter",
    "SN130": "SN130_bind_parameter",
    "SN131": "SN131_may_be_null",
    "SN132": "SN132_limit_form",
    "SN133": "SN133_smartnoise_option",
    "SN134": "SN134_constant_output",
    "SN135": "SN135_not_portable",
    "SN136": "SN136_key_not_selected",
    "SN137": "SN137_compared_types",
    "SN138": "SN138_backslash_in_text",
    "SN139": "SN139_aggregate_in_where",
    "SN140": "SN140_one_private_id",
    "SN141": "SN141_unsupported_cast",
    "SN142": "SN142_declared_type_differs",
    "DP201": "DP201_missing_bounds",
    "DP202": "DP202_missing_private_id",
    "DP203": "DP203_mixes_people",
    "DP204": "DP204_join_multiplies",
    "DP205": "DP205_wrong_private_id",
    "DP206": "DP206_over_budget",
    "DP207": "DP207_wasted_share",
    "DP208": "DP208_no_reason",
    "DP209": "DP209_bounds_from_data",
    "DP210": "DP210_row_level",
    "DP211": "DP211_not_read_only",
    "DP212": "DP212_bad_bounds",
    "DP213": "DP213_privacy_parameters",
    "DP214": "DP214_unknown_table",
    "DP215": "DP215_private_id_as_data",
    "DP216": "DP216_grouped_and_summed",
    "DP217": "DP217_silent_precedence",
    "DP218": "DP218_silent_division",
    "DP219": "DP219_silent_text",
    "DP220": "DP220_silent_nan",
    "DP221": "DP221_silent_null_comparison",
    "DP222": "DP222_silent_distinct",
    "DP223": "DP223_silent_random",
    "DP224": "DP224_silent_continuous_key",
    "DP225": "DP225_silent_order",
    "DP226": "DP226_silent_having",
    "DP227": "DP227_silent_engine",
    "DP228": "DP228_voiding_key",
    "DP229": "DP229_missing_value",
    "DP230": "DP230_missing_max_ids",
    "DP231": "DP231_noise_drowns",
    "DP232": "DP232_nullable_private_id",
    "DP233": "DP233_literal_test",
    "DP234": "DP234_conditional_aggregate",
    "DP235": "DP235_people_not_counted",
    "DP236": "DP236_low_min_people",
    "DP237": "DP237_no_unit",
}
"""The module of each rule, by code, in the order in which rules are run and listed."""


@cache
def rule(code: str) -> Rule:
    """The rule of this code. Raises KeyError."""
    found: Rule = import_module(f"ssgproj.lint.rules.{RULES[code]}").RULE
    return found


def page(code: str) -> str:
    """The page of a rule, as Markdown. Raises KeyError."""
    text = import_module(f"ssgproj.lint.rules.{RULES[code]}").__doc__ or ""
    one = rule(code)
    return f"# {one.code} {one.name}\n\n{text.strip()}\n"
