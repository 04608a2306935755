"""Users who are there already come back."""

from collections.abc import Generator

from ssgproj.stories import Row, StoryContext, story


@story(count="var.returning", inserts=["sessions"], stats=["sessions_per_user"])
def returning_users(ctx: StoryContext) -> Generator[Row, Row, None]:
    """One of the users made before browses on a phone, as often as users did at the source."""
    user = ctx.random.choice(ctx.parents("users"))
    released = ctx.stats["sessions_per_user"]
    # Noise takes small counts below zero.
    (tens,) = ctx.random.choices(released["tens"], weights=[max(n, 0) for n in released["users"]])
    for _ in range(10 * int(tens) + ctx.random.randint(0, 9)):
        yield Row("sessions", user_id=user["id"], device_type="iPhone")
