"""The benchmark's story for SqlSynthGen 0.4.2. Run by Python 3.9 or 3.10."""

import random

DEVICES = ["Mac Desktop", "Windows Desktop", "iPhone"]


def sign_ups():
    """One user with 10 to 19 sessions, mostly on the device of the sign-up."""
    user = yield "users", {"first_device_type": random.choice(DEVICES)}
    for _ in range(random.randint(10, 19)):
        same = random.random() < 0.8
        device = user["first_device_type"] if same else random.choice(DEVICES)
        yield "sessions", {"user_id": user["id"], "device_type": device}
