__version__ = "0.1.0"
"""That of Hebb, with which this client is released."""

API_VERSION = __version__
"""Of the API: `info.version` of the service's /openapi.json."""
