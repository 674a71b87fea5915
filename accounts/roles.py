"""The one table of roles and permissions. Groups are made from it; the access page shows it."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    VIEWER = "viewer", _("Viewer")
    SUPPORT = "support", _("Support")
    CATALOG = "catalog", _("Catalog")
    ENGINEER = "engineer", _("Engineer")
    CTO = "cto", _("CTO")


VIEWER, SUPPORT, CATALOG, ENGINEER, CTO = Role
EVERYONE = frozenset(Role)

# Roles whose hands reach the dangerous controls need a second factor outside development.
NEEDS_SECOND_FACTOR = frozenset({ENGINEER, CTO})


@dataclass(frozen=True, slots=True)
class Permission:
    name: str
    label: Promise | str
    roles: frozenset[Role]


PERMISSIONS = (
    Permission("opsportal.view", _("See Today and the status bar"), EVERYONE),
    Permission("beta.view", _("See the beta: seats, households, invites"), EVERYONE),
    Permission("beta.stop_signups", _("STOP signups and say why"), frozenset({SUPPORT, ENGINEER, CTO})),
    Permission("beta.resume_signups", _("Resume signups"), frozenset({ENGINEER, CTO})),
    Permission("beta.change_program", _("Change the cap and the program"), frozenset({ENGINEER, CTO})),
    Permission("beta.manage_invites", _("Create, revoke and pause invites"), frozenset({SUPPORT, ENGINEER, CTO})),
    Permission("beta.manage_households", _("Remove and re-activate households"), frozenset({SUPPORT, ENGINEER, CTO})),
    Permission("beta.answer_support", _("Assign and answer support messages"), frozenset({SUPPORT, ENGINEER, CTO})),
    Permission("switches.view", _("See the switches"), EVERYONE),
    Permission("switches.turn_off", _("Turn a switch off"), frozenset({SUPPORT, CATALOG, ENGINEER, CTO})),
    Permission("switches.turn_on", _("Turn a switch on"), frozenset({ENGINEER, CTO})),
    Permission("switches.manage", _("Add and describe switches"), frozenset({ENGINEER, CTO})),
    Permission("jobs.view", _("See the background jobs and their runs"), EVERYONE),
    Permission("jobs.run", _("Run a job now, stop a run, run failed items again"), frozenset({SUPPORT, CATALOG, ENGINEER, CTO})),
    Permission("jobs.change_schedule", _("Change a job's schedule"), frozenset({ENGINEER, CTO})),
    Permission("notify.view", _("See the outbox"), EVERYONE),
    Permission("notify.retry", _("Try an undelivered message again"), frozenset({SUPPORT, ENGINEER, CTO})),
    Permission("notify.manage", _("Change where messages go"), frozenset({ENGINEER, CTO})),
    Permission("health.view", _("See pings and other signs of life"), EVERYONE),
    Permission("health.manage_pings", _("Add and change pings"), frozenset({ENGINEER, CTO})),
    Permission("health.manage_probes", _("Add, change and run probes"), frozenset({ENGINEER, CTO})),
    Permission("catalog.view", _("See products, offers, prices, feeds, alerts and purchases"), EVERYONE),
    Permission("catalog.edit", _("Add, edit and archive products, offers and stores; override prices"), frozenset({CATALOG, ENGINEER, CTO})),
    Permission("catalog.import", _("Import products and offers from files, undo an import"), frozenset({CATALOG, ENGINEER, CTO})),
    Permission("catalog.check_risk", _("Check the risk of an offer, look at the store's page now"), frozenset({SUPPORT, CATALOG, ENGINEER, CTO})),
    Permission("catalog.manage_alerts", _("Pause and end price alerts, change a household's profile"), frozenset({SUPPORT, CATALOG, ENGINEER, CTO})),
    Permission("billing.view", _("See checkouts, payments, plans and webhook events"), EVERYONE),
    Permission("billing.reconcile", _("Reconcile checkouts, replay events, tell the product again"), frozenset({SUPPORT, ENGINEER, CTO})),
    Permission("billing.grant", _("Give a plan by hand, end one"), frozenset({CTO})),
    Permission("billing.manage_plans", _("Add and change plans"), frozenset({ENGINEER, CTO})),
    Permission("review.view", _("See reviews, who is on duty, handover notes"), EVERYONE),
    Permission("review.do", _("Do reviews and sign them, take duty, write handover notes"), frozenset({SUPPORT, CATALOG, ENGINEER, CTO})),
    Permission("audit.view", _("Read the audit log"), EVERYONE),
    Permission("accounts.view", _("See people, roles and API clients"), EVERYONE),
    Permission("accounts.manage_people", _("Invite people, change roles, deactivate"), frozenset({CTO})),
    Permission("accounts.manage_clients", _("Create and revoke API keys"), frozenset({ENGINEER, CTO})),
)

_BY_NAME = {permission.name: permission for permission in PERMISSIONS}


def permissions_of(role: str) -> frozenset[str]:
    return frozenset(permission.name for permission in PERMISSIONS if role in permission.roles)


def roles_with(name: str) -> list[Role]:
    """The roles that have the permission, in the table's order. Raises KeyError for a name that is not in the table."""
    return [role for role in Role if role in _BY_NAME[name].roles]


def exists(name: str) -> bool:
    return name in _BY_NAME


def in_words(name: str) -> tuple[str, list[str]]:
    """A permission's label and the names of the roles that have it; the bare name and nobody for one that is not in the table."""
    if not exists(name):
        return name, []
    return str(_BY_NAME[name].label), [str(role.label) for role in roles_with(name)]
