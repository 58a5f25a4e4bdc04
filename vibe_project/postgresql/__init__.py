"""The database engine: Django's PostgreSQL, whose waits end when the server no longer answers anybody."""
