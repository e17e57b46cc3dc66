"""The whole shop put together: the `souk` command, the embedded runtime, demo data, the audit over all services."""
