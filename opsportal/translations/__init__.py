"""Catalogs kept in step with the source by Babel, so that nobody needs GNU gettext. `manage.py translations` runs it."""
