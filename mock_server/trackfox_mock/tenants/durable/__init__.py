"""The store that outlives its process: SQLite, its rows, the file that it is, and what is taken out of one."""
