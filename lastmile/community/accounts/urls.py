from __future__ import annotations

from django.urls import path

from lastmile.community.accounts.views import archives, book, door, keys, retention, rotation, second, trail, users

urlpatterns = [
    path("login/", door.log_in, name="login"),
    path("login/code/", second.code, name="login_code"),
    path("logout/", door.log_out, name="logout"),
    path("account/", door.account, name="account"),
    path("account/password/", door.password, name="password"),
    path("account/second/", second.mine, name="second"),
    path("account/sessions/<slug:name>/end/", door.end_session, name="session_end"),
    path("account/tokens/", keys.mine, name="tokens"),
    path("account/tokens/<int:pk>/revoke/", keys.revoke, name="token_revoke"),
    path("users/", users.users, name="users"),
    path("users/new/", users.new, name="user_new"),
    path("users/roles/", users.roles, name="roles"),
    path("users/workbook/", book.upload, name="user_book"),
    path("users/workbook/template/", book.template, name="user_book_template"),
    path("users/workbook/<int:pk>/", book.state, name="user_book_state"),
    path("users/workbook/<int:pk>/passwords/", book.passwords, name="user_book_passwords"),
    path("users/holders/", users.holders, name="holders"),
    path("users/grants/<int:pk>/end/", users.end, name="grant_end"),
    path("users/<int:pk>/", users.user, name="user"),
    path("users/<int:pk>/grant/", users.give, name="grant_new"),
    path("users/<int:pk>/person/", users.join, name="user_person"),
    path("users/<int:pk>/password/", users.reset, name="user_reset"),
    path("users/<int:pk>/out/", users.out, name="user_out"),
    path("users/<int:pk>/second/", second.reset, name="user_second"),
    path("users/<int:pk>/<slug:verb>/", users.change, name="user_change"),  # after those above, which it would catch
    path("retention/", retention.page, name="retention"),
    path("retention/<slug:name>/", retention.change, name="retention_change"),
    path("keys/", rotation.keys, name="key_rotation"),
    path("audit/", trail.trail, name="audit"),
    path("audit/verify/", trail.verify, name="audit_verify"),
    path("audit/archives/", archives.listing, name="audit_archives"),
    path("audit/archives/verify/", archives.verify, name="audit_archives_verify"),
    path("audit/archives/<slug:month>/<slug:part>/", archives.fetch, name="audit_archive"),
    path("audit/<int:pk>/", trail.entry, name="audit_entry"),
]
