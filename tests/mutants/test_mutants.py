"""The tests of the money and of the accounts can fail: with any one safeguard taken away, those that must notice do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from souk.database.embedded import EmbeddedServer
from tests.conftest import LENT
from tests.mutants.mutations import MUTATIONS, Mutation

pytestmark = pytest.mark.slow

LEAN = ("-n", "0", "-x", "--tb=line", "-p", "no:cacheprovider")
"""Most of a run's time is its start."""

ROOT = Path(__file__).parents[2]
PATIENCE_S = 180
"""A mutant whose tests take longer hangs; that is no way to notice."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of its own, so that nobody meets a mutant elsewhere."""
    folder = tmp_path_factory.mktemp("mutants") / "souk"
    shutil.copytree(ROOT, folder, ignore=_left_out)
    return folder


def _left_out(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name.startswith(".") or name == "data"}


def run(folder: Path, *tests: str, lent: EmbeddedServer | None) -> subprocess.CompletedProcess[str]:
    """One pytest over the copy: the copy's code, and copies of the `lent` server's databases, else those that the copy's
    migrations make."""
    command = [sys.executable, "-m", "pytest", *LEAN, *tests]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | {"PYTHONPATH": str(folder)}
    if lent is not None:
        environment[LENT] = str(lent.postmaster.folder.parent)
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_mutant_is_caught(copy: Path, postgres: EmbeddedServer, mutation: Mutation) -> None:
    lent = None if "/migrations/" in mutation.file else postgres
    path = copy / mutation.file
    source = path.read_text()
    assert source.count(mutation.old) == 1, f"{mutation.file} no longer has this once: {mutation.old}"
    path.write_text(source.replace(mutation.old, mutation.new))
    try:
        survived = []
        for tests in mutation.tests:
            done = run(copy, *tests.split(), lent=lent)
            assert done.returncode in (0, 1), f"the tests could not run:\n{done.stdout}\n{done.stderr}"
            if done.returncode == 0:
                survived.append(tests)
            else:  # an error alone is none of the test's doing: nothing was tested
                assert "\nFAILED " in done.stdout, f"broken before it was tested:\n{done.stdout}"
        assert not survived, f"{mutation.name}: nobody noticed in {survived}"
    finally:
        path.write_text(source)


def test_without_a_mutation_they_all_pass(copy: Path, postgres: EmbeddedServer) -> None:
    """Else a test that always fails would count as one that notices."""
    named = [tests.partition(" -k ") for mutation in MUTATIONS for tests in mutation.tests]
    whole = sorted({file for file, _, word in named if not word})
    parts = sorted({file for file, _, word in named if word})
    words = " or ".join(sorted({word for _, _, word in named if word}))
    for tests in (whole, [*parts, "-k", words]):
        done = run(copy, *tests, lent=postgres)
        assert done.returncode == 0, done.stdout[-3000:]
