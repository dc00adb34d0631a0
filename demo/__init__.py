"""The demo: sample containers on this machine, and what the collection says of them. See `make demo`."""

from __future__ import annotations

from lab import CHECKOUT

# On everything that the demo makes at the engine, so that it can be removed, and nothing else.
# Its value tells a container of the demo from one that somebody else made of the demo's image, which has it as well.
LABEL = "fathom.demo"
OF_IMAGE, OF_CONTAINER = "image", "container"
PREFIX = "fathom-demo-"
STATE = CHECKOUT / ".demo"
ENGINE_STATE = STATE / "engine"
