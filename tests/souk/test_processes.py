"""Whether this process has time to spare."""

import time

from souk.processes import Load


def test_load_is_what_was_used_since_it_was_last_asked() -> None:
    load = Load()
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    load._at = time.perf_counter() - 0.06  # however long others kept this process waiting
    assert load.is_high()
    time.sleep(0.05)
    assert not load.is_high()
