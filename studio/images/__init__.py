"""The images made here: found, shown, compared by their looks."""
