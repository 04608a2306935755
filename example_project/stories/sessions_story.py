"""Users sign up, then browse."""

from collections.abc import Generator

from ssgproj.stories import Row, StoryContext, story

DEVICES = ["Mac Desktop", "Windows Desktop", "iPhone"]


@story(count="var.sign_ups", inserts=["users", "sessions"])
def sessions_story(ctx: StoryContext, fewest: int = 10, most: int = 20) -> Generator[Row, Row, None]:
    """A user signs up on one device and then browses, mostly on that device."""
    user = yield Row("users", first_device_type=ctx.random.choice(DEVICES))
    for _ in range(ctx.random.randint(fewest, most)):
        same = ctx.random.random() < 0.8
        device = user["first_device_type"] if same else ctx.random.choice(DEVICES)
        yield Row("sessions", user_id=user["id"], device_type=device)
