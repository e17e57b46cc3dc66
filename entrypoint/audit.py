"""What must hold over the entrypoint's own tables, for `souk audit`."""

from collections.abc import Sequence

from souk.audit import Check, Fact

CHECKS: Sequence[Check] = (
    Check(
        8,
        "sessions belong to users",
        """SELECT s.id::text, 'no such user' FROM session s
           LEFT JOIN "user" u ON u.id = s.user_id WHERE u.id IS NULL""",
    ),
    Check(
        8,
        "tokens belong to users",
        "SELECT t.id::text, 'no such user' FROM token t LEFT JOIN \"user\" u ON u.id = t.user_id WHERE u.id IS NULL",
    ),
    Check(
        8,
        "notifications belong to users",
        """SELECT n.id::text, 'no such user' FROM notification n
           LEFT JOIN "user" u ON u.id = n.user_id WHERE u.id IS NULL""",
    ),
    Check(
        8,
        "one account per address",
        'SELECT email_key, count(*)::text FROM "user" GROUP BY email_key HAVING count(*) > 1',
    ),
    Check(
        7,
        "no session outlives its end",
        "SELECT id::text, 'ended ' || expires_at FROM session WHERE expires_at < now() - interval '1 day'",
    ),
)

FACTS: Sequence[Fact] = (
    Fact(
        8,
        "threads unread",
        "SELECT thread_id || ' ' || user_id, 1 FROM thread_mark WHERE last_message > seen_up_to",
    ),
)
