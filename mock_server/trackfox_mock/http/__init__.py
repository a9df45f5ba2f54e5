"""Requests off the wire and answers onto it: protocol, application, delivery, server."""
