"""What of a posted form is a file. Django limits the other fields only; forms are read before anybody's session is looked at."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

MOST_BYTES = 20 * 1024 * 1024
# A body of this length is not even read to its end.
MOST_IN_ALL = 5 * MOST_BYTES


class LimitedUpload(FileUploadHandler):
    """Stands before the others: lets no file through that is larger than MOST_BYTES. The form then has no file; was_too_large() says why."""

    def handle_raw_input(self, input_data: Any, META: dict[str, Any], content_length: int, boundary: str, encoding: str | None = None) -> None:
        if content_length > MOST_IN_ALL:
            raise RequestDataTooBig("The body is larger than any file that is taken.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > MOST_BYTES:
            assert self.request is not None
            self.request.META["ops.upload_too_large"] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def was_too_large(meta: dict[str, Any]) -> bool:
    return bool(meta.get("ops.upload_too_large"))
