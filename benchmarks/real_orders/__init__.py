"""Real orders through their whole life: the "Online Retail" data set, in event-time order.

    python -m benchmarks.real_orders ../shared/data/real/orders

The data is not part of this project; see docs/performance.md for where it comes from.
"""
