"""The playlists' endpoints: templates, sync and plan for operators; the directory for everybody."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import Track
from curation.policy.language import PolicyError
from playlists import locks
from playlists.api import directory, serializers, templates, timeline_serializers
from playlists.models import ManagerPlan, Playlist, PlaylistCopy
from playlists.planning import scaling
from playlists.rotation import latest_health, timeline
from playlists.sync import resync

PAGING = frozenset({"cursor", "limit"})
FRESH_SECONDS = 300


class TryLater(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "busy"
    wait = 30.0


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


def only(request: Request, allowed: frozenset[str] = frozenset()) -> None:
    """Refuse unknown parameters: a typo must not look like an answer."""
    unknown = sorted(set(request.query_params) - allowed)
    if unknown:
        raise exceptions.ParseError(f"Unknown parameters: {', '.join(unknown)}.")


class Paged(GenericAPIView):
    """A list in pages by cursor."""

    allowed = PAGING

    def page(self, found: Any) -> list[Any]:
        only(self.request, self.allowed)
        return list(self.paginate_queryset(found) or [])


class Open(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_scope = "public"


# --- operators


class Templates(Paged):
    """Policies and the logical playlists that follow them."""

    serializer_class = serializers.Template
    queryset = Playlist.objects.exclude(status=Playlist.Status.RETIRED).select_related("policy")

    def get(self, request: Request) -> Response:
        return self.get_paginated_response(
            [serializers.template(one) for one in self.page(self.get_queryset())]
        )

    @extend_schema(
        request=serializers.NewTemplate, responses={201: serializers.Template, 200: serializers.Template}
    )
    def post(self, request: Request) -> Response:
        """Store a policy and its playlist; copies follow at the next scale run. The same name changes that
        playlist."""
        only(request)
        given = serializers.NewTemplate(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            stored = templates.store(**given.validated_data, author="api-key", now=timezone.now())
        except PolicyError as error:
            raise exceptions.ValidationError([_under_policy(one) for one in error.errors]) from error
        except locks.Busy as error:
            raise TryLater(str(error)) from error
        code = status.HTTP_201_CREATED if stored.is_new else status.HTTP_200_OK
        return Response(serializers.template(stored.playlist), status=code)


def _under_policy(error: dict[str, str]) -> dict[str, str]:
    path = error["path"]
    return {"path": f"policy.{path}" if path else "policy", "message": error["message"]}


class SyncAll(APIView):
    @extend_schema(operation_id="playlists_sync_all", request=None, responses={202: serializers.Queued})
    def post(self, request: Request) -> Response:
        """Ring for every copy that has something to write, also those that wait after an error."""
        only(request)
        _ = request.data  # takes no body, and refuses one that is not JSON
        return Response(resync.sync_all(timezone.now()), status=status.HTTP_202_ACCEPTED)


class SyncOne(APIView):
    @extend_schema(request=None, responses={202: serializers.Queued})
    def post(self, request: Request, playlist_id: str) -> Response:
        """Ring for one playlist's copies. The id is the public one, or the row's number."""
        only(request)
        queued = resync.sync_all(timezone.now(), playlist=_playlist(playlist_id))
        return Response(queued, status=status.HTTP_202_ACCEPTED)


class Timeline(APIView):
    @extend_schema(
        parameters=[
            OpenApiParameter("date", OpenApiTypes.DATE, description="YYYY-MM-DD; today without it"),
            OpenApiParameter("against", OpenApiTypes.DATE, description="to compare with; the day before"),
        ],
        responses=timeline_serializers.AsOf,
    )
    def get(self, request: Request, playlist_id: str) -> Response:
        """The list that was up on a day, and what had come, gone and moved since another."""
        only(request, frozenset({"date", "against"}))
        playlist = _playlist(playlist_id)
        asked = _date(request.query_params.get("date")) or timezone.now().date()
        shown = timeline.as_of(playlist, asked)
        if shown is None:
            raise Http404
        against = _date(request.query_params.get("against")) or shown.date - dt.timedelta(days=1)
        other = timeline.as_of(playlist, against)
        return Response(timeline_serializers.as_of(playlist, asked, shown, other))


class RestoreDay(APIView):
    @extend_schema(
        request=timeline_serializers.Restore,
        responses={201: timeline_serializers.Restored, 200: timeline_serializers.Restored},
    )
    def post(self, request: Request, playlist_id: str) -> Response:
        """Bring a day's list back as a new one, synced like any other; `dry_run` only says what that does."""
        only(request)
        given = timeline_serializers.Restore(data=request.data)
        given.is_valid(raise_exception=True)
        wish, now, playlist = given.validated_data, timezone.now(), _playlist(playlist_id)
        source, on = wish["from_date"], wish.get("date") or now.date()
        try:
            outlook = timeline.outlook(playlist, source, on=on)
            if not wish["dry_run"]:
                timeline.restore(playlist, source, on=on, by="api-key", reason=wish["reason"], now=now)
        except timeline.NotRestorable as error:
            raise Conflict(str(error)) from error
        except locks.Busy as error:
            raise TryLater(str(error)) from error
        code = status.HTTP_200_OK if wish["dry_run"] else status.HTTP_201_CREATED
        return Response(
            timeline_serializers.restored(playlist, outlook, dry_run=wish["dry_run"]), status=code
        )


