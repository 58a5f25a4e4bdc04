"""The ingest endpoints: check links, submit many or one, and see how far they are."""

from __future__ import annotations

from dataclasses import asdict
from typing import IO, Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from accounts.strict_input import bodies, parameters
from catalog import advisory_locks
from catalog.features import coverage
from catalog.ingest import progress
from catalog.intake import batches, links, submissions
from catalog.models import AlbumSource


class TextParser(BaseParser):
    """Text and CSV as bytes, at most one more than is allowed; intake.submissions says what they are."""

    media_type = "text/*"

    def parse(  # type: ignore[override]
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> bytes:
        return stream.read(submissions.MAX_BYTES + 1)


class RefusedList(exceptions.APIException):
    """The whole submission was refused."""

    def __init__(self, refusal: submissions.RefusedSubmission) -> None:
        self.status_code = next((code for kind, code in _STATUS.items() if isinstance(refusal, kind)), 400)
        super().__init__(str(refusal), code=type(refusal).__name__)


_STATUS = {
    submissions.TooLarge: status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    submissions.TooManyLines: status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    submissions.LineTooLong: status.HTTP_422_UNPROCESSABLE_ENTITY,
}


class TryLater(exceptions.APIException):
    """Another submission is being stored for longer than this one waits."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "busy"
    wait = 30.0


def enqueue(given: batches.Given, **about: Any) -> batches.Receipt:
    """Store a submission now; what keeps it from being stored, in the API's words."""
    try:
        return batches.enqueue(given, now=timezone.now(), **about)
    except submissions.RefusedSubmission as refusal:
        raise RefusedList(refusal) from refusal
    except advisory_locks.Busy as error:
        raise TryLater(str(error)) from error


class LinksBody(bodies.Body):
    urls = serializers.ListField(child=bodies.Text(allow_blank=True, trim_whitespace=False))
    label = bodies.Text(max_length=100, required=False, default="")  # type: ignore[assignment]


class LinkBody(bodies.Body):
    url = bodies.Text(max_length=links.LONGEST, help_text="a link, or what was shared around it")


class InvalidLine(serializers.Serializer[Any]):
    line = serializers.IntegerField(help_text="1-based")
    value = serializers.CharField()
    reason = serializers.CharField()


class ReceiptBody(serializers.Serializer[Any]):
    batch_id = serializers.IntegerField()
    queued = serializers.IntegerField(help_text="distinct new albums")
    duplicates = serializers.IntegerField(help_text="the other good lines")
    known = serializers.IntegerField(help_text="distinct albums that were known before")
    failed = InvalidLine(many=True, help_text="known albums that failed before, with why and what to do")
    invalid = InvalidLine(many=True)


class LineBody(serializers.Serializer[Any]):
    line = serializers.IntegerField(help_text="1-based")
    value = serializers.CharField()
    verdict = serializers.ChoiceField(
        ["new", "duplicate", "known", "failed", "blocked", "wrong_type", "short_link", "invalid"],
        help_text="what it would become",
    )
    spotify_id = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)


class CheckBody(serializers.Serializer[Any]):
    queued = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    known = serializers.IntegerField()
    failed = InvalidLine(many=True, help_text="known albums that failed before, with why and what to do")
    invalid = InvalidLine(many=True)
    lines = LineBody(many=True)


class OneBody(serializers.Serializer[Any]):
    album_id = serializers.CharField()
    queued = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    status = serializers.ChoiceField(AlbumSource.Status.choices)
    reason = serializers.CharField(required=False, help_text="why it failed, where it did")


class FailureBody(serializers.Serializer[Any]):
    reason = serializers.CharField()
    count = serializers.IntegerField()


