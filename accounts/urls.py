from django.urls import path

from accounts.views import account, clients, door, people

urlpatterns = [
    path("", people.people, name="access_people"),
    path("invite/", people.invite, name="access_invite"),
    path("invites/<int:invite_id>/revoke/", people.revoke_invite, name="access_revoke_invite"),
    path("people/<int:person_id>/", people.person, name="access_person"),
    path("people/<int:person_id>/role/", people.change_role, name="access_change_role"),
    path("people/<int:person_id>/deactivate/", people.deactivate, name="access_deactivate"),
    path("people/<int:person_id>/reactivate/", people.reactivate, name="access_reactivate"),
    path("people/<int:person_id>/sessions/end/", people.end_sessions, name="access_end_sessions"),
    path("roles/", people.roles, name="access_roles"),
    path("clients/", clients.clients, name="access_clients"),
    path("clients/new/", clients.create_client, name="access_create_client"),
    path("clients/<int:client_id>/", clients.client, name="access_client"),
    path("clients/<int:client_id>/rotate/", clients.rotate_key, name="access_rotate_key"),
    path("clients/<int:client_id>/scopes/", clients.change_scopes, name="access_change_scopes"),
    path("keys/<slug:prefix>/revoke/", clients.revoke_key, name="access_revoke_key"),
    path("me/", account.account, name="account"),
    path("me/sessions/", account.sessions, name="usersessions_list"),
    path("me/sessions/end/", account.end_other_sessions, name="access_end_other_sessions"),
    path("join/<str:token>/", door.join, name="access_join"),
    path("first/", door.first, name="access_first"),
]
