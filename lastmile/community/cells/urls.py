"""Pages of cells and pairs of neighbours."""

from __future__ import annotations

from django.urls import path

from lastmile.community.cells.views import book, cells, doors, pairs, volunteers

urlpatterns = [
    path("cells/", cells.listing, name="cells"),
    path("cells/in/<slug:code>/", cells.listing, name="cells_place"),
    path("cells/in/<slug:code>/print/", cells.paper, name="cells_print"),
    path("cells/in/<slug:code>/doors/", doors.page, name="cells_doors"),
    path("cells/in/<slug:code>/suggest/", doors.accept, name="cells_suggest"),
    path("cells/in/<slug:code>/undo/", doors.undo, name="cells_undo"),
    path("cells/in/<slug:code>/workbook/", book.start, name="cells_book"),
    path("cells/in/<slug:code>/cells.xlsx", book.download, name="cells_xlsx"),
    path("cells/in/<slug:code>/pairs/", pairs.listing, name="cells_pairs"),
    path("cells/in/<slug:code>/volunteers/", volunteers.listing, name="cells_volunteers"),
    path("cells/in/<slug:code>/volunteers/add/", volunteers.add, name="cells_volunteer"),
    path("cells/volunteers/<int:pk>/", volunteers.one, name="volunteer"),
    path("cells/<int:pk>/", cells.page, name="cell"),
    path("cells/<int:pk>/agree/<slug:role>/", cells.agree, name="cell_agree"),
    path("cells/helpers/<int:pk>/withdraw/", cells.withdraw, name="cell_withdraw"),
    path("cells/pairs/of/<int:pk>/", pairs.edit, name="pair_edit"),
    path("cells/pairs/<int:pk>/end/", pairs.end, name="pair_end"),
]
