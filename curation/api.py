"""The generator's endpoints: a sentence becomes a vibe; a signed-in listener saves one to Spotify."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.login import listeners, session_nonce
from accounts.spotify import errors
from accounts.strict_input import bodies, parameters
from curation.models import Vibe
from curation.vibes import generator, idempotency, parser, saving


class VibeBody(bodies.Body):
    vibe = bodies.Text(max_length=parser.MAX_TEXT, help_text="how it should feel, in a sentence")
    count = bodies.Whole(
        min_value=1,
        max_value=generator.MAX_COUNT,
        required=False,
        allow_null=True,
        help_text="10 unless the sentence says",
    )
    explicit = bodies.YesOrNo(
        required=False, allow_null=True, default=None, help_text="false keeps explicit songs out"
    )


class SongBody(serializers.Serializer[Any]):
    title = serializers.CharField()
    artist = serializers.CharField()
    spotify_id = serializers.CharField()
    external_url = serializers.URLField()
    reason = serializers.CharField()
    album = serializers.CharField()
    duration_ms = serializers.IntegerField()
    explicit = serializers.BooleanField()
    image_url = serializers.CharField(allow_blank=True)
    release_year = serializers.IntegerField(allow_null=True)
    energy = serializers.FloatField(allow_null=True)
    valence = serializers.FloatField(allow_null=True)


class VibeAnswer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    title = serializers.CharField()
    summary = serializers.CharField()
    interpreter = serializers.ChoiceField(Vibe.Interpreter.choices)
    policy = serializers.DictField(help_text="a whole vibe.policy/1 document")
    notes = serializers.ListField(child=serializers.CharField())
    songs = SongBody(many=True)
    share_url = serializers.SerializerMethodField()

    def get_share_url(self, vibe: Vibe) -> str:
        return saving.share_url(vibe)


class SaveBody(bodies.Body):
    id = bodies.Text(max_length=22, help_text="the vibe's id")


class SavedAnswer(serializers.Serializer[Any]):
    playlist_url = serializers.URLField()
    tracks_added = serializers.IntegerField()


class Unprocessable(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "unprocessable"


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class TryLater(exceptions.APIException):
    """503, with Retry-After where it is known when."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "try_later"

    def __init__(self, detail: str, *, wait: float | None = None) -> None:
        super().__init__(detail)
        self.wait = wait


class SignInNeeded(exceptions.APIException):
    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "sign_in_needed"
    default_detail = "Sign in with Spotify first: GET /api/v1/playlist/connect."
    auth_header = 'Cookie realm="vibe"'


class SpotifyTrouble(exceptions.APIException):
    status_code = status.HTTP_502_BAD_GATEWAY
    default_code = "spotify_trouble"


@extend_schema(
    tags=["playlist"],
    request=VibeBody,
    responses={201: VibeAnswer},
    auth=[],
    parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
)
class Generate(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "generate"

    def post(self, request: Request) -> Response:
        """Turn a sentence into a playlist of up to fifty songs from the catalogue."""
        parameters.only(request)
        vibe = _once(request.headers.get("Idempotency-Key"), bodies.read(VibeBody, request))
        return Response(VibeAnswer(vibe).data, status=status.HTTP_201_CREATED)


def _once(key: str | None, asked: dict[str, Any]) -> Vibe:
    if key is not None and not (0 < len(key) <= idempotency.MAX_KEY and key.isprintable()):
        raise exceptions.ParseError("Idempotency-Key must be 1 to 255 printable characters.")
    try:
        with idempotency.turn(key, repr(sorted(asked.items())).encode()) as turn:
            if turn.answer is not None:
                return Vibe.objects.get(public_id=turn.answer)
            vibe = _generated(asked)
            turn.result = vibe.public_id
            return vibe
    except idempotency.Reused as error:
        raise Unprocessable("This Idempotency-Key was used with another body.") from error
    except idempotency.InFlight as error:
        raise Conflict("The first request with this Idempotency-Key is still being answered.") from error


def _generated(asked: dict[str, Any]) -> Vibe:
    try:
        return generator.generate(
            asked["vibe"], count=asked.get("count"), explicit=asked.get("explicit"), now=timezone.now()
        )
    except generator.EmptyText as error:
        raise exceptions.ValidationError({"vibe": "Say in words how it should feel."}) from error
    except generator.EmptyCatalogue as error:
        raise TryLater(
            "There is no music in the catalogue yet. Submit an album and try again.", wait=60
        ) from error


@extend_schema(
    tags=["playlist"],
    request=SaveBody,
    responses={200: SavedAnswer, 401: OpenApiResponse(description="no listener is signed in")},
    auth=[],
)
class Create(APIView):
    """The session cookie signs this request, so it must come from our own pages or from no page at all."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "generate"

    def post(self, request: Request) -> Response:
        """Save a vibe to the signed-in listener's own Spotify; saved again it is the same playlist."""
        session_nonce.refuse_other_sites(request)
        parameters.only(request)
        wanted = bodies.read(SaveBody, request)["id"]
        listener = listeners.signed_in(request.session.get(listeners.SESSION_KEY))
        if listener is None:
            raise SignInNeeded()
        vibe = Vibe.objects.filter(public_id=wanted).first()
        if vibe is None:
            raise Http404
        saved = _saved(request, vibe, listener.pk)
        return Response({"playlist_url": saved.playlist_url, "tracks_added": saved.tracks_added})


def _saved(request: Request, vibe: Vibe, listener_id: int) -> saving.Saved:
    try:
        return saving.save(vibe, listener_id=listener_id, session=request.session)
    except errors.NeedsReauth as error:
        request.session.pop(listeners.SESSION_KEY, None)
        raise SignInNeeded("Spotify no longer accepts this sign-in; sign in again.") from error
    except errors.Blocked as error:
        raise TryLater(
            "Spotify is not taking requests right now.", wait=seconds_until(error.until)
        ) from error
    except errors.Forbidden as error:
        raise exceptions.PermissionDenied("Spotify does not let this account save playlists here.") from error
    except errors.Ambiguous as error:
        raise SpotifyTrouble(
            "Spotify did not say whether it worked; look in your library before trying again."
        ) from error
    except errors.SpotifyError as error:
        raise SpotifyTrouble("Spotify did not take the playlist; try again in a minute.") from error


def seconds_until(moment: dt.datetime) -> float:
    return max(1.0, (moment - timezone.now()).total_seconds())
