"""Records what clients and servers say: a proxy between them, or anything else that sees their bytes."""

from volttools.hooks import Message
from volttools.record.proxy import Proxy
from volttools.record.recorder import Recorder
from volttools.record.relay import Route
from volttools.record.rotation import Rotation

__all__ = ["Message", "Proxy", "Recorder", "Rotation", "Route"]
