"""Running statistics on the source: `query_result` there, SmartNoise here, results and ledger in the project."""

from ssgproj.source.stats.runner import Outcome, keep_result, run_stats

__all__ = ["Outcome", "keep_result", "run_stats"]
