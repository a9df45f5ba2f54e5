"""The OpenAPI document, and how it is read: compiled schemas, clauses, silences, and the service under one reading."""
