from io import BytesIO

import qrcode  # type: ignore[import-untyped]
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from qrcode.image.svg import SvgPathFillImage  # type: ignore[import-untyped]


class MfaAdapter(DefaultMFAAdapter):
    def _get_site_name(self) -> str:
        # What a phone shows beside the passkey.
        return f"{settings.OPS_PRODUCT_NAME} operations"

    def build_totp_svg(self, url: str) -> str:
        """allauth's has no background, and black on the dark theme is for no camera."""
        stream = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(stream)
        return stream.getvalue().decode()
