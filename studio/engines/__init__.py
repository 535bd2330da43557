"""Everything that can make images, known by its folder; what is loaded is in `live`."""
