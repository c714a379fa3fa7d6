"""Run every benchmark at sizes that take a few minutes; figures for docs/performance.md."""

import argparse

from benchmarks import http_intake, import_memory, intake_batch, machine, whole_life


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--postgresql",
        default="",
        metavar="URL",
        help="an empty PostgreSQL database for each part is made beside this one",
    )
    parser.add_argument("--orders", type=int, default=4_000, help="orders in each part")
    chosen = parser.parse_args()
    print(machine.report())
    for kind, url in (("SQLite", ""), ("PostgreSQL", chosen.postgresql)):
        if kind == "PostgreSQL" and not url:
            print("PostgreSQL: not measured; give --postgresql URL")
            continue
        print(kind)
        intake_batch.run(url, chosen.orders)
        http_intake.run(url, chosen.orders)
        whole_life.run(url, (chosen.orders // 4,) * 4)
    import_memory.run((chosen.orders, chosen.orders * 4))


if __name__ == "__main__":
    main()
