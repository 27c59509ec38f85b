# The one image of every process: web, dispatcher, workers. Which one it is, the command says.
FROM debian:12-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        python3 python3-venv ca-certificates \
        tesseract-ocr tesseract-ocr-vie tesseract-ocr-eng tesseract-ocr-osd fonts-croscore \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/digitise digitise

WORKDIR /opt/digitise
COPY requirements-build.txt requirements-npm.txt requirements.txt ./
RUN python3 -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-build.txt -r requirements.txt
COPY scripts/model scripts/model
RUN scripts/model
COPY pyproject.toml README.md ./
COPY digitise digitise
COPY storage storage
COPY workers workers
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

ENV PATH=/opt/digitise/.venv/bin:$PATH \
    OMP_THREAD_LIMIT=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DIGITISE_DATA=/var/lib/digitise
USER 10001
VOLUME /var/lib/digitise
EXPOSE 8000
CMD ["python", "-m", "digitise.web", "--host", "0.0.0.0", "--port", "8000"]
