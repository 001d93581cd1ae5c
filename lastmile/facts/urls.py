from __future__ import annotations

from django.urls import path

from lastmile.facts.views import (
    answers,
    burden,
    chain,
    dictionary,
    dictionary_book,
    facts,
    layouts,
    opened,
    requests,
    sheets,
)

urlpatterns = [
    path("facts/", answers.desk, name="facts"),
    path("facts/burden/", burden.page, name="fact_burden"),
    path("facts/requests/", requests.listing, name="fact_requests"),
    path("facts/requests/new/", requests.new, name="fact_request_new"),
    path("facts/requests/<int:pk>/", requests.page, name="fact_request"),
    path("facts/requests/<int:pk>/withdraw/", requests.withdraw, name="fact_request_withdraw"),
    path("facts/requests/<int:pk>/open/", opened.page, name="fact_request_open"),
    path("facts/requests/<int:pk>/layouts/<int:layout>/", layouts.filled, name="fact_layout_fill"),
    path("facts/layouts/", layouts.listing, name="fact_layouts"),
    path("facts/layouts/<int:pk>/", layouts.page, name="fact_layout"),
    path("facts/layouts/<int:pk>/remove/", layouts.remove, name="fact_layout_remove"),
    path("facts/chain/<slug:code>/", chain.page, name="fact_chain"),
    path("facts/workbook/<slug:code>/", sheets.export, name="facts_export"),
    path("facts/workbook/<slug:code>/upload/", sheets.upload, name="facts_upload"),
    path("facts/asks/<int:pk>/", answers.page, name="fact_ask"),
    path("facts/asks/<int:pk>/draft/", answers.draft, name="fact_draft"),
    path("facts/dictionary/", dictionary.listing, name="fact_dictionary"),
    path("facts/dictionary/new/", dictionary.new, name="fact_define"),
    path("facts/dictionary/workbook/", dictionary_book.upload, name="fact_dictionary_upload"),
    path("facts/dictionary/<str:name>/", dictionary.field, name="fact_field"),
    path("facts/dictionary/<str:name>/retire/", dictionary.retire, name="fact_retire"),
    path("facts/places/<slug:code>/", facts.place, name="facts_place"),
    path("facts/places/<slug:code>/<str:field>/", facts.place_fact, name="place_fact"),
    path("facts/households/<int:pk>/", facts.home, name="facts_home"),
    path("facts/households/<int:pk>/<str:field>/", facts.home_fact, name="home_fact"),
    path("facts/sites/<int:pk>/", facts.site, name="facts_site"),
    path("facts/sites/<int:pk>/<str:field>/", facts.site_fact, name="site_fact"),
]
