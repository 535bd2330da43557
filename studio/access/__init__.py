"""Who may come in, and as whom: accounts, links, passwords, keys of programs, roles given."""
