"""CHECK: the project's files against the rules, without any connection.

`ssgproj.lint.linter.lint(graph)` gives the findings; `ssgproj.lint.registry` lists the rules; each rule is one file of `rules/`.
"""
