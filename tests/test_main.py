"""The composition root knows every command: a lane that was asked for another one would end."""

import subprocess
import sys

KNOWN = "import dealings.main; from dealings.platform.db.actions import REGISTRY; print(*sorted(REGISTRY))"
ALL = f"""
import pkgutil, importlib, dealings
for each in pkgutil.walk_packages(dealings.__path__, "dealings."):
    if each.name.startswith(("dealings.domain.", "dealings.platform.")) and "migrations" not in each.name:
        importlib.import_module(each.name)
{KNOWN}
"""


def _names(program: str) -> set[str]:
    """What a process of its own prints, for here everything has been imported by the tests."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_lane_knows_every_command_there_is() -> None:
    assert _names(ALL) - _names(KNOWN) == set()
