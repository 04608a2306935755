"""`--select` and `--exclude`: which nodes are meant. The grammar is dbt's.

```
users  shop.orders  model.users  stat.age_stats     a name, a table (its schema only where two are called so), a node's id
ord*  shop.*                                        a glob
models/users.yml  path:models/shop                  a file, or all files below a directory
+users  users+  2+users  users+1                    with what it needs, with what needs it, over so many steps
tag:pii  resource_type:stat  stat:*  state:modified
users sessions                                      the union (spaces, or the option repeated)
tag:pii,resource_type:model                         both
```
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from ssgproj.errors import SsgError
from ssgproj.graph.graph import Graph
from ssgproj.graph.node import KINDS, Node
from ssgproj.project.names import split_name, table_text
from ssgproj.project.suggest import suggestion

_PART = re.compile(r"(?:(?P<up>\d*)\+)?(?P<body>.+?)(?:\+(?P<down>\d*))?")
_GLOB = re.compile(r"[*?\[]")
_FILE = re.compile(r"\.(?:ya?ml|sql|py)$")
_STATES = ("modified", "new")

State = Mapping[str, str]
"""The `sha256` of every node of the other state, by id."""


def select(
    graph: Graph, select: Sequence[str] = (), exclude: Sequence[str] = (), state: State | None = None
) -> tuple[str, ...]:
    """The ids of the nodes that are meant, in the order of the graph; all of them if nothing is selected.

    Raises SsgError for a name or a path that matches nothing, and for what is no expression; a method that matches nothing gives an
    empty result. `state` is what `state:` compares with.
    """
    chooser = _Chooser(graph, state)
    wanted = chooser.union(select) if any(text.strip() for text in select) else set(graph.nodes)
    wanted -= chooser.union(exclude)
    return tuple(node for node in graph.order if node in wanted)


class _Chooser:
    def __init__(self, graph: Graph, state: State | None) -> None:
        self.graph = graph
        self.state = state
        self.methods: dict[str, Callable[[str], set[str]]] = {
            "path": self.path,
            "resource_type": self.resource_type,
            "state": self.by_state,
            "tag": lambda value: self.where(lambda node: any(fnmatchcase(tag, value) for tag in node.tags)),
            **{kind: self._of_kind(kind) for kind in KINDS},
        }

    def union(self, expressions: Iterable[str]) -> set[str]:
        return {node for text in expressions for word in text.split() for node in self.intersection(word)}

    def intersection(self, word: str) -> set[str]:
        parts = word.split(",")
        if not all(parts):
            raise SsgError(f"`{word}` has nothing beside a comma", "a comma means both: tag:pii,resource_type:model")
        found = [self.part(part) for part in parts]
        return set.intersection(*found)

    def part(self, text: str) -> set[str]:
        match = _PART.fullmatch(text)
        if match is None or text.strip("+") == "" or match["body"].startswith("@"):
            hint = "for example: --select +users" if match is None or "@" not in text else "write +NAME+"
            raise SsgError(f"Cannot read the selection `{text}`", hint)
        found = self.named(match["body"], text)
        up, down = match["up"], match["down"]
        result = set(found)
        if up is not None:
            result |= self.graph.ancestors(found, int(up) if up else None)
        if down is not None:
            result |= self.graph.descendants(found, int(down) if down else None)
        return result

    def named(self, body: str, text: str) -> set[str]:
        method, colon, value = body.partition(":")
        if colon and method in self.methods:
            if not value:
                raise SsgError(f"Nothing behind the colon in `{text}`", f"for example: --select '{method}:*'")
            return self.methods[method](value)
        found = self.where(lambda node: _is_called(node, body)) or self.where(lambda node: _bare(node) == body)
        if found:
            return found
        if "/" in body or _FILE.search(body) or any(n.path.startswith(f"{body}/") for n in self.graph.nodes.values()):
            return self.path(body)
        if colon and not body.startswith('"'):
            raise SsgError(f"No method `{method}` in `{text}`", suggestion(method, self.methods))
        raise SsgError(f"`{body}` matches nothing", self._hint(body))

    def _hint(self, body: str) -> str:
        for model in self.graph.project.models:
            if model.ignore and body in (model.table.name, table_text(model.table), model.node_id):
                return f"{model.path} says `ignore: true`"
        names = {name for node in self.graph.nodes.values() for name in _names(node)}
        hint = suggestion(body, names) if names else "the project has no models yet: ssg reflect"
        return hint if hint.startswith("did you mean") else f"{hint}; see: ssg ls"

    def where(self, holds: Callable[[Node], bool]) -> set[str]:
        return {node.id for node in self.graph.nodes.values() if holds(node)}

    def _of_kind(self, kind: str) -> Callable[[str], set[str]]:
        return lambda value: self.where(lambda node: node.kind == kind and _is_called(node, value))

    def resource_type(self, value: str) -> set[str]:
        if value not in KINDS:
            raise SsgError(f"No resource type `{value}`", suggestion(value, KINDS, sort=False))
        return self.where(lambda node: node.kind == value)

    def path(self, value: str) -> set[str]:
        wanted = re.sub(r"^(?:\./)+", "", value.replace("\\", "/")).rstrip("/")
        if wanted in ("", "."):
            return set(self.graph.nodes)
        found = self.where(
            lambda node: node.path == wanted or node.path.startswith(f"{wanted}/") or fnmatchcase(node.path, wanted)
        )
        if not found:
            paths = {node.path for node in self.graph.nodes.values()}
            paths |= {path.rpartition("/")[0] for path in paths if "/" in path}
            raise SsgError(f"The path `{value}` matches nothing", suggestion(wanted, paths))
        return found

    def by_state(self, value: str) -> set[str]:
        if value not in _STATES:
            raise SsgError(f"No state `{value}`", suggestion(value, _STATES, sort=False))
        if self.state is None:
            raise SsgError(
                f"`state:{value}` needs something to compare with", "--state DIRECTORY, which holds a manifest.json"
            )
        before = self.state
        if value == "new":
            return self.where(lambda node: node.id not in before)
        return self.where(lambda node: before.get(node.id) != node.sha256)


def _names(node: Node) -> tuple[str, ...]:
    return (node.name, node.id)


def _bare(node: Node) -> str:
    """The name of a table without its schema, which is enough where no table of the default schema has it."""
    parts = split_name(node.name) if node.kind in ("model", "vocabulary") else None
    return parts[-1] if parts else node.name


def _is_called(node: Node, wanted: str) -> bool:
    """Whether a word, or a glob, is the name of the node or its id."""
    if _GLOB.search(wanted):
        # `s*` is not meant to be every `stat.` and `story.`: ids are matched by globs that begin with a kind.
        return any(fnmatchcase(name, wanted) for name in (node.name, _bare(node))) or (
            wanted.startswith(f"{node.kind}.") and fnmatchcase(node.id, wanted)
        )
    return wanted in _names(node)
