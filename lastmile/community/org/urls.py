from __future__ import annotations

from django.urls import path

from lastmile.community.org.views import grids, maps, places, posts, sites, terminals

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
    path("places/<slug:code>/outline/", grids.outline, name="outline_edit"),
    path("places/<slug:code>/retire/", grids.retire, name="grid_retire"),
    path("places/<slug:code>/grids/add/", grids.add, name="grid_add"),
    path("places/<slug:code>/outlines/import/", grids.upload, name="outline_upload"),
    path("places/<slug:code>/outlines/import/<uuid:key>/", grids.preview, name="outline_preview"),
    path("places/<slug:code>/sites/add/", sites.add, name="site_add"),
    path("places/<slug:code>/posts/add/", posts.add, name="post_add"),
    path("places/<slug:code>/terminals/add/", terminals.add, name="terminal_add"),
    path("sites/", sites.listing, name="sites"),
    path("sites/<int:pk>/", sites.page, name="site"),
    path("sites/<int:pk>/edit/", sites.edit, name="site_edit"),
    path("sites/<int:pk>/close/", sites.close, name="site_close"),
    path("posts/", posts.listing, name="posts"),
    path("posts/<int:pk>/edit/", posts.edit, name="post_edit"),
    path("posts/<int:pk>/close/", posts.close, name="post_close"),
    path("terminals/", terminals.listing, name="terminals"),
    path("terminals/<int:pk>/", terminals.page, name="terminal"),
    path("terminals/<int:pk>/edit/", terminals.edit, name="terminal_edit"),
    path("terminals/<int:pk>/retire/", terminals.retire, name="terminal_retire"),
    path("terminals/<int:pk>/key/", terminals.key, name="terminal_key"),
]
