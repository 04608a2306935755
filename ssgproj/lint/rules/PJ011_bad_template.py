"""## What it does

Checks that profiles hold no template but `env_var()`.

## Why it matters

Profiles are data.

## Example

```yaml
destination: "{{ config('x') }}"
```

## Use instead

```yaml
destination: "{{ env_var('SSG_DESTINATION_URL') }}"
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("PJ011", "bad-template", elsewhere="every command that connects")
