"""No secret survives a log line."""

import logging

import pytest

from vibe_project import logs


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer BQDsecretsecret",
        "{'access_token': 'BQDsecretsecret'}",
        '{"refresh_token": "AQDsecretsecret"}',
        "POST /api/token?code=AQDsecretsecret&state=1",
        "client_secret=secretsecret",
        "x-goog-api-key: secretsecret",
        "X-ADMIN-API-KEY: secretsecret",
        "row gAAAAABsecretsecretsecretsecret== could not be read",
        "Basic c2VjcmV0OnNlY3JldA==",
    ],
)
def test_a_secret_is_masked(line):
    masked = logs.mask(line)

    assert "secretsecret" not in masked
    assert "c2VjcmV0" not in masked
    assert "***" in masked


def test_a_plain_line_is_left_alone():
    assert logs.mask("ingested 20 albums, 3 failed") == "ingested 20 albums, 3 failed"


def test_a_secret_in_a_traceback_is_masked():
    formatter = logs.MaskingFormatter(processor=lambda logger, name, event: str(event["event"]))
    try:
        raise ValueError("Bearer BQDsecretsecret")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, str(error), None, None)

    assert "secretsecret" not in formatter.format(record)
