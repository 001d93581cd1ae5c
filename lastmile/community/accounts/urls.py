from __future__ import annotations

from django.urls import path

from lastmile.community.accounts.views import door

urlpatterns = [
    path("login/", door.log_in, name="login"),
    path("logout/", door.log_out, name="logout"),
    path("account/", door.account, name="account"),
    path("account/password/", door.password, name="password"),
]
