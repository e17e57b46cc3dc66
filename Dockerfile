# One image for the four services and the `souk` command, with exactly requirements/runtime.txt in it:
# no embedded server, no test tools, no package installer.
FROM python:3.13-slim-bookworm AS build

# Where packages come from is the builder's business: pip's own variables are taken over if they are given.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

COPY requirements/runtime.txt /tmp/runtime.txt
RUN python -m venv --without-pip /opt/souk \
    && pip --python /opt/souk/bin/python install --require-hashes --only-binary :all: -r /tmp/runtime.txt \
    && find /opt/souk -depth -type d \( -name tests -o -name test \) -path '*/site-packages/*' -exec rm -rf {} +

COPY souk /app/souk
COPY shop /app/shop
COPY catalogue /app/catalogue
COPY store /app/store
COPY payment /app/payment
COPY entrypoint /app/entrypoint
COPY misc/image /opt/souk/bin/
RUN chmod 0755 /opt/souk/bin/souk /opt/souk/bin/with-secrets /opt/souk/bin/healthy \
    && /opt/souk/bin/python -m compileall -q /app

FROM python:3.13-slim-bookworm

# These folders exist here so that fresh volumes over them belong to the services' user.
RUN groupadd --system --gid 10001 souk \
    && useradd --system --uid 10001 --gid souk --no-create-home --home-dir /tmp --shell /usr/sbin/nologin souk \
    && install -d -o souk -g souk /var/lib/souk/pictures /var/lib/souk/demo /var/lib/souk/ledger \
    # The base image has its library as source only, and a read-only container would compile it at every start.
    && python -m compileall -q -j 0 -x '/(test|idlelib|tkinter|turtledemo|ensurepip|site-packages)/' /usr/local/lib/python3.13
COPY --from=build /opt/souk /opt/souk
COPY --from=build /app /app

ENV PATH=/opt/souk/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    SOUK_DATA_DIR=/tmp/souk
WORKDIR /app
USER 10001:10001
CMD ["souk", "--help"]
