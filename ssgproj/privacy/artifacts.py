"""What `ssg compile` writes for a statistic: the queries and the metadata, byte for byte as they will be sent."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

from ssgproj.privacy.cost import share, stat_cost
from ssgproj.privacy.metadata import smartnoise_metadata

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat

DIRECTORY = "compiled/stats"


def stat_artifacts(stat: Stat, source_query: str | None = None) -> dict[str, str]:
    """Paths under `target/` and their contents. `source_query` replaces `stat.query_result` where more is sent than the file says
    (the count of people of a statistic without differential privacy)."""
    files = {
        f"{DIRECTORY}/{stat.name}.query_result.sql": source_query if source_query is not None else stat.query_result
    }
    if stat.private and stat.query is not None:
        files[f"{DIRECTORY}/{stat.name}.dp.sql"] = stat.dp
        files[f"{DIRECTORY}/{stat.name}.metadata.yml"] = metadata_text(stat)
    return files


def metadata_text(stat: Stat) -> str:
    """SmartNoise's metadata as YAML, below what each noisy statistic gets and what the file releases."""
    given = share(stat)
    privacy: dict[str, Any] = {}
    if given is not None:
        privacy = {"epsilon": given.epsilon, "delta": given.delta, "noisy_statistics": stat_cost(stat).number}
    releases = [{"name": o.name, "type": o.type} for o in stat.outputs]
    return _yaml({"privacy": privacy, "releases": releases, "metadata": smartnoise_metadata(stat)})


def _yaml(value: Any) -> str:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    out = StringIO()
    yaml.dump(value, out)
    return out.getvalue()
