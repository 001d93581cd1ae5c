"""For servers that speak WSGI; `make run` serves the ASGI application with granian."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.site.settings")
application = get_wsgi_application()
