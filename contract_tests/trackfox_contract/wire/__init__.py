"""How a request gets to a service and what came back: sockets, ASGI, and the guard of safe mode."""
