"""Routes of the accounts app: under /api/v1/ and at the root."""

from django.urls import URLPattern, path

from accounts import api, views

api_urlpatterns: list[URLPattern] = [
    path("admin/connect", api.Connect.as_view(), name="api-connect"),
    path("admin/callback", api.AccountCallback.as_view(), name="api-callback"),
    path("admin/accounts", api.Accounts.as_view(), name="api-accounts"),
    path("admin/accounts/<int:account_id>/deactivate", api.Deactivate.as_view(), name="api-deactivate"),
    path("admin/accounts/<int:account_id>/activate", api.Activate.as_view(), name="api-activate"),
    path("playlist/connect", api.ListenerConnect.as_view(), name="listener-connect"),
    path("playlist/disconnect", api.ListenerDisconnect.as_view(), name="listener-disconnect"),
    path("playlist/callback", api.ListenerCallback.as_view(), name="listener-callback"),
]
page_urlpatterns: list[URLPattern] = [
    path("accounts/connect/", views.connect, name="account-connect"),
    path("sign-out", views.sign_out, name="listener-sign-out"),
]
