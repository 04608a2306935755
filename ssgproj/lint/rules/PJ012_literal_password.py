"""## What it does

Warns where a profile holds a password.

## Why it matters

Profiles are committed; secrets belong into the environment.

## Example

```yaml
source: "postgresql://me:secret@db/x"
```

## Use instead

```yaml
source: "{{ env_var('SSG_SOURCE_URL') }}"
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule

RULE = Rule("PJ012", "literal-password", severity=Severity.WARNING, elsewhere="every command that connects")
