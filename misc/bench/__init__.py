"""Benchmarks: `make bench` prints figures. Speed is shown here, never by a timed test."""
