"""The database: typed tables, the engine and the migrations. It knows nothing of the rest of the project."""
