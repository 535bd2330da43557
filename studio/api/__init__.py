"""The HTTP routes beside the pages: REST for the review gallery and for other systems, and the sign-in pages."""
