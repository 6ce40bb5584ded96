"""The wiring: settings, addresses, the server."""
