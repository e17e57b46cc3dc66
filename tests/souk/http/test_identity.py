"""Only what a known service signed, for this service, within its minute, is believed."""

import time
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from souk.clock import ManualClock
from souk.errors import Forbidden, Unauthenticated
from souk.http.identity import CLOCK_SKEW_S, LIFETIME_S, Identity, Signer, Verifier, new_key_pair


@pytest.fixture
def pair() -> tuple[str, str]:
    return new_key_pair()


def _claims(**change: object) -> dict[str, object]:
    now = int(time.time())
    return {"iss": "entrypoint", "aud": "store", "iat": now, "exp": now + 60, "sub": str(uuid4()), "scope": ""} | change


def _sign(private: str, claims: dict[str, object]) -> str:
    key = serialization.load_pem_private_key(private.encode(), password=None)
    return jwt.encode(claims, key, algorithm="EdDSA")  # type: ignore[arg-type]


def test_the_user_and_roles_arrive(pair: tuple[str, str]) -> None:
    user = uuid4()
    token = Signer("entrypoint", pair[0]).token("store", user, frozenset({"admin"}))
    identity = Verifier("store", {"entrypoint": pair[1]}).identity(token)
    assert identity == Identity(service="entrypoint", user_id=user, roles=frozenset({"admin"}))
    assert identity.require_role("admin") == user


def test_a_visitor_has_no_user(pair: tuple[str, str]) -> None:
    identity = Verifier("store", {"entrypoint": pair[1]}).identity(Signer("entrypoint", pair[0]).token("store"))
    with pytest.raises(Unauthenticated):
        identity.user()


def test_roles_and_services_are_checked() -> None:
    with pytest.raises(Forbidden):
        Identity(service="entrypoint", user_id=uuid4()).require_role("admin")
    with pytest.raises(Forbidden):
        Identity(service="entrypoint").require_service("store")
    with pytest.raises(Forbidden):
        Identity(service="store", user_id=uuid4()).require_service("store")


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "payment"},
        {"exp": int(time.time()) - 30},
        {"iat": int(time.time()) + 86_400},
        {"exp": float("nan")},
        {"exp": "soon"},
        {"iss": "nobody"},
        {"sub": "not an id"},
        {"exp": None},
    ],
)
def test_what_does_not_fit_is_refused(pair: tuple[str, str], change: dict[str, object]) -> None:
    claims = {key: value for key, value in _claims(**change).items() if value is not None}
    with pytest.raises(Unauthenticated):
        Verifier("store", {"entrypoint": pair[1]}).identity(_sign(pair[0], claims))


def test_another_key_is_refused(pair: tuple[str, str]) -> None:
    forged = _sign(new_key_pair()[0], _claims())
    with pytest.raises(Unauthenticated):
        Verifier("store", {"entrypoint": pair[1]}).identity(forged)


def test_a_service_cannot_speak_for_another(pair: tuple[str, str]) -> None:
    other = new_key_pair()
    as_entrypoint = _sign(other[0], _claims(iss="entrypoint"))
    with pytest.raises(Unauthenticated):
        Verifier("store", {"entrypoint": pair[1], "catalogue": other[1]}).identity(as_entrypoint)


def test_only_the_entrypoint_speaks_for_users(pair: tuple[str, str]) -> None:
    signer, verifier = Signer("catalogue", pair[0]), Verifier("payment", {"catalogue": pair[1]})
    assert verifier.identity(signer.token("payment")) == Identity(service="catalogue")
    for user, roles in ((uuid4(), frozenset[str]()), (uuid4(), frozenset({"admin"})), (None, frozenset({"admin"}))):
        with pytest.raises(Unauthenticated):
            verifier.identity(signer.token("payment", user, roles))


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_nonsense_is_refused(pair: tuple[str, str], token: str) -> None:
    with pytest.raises(Unauthenticated):
        Verifier("store", {"entrypoint": pair[1]}).identity(token)


def test_a_remembered_token_still_expires(pair: tuple[str, str]) -> None:
    clock = ManualClock()
    verifier = Verifier("store", {"entrypoint": pair[1]}, clock)
    token = Signer("entrypoint", pair[0]).token("store", uuid4())
    assert verifier.identity(token) is verifier.identity(token), "the signature is checked each time"
    clock.advance(timedelta(seconds=LIFETIME_S + CLOCK_SKEW_S + 1))
    with pytest.raises(Unauthenticated):
        verifier.identity(token)


def test_a_remembered_token_is_for_one_service(pair: tuple[str, str]) -> None:
    token = Signer("entrypoint", pair[0]).token("store", uuid4())
    store, payment = (Verifier(service, {"entrypoint": pair[1]}) for service in ("store", "payment"))
    for _ in range(2):
        store.identity(token)
        with pytest.raises(Unauthenticated):
            payment.identity(token)


def test_a_changed_token_is_not_the_remembered_one(pair: tuple[str, str]) -> None:
    verifier, token = Verifier("store", {"entrypoint": pair[1]}), Signer("entrypoint", pair[0]).token("store")
    verifier.identity(token)
    head, claims, signature = token.split(".")
    first = "B" if signature[0] == "A" else "A"
    with pytest.raises(Unauthenticated):
        verifier.identity(f"{head}.{claims}.{first}{signature[1:]}")


def test_a_token_is_signed_once_in_half_its_life(pair: tuple[str, str]) -> None:
    clock, user = ManualClock(), uuid4()
    signer = Signer("entrypoint", pair[0], clock)
    first = signer.token("store", user)
    for seconds, same in ((LIFETIME_S / 2 - 1, True), (2, False)):
        clock.advance(timedelta(seconds=seconds))
        assert (signer.token("store", user) == first) is same


def test_a_token_is_for_one_service_user_and_role(pair: tuple[str, str]) -> None:
    signer, user, admin = Signer("entrypoint", pair[0]), uuid4(), frozenset({"admin"})
    asked = [("store", user), ("payment", user), ("store", uuid4()), ("store", user, admin), ("store",)]
    assert len({signer.token(*one) for one in asked}) == len(asked)  # type: ignore[arg-type]
