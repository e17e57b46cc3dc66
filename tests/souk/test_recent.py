"""What was used lately stays in memory."""

from souk.recent import Recent


def test_only_so_much_is_remembered_and_what_is_used_stays() -> None:
    recent = Recent[str, int](2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)
    recent.forget("a")
    assert recent.get("a") is None
