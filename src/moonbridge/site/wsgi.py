"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from moonbridge.site import environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moonbridge.site.settings")
environment.start_database()
application = get_wsgi_application()
