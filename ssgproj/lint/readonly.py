"""What a query to the source may consist of. Everything is on a list; what sqlglot reads as something else is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ssgproj.project.sql_text import Kind, lexis, scan

if TYPE_CHECKING:
    from ssgproj.lint.context import StatContext


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = _words(
    """Abs Acos Acosh AddMonths And ApproxDistinct ApproxQuantile Ascii Asin Asinh Atan Atan2 Atanh Avg AnyValue ArgMax ArgMin ArrayAgg
    ArrayConcatAgg ArrayContains ArrayOverlaps ArrayPosition ArraySize ArrayUniqueAgg BitLength BitwiseAndAgg BitwiseCount BitwiseOrAgg
    BitwiseXorAgg Booland Boolnot Boolor BoolxorAgg ByteLength Case Cast Cbrt Ceil Chr Coalesce Collate Concat ConcatWs Contains Convert
    ConvertTimezone Corr Cos Cosh Cot Coth Count CountIf CovarPop CovarSamp CumeDist CurrentDate CurrentDatetime CurrentTime
    CurrentTimestamp CurrentTimestampLTZ Date DateAdd DateBin DateDiff DateFromParts DateFromUnixDate DateStrToDate DateSub
    DateToDateStr DateToDi DateTrunc Datetime DatetimeAdd DatetimeDiff DatetimeSub DatetimeTrunc Day DayOfMonth DayOfWeek DayOfWeekIso
    DayOfYear Dayname DecodeCase Degrees DenseRank DiToDate EndsWith EqualNull Exists Exp Extract First FirstValue Float64 Floor
    Greatest GroupConcat Grouping GroupingId Hour If Initcap Int64 IsInf IsNan IsNullValue JSONArrayAgg JSONBContains JSONBExists
    JSONBExtract JSONBExtractScalar JSONBObjectAgg JSONExtract JSONExtractScalar JSONObjectAgg JSONType JustifyDays JustifyHours
    JustifyInterval Kurtosis Lag Last LastDay LastValue Lead Least Left Length Levenshtein List Ln Localtime Localtimestamp Log LogicalAnd
    LogicalOr Lower MakeInterval Max MD5 Median Min Minute Mode Month Monthname MonthsBetween Nanvl Negative NextDay NthValue Ntile
    Nullif NumberToStr Nvl2 ObjectAgg Or Overlay ParseDatetime ParseNumeric ParseTime PercentRank PercentileCont PercentileDisc Pi Pow
    PreviousDay Quantile ApproxQuantiles Quarter Radians Rand Rank RegexpCount RegexpExtract RegexpFullMatch RegexpILike RegexpInstr
    RegexpLike RegexpReplace RegexpSubstr RegrAvgx RegrAvgy RegrCount RegrIntercept RegrR2 RegrSlope RegrSxx RegrSxy RegrSyy Replace
    Reverse Right Rint Round RowNumber RtrimmedLength SHA SHA2 SafeAdd SafeDivide SafeMultiply SafeNegate SafeSubtract Sec Second Sign
    Sin Sinh Skewness Soundex SplitPart Sqrt StartsWith Stddev StddevPop StddevSamp StrPosition StrToDate StrToTime StrToUnix String
    StructExtract Stuff Substring SubstringIndex Sum Tan Tanh Time TimeAdd TimeDiff TimeFromParts TimeStrToDate TimeStrToTime
    TimeStrToUnix TimeSub TimeToStr TimeToTimeStr TimeToUnix TimeTrunc Timestamp TimestampAdd TimestampDiff TimestampFromParts
    TimestampSub TimestampTrunc ToBoolean ToChar ToDays ToDouble ToNumber Translate Trim Trunc Try TryCast TsOrDiToDi TsOrDsAdd TsOrDsDiff
    TsOrDsToDate TsOrDsToDateStr TsOrDsToDatetime TsOrDsToTime TsOrDsToTimestamp Typeof Unicode UnixDate UnixMicros UnixMillis
    UnixSeconds UnixToStr UnixToTime UnixToTimeStr Upper UtcDate UtcTime UtcTimestamp Uuid Variance VariancePop Week WeekOfYear WeekStart
    WidthBucket Xor Year YearOfWeek YearOfWeekIso"""
)
"""Functions, as sqlglot classes. They calculate from their arguments, in time and memory that the arguments bound. Whether an aggregate
may be released is another question (DP210)."""

NAMED_FUNCTIONS = _words(
    """now age date_part datepart datediff dateadd strftime julianday unixepoch date time datetime timediff instr substr char_length
    character_length octet_length len isnull ifnull make_date make_timestamp make_time epoch epoch_ms year month day hour minute second
    weekday yearweek quarter week monthname dayname btrim ltrim rtrim lpad rpad initcap translate mod div gcd lcm sign cbrt log2 log10
    log1p sinh cosh tanh to_number to_date to_timestamp to_char to_seconds time_to_sec sec_to_time timestampdiff timestampadd
    period_diff last_day from_days str_to_date date_format trim_scale isfinite isnan isodow dayofweek dayofyear weekofyear greatest least
    even truncate power radians degrees floor ceiling round abs exp bool_and bool_or every nullif left right lower upper reverse
    regexp_matches regexp_like starts_with ends_with contains strpos position charindex patindex datename eomonth getdate sysdatetime
    convert try_convert nvl zeroifnull iff div0 stdev stdevp varp"""
)
"""Functions that sqlglot knows in some dialects only, by name."""

CLAUSES = _words(
    """Select With CTE TableAlias From Table Join Where Group Having Order Ordered Limit Offset Fetch Distinct Alias Column Identifier Star
    Literal Null Boolean Paren Subquery Union Intersect Except Window WindowSpec Qualify Tuple In Between Interval Var DataType
    DataTypeParam Filter WithinGroup IgnoreNulls RespectNulls AtTimeZone Values Any All Rollup Cube GroupingSets TableSample Bracket
    IntervalSpan PseudoType Aliases Pivot UnpivotColumns Lateral JSONPath JSONPathRoot JSONPathKey JSONPathSubscript Slice National
    HexString RawString ByteString UnicodeString BitString WindowSpecification Whens Escape FormatPhrase TsOrDsToDate WeekStart Dot
    ParameterizedAgg Recursive PivotAlias Collate RangeN"""
)


def not_read_only(tree: Any) -> Iterator[tuple[Any, str, str]]:
    """Whatever in a query is not known to do nothing but read: the node, what is wrong, what to do."""
    from sqlglot import exp

    if not isinstance(tree, exp.Query) or isinstance(tree, exp.Table | exp.Values):
        yield tree, f"Only SELECT is sent to the source, not {_kind(tree)}", "write SELECT ..."
        return
    for node in tree.walk():
        name = type(node).__name__
        if isinstance(node, exp.Anonymous):
            if node.name.lower() not in NAMED_FUNCTIONS:
                yield node, f"`{node.name}` is not on the list of functions that only calculate", "leave it out"
        elif isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
            if node.this is not None:
                yield node, f"`{_called(node.this)}` is not a table", "read tables of the models"
        elif isinstance(node, exp.Func):
            if name not in FUNCTIONS and not isinstance(node.parent, exp.Table):
                yield node, f"`{_called(node)}` is not on the list of functions that only calculate", "leave it out"
        elif isinstance(node, exp.Parameter | exp.Placeholder | exp.SessionParameter):
            if not isinstance(node.parent, exp.Parameter):
                yield node, "A statistic has no parameters", "write the value"
        elif isinstance(node, exp.Into):
            yield node, "SELECT INTO writes a table", "remove INTO"
        elif isinstance(node, exp.Lock):
            yield node, "The query takes locks", "remove FOR UPDATE or FOR SHARE"
        elif isinstance(node, exp.DDL | exp.DML | exp.Command):
            if not isinstance(node, exp.Query):
                yield node, f"Only SELECT is sent to the source, not {_kind(node)}", "write SELECT ..."
        elif not isinstance(node, exp.Binary | exp.Unary | exp.Predicate) and name not in CLAUSES:
            yield (
                node,
                f"`{name}` is not on the list of what a statistic may use",
                "write plain columns, joins and conditions",
            )


def _kind(node: Any) -> str:
    return type(node).__name__.upper()


def _called(node: Any) -> str:
    text: str = node.sql_name().lower() if hasattr(node, "sql_name") else type(node).__name__
    return (node.name.lower() or text) if text == "anonymous" else text


def executable_comments(stat: StatContext) -> Iterator[tuple[int, int]]:
    """Comments that MySQL and MariaDB run as SQL, as offsets into the file."""
    one = stat.stat
    for piece in scan(one.text[: one.sql_end], lexis(one.dialect), one.sql_start):
        if piece.kind is Kind.COMMENT and one.text.startswith(("/*!", "/*M!"), piece.start):
            yield piece.start, piece.end
