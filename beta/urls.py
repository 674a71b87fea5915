from django.urls import path

from beta.views import desk, household, invite, support

urlpatterns = [
    path("", desk.overview, name="beta"),
    path("stop/", desk.stop, name="beta_stop"),
    path("reason/", desk.explain, name="beta_explain"),
    path("resume/", desk.resume, name="beta_resume"),
    path("cap/", desk.change_cap, name="beta_cap"),
    path("program/", desk.program, name="beta_program"),
    path("pause/", desk.pause, name="beta_pause"),
    path("unpause/", desk.unpause, name="beta_unpause"),
    path("invites/", invite.invites, name="beta_invites"),
    path("invites/create/", invite.create, name="beta_invite_create"),
    path("invites/export/", invite.export, name="beta_invite_export"),
    path("invites/<int:invite_id>/revoke/", invite.revoke, name="beta_invite_revoke"),
    path("households/", household.households, name="beta_households"),
    path("households/<uuid:household_id>/", household.household, name="beta_household"),
    path("households/<uuid:household_id>/remove/", household.remove, name="beta_household_remove"),
    path("households/<uuid:household_id>/reactivate/", household.reactivate, name="beta_household_reactivate"),
    path("support/", support.support, name="beta_support"),
    path("support/<uuid:support_id>/", support.message, name="beta_support_message"),
    path("support/<uuid:support_id>/answer/", support.answer, name="beta_support_answer"),
    path("support/<uuid:support_id>/assign/", support.assign, name="beta_support_assign"),
    path("support/<uuid:support_id>/reopen/", support.reopen, name="beta_support_reopen"),
    path("support/<uuid:support_id>/classify/", support.classify, name="beta_support_classify"),
    path("support/<uuid:support_id>/link/", support.link, name="beta_support_link"),
    path("refusals/", household.refusals, name="beta_refusals"),
]
