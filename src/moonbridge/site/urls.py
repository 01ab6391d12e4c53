"""All addresses. Pages carry the language in the path (none for English), so that a page has one address per language."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("moonbridge.api.urls")),
    *i18n_patterns(
        path("accounts/", include("allauth.urls")),
        path("", include("moonbridge.accounts.urls")),
        path("", include("moonbridge.cooperation.programmes.urls")),
        path("", include("moonbridge.cooperation.sites.urls")),
        path("", include("moonbridge.cooperation.opportunities.urls")),
        path("", include("moonbridge.cooperation.proposals.urls")),
        path("", include("moonbridge.cooperation.review.urls")),
        path("", include("moonbridge.cooperation.selection.urls")),
        path("", include("moonbridge.cooperation.samples.urls")),
        path("", include("moonbridge.portal.urls")),
        prefix_default_language=False,
    ),
]
