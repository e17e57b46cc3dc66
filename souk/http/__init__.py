"""The app factory every service uses, signed identity, problem details, and the client between services."""

from souk.http.answers import Answer
from souk.http.app import build_app
from souk.http.client import Refused, ServiceClient
from souk.http.identity import Identity
from souk.http.kernel import Kernel, make_kernel

__all__ = ["Answer", "Identity", "Kernel", "Refused", "ServiceClient", "build_app", "make_kernel"]