class BatchBody(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    submitted_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    lines = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    queued = serializers.IntegerField()
    fetching = serializers.IntegerField()
    ingested = serializers.IntegerField()
    failed = serializers.IntegerField()


class CoverageBody(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    found = serializers.IntegerField()
    absent = serializers.IntegerField(help_text="asked for, and nobody knows")
    not_asked = serializers.IntegerField()
    by_source = serializers.DictField(child=serializers.IntegerField())


class KnownBody(serializers.Serializer[Any]):
    features = CoverageBody(help_text="of playable tracks")
    genres = CoverageBody(help_text="of artists")


class StatusBody(serializers.Serializer[Any]):
    queued = serializers.IntegerField()
    fetching = serializers.IntegerField()
    ingested = serializers.IntegerField()
    failed = serializers.IntegerField()
    total = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="queued, but not before a moment")
    waiting_until = serializers.DateTimeField(allow_null=True)
    oldest_queued_seconds = serializers.IntegerField(allow_null=True)
    rate_per_minute = serializers.FloatField()
    eta_seconds = serializers.IntegerField(allow_null=True)
    failures = FailureBody(many=True)
    batches = BatchBody(many=True)
    coverage = KnownBody(help_text="of the whole catalogue")


class ListView(APIView):
    """Takes {"urls": [..]} or text."""

    parser_classes = [*api_settings.DEFAULT_PARSER_CLASSES, TextParser]  # type: ignore[list-item]

    def given(self, request: Request) -> tuple[bytes | list[str], str]:
        """The links as sent, and the batch's label."""
        parameters.only(request)
        if isinstance(request.data, bytes):
            return request.data, ""
        urls = request.data.get("urls") if isinstance(request.data, dict) else None
        if isinstance(urls, list) and len(urls) > submissions.MAX_LINES:
            raise RefusedList(submissions.too_many())  # before each of a million items is looked at
        body = bodies.read(LinksBody, request)
        return body["urls"], body["label"]


@extend_schema(
    tags=["ingest"], request={"application/json": LinksBody, "text/plain": str}, responses=CheckBody
)
class Validate(ListView):
    def post(self, request: Request) -> Response:
        """Tell for each line what it would become. Nothing is written."""
        links_given, _ = self.given(request)
        try:
            receipt = batches.check(links_given)
        except submissions.RefusedSubmission as refusal:
            raise RefusedList(refusal) from refusal
        return Response({**_counted(receipt), "lines": [asdict(line) for line in receipt.verdicts]})


@extend_schema(
    tags=["ingest"], request={"application/json": LinksBody, "text/plain": str}, responses={202: ReceiptBody}
)
class Submit(ListView):
    def post(self, request: Request) -> Response:
        """Queue the albums of up to 10,000 links. The same list again is the same batch."""
        links_given, label = self.given(request)
        receipt = enqueue(links_given, by="api", label=label)
        body = {"batch_id": receipt.batch_id, **_counted(receipt)}
        return Response(body, status=status.HTTP_202_ACCEPTED)


def _counted(receipt: batches.Receipt) -> dict[str, Any]:
    return {
        "queued": receipt.queued,
        "duplicates": receipt.duplicates,
        "known": receipt.known,
        "failed": [one.told() for one in receipt.failed],
        "invalid": receipt.invalid,
    }


@extend_schema(tags=["ingest"], request=LinkBody, responses={202: OneBody}, auth=[])
class SubmitOne(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "submit-one"

    def post(self, request: Request) -> Response:
        """Anybody's single album: queued behind the operators' lists."""
        parameters.only(request)
        url = bodies.read(LinkBody, request)["url"]
        try:
            given = [submissions.one(url)]
            checked = batches.check(given)
        except submissions.RefusedSubmission as refusal:
            raise exceptions.ValidationError({"url": str(refusal)}) from refusal
        if checked.invalid:
            raise exceptions.ValidationError({"url": checked.invalid[0]["reason"]})
        receipt = enqueue(given, by="public", priority=AlbumSource.STRANGERS_PRIORITY)
        source = AlbumSource.objects.get(spotify_album_id=checked.verdicts[0].spotify_id)
        answer = {
            "album_id": source.spotify_album_id,
            "queued": receipt.queued,
            "duplicates": receipt.duplicates,
        }
        why = {"reason": checked.failed[0].public_reason} if checked.failed else {}
        return Response({**answer, "status": source.status, **why}, status=status.HTTP_202_ACCEPTED)


@extend_schema(tags=["ingest"], parameters=[OpenApiParameter("batch_id", int)], responses=StatusBody)
class Status(APIView):
    def get(self, request: Request) -> Response:
        """Counts by status, the pace, failures by reason, the latest batches; of one with `batch_id`."""
        parameters.only(request, "batch_id")
        batch_id = parameters.whole(request, "batch_id")
        listed = progress.batches(batch_id=batch_id)
        if batch_id and not listed:
            raise Http404
        facts = {**progress.counts(batch_id=batch_id), "batches": listed, "coverage": coverage.read()}
        return Response(StatusBody(facts).data)