class Whereabouts(APIView):
    @extend_schema(responses=timeline_serializers.Whereabouts)
    def get(self, request: Request, spotify_id: str) -> Response:
        """Where a track has been, newest first."""
        only(request)
        track = Track.objects.filter(spotify_id=spotify_id).first()
        if track is None:
            raise Http404
        return Response(timeline_serializers.whereabouts(spotify_id, timeline.whereabouts(track)))


def _playlist(given: str) -> Playlist:
    """By the public id, or by the row's number."""
    by_number = given.isascii() and given.isdigit() and len(given) < 16
    found = Playlist.objects.filter(**{"pk" if by_number else "public_id": given}).first()
    if found is None:
        raise Http404
    return found


class Plan(APIView):
    @extend_schema(responses=serializers.Plan)
    def get(self, request: Request) -> Response:
        """The latest plan; where there is none yet, the one that would be made now, with no id."""
        only(request)
        latest = ManagerPlan.objects.order_by("-created_at", "-id").first()
        if latest is None:
            return Response(serializers.plan(scaling.plan_for(timezone.now().date())))
        return Response(serializers.stored_plan(latest))


class Health(APIView):
    @extend_schema(responses=serializers.Health)
    def get(self, request: Request) -> Response:
        """Rotation health: goal against actual of the network and of each active policy."""
        only(request)
        return Response(latest_health.counted(timezone.now()).report)


class Execute(APIView):
    @extend_schema(request=serializers.Execute, responses=serializers.Plan)
    def post(self, request: Request) -> Response:
        """Compute today's plan and apply it; with `dry_run` only compute it."""
        only(request)
        given = serializers.Execute(data=request.data)
        given.is_valid(raise_exception=True)
        now = timezone.now()
        plan = scaling.plan_for(now.date())
        if given.validated_data["dry_run"]:
            return Response(serializers.plan(plan))
        try:
            return Response(serializers.stored_plan(scaling.apply(plan, by="api-key", now=now)))
        except locks.Busy as error:
            raise TryLater(str(error)) from error


# --- everybody


class PublicPlaylists(Paged, Open):
    serializer_class = serializers.PublicPlaylist
    queryset = Playlist.objects.none()

    @extend_schema(operation_id="public_playlists_list")
    def get(self, request: Request) -> Response:
        """Playlists that are kept up, with the links of their copies."""
        found = self.page(directory.with_links(directory.playlists()))
        return _kept(self.get_paginated_response([directory.describe(one) for one in found]))


class PublicPlaylist(Open):
    @extend_schema(responses=serializers.PublicPlaylist)
    def get(self, request: Request, playlist_id: str) -> Response:
        only(request)
        found = directory.with_links(directory.playlists()).filter(public_id=playlist_id).first()
        if found is None:
            raise Http404
        return _kept(Response(directory.describe(found)))


class PublicTracks(Open):
    @extend_schema(
        parameters=[
            OpenApiParameter("date", OpenApiTypes.DATE, description="YYYY-MM-DD; the newest day without it")
        ],
        responses={200: serializers.PublicTracks, 304: None},
    )
    def get(self, request: Request, playlist_id: str) -> HttpResponse:
        """A day's list as it was rendered when it was written."""
        only(request, frozenset({"date"}))
        found = directory.tracks(playlist_id, _date(request.query_params.get("date")))
        if found is None:
            raise Http404
        etag = f'"{found.digest}"'
        asked = {one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))}
        is_same = etag in asked or "*" in asked
        answer = (
            HttpResponse(status=304) if is_same else HttpResponse(found.body, content_type="application/json")
        )
        answer["ETag"] = etag
        patch_cache_control(answer, public=True, max_age=FRESH_SECONDS)
        return answer


class PublicAccounts(Paged, Open):
    serializer_class = serializers.PublicAccount
    queryset = directory.Account.objects.none()

    def get(self, request: Request) -> Response:
        """The accounts that carry copies."""
        found = self.page(directory.accounts())
        counts = directory.counts_of(found)
        return _kept(self.get_paginated_response([directory.describe_account(one, counts) for one in found]))


class PublicAccountPlaylists(Paged, Open):
    serializer_class = serializers.PublicCopy
    queryset = PlaylistCopy.objects.none()

    def get(self, request: Request, account_id: str) -> Response:
        """The copies on one account."""
        account = directory.account_called(account_id)
        if account is None:
            raise Http404
        found = self.page(directory.copies_on([account]))
        return _kept(self.get_paginated_response([directory.describe_copy(one) for one in found]))


def _kept(response: Response) -> Response:
    patch_cache_control(response, public=True, max_age=60)
    return response


def _date(given: str | None) -> dt.date | None:
    if given is None:
        return None
    try:
        return dt.datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError as error:
        raise exceptions.ParseError("date must be a day as YYYY-MM-DD.") from error
