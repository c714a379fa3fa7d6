"""The examples of docs/api.md work as they stand there."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.stories.storefront import Storefront

GUIDE = Path(__file__).parents[2] / "docs/api.md"


def test_the_examples_of_the_guide_work(
    storefront: Storefront, program: Callable[[str, str], str], tmp_path: Path
) -> None:
    program("curl", "curl")
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(), flags=re.MULTILINE | re.DOTALL)
    key = storefront.owner.headers["authorization"].removeprefix("Bearer ")

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        env={"OMS": f"{storefront.url}/api/v1", "KEY": key, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"problem"' not in done.stdout
    assert len(storefront.get("/returns")["items"]) == 1
