from __future__ import annotations

from django.urls import path

from lastmile.duties.views import area, digest, offline, todo
from lastmile.kernel.offline import worker

urlpatterns = [
    path("todo/", todo.listing, name="todo"),
    path("todo/digest/", digest.choose, name="todo_digest"),
    path("todo/worker.js", worker, name="todo_worker"),
    path("todo/offline/", offline.shell, name="todo_offline"),
    path("todo/area/", area.numbers, name="todo_numbers"),
    path("todo/area/list/", area.listing, name="todo_area"),
    path("todo/<int:pk>/", todo.page, name="todo_item"),
    path("todo/<int:pk>/<slug:verb>/", todo.act, name="todo_act"),
]
