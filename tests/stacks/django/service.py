"""Django REST framework in one file, with serializers as its documentation has them; gunicorn serves it."""

import json
import os
import re
from pathlib import Path

from django.conf import settings

MISTAKE = os.environ.get("MISTAKE")
WEBSITES = {one["website_id"]: one for one in json.loads(Path(os.environ["SHOPS"]).read_text())["websites"]}

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
    },
)

from django.core.wsgi import get_wsgi_application  # noqa: E402 - settings come first
from django.urls import path  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.decorators import api_view  # noqa: E402
from rest_framework.response import Response  # noqa: E402


class Cents(serializers.IntegerField):
    def to_internal_value(self, data):
        return super().to_internal_value(data) if type(data) is int or MISTAKE == "coerced" else self.fail("invalid")


class Payment(serializers.Serializer):
    session_id = serializers.CharField(trim_whitespace=MISTAKE == "trimmed")
    visitor_id = serializers.CharField(trim_whitespace=MISTAKE == "trimmed")
    website_id = serializers.CharField(trim_whitespace=MISTAKE == "trimmed")
    revenue = Cents(min_value=1)
    email = serializers.EmailField(required=MISTAKE != "optional")


@api_view(["POST"])
def attribute(request):
    bearer = re.fullmatch(r"Bearer (\S+)", request.headers.get("Authorization", ""))
    payment = Payment(data=request.data)
    payment.is_valid(raise_exception=True)
    ids = payment.validated_data
    website = WEBSITES.get(ids["website_id"])
    if not bearer or not website or bearer[1] != website["api_token"]:
        return Response({"error": "The API token is missing or invalid."}, 401)
    if {"session_id": ids["session_id"], "visitor_id": ids["visitor_id"]} not in website["sessions"]:
        return Response({"error": "No such event."}, 404)
    return Response({"message": "Payment event attributed successfully."})


urlpatterns = [path("api/v1/attribute-payment", attribute)]
application = get_wsgi_application()
