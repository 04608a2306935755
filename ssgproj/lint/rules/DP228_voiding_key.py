"""## What it does

Checks that the header sets none of SmartNoise's keys that void the guarantee.

## Why it matters

With `censor_dims: false` every key is listed, with `clamp_columns: false` or a `sensitivity` the noise does not fit the values,
with `sample_max_ids: false` or `row_privacy: true` a person has more rows than reckoned with — and the cost that SmartNoise
reports stays the same.

## Example

```yaml
censor_dims: false
```

## Use instead

```yaml
epsilon: 0.5      # and no such line: ssg sets these keys itself
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("DP228", "voiding-key")
