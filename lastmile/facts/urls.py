from __future__ import annotations

from django.urls import path

from lastmile.facts.views import dictionary, facts

urlpatterns = [
    path("facts/dictionary/", dictionary.listing, name="fact_dictionary"),
    path("facts/dictionary/new/", dictionary.new, name="fact_define"),
    path("facts/dictionary/<str:name>/", dictionary.field, name="fact_field"),
    path("facts/dictionary/<str:name>/retire/", dictionary.retire, name="fact_retire"),
    path("facts/places/<slug:code>/", facts.place, name="facts_place"),
    path("facts/places/<slug:code>/<str:field>/", facts.place_fact, name="place_fact"),
    path("facts/sites/<int:pk>/", facts.site, name="facts_site"),
    path("facts/sites/<int:pk>/<str:field>/", facts.site_fact, name="site_fact"),
]
