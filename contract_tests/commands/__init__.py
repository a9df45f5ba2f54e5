"""The commands that ask a service, a file each; `mock_server/cli.py` names them and loads one when it is called."""
