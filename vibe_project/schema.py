"""What the OpenAPI document says of the admin key; the rest comes from the views."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from vibe_project import api


class AdminKeyScheme(OpenApiAuthenticationExtension):
    target_class = "vibe_project.api.AdminKeyAuthentication"
    name = "adminKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": api.ADMIN_KEY_HEADER,
            "description": "The key in ADMIN_API_KEY; headers alone, no cookie opens these.",
        }
