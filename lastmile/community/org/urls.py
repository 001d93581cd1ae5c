from __future__ import annotations

from django.urls import path

from lastmile.community.org.views import maps, places

urlpatterns = [
    path("places/", places.browse, name="places"),
    path("places/all/", places.listing, name="place_list"),
    path("places/gaps/", places.gaps, name="place_gaps"),
    path("places/search.json", maps.search, name="place_search"),
    path("places/tree.json", maps.tree, name="place_tree"),
    path("places/<slug:code>/", places.page, name="place"),
    path("places/<slug:code>/children.json", maps.children, name="place_children"),
    path("places/<slug:code>/outlines.json", maps.outline, name="place_outlines"),
    path("places/<slug:code>/sites.json", maps.sites, name="place_sites"),
]
