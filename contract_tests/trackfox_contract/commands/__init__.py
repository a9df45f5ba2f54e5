"""The commands that ask a service, a file each; the command line of `trackfox_mock` loads the one that is called."""
