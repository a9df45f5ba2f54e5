"""The gate `body`: the body as a whole, then field by field."""
