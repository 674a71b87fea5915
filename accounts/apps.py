from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Access")

    def ready(self) -> None:
        from accounts import checks, search, signins  # noqa: F401  (checks and receivers connect themselves)
        from accounts.action_types import AccountAction
        from accounts.roles import in_words
        from audit import registry
        from opsportal import access
        from opsportal.frame import NavItem, register_nav
        from opsportal.search import register_search

        registry.register(AccountAction, routine=[AccountAction.SIGN_IN, AccountAction.SIGN_OUT, AccountAction.CONFIRM_IDENTITY])
        registry.register_entity("person", _("person"), lambda entity_id: reverse("access_person", args=[entity_id]))
        registry.register_entity("person_invite", _("invitation of a colleague"), lambda entity_id: reverse("access_people"))
        registry.register_entity("api_client", _("API client"), lambda entity_id: reverse("access_client", args=[entity_id]))
        access.set_table(in_words)
        register_nav(NavItem(_("Access"), "access_people", "access", "accounts.view", group="records", order=90, prefix="/ops/access/"))
        register_search(search.people)
        post_migrate.connect(make_groups, sender=self)


def make_groups(**kwargs: Any) -> None:
    """Groups with the table's permissions, for whatever looks at Django's own tables. The portal itself asks the table."""
    from accounts.groups import sync

    sync(using=kwargs.get("using", "default"))
