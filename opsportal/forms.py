"""How forms are drawn: templates/django/forms/. {{ form }} is the error summary and every field; {{ form.x.as_field_group }} one field."""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

_BOXED = ("text", "password", "email", "number", "url", "tel", "search", "date", "datetime", "time", "textarea", "select")
BOXED_WIDGETS = frozenset(f"django/forms/widgets/{name}.html" for name in _BOXED)


class Renderer(TemplatesSetting):
    """Gives every box that is typed into the class "input", so that no form has to say so."""

    form_template_name = "django/forms/form.html"
    field_template_name = "django/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if template_name in BOXED_WIDGETS:
            attrs = context["widget"]["attrs"]
            attrs["class"] = f"input {attrs.get('class', '')}".strip()
        return super().render(template_name, context, request)
